/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/probe_card.c: a look at a recorder's card, which has no index:
 * the one that a pull would make of it is made, counted and forgotten.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "archive/probe_in.h"
#include "base/json.h"
#include "base/text.h"

struct card {
	struct probe *p;
	const struct wx_content *content;
	/*
	 * As if in UTC; and, of those that do not tell their start in UTC,
	 * as site.json has it, NULL where that tells a zone.
	 */
	void *index, *strict;
	int64_t last_us;            /* start of what "vbat" is of */
	struct wx_site_node as_utc; /* lent to index */
	int64_t n_refused;
	int folder; /* where its files lie on this host; -1: they do not */
};

static void count_damage(struct probe *p, const json_t *line)
{
	const json_t *dmg =
		json_object_get(json_object_get(line, "says"), "dmg");

	for (size_t i = 0; i < json_array_size(dmg); i++)
		probe_count(p->damage,
			    json_string_value(json_array_get(dmg, i)));
	if (!json_array_size(dmg) && json_object_get(line, "ns"))
		probe_count(p->damage, "healthy");
}

/* Which recorder made it, and its battery when it made its last. */
static void note_recorder(struct card *c, const json_t *line)
{
	const json_t *says = json_object_get(line, "says");
	const char *dev = wx_json_str(says, "dev", NULL);
	int64_t r0_us = wx_json_i64(says, "r0", INT64_MIN);
	json_t *info = json_object_get(c->p->out, "info");

	if (dev)
		probe_count(c->p->recorders, dev);
	if (!info || r0_us <= c->last_us || !json_object_get(says, "bat_v"))
		return;
	c->last_us = r0_us;
	json_object_set(info, "vbat", json_object_get(says, "bat_v"));
	json_object_del(info, "vbat_is");
	if (json_object_get(says, "bat_is"))
		json_object_set(info, "vbat_is",
				json_object_get(says, "bat_is"));
}

static int card_file(void *ctx, const char *name, int64_t size_bytes,
		     int64_t mtime_ns, bool stays, struct wx_error *err)
{
	struct card *c = ctx;
	json_t *line;
	int fd = -1, rc;

	(void)mtime_ns;
	if (probe_is_over(c->p))
		return probe_fail(c->p, err);
	if (size_bytes < 0 || stays)
		return WX_OK; /* it would only be made if it were fetched */
	if (wx_name_check(name, NULL)) {
		c->n_refused++;
		return WX_OK;
	}
	line = json_pack("{s:s, s:I}", "n", name, "l", (json_int_t)size_bytes);
	if (!line)
		return wx_fail_nomem(err);
	if (c->folder >= 0)
		fd = openat(c->folder, name,
			    O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		c->content->describe(fd, name, line);
		close(fd);
		count_damage(c->p, line);
		note_recorder(c, line);
	}
	rc = c->content->index.add(c->index, line, false, err);
	if (!rc && c->strict &&
	    !json_object_get(json_object_get(line, "says"), "r0"))
		rc = c->content->index.add(c->strict, line, false, err);
	json_decref(line);
	return rc;
}

/* Count the lines that the card's index would have. */
static int count_index(struct card *c, void *index, struct wx_error *err)
{
	FILE *made = tmpfile();
	char buf[1 << 14];
	size_t n;
	int rc;

	if (!made)
		return wx_fail_errno(err, "no room for a moment");
	probe_forget_lines(c->p);
	rc = c->content->index.write(index, made, err);
	rewind(made);
	while (!rc && (n = fread(buf, 1, sizeof(buf), made)) > 0)
		if ((rc = probe_bytes(c->p, buf, n)))
			wx_fail(err, rc, "%s", c->p->err.text);
	fclose(made);
	return rc;
}

static int begin(struct card *c, const struct wx_site_node *site,
		 const char *folder, struct wx_error *err)
{
	const struct wx_card_index *index = &c->content->index;
	int rc;

	c->as_utc = *site;
	c->as_utc.has_offset = true;
	rc = index->begin(&c->as_utc, folder, c->p->opts->log, &c->index, err);
	if (!rc && !site->has_offset)
		rc = index->begin(site, folder, NULL, &c->strict, err);
	return rc;
}

/* What has a start as if in UTC alone has none: its zone is not told. */
static int count_card(struct card *c, struct wx_error *err)
{
	struct probe *p = c->p;
	int64_t undated;
	int rc = WX_OK;

	if (c->strict)
		rc = count_index(c, c->strict, err);
	undated = p->n_undated;
	if (!rc)
		rc = count_index(c, c->index, err);
	if (!rc && c->strict)
		p->n_zoneless = undated - p->n_undated;
	p->n_refused += c->n_refused;
	return rc;
}

int probe_card(struct probe *p, const struct wx_site_node *site,
	       struct wx_error *err)
{
	const char *folder =
		p->driver->folder ? p->driver->folder(p->node) : NULL;
	struct card c = { .p = p,
			  .content = p->opts->formats->content,
			  .last_us = INT64_MIN,
			  .folder = -1 };
	int rc = begin(&c, site, folder ? folder : "", err);

	if (folder)
		c.folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!rc)
		rc = p->driver->list(p->node, card_file, &c, err);
	if (!rc)
		rc = count_card(&c, err);
	c.content->index.end(c.index);
	c.content->index.end(c.strict);
	if (c.folder >= 0)
		close(c.folder);
	return rc;
}
