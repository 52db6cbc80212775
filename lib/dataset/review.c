/* SPDX-License-Identifier: MIT */
/* lib/dataset/review.c: see review.h. */
#include "dataset/review.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/quality.h"
#include "base/text.h"
#include "dataset/export_in.h"
#include "dataset/rows.h"

/* Rain's classes and unknown, times wind's. */
enum { SLOTS = (WX_MAX_CLASSES + 1) * (WX_MAX_CLASSES + 1) };
/* So many candidates for each pick are held; the least unsure are dropped. */
enum { PER_PICK = 64, MIN_ROOM = 4096 };
#define HOUR_NS (INT64_C(3600) * WX_NS_PER_S)
/* A window that far from a pick is a subject of its own, s. */
#define APART_S 3600.0

struct candidate {
	char *capture;
	const char *node; /* lent by the site */
	double offset_s, length_s;
	int64_t start_ns;
	double unsure;
	int class;   /* of both targets, below SLOTS */
	double near; /* 0..1, smaller next to a pick */
	bool picked, voice;
};

struct wx_picker {
	const struct wx_archive *a;
	const struct wx_profile *profile;
	bool rain, wind; /* what is to be learned */
	/* The least sure of each class in the hour at hand. */
	struct candidate hour[SLOTS];
	const char *node;
	int64_t hour_of;
	/* A heap, the least unsure first, once it is full. */
	struct candidate *c;
	size_t n, room, most;
	int wanted, n_picked;
};

/* ---- gathering ---- */

static double unsure_of(const struct wx_class_label *l, int n_classes)
{
	return 1 - (*l->name ? l->p : 1.0 / n_classes);
}

static int slot_of(const struct wx_class_label *l, const struct wx_classes *c)
{
	for (int i = 0; i < c->n; i++)
		if (!strcmp(c->name[i], l->name))
			return i;
	return WX_MAX_CLASSES;
}

/* Ties go to the earlier window of the node that comes first. */
static bool is_less(const struct candidate *a, const struct candidate *b)
{
	int c;

	if (a->unsure != b->unsure)
		return a->unsure < b->unsure;
	if (a->start_ns != b->start_ns)
		return a->start_ns > b->start_ns;
	c = strcmp(a->node, b->node);
	return c ? c > 0 : strcmp(a->capture, b->capture) > 0;
}

static void swap(struct candidate *a, struct candidate *b)
{
	struct candidate t = *a;

	*a = *b;
	*b = t;
}

static void sift_down(struct wx_picker *j)
{
	size_t i = 0;

	for (;;) {
		size_t l = 2 * i + 1, least = i;

		for (size_t k = l; k <= l + 1 && k < j->n; k++)
			if (is_less(&j->c[k], &j->c[least]))
				least = k;
		if (least == i)
			return;
		swap(&j->c[i], &j->c[least]);
		i = least;
	}
}

