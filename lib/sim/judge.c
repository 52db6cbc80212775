/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/judge.c: an archive of a made site, held against the truth.
 *
 * The true time of a window comes from the truth alone (its capture's true
 * start and its offset), never from what the archive says of it; so a label
 * that is right for the wrong ten seconds counts as the label it is.
 */
#include "sim/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

#define NEAR_RAIN_S 1800.0 /* "near rain", as labelling studies count it */

/* ---- captures ---- */

/* Where a node keeps a capture is also where the archive has it. */
static int judge_capture(const struct wx_judge_opts *o,
			 const struct wx_truth_capture *c,
			 struct wx_judge_node *n, struct wx_error *err)
{
	char *pulled = wx_strf("%s/raw/%s/%s", o->archive, c->node, c->name);
	char *made = wx_strf("%s/nodes/%s/%s", o->site, c->node, c->name);
	uint32_t crc, want = c->crc;
	uint64_t size, want_size = (uint64_t)c->size_bytes;
	struct stat st;
	int rc = WX_OK;

	if (!pulled || !made) {
		rc = wx_fail_nomem(err);
		goto out;
	}
	n->made++;
	if (stat(pulled, &st) < 0)
		goto out;
	n->pulled++;
	if (!c->has_crc) /* a card without an index */
		rc = wx_file_hash(made, &want, NULL, &want_size, err);
	if (rc == WX_OK)
		rc = wx_file_hash(pulled, &crc, NULL, &size, err);
	if (rc == WX_OK && crc == want && size == want_size)
		n->verified++;
out:
	free(pulled);
	free(made);
	return rc;
}

/* ---- tables of windows and labels ---- */

struct table {
	const struct wx_judge_opts *opts;
	const struct wx_truth *truth;
	struct wx_judge *judge;
	struct wx_judge_node *node;
	struct wx_csv *csv;
	int capture, offset_s, start_utc, length_s; /* columns */
	int max_err_s;                              /* of windows */
	int class[2], keep[2];                      /* of labels: rain, wind */
};

static int window_row(struct table *t, struct wx_error *err)
{
	const struct wx_truth_capture *c = wx_truth_find(
		t->truth, t->node->id, wx_csv_get(t->csv, t->capture));
	double offset_s, max_err_s, error_s;
	struct wx_time start;
	int rc;

	if ((rc = wx_csv_f64(t->csv, t->offset_s, &offset_s, err)) != WX_OK ||
	    (rc = wx_csv_f64(t->csv, t->max_err_s, &max_err_s, err)) != WX_OK ||
	    (rc = wx_csv_time(t->csv, t->start_utc, &start, err)) != WX_OK)
		return rc;
	t->node->windows++;
	if (!c) {
		t->node->unknown++;
		return WX_OK;
	}
	if (wx_time_is_none(start)) {
		t->node->undated++;
		return WX_OK;
	}
	error_s = fabs(wx_time_diff_s(start, wx_truth_start(c, offset_s)));
	if (error_s <= max_err_s) /* false when it is not told */
		t->node->within++;
	return wx_errors_add(&t->node->error_s, error_s, err);
}

static void score(struct wx_confusion sets[WX_JUDGE_N_SETS], int truth,
		  int label, bool kept, bool near)
{
	wx_confusion_add(&sets[WX_JUDGE_ALL], truth, label);
	if (near)
		wx_confusion_add(&sets[WX_JUDGE_NEAR], truth, label);
	label = kept ? label : -1;
	wx_confusion_add(&sets[WX_JUDGE_KEPT], truth, label);
	if (near)
		wx_confusion_add(&sets[WX_JUDGE_KEPT_NEAR], truth, label);
}

/* A label's class by name; -1: none given. */
static int class_named(struct table *t, const struct wx_judge_classes *classes,
		       int col, int *out, struct wx_error *err)
{
	const char *name = wx_csv_get(t->csv, col);
	char q[WX_QUOTE_SIZE];

	*out = -1;
	if (!*name)
		return WX_OK;
	for (int i = 0; i < classes->n; i++)
		if (!strcmp(name, classes->name[i]))
			*out = i;
	if (*out < 0)
		return wx_csv_fail(t->csv, err, WX_ERR_FORMAT,
				   "class '%s' is not in the profile",
				   wx_quote(name, strlen(name), q));
	return WX_OK;
}

