/* SPDX-License-Identifier: MIT */
/* lib/dataset/labels.c: see labels.h. */
#include "dataset/labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void tell(const struct wx_labels_failed *failed, int rc,
		 struct wx_error *err)
{
	if (rc != WX_OK)
		failed->fn(failed->ctx, rc, err);
	*err = (struct wx_error){ 0 };
}

int wx_labels_table(struct wx_csv *csv, const struct wx_window_cols *cols,
		    struct wx_labeller *l, struct wx_tracks *tracks,
		    struct wx_row *row, struct wx_labelled *n,
		    const struct wx_labels_failed *failed, struct wx_error *err)
{
	struct wx_label_last last = { 0 };
	int rc;

	while ((rc = wx_csv_next(csv, err)) > 0) {
		struct wx_window w;
		struct wx_label label;

		rc = wx_window_get(csv, cols, &w, err);
		if (rc != WX_OK) { /* one row out per row in */
			tell(failed, rc, err);
			w = (struct wx_window){
				.node = wx_csv_get(csv, cols->node),
				.capture = wx_csv_get(csv, cols->capture),
				.offset_s = NAN,
				.length_s = NAN,
				.start_utc = WX_TIME_NONE,
			};
		}
		wx_labeller_window(l, &w, &label);
		n->measured += strcmp(label.rain.source, "none") != 0 ||
			       strcmp(label.wind.source, "none") != 0;
		rc = wx_tracks_label(tracks, &w, &label, &n->rain_ear,
				     &n->wind_ear, err);
		if (rc != WX_OK)
			return rc;
		wx_label_write(row, &last, &label);
		wx_labelled_count(n, &label);
	}
	return rc;
}

static int day_label(struct wx_labels *r, struct wx_labels_node *n, int64_t day,
		     struct wx_labeller *l, struct wx_error *err)
{
	char date[WX_DAY_SIZE], *path;
	struct wx_csv *csv = NULL;
	struct wx_window_cols cols;
	struct wx_row *row;
	int rc = wx_day_table_day(&n->labels, day, &row, err);

	wx_day_format(day, date);
	path = wx_archive_path(r->a, "windows/%s/%s.csv", n->id, date);
	if (rc == WX_OK)
		rc = path ? wx_csv_open(path, NULL, &csv, err)
			  : wx_fail_nomem(err);
	if (rc == WX_OK)
		rc = wx_window_cols(csv, &cols, err);
	if (rc == WX_OK)
		rc = wx_labels_table(csv, &cols, l, n->tracks, row, &r->n,
				     &r->failed, err);
	if (rc == WX_OK)
		rc = wx_day_table_commit(&n->labels, err);
	else
		wx_day_table_drop(&n->labels);
	wx_csv_close(csv);
	free(path);
	return rc;
}

static bool days_has(const struct wx_days *d, int64_t day)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->day[i] == day)
			return true;
	return false;
}

static void nodes_open(struct wx_labels *r)
{
	const struct wx_site *site = r->a->site;

	for (size_t i = 0; i < site->n_nodes; i++) {
		struct wx_labels_node *n = &r->nodes[r->n_nodes];
		struct wx_error err = { 0 };
		int rc;

		*n = (struct wx_labels_node){ .id = site->nodes[i].id };
		if (!wx_strs_has(r->node_ids, n->id))
			continue;
		rc = wx_lock_take(r->a, &n->lock, &err, "label-%s", n->id);
		if (rc == WX_OK)
			rc = wx_archive_days(r->a, "windows", n->id, &n->days,
					     &err);
		if (rc == WX_OK)
			rc = wx_day_table_open(&n->labels, r->a, "labels",
					       n->id, WX_LABEL_HEADER,
					       r->dates->v, (size_t)r->dates->n,
					       &err);
		if (rc == WX_OK)
			rc = wx_tracks_read(r->a, n->id, &r->profile,
					    r->read_track, r->log, &n->tracks,
					    &err);
		if (rc == WX_OK && r->profile.evidence)
			rc = wx_senses_new(r->profile.evidence, &n->senses,
					   &err);
		if (rc == WX_OK)
			r->n_nodes++;
		else {
			tell(&r->failed, rc, &err);
			wx_tracks_free(n->tracks);
			wx_days_fini(&n->days);
			wx_lock_drop(n->lock);
		}
	}
}