/* Takes c->capture over. */
static int keep(struct wx_picker *j, struct candidate *c, struct wx_error *err)
{
	size_t i;

	if (j->n == j->most) {
		if (is_less(c, &j->c[0])) {
			free(c->capture);
			return WX_OK;
		}
		free(j->c[0].capture);
		j->c[0] = *c;
		sift_down(j);
		return WX_OK;
	}
	if (WX_GROW(&j->c, &j->room, j->n + 1, err)) {
		free(c->capture);
		return WX_ERR_NOMEM;
	}
	i = j->n++;
	j->c[i] = *c;
	for (; i && is_less(&j->c[i], &j->c[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&j->c[i], &j->c[(i - 1) / 2]);
	return WX_OK;
}

static int hour_end(struct wx_picker *j, struct wx_error *err)
{
	int rc = WX_OK;

	for (int i = 0; i < SLOTS; i++) {
		if (j->hour[i].capture && rc == WX_OK)
			rc = keep(j, &j->hour[i], err);
		else
			free(j->hour[i].capture);
		j->hour[i].capture = NULL;
	}
	return rc;
}

static bool is_heard(const struct wx_picker *j, const struct wx_label *l)
{
	return (!j->rain || !strcmp(l->rain.source, "track")) &&
	       (!j->wind || !strcmp(l->wind.source, "track"));
}

static struct candidate judge(const struct wx_picker *j,
			      const struct wx_window *w,
			      const struct wx_label *l)
{
	const struct wx_profile *p = j->profile;
	struct candidate c = { .offset_s = w->offset_s,
			       .length_s = w->length_s,
			       .start_ns = w->start_utc.utc_ns,
			       .voice = wx_export_quarantined(w),
			       .near = 1 };

	if (j->rain) {
		c.unsure += unsure_of(&l->rain, p->rain.n);
		c.class += slot_of(&l->rain, &p->rain);
	}
	if (j->wind) {
		c.unsure += unsure_of(&l->wind, p->wind.n);
		c.class += (WX_MAX_CLASSES + 1) * slot_of(&l->wind, &p->wind);
	}
	return c;
}

int wx_picker_add(void *ctx, const struct wx_window *w,
		  const struct wx_label *l, struct wx_error *err)
{
	struct wx_picker *j = ctx;
	const struct wx_site_node *node = wx_site_node(j->a->site, w->node);
	int64_t hour = w->start_utc.utc_ns / HOUR_NS;
	struct candidate c;
	int rc = WX_OK;

	if (!node || w->quality >= WX_QUALITY_FAIL || is_heard(j, l) ||
	    isnan(w->offset_s) || !(w->length_s > 0))
		return WX_OK;
	if (hour != j->hour_of || node->id != j->node)
		rc = hour_end(j, err);
	j->hour_of = hour;
	j->node = node->id;
	c = judge(j, w, l);
	if (rc != WX_OK ||
	    (j->hour[c.class].capture && c.unsure <= j->hour[c.class].unsure))
		return rc;
	free(j->hour[c.class].capture);
	c.node = node->id;
	c.capture = strdup(w->capture);
	j->hour[c.class] = c;
	return c.capture ? WX_OK : wx_fail_nomem(err);
}

/* ---- picking ---- */

static size_t node_index(const struct wx_picker *j, const char *id)
{
	size_t i = 0;

	while (j->a->site->nodes[i].id != id)
		i++;
	return i;
}

static void pick(struct wx_picker *j, size_t best, int *n_class, int *n_node)
{
	struct candidate *b = &j->c[best];

	b->picked = true;
	n_class[b->class]++;
	n_node[node_index(j, b->node)]++;
	for (size_t i = 0; i < j->n; i++) {
		double s = fabs((double)(j->c[i].start_ns - b->start_ns)) / 1e9;

		j->c[i].near = fmin(j->c[i].near, s / (s + APART_S) + 1e-6);
	}
}

static int by_place(const void *pa, const void *pb)
{
	const struct candidate *a = pa, *b = pb;
	int c;

	if (a->picked != b->picked)
		return a->picked ? -1 : 1;
	c = strcmp(a->node, b->node);
	if (!c && a->start_ns != b->start_ns)
		c = a->start_ns < b->start_ns ? -1 : 1;
	return c ? c : strcmp(a->capture, b->capture);
}

/* Picks come to stand first, by node and time; how many. */
static int pick_all(struct wx_picker *j, int wanted, struct wx_error *err,
		    int *rc)
{
	int *n_class = calloc(SLOTS, sizeof(*n_class));
	int *n_node = calloc(j->a->site->n_nodes + 1, sizeof(*n_node));
	int n = 0;

	*rc = n_class && n_node ? WX_OK : wx_fail_nomem(err);
	while (*rc == WX_OK && n < wanted && (size_t)n < j->n) {
		size_t best = SIZE_MAX;
		double most = -1;

		for (size_t i = 0; i < j->n; i++) {
			const struct candidate *c = &j->c[i];
			double times = (1.0 + n_class[c->class]) *
				       (1.0 + n_node[node_index(j, c->node)]);
			double v = c->unsure * c->near / sqrt(times);

			if (!c->picked &&
			    (v > most ||
			     (v == most && is_less(&j->c[best], c)))) {
				most = v;
				best = i;
			}
		}
		pick(j, best, n_class, n_node);
		n++;
	}
	if (*rc == WX_OK && j->n)
		qsort(j->c, j->n, sizeof(*j->c), by_place);
	free(n_class);
	free(n_node);
	return n;
}

/* ---- writing ---- */

static int make_table(const struct wx_picker *j, int n,
		      const struct wx_track_format *format, char **text,
		      struct wx_error *err)
{
	struct wx_track t;
	size_t size = 0;
	FILE *out = open_memstream(text, &size);
	int rc = out ? WX_OK : wx_fail_nomem(err);

	wx_track_init(&t);
	t.decimals = 3;
	for (int i = 0; i < n && rc == WX_OK; i++) {
		const struct candidate *c = &j->c[i];
		struct wx_mark m = { .low_hz = NAN,
				     .high_hz = NAN,
				     .text = "",
				     .capture = c->capture };

		m.from_ns = llround(c->offset_s * 1e9);
		m.to_ns = m.from_ns + llround(c->length_s * 1e9);
		rc = wx_track_add(&t, &m, err);
	}
	if (rc == WX_OK)
		rc = format->write(out, &t, err);
	if (out && (fclose(out) != 0 || !*text) && rc == WX_OK)
		rc = wx_fail_nomem(err);
	wx_track_fini(&t);
	return rc;
}

/* Windows as VLC plays them: those seconds, one after another. */
static void write_list(const struct wx_picker *j, int n, FILE *out)
{
	fputs("#EXTM3U\n", out);
	for (int i = 0; i < n; i++) {
		const struct candidate *c = &j->c[i];
		char utc[WX_TIME_SIZE], from[WX_NUM_SIZE], to[WX_NUM_SIZE];

		wx_time_format((struct wx_time){ c->start_ns }, 0, utc);
		wx_f64_format(c->offset_s, 3, from);
		wx_f64_format(c->offset_s + c->length_s, 3, to);
		fprintf(out,
			"#EXTINF:%.0f,%d: %s %s\n"
			"#EXTVLCOPT:start-time=%s\n#EXTVLCOPT:stop-time=%s\n"
			"../%s\n",
			ceil(c->length_s), i + 1, c->node, utc, from, to,
			c->capture);
	}
}

/* The same windows, whatever was filled in behind the last tab? */
static bool asks_the_same(const char *a, const char *b)
{
	while (*a && *b) {
		size_t n_a = strcspn(a, "\r\n"), n_b = strcspn(b, "\r\n");
		const char *tab_a = memrchr(a, '\t', n_a);
		const char *tab_b = memrchr(b, '\t', n_b);

		if (!tab_a || !tab_b || tab_a - a != tab_b - b ||
		    memcmp(a, b, (size_t)(tab_a - a)) != 0)
			return false;
		a += n_a + strspn(a + n_a, "\r\n");
		b += n_b + strspn(b + n_b, "\r\n");
	}
	return !*a && !*b;
}

/* The first name that is free, or whose table asks for these windows. */
static int find_name(const struct wx_archive *a, const char *text,
		     struct wx_review_made *out, struct wx_error *err)
{
	for (int k = 1;; k++) {
		char *path = wx_archive_path(a, "tracks/review-%d.txt", k);
		char *old = NULL;
		bool there, same = false;
		size_t n;
		int rc = path ? WX_OK : wx_fail_nomem(err);

		there = path && access(path, F_OK) == 0;
		if (there)
			rc = wx_file_read(path, WX_TRACK_MAX_BYTES, &old, &n,
					  err);
		if (rc == WX_OK && there)
			same = asks_the_same(old, text);
		free(old);
		free(path);
		if (rc != WX_OK)
			return rc;
		if (there && !same)
			continue;
		out->is_new = !there;
		snprintf(out->track, sizeof(out->track), "tracks/review-%d.txt",
			 k);
		snprintf(out->list, sizeof(out->list), "tracks/review-%d.m3u",
			 k);
		return WX_OK;
	}
}

static int write_file(const struct wx_picker *j, const char *name,
		      const char *text, int n, struct wx_error *err)
{
	char *path = wx_archive_path(j->a, "%s", name);
	struct wx_file *f = NULL;
	bool changed;
	int rc = path ? wx_file_create(path, &f, err) : wx_fail_nomem(err);

	if (rc == WX_OK && text)
		fputs(text, wx_file_get(f));
	else if (rc == WX_OK)
		write_list(j, n, wx_file_get(f));
	if (rc == WX_OK)
		rc = wx_file_commit(f, &changed, err);
	free(path);
	return rc;
}

/* The list first: a table that is there has one. */
static int write_all(const struct wx_picker *j, int n,
		     const struct wx_track_format *format,
		     struct wx_review_made *out, struct wx_error *err)
{
	char *text = NULL;
	int rc = make_table(j, n, format, &text, err);

	if (rc == WX_OK)
		rc = find_name(j->a, text, out, err);
	if (rc == WX_OK)
		rc = write_file(j, out->list, NULL, n, err);
	if (rc == WX_OK && out->is_new)
		rc = write_file(j, out->track, text, n, err);
	free(text);
	return rc;
}

int wx_picker_new(const struct wx_archive *a, const struct wx_profile *profile,
		  int n, struct wx_picker **out, struct wx_error *err)
{
	struct wx_picker *j = calloc(1, sizeof(*j));

	*out = j;
	if (!j)
		return wx_fail_nomem(err);
	j->a = a;
	j->profile = profile;
	j->rain = strcmp(a->site->target, "wind") != 0;
	j->wind = strcmp(a->site->target, "rain") != 0;
	j->wanted = n;
	j->most = (size_t)n * PER_PICK;
	if (j->most < MIN_ROOM)
		j->most = MIN_ROOM;
	return WX_OK;
}

void wx_picker_free(struct wx_picker *j)
{
	if (!j)
		return;
	for (int i = 0; i < SLOTS; i++)
		free(j->hour[i].capture);
	for (size_t i = 0; i < j->n; i++)
		free(j->c[i].capture);
	free(j->c);
	free(j);
}

int wx_picker_pick(struct wx_picker *j, int *n, struct wx_error *err)
{
	int rc = hour_end(j, err);

	if (rc == WX_OK)
		j->n_picked = pick_all(j, j->wanted, err, &rc);
	*n = j->n_picked;
	return rc;
}

struct wx_pick wx_picker_get(const struct wx_picker *j, int i)
{
	const struct candidate *c = &j->c[i];

	return (struct wx_pick){ .node = c->node,
				 .capture = c->capture,
				 .offset_s = c->offset_s,
				 .length_s = c->length_s,
				 .start = { c->start_ns },
				 .voice = c->voice };
}

int wx_picker_table(const struct wx_picker *j,
		    const struct wx_track_format *format, char **text,
		    struct wx_error *err)
{
	return make_table(j, j->n_picked, format, text, err);
}

int wx_review(const struct wx_archive *a, const struct wx_profile *profile,
	      int n, const struct wx_track_format *format, struct wx_log *log,
	      struct wx_review_made *out, struct wx_error *err)
{
	struct wx_picker *j = NULL;
	size_t n_unlabelled;
	int rc = wx_picker_new(a, profile, n, &j, err);

	*out = (struct wx_review_made){ .n = 0 };
	if (rc == WX_OK)
		rc = wx_rows_each(a, wx_picker_add, j, &n_unlabelled, log, err);
	if (rc == WX_OK)
		rc = wx_picker_pick(j, &out->n, err);
	if (rc == WX_OK && out->n)
		rc = write_all(j, out->n, format, out, err);
	wx_picker_free(j);
	return rc;
}