static int label_row(struct table *t, struct wx_error *err)
{
	const struct wx_truth *truth = t->truth;
	const struct wx_judge_classes *rain = &t->opts->rain,
				      *wind = &t->opts->wind;
	const struct wx_truth_capture *c = wx_truth_find(
		truth, t->node->id, wx_csv_get(t->csv, t->capture));
	double offset_s, length_s, mm_h, m_s;
	int label[2], rc;
	int64_t keep[2];
	struct wx_time start;
	bool near;

	if ((rc = wx_csv_f64(t->csv, t->offset_s, &offset_s, err)) != WX_OK ||
	    (rc = wx_csv_f64(t->csv, t->length_s, &length_s, err)) != WX_OK ||
	    (rc = wx_csv_i64(t->csv, t->keep[0], 0, &keep[0], err)) != WX_OK ||
	    (rc = wx_csv_i64(t->csv, t->keep[1], 0, &keep[1], err)) != WX_OK ||
	    (rc = class_named(t, rain, t->class[0], &label[0], err)) != WX_OK ||
	    (rc = class_named(t, wind, t->class[1], &label[1], err)) != WX_OK)
		return rc;
	if (!c)
		return WX_OK; /* counted with the windows */
	start = wx_truth_start(c, offset_s);
	mm_h = wx_truth_mean(truth, truth->rain_mm_h, start, length_s);
	m_s = wx_truth_mean(truth, truth->wind_m_s, start, length_s);
	if (isnan(mm_h) || isnan(m_s))
		return WX_OK; /* past the end of the season */
	near = wx_truth_near_rain(truth, start, length_s, NEAR_RAIN_S);
	score(t->judge->rain, wx_class_of(mm_h, rain->limit, rain->n), label[0],
	      keep[0] == 1, near);
	score(t->judge->wind, wx_class_of(m_s, wind->limit, wind->n), label[1],
	      keep[1] == 1, near);
	return WX_OK;
}

struct column {
	const char *name;
	int *at;
};

static int needed(struct table *t, const struct column *cols, size_t n,
		  struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; i < n && rc == WX_OK; i++)
		rc = wx_csv_need(t->csv, cols[i].name, cols[i].at, err);
	return rc;
}

static int window_cols(struct table *t, struct wx_error *err)
{
	const struct column cols[] = { { "capture", &t->capture },
				       { "offset_s", &t->offset_s },
				       { "start_utc", &t->start_utc },
				       { "max_err_s", &t->max_err_s } };

	return needed(t, cols, WX_COUNT(cols), err);
}

static int label_cols(struct table *t, struct wx_error *err)
{
	const struct column cols[] = {
		{ "capture", &t->capture },   { "offset_s", &t->offset_s },
		{ "length_s", &t->length_s }, { "rain_class", &t->class[0] },
		{ "rain_keep", &t->keep[0] }, { "wind_class", &t->class[1] },
		{ "wind_keep", &t->keep[1] }
	};

	return needed(t, cols, WX_COUNT(cols), err);
}

/* Every table of a folder, row by row. */
static int each_row(struct table *t, const char *dir,
		    int (*cols)(struct table *, struct wx_error *),
		    int (*row)(struct table *, struct wx_error *),
		    struct wx_error *err)
{
	struct wx_names names = { 0 };
	int rc = wx_names_read(dir, 1, &names, err);

	for (size_t i = 0; i < names.n && rc == WX_OK; i++) {
		char *path = wx_strf("%s/%s", dir, names.name[i]);

		rc = path ? wx_csv_open(path, NULL, &t->csv, err)
			  : wx_fail_nomem(err);
		if (rc == WX_OK)
			rc = cols(t, err);
		while (rc == WX_OK && (rc = wx_csv_next(t->csv, err)) > 0)
			rc = row(t, err);
		wx_csv_close(t->csv);
		t->csv = NULL;
		free(path);
	}
	wx_names_fini(&names);
	return rc;
}

