/* SPDX-License-Identifier: MIT */
/* formats/node/play.c: play the nodes of a made site. */
#include "node/play.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "node/serve.h"
#include "sim/clock.h"

enum { MAX_TOKEN = 4096 };

/* A made node's battery and radio, the same in every answer. */
#define VBAT_V   3.91
#define RSSI_DBM (-61)

struct played {
	char *id, *root, *link;
	struct wx_served *served;
	struct wx_serve *http; /* one of the two */
	struct wx_serve_smp *smp;
};

struct wx_play {
	struct wx_play_opts opts;
	char *dir, *token, *token_file; /* absolute; token: its text */
	struct wx_sim_site *site;       /* NULL: one store */
	struct played *node;
	size_t n_nodes;
};

static bool clock_of(void *ctx, struct wx_time now, struct wx_node_now *out)
{
	struct wx_sim_reading r;

	if (!wx_sim_clock_at(ctx, now, &r))
		return false;
	out->boot = r.boot;
	out->m_us = r.m_us;
	out->r_us = r.r_us;
	out->state = r.source;
	out->has_rtc = strcmp(r.source, "none") != 0;
	out->error_ms = isnan(r.err_ms) ? -1 : llrint(r.err_ms);
	return true;
}

/* The same place from any folder; NULL: out of memory. */
static char *absolute(const char *path)
{
	char *here, *whole;

	if (*path == '/')
		return strdup(path);
	here = getcwd(NULL, 0);
	whole = here ? wx_strf("%s/%s", here, path) : NULL;
	free(here);
	return whole;
}

/* How it is told to be reached; NULL: over HTTP. *link: what follows '='. */
static const struct wx_play_smp *smp_of(const struct wx_play *p, const char *id,
					const char **link)
{
	size_t n = strlen(id);

	*link = NULL;
	for (size_t i = 0; i < p->opts.n_smp; i++) {
		const struct wx_play_smp *smp = &p->opts.smp[i];

		if (strncmp(smp->node, id, n) != 0)
			continue;
		if (!smp->node[n])
			return smp;
		if (smp->node[n] != '=' || smp->wire != WX_SMP_SERIAL)
			continue;
		*link = smp->node + n + 1;
		return smp;
	}
	return NULL;
}

static int answer_smp(struct played *n, const struct wx_play_smp *smp,
		      const char *link, uint16_t port, struct wx_error *err)
{
	struct wx_serve_smp_opts o = { .node = n->served,
				       .wire = smp->wire,
				       .port = port };

	if (link) {
		n->link = absolute(link);
		if (!n->link)
			return wx_fail_nomem(err);
		o.link = n->link;
	}
	return wx_serve_smp_start(&o, &n->smp, err);
}

/* One more node; takes root. clock NULL: that of a plain store. */
static int serve_one(struct wx_play *p, const char *id, char *root,
		     struct wx_sim_clock *clock, struct wx_error *err)
{
	struct played *n = &p->node[p->n_nodes];
	struct wx_served_opts o = {
		.vbat_v = clock ? VBAT_V : NAN,
		.rssi_dbm = clock ? RSSI_DBM : NAN,
		.clock = clock ? clock_of : NULL,
		.clock_ctx = clock,
		.faults = p->opts.faults,
		.trace = p->opts.trace,
		.trace_ctx = p->opts.trace_ctx,
	};
	struct wx_serve_opts http = { .token = p->token };
	const struct wx_play_smp *smp;
	const char *link;
	int rc;

	n->root = root;
	n->id = strdup(id);
	p->n_nodes++;
	if (!n->root || !n->id)
		return wx_fail_nomem(err);
	o.id = n->id;
	o.root = n->root;
	rc = wx_served_open(&o, &n->served, err);
	if (rc != WX_OK)
		return rc;
	if (p->opts.port)
		http.port = (uint16_t)(p->opts.port + p->n_nodes - 1);
	smp = smp_of(p, id, &link);
	if (smp)
		return answer_smp(n, smp, link, http.port, err);
	http.node = n->served;
	return wx_serve_start(&http, &n->http, err);
}

/* Every node that is to be reached over SMP must be there. */
static int check_smp(const struct wx_play *p, struct wx_error *err)
{
	for (size_t i = 0; i < p->opts.n_smp; i++) {
		const struct wx_play_smp *smp = &p->opts.smp[i];
		const char *link;
		size_t k = 0;

		while (k < p->n_nodes && smp_of(p, p->node[k].id, &link) != smp)
			k++;
		if (k == p->n_nodes)
			return wx_fail(err, WX_ERR_FORMAT,
				       "%s: no node of that name is played "
				       "here, or it was named before",
				       smp->node);
	}
	return WX_OK;
}

static int serve_site(struct wx_play *p, const char *sim, struct wx_error *err)
{
	int rc = wx_sim_site_read(sim, &p->site, err);

	if (rc != WX_OK)
		return rc;
	p->node = calloc(p->site->n_nodes + 1, sizeof(*p->node));
	if (!p->node)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < p->site->n_nodes && rc == WX_OK; i++) {
		struct wx_sim_node *n = &p->site->node[i];

		if (!n->card)
			rc = serve_one(p, n->id,
				       wx_strf("%s/nodes/%s", p->dir, n->id),
				       &n->clock, err);
	}
	return rc;
}