/* The earliest day after a given one that any node has. */
static bool day_next(const struct wx_labels *r, int64_t *day)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < r->n_nodes; i++)
		for (size_t k = 0; k < r->nodes[i].days.n; k++)
			if (r->nodes[i].days.day[k] > *day &&
			    r->nodes[i].days.day[k] < next)
				next = r->nodes[i].days.day[k];
	*day = next;
	return next != INT64_MAX;
}

/* Is it before a day to label, and near enough that its senses count there? */
static bool leads_up(const struct wx_labels *r, int64_t day)
{
	for (int i = 0; i < r->dates->n && r->profile.evidence; i++)
		if (r->dates->v[i] > day &&
		    r->dates->v[i] <= day + WX_SENSES_DAYS)
			return true;
	return false;
}

static int node_label(struct wx_labels *r, struct wx_labels_node *n,
		      int64_t day, struct wx_labeller *l, struct wx_error *err)
{
	int rc = WX_OK;

	if (!days_has(&n->days, day))
		return WX_OK;
	if (n->senses)
		rc = wx_sensed_day(n->senses, r->a, n->id, day, &r->stations,
				   err);
	wx_labeller_senses(l, n->senses);
	if (rc == WX_OK && wx_day_list_has(r->dates, day))
		rc = day_label(r, n, day, l, err);
	if (n->senses)
		wx_senses_rest(n->senses);
	return rc;
}

static void days_label(struct wx_labels *r)
{
	for (int64_t day = INT64_MIN; day_next(r, &day) && !r->stopped();) {
		struct wx_error loading = { 0 };
		struct wx_labeller l;
		int loaded;

		if (!wx_day_list_has(r->dates, day) && !leads_up(r, day))
			continue;
		loaded = wx_site_evidence_day(&r->stations, day, &loading);
		tell(&r->failed, loaded, &loading);
		wx_labeller_init(&l, &r->profile, r->stations.evidence,
				 r->stations.n);
		for (size_t i = 0; i < r->n_nodes; i++) {
			struct wx_error err = { 0 };

			tell(&r->failed,
			     node_label(r, &r->nodes[i], day, &l, &err), &err);
		}
	}
}

/* Labels of windows that are no longer there would be labels of nothing. */
static void nodes_end(struct wx_labels *r)
{
	for (size_t i = 0; i < r->n_nodes; i++) {
		struct wx_day_table *labels = &r->nodes[i].labels;
		struct wx_error err = { 0 };
		int rc = WX_OK;

		if (!r->stopped())
			rc = wx_day_table_end(labels, &err);
		if (rc != WX_OK)
			tell(&r->failed, rc, &err);
		r->n.days += labels->n_written;
		r->n.days_changed += labels->n_changed;
	}
}

int wx_labels_open(struct wx_labels *r, struct wx_error *err)
{
	int rc;

	r->nodes = calloc(r->a->site->n_nodes + 1, sizeof(*r->nodes));
	if (!r->nodes)
		return wx_fail_nomem(err);
	rc = wx_site_evidence_open(&r->stations, r->a, r->log, err);
	if (rc == WX_OK)
		nodes_open(r);
	return rc;
}

void wx_labels_make(struct wx_labels *r)
{
	days_label(r);
	nodes_end(r);
}

void wx_labels_close(struct wx_labels *r)
{
	wx_site_evidence_close(&r->stations);
	for (size_t i = 0; i < r->n_nodes; i++) {
		wx_days_fini(&r->nodes[i].days);
		wx_day_table_close(&r->nodes[i].labels);
		wx_tracks_free(r->nodes[i].tracks);
		wx_senses_free(r->nodes[i].senses);
		wx_lock_drop(r->nodes[i].lock);
	}
	free(r->nodes);
	r->nodes = NULL;
	r->n_nodes = 0;
}