static int judge_tables(const struct wx_judge_opts *o,
			const struct wx_truth *truth, struct wx_judge *j,
			struct wx_judge_node *n, struct wx_error *err)
{
	struct table t = { .opts = o, .truth = truth, .judge = j, .node = n };
	char *windows = wx_strf("%s/windows/%s", o->archive, n->id);
	char *labels = wx_strf("%s/labels/%s", o->archive, n->id);
	int rc = windows && labels ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK)
		rc = each_row(&t, windows, window_cols, window_row, err);
	if (rc == WX_OK)
		rc = each_row(&t, labels, label_cols, label_row, err);
	free(windows);
	free(labels);
	return rc;
}

/* ---- nodes ---- */

/* The nodes of the truth, in order, and a last one for their sum. */
static int nodes_of(const struct wx_truth *t, struct wx_judge *j,
		    struct wx_error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_captures; i++)
		n += !i ||
		     strcmp(t->capture[i].node, t->capture[i - 1].node) != 0;
	j->node = calloc(n + 1, sizeof(*j->node));
	if (!j->node)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < t->n_captures; i++) {
		if (i && !strcmp(t->capture[i].node, t->capture[i - 1].node))
			continue;
		j->node[j->n_nodes].id = strdup(t->capture[i].node);
		if (!j->node[j->n_nodes++].id)
			return wx_fail_nomem(err);
	}
	return WX_OK;
}

static int add_up(struct wx_judge *j, struct wx_error *err)
{
	struct wx_judge_node *all = &j->node[j->n_nodes];
	int rc = WX_OK;

	for (size_t i = 0; i < j->n_nodes; i++) {
		const struct wx_judge_node *n = &j->node[i];

		all->made += n->made;
		all->pulled += n->pulled;
		all->verified += n->verified;
		all->windows += n->windows;
		all->undated += n->undated;
		all->unknown += n->unknown;
		all->within += n->within;
		for (size_t k = 0; k < n->error_s.n && rc == WX_OK; k++)
			rc = wx_errors_add(&all->error_s, n->error_s.v[k], err);
	}
	return rc;
}

static int judge_nodes(const struct wx_judge_opts *o,
		       const struct wx_truth *truth, struct wx_judge *j,
		       struct wx_error *err)
{
	struct wx_judge_node *n = j->node;
	int rc = WX_OK;

	for (size_t i = 0; i < truth->n_captures && rc == WX_OK; i++) {
		const struct wx_truth_capture *c = &truth->capture[i];

		if (strcmp(n->id, c->node) != 0)
			n++;
		if (!c->is_open)
			rc = judge_capture(o, c, n, err);
	}
	for (size_t i = 0; i < j->n_nodes && rc == WX_OK; i++)
		rc = judge_tables(o, truth, j, &j->node[i], err);
	return rc == WX_OK ? add_up(j, err) : rc;
}

int wx_judge_run(const struct wx_judge_opts *opts, struct wx_judge *out,
		 struct wx_error *err)
{
	struct wx_truth truth;
	int rc;

	*out = (struct wx_judge){ 0 };
	for (int i = 0; i < WX_JUDGE_N_SETS; i++) {
		out->rain[i].n = opts->rain.n;
		out->wind[i].n = opts->wind.n;
	}
	rc = wx_truth_read(opts->site, opts->rain.limit[0], &truth, err);
	if (rc != WX_OK)
		return rc;
	rc = nodes_of(&truth, out, err);
	if (rc == WX_OK)
		rc = judge_nodes(opts, &truth, out, err);
	if (rc == WX_OK)
		rc = wx_judge_dataset(opts, out, err);
	wx_truth_fini(&truth);
	if (rc != WX_OK)
		wx_judge_fini(out);
	return rc;
}

void wx_judge_fini(struct wx_judge *j)
{
	for (size_t i = 0; j->node && i <= j->n_nodes; i++) {
		free(j->node[i].id);
		wx_errors_fini(&j->node[i].error_s);
	}
	for (size_t i = 0; i < j->n_counts; i++)
		free(j->count[i].label);
	free(j->node);
	free(j->count);
	*j = (struct wx_judge){ 0 };
}

bool wx_judge_found(const struct wx_judge *j)
{
	const struct wx_judge_node *all = &j->node[j->n_nodes];

	return all->verified != all->made || all->unknown || j->leaks;
}