static int serve_store(struct wx_play *p, struct wx_error *err)
{
	const char *slash = strrchr(p->dir, '/');
	char *index = wx_strf("%s/index.jsl", p->dir);
	bool is_store = index && access(index, F_OK) == 0;

	free(index);
	if (!is_store)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected a sim.json (a made site) or an "
			       "index.jsl (a node's folder), found neither",
			       p->opts.dir);
	p->node = calloc(1, sizeof(*p->node));
	if (!p->node)
		return wx_fail_nomem(err);
	return serve_one(p, slash && slash[1] ? slash + 1 : "node",
			 strdup(p->dir), NULL, err);
}

static int read_token(struct wx_play *p, struct wx_error *err)
{
	size_t n;
	int rc;

	if (!p->opts.token_file)
		return WX_OK;
	p->token_file = realpath(p->opts.token_file, NULL);
	if (!p->token_file)
		return wx_fail_errno(err, "%s", p->opts.token_file);
	rc = wx_file_read(p->token_file, MAX_TOKEN, &p->token, &n, err);
	if (rc != WX_OK)
		return rc;
	p->token[strcspn(p->token, "\r\n")] = '\0';
	if (!*p->token)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected a token on the first line, found "
			       "none",
			       p->opts.token_file);
	return WX_OK;
}

int wx_play_start(const struct wx_play_opts *opts, struct wx_play **out,
		  struct wx_error *err)
{
	struct wx_play *p = calloc(1, sizeof(*p));
	char *sim = NULL;
	int rc;

	*out = NULL;
	if (!p)
		return wx_fail_nomem(err);
	p->opts = *opts;
	p->dir = realpath(opts->dir, NULL);
	if (!p->dir) {
		rc = wx_fail_errno(err, "%s", opts->dir);
		goto out;
	}
	rc = read_token(p, err);
	if (rc != WX_OK)
		goto out;
	sim = wx_strf("%s/sim.json", p->dir);
	if (!sim) {
		rc = wx_fail_nomem(err);
		goto out;
	}
	rc = access(sim, F_OK) == 0 ? serve_site(p, sim, err)
				    : serve_store(p, err);
	if (rc == WX_OK)
		rc = check_smp(p, err);
	if (rc == WX_OK) {
		*out = p;
		p = NULL;
	}
out:
	wx_play_stop(p);
	free(sim);
	return rc;
}

size_t wx_play_n(const struct wx_play *p)
{
	return p->n_nodes;
}

const char *wx_play_id(const struct wx_play *p, size_t i)
{
	return p->node[i].id;
}

const char *wx_play_url(const struct wx_play *p, size_t i)
{
	return p->node[i].smp ? wx_serve_smp_url(p->node[i].smp)
			      : wx_serve_url(p->node[i].http);
}

void wx_play_stop(struct wx_play *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_nodes; i++) {
		wx_serve_stop(p->node[i].http);
		wx_serve_smp_stop(p->node[i].smp);
		wx_served_close(p->node[i].served);
		free(p->node[i].link);
		free(p->node[i].id);
		free(p->node[i].root);
	}
	free(p->node);
	wx_sim_site_free(p->site);
	free(p->token);
	free(p->token_file);
	free(p->dir);
	free(p);
}

/* ---- site.json ---- */

static int set_text(json_t *obj, const char *key, char *text,
		    struct wx_error *err)
{
	int failed = !text || json_object_set_new(obj, key, json_string(text));

	free(text);
	return failed ? wx_fail_nomem(err) : WX_OK;
}

/* "dir:PATH" and "file:PATH" relative to the site, made absolute. */
static int make_absolute(const struct wx_play *p, json_t *obj,
			 struct wx_error *err)
{
	const char *source = wx_json_str(obj, "source", "");
	const char *path = strchr(source, ':');

	if ((strncmp(source, "dir:", 4) != 0 &&
	     strncmp(source, "file:", 5) != 0) ||
	    path[1] == '/')
		return WX_OK;
	return set_text(obj, "source",
			wx_strf("%.*s:%s/%s", (int)(path - source), source,
				p->dir, path + 1),
			err);
}

static int place_node(const struct wx_play *p, json_t *node,
		      struct wx_error *err)
{
	const char *id = wx_json_str(node, "id", "");
	int rc;

	for (size_t i = 0; i < p->n_nodes; i++) {
		if (strcmp(id, p->node[i].id) != 0)
			continue;
		rc = set_text(node, "source", strdup(wx_play_url(p, i)), err);
		if (rc == WX_OK && p->token && p->node[i].http)
			rc = set_text(node, "token_file", strdup(p->token_file),
				      err);
		return rc;
	}
	return make_absolute(p, node, err);
}

int wx_play_write_site(const struct wx_play *p, const char *path,
		       struct wx_error *err)
{
	char *from = wx_strf("%s/site.json", p->dir);
	struct wx_file *file = NULL;
	json_t *doc = NULL, *item;
	size_t i;
	int rc;

	rc = from ? wx_json_read(from, "site", &doc, err) : wx_fail_nomem(err);
	json_array_foreach(json_object_get(doc, "nodes"), i,
			   item) if (rc == WX_OK) rc = place_node(p, item, err);
	json_array_foreach(json_object_get(doc, "stations"), i,
			   item) if (rc == WX_OK) rc =
		make_absolute(p, item, err);
	if (rc != WX_OK)
		goto out;
	rc = wx_file_create(path, &file, err);
	if (rc != WX_OK)
		goto out;
	if (json_dumpf(doc, wx_file_get(file),
		       JSON_INDENT(2) | JSON_REAL_PRECISION(12)) < 0)
		rc = wx_fail_nomem(err);
	fputc('\n', wx_file_get(file));
	if (rc == WX_OK) {
		rc = wx_file_commit(file, NULL, err);
		file = NULL;
	}
out:
	wx_file_abort(file);
	json_decref(doc);
	free(from);
	return rc;
}
