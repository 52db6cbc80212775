/* SPDX-License-Identifier: MIT */
/* lib/dataset/tracks.c: see tracks.h. */
#include "dataset/tracks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/text.h"

enum { RAIN, WIND, N_TARGETS };
/* Folders of captures may lie in folders. */
enum { DEPTH = 8, MAX_WARNINGS = 10 };

/* What one file tells of one capture. */
struct entry {
	const char *key; /* below raw/NODE, with or without its extension */
	const char *file;
	struct wx_heard *heard[N_TARGETS];
	size_t n[N_TARGETS], room[N_TARGETS];
	bool used;
	int64_t end_ns; /* of its capture's windows, and one more */
};

struct wx_tracks {
	const struct wx_archive *a;
	const char *node;
	const struct wx_profile *profile;
	wx_track_read_fn *read;
	struct wx_log *log;
	struct wx_track texts; /* holds names and keys */
	struct entry *entry;   /* sorted by key */
	size_t n, room;
	struct wx_ear utc[N_TARGETS];
	/* Of the capture that was last asked for. */
	char *capture;
	int64_t end_ns;
	struct wx_ear ear[N_TARGETS];
	char by[N_TARGETS][1100], flags[416];
};

/* ---- names ---- */

static bool ends_in(const char *name, size_t n, const char *end)
{
	size_t k = strlen(end);

	return n > k && !strncasecmp(name + n - k, end, k);
}

/* Length of a track's name without what its program adds; 0: no track. */
static size_t key_length(const char *name)
{
	size_t n = strlen(name);

	if (!ends_in(name, n, ".txt") && !ends_in(name, n, ".csv") &&
	    !ends_in(name, n, ".tsv"))
		return 0;
	n -= 4;
	if (ends_in(name, n, ".selections")) {
		n -= strlen(".selections");
		while (n && name[n - 1] >= '0' && name[n - 1] <= '9')
			n--;
		if (ends_in(name, n, ".Table."))
			n -= strlen(".Table.");
	}
	return n;
}

/* "2026-06-01" or "20260601T093000Z": the zero of its times. */
static bool key_instant(const char *key, size_t n, struct wx_time *zero)
{
	const char *tilde = memchr(key, '~', n);
	char text[WX_TIME_SIZE];
	int64_t day;

	if (tilde)
		n = (size_t)(tilde - key);
	if (n == 10) {
		memcpy(text, key, n);
		text[n] = '\0';
		if (wx_day_parse(text, &day, NULL) != WX_OK)
			return false;
		zero->utc_ns = day * WX_S_PER_DAY * WX_NS_PER_S;
		return true;
	}
	if (n != 16 || key[8] != 'T' || key[15] != 'Z')
		return false;
	snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", key,
		 key + 4, key + 6, key + 9, key + 11, key + 13);
	return wx_time_parse(text, zero, NULL) == WX_OK;
}

/* Where "raw/NODE/" ends in a path that may be absolute, of any system. */
static const char *below_raw(const char *path, const char *node)
{
	size_t n = strlen(node);

	for (const char *p = path; (p = strstr(p, "raw")); p++)
		if ((p == path || p[-1] == '/' || p[-1] == '\\') &&
		    (p[3] == '/' || p[3] == '\\') && !strncmp(p + 4, node, n) &&
		    (p[4 + n] == '/' || p[4 + n] == '\\') && p[5 + n])
			return p + 5 + n;
	return NULL;
}

/* ---- reading ---- */

static int entry_get(struct wx_tracks *t, const char *key, size_t n,
		     const char *file, struct entry **out, struct wx_error *err)
{
	struct entry *e = t->n ? &t->entry[t->n - 1] : NULL;

	if (e && e->file == file && strlen(e->key) == n &&
	    !strncmp(e->key, key, n)) {
		*out = e;
		return WX_OK;
	}
	if (WX_GROW(&t->entry, &t->room, t->n + 1, err))
		return WX_ERR_NOMEM;
	key = wx_track_text(&t->texts, key, n);
	if (!key)
		return wx_fail_nomem(err);
	t->entry[t->n] = (struct entry){ .key = key, .file = file };
	*out = &t->entry[t->n++];
	return WX_OK;
}

static int entry_add(struct entry *e, int target, const struct wx_heard *h,
		     struct wx_error *err)
{
	int rc = WX_GROW(&e->heard[target], &e->room[target], e->n[target] + 1,
			 err);

	if (rc == WX_OK)
		e->heard[target][e->n[target]++] = *h;
	return rc;
}

/* What a track's times count from. */
struct base {
	const char *file, *name; /* "tracks/n1/x.txt"; below tracks/NODE */
	size_t key_n;            /* of name; 0: of no capture */
	bool is_utc;
	struct wx_time zero;
};

/* The capture of a row: by its path, or a file's name in the track's folder. */
static char *row_key(const struct wx_tracks *t, const struct base *b,
		     const char *path)
{
	const char *below = below_raw(path, t->node);
	const char *folder = b->key_n ? strrchr(b->name, '/') : NULL;
	char *key = NULL;

	if (below)
		key = strdup(below);
	else if (b->key_n && !strpbrk(path, "/\\"))
		key = wx_strf("%.*s%s",
			      folder ? (int)(folder - b->name) + 1 : 0, b->name,
			      path);
	for (char *p = key; p && *p; p++)
		if (*p == '\\')
			*p = '/';
	return key;
}

static int add_heard(struct wx_tracks *t, const struct base *b,
		     const struct wx_mark *m, const int class[N_TARGETS],
		     struct wx_error *err)
{
	struct wx_heard h = { m->from_ns, m->to_ns, 0, b->file, m->line };
	char *key = m->capture ? row_key(t, b, m->capture) : NULL;
	struct entry *e = NULL;
	int rc = WX_OK;

	if (m->capture && !key)
		return WX_OK; /* another node's */
	if (key)
		rc = entry_get(t, key, strlen(key), b->file, &e, err);
	else if (!b->is_utc && b->key_n)
		rc = entry_get(t, b->name, b->key_n, b->file, &e, err);
	free(key);
	if (!e) {
		h.from_ns += b->zero.utc_ns;
		h.to_ns += b->zero.utc_ns;
	}
	for (int i = 0; i < N_TARGETS && rc == WX_OK; i++) {
		h.class = class[i];
		if (class[i] == WX_EAR_NOTHING)
			continue;
		rc = e           ? entry_add(e, i, &h, err)
		     : b->is_utc ? wx_ear_add(&t->utc[i], &h, err)
				 : WX_OK;
	}
	return rc;
}

/* Classes of a profile, for a message. */
static void names_of(const struct wx_profile *p, char *buf, size_t size)
{
	size_t n = 0;

	for (int i = 0; i < p->rain.n + p->wind.n && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", i ? ", " : "",
				      i < p->rain.n
					      ? p->rain.name[i]
					      : p->wind.name[i - p->rain.n]);
}

static int add_track(struct wx_tracks *t, const struct base *b,
		     const struct wx_track *track, struct wx_error *err)
{
	size_t n_unknown = 0, n_points = 0;
	int rc = WX_OK;

	for (size_t i = 0; i < track->n && rc == WX_OK; i++) {
		const struct wx_mark *m = &track->mark[i];
		char word[WX_CLASS_NAME_SIZE], q[WX_QUOTE_SIZE], all[300];
		int class[N_TARGETS];

		if (m->to_ns == m->from_ns) {
			/* An hour table's last row is one, as it should. */
			n_points += *m->text && !track->delim;
			continue;
		}
		if (wx_ear_parse(t->profile, m->text, &class[RAIN],
				 &class[WIND], word)) {
			rc = add_heard(t, b, m, class, err);
		} else if (n_unknown++ < MAX_WARNINGS) {
			names_of(t->profile, all, sizeof(all));
			wx_warn(t->log,
				"%s:%ld: '%s' is neither a class of profile %s "
				"(%s) nor a level it knows; label not used",
				b->file, m->line,
				wx_quote(word, strlen(word), q),
				t->profile->name, all);
		}
	}
	if (n_unknown > MAX_WARNINGS)
		wx_warn(t->log, "%s: %zu more labels of no class", b->file,
			n_unknown - MAX_WARNINGS);
	if (n_points)
		wx_warn(t->log,
			"%s: %zu point labels not used: without a length they "
			"tell of no window",
			b->file, n_points);
	return rc;
}

/* A file that is no track is told of, and the rest goes on. */
static int read_file(struct wx_tracks *t, const char *folder, const char *name,
		     bool of_node, struct wx_error *err)
{
	char *path = wx_archive_path(t->a, "%s/%s", folder, name);
	char *file = wx_strf("%s/%s", folder, name);
	struct base b = { .name = name };
	struct wx_error said = { 0 };
	struct wx_track track;
	int rc;

	wx_track_init(&track);
	b.file = file ? wx_track_text(&t->texts, file, strlen(file)) : NULL;
	b.key_n = of_node ? key_length(name) : 0;
	b.is_utc = of_node && key_instant(name, b.key_n, &b.zero);
	if (!path || !b.file) {
		rc = wx_fail_nomem(err);
	} else if (!key_length(name)) {
		rc = WX_OK; /* a playlist, a project: not ours */
	} else {
		rc = t->read(path, &track, t->log, &said);
		if (rc == WX_OK)
			rc = add_track(t, &b, &track, err);
		else if (rc == WX_ERR_NOMEM)
			wx_fail(err, rc, "%s", said.text);
		else
			wx_warn(t->log, "%s; not used", said.text);
		if (rc != WX_ERR_NOMEM)
			rc = WX_OK;
	}
	wx_track_fini(&track);
	free(path);
	free(file);
	return rc;
}

static int read_folder(struct wx_tracks *t, bool of_node, struct wx_error *err)
{
	char *folder =
		of_node ? wx_strf("tracks/%s", t->node) : wx_strf("tracks");
	char *path = folder ? wx_archive_path(t->a, "%s", folder) : NULL;
	struct wx_names names = { 0 };
	int rc = path ? wx_names_read(path, of_node ? DEPTH : 1, &names, err)
		      : wx_fail_nomem(err);

	for (size_t i = 0; i < names.n && rc == WX_OK; i++)
		rc = read_file(t, folder, names.name[i], of_node, err);
	wx_names_fini(&names);
	free(path);
	free(folder);
	return rc;
}

static int by_key(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	int c = strcmp(a->key, b->key);

	return c ? c : strcmp(a->file, b->file);
}

int wx_tracks_read(const struct wx_archive *a, const char *node,
		   const struct wx_profile *profile, wx_track_read_fn *read,
		   struct wx_log *log, struct wx_tracks **out,
		   struct wx_error *err)
{
	struct wx_tracks *t = calloc(1, sizeof(*t));
	int rc;

	*out = NULL;
	if (!t)
		return wx_fail_nomem(err);
	t->a = a;
	t->node = node;
	t->profile = profile;
	t->read = read;
	t->log = log;
	wx_track_init(&t->texts);
	rc = read_folder(t, true, err);
	if (rc == WX_OK)
		rc = read_folder(t, false, err);
	for (int i = 0; i < N_TARGETS && rc == WX_OK; i++)
		rc = wx_ear_finish(&t->utc[i], log, err);
	if (t->n)
		qsort(t->entry, t->n, sizeof(*t->entry), by_key);
	if (rc == WX_OK && (t->n || t->utc[RAIN].n || t->utc[WIND].n))
		*out = t;
	else
		wx_tracks_free(t);
	return rc;
}

void wx_tracks_free(struct wx_tracks *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		for (int k = 0; k < N_TARGETS; k++)
			free(t->entry[i].heard[k]);
	for (int k = 0; k < N_TARGETS; k++) {
		wx_ear_fini(&t->utc[k]);
		wx_ear_fini(&t->ear[k]);
	}
	wx_track_fini(&t->texts);
	free(t->entry);
	free(t->capture);
	free(t);
}

/* ---- windows ---- */

/* Length of a capture's name without its extension. */
static size_t stem_length(const char *name)
{
	const char *folder = strrchr(name, '/');
	const char *dot = strrchr(folder ? folder : name, '.');

	return dot ? (size_t)(dot - name) : strlen(name);
}

/* "a", "a.wav", "a~wind" and "a.wav~wind" are of "a.wav". */
static bool is_of(const char *key, const char *name, size_t stem)
{
	size_t n = strlen(name);

	if (!strncmp(key, name, n) && (!key[n] || key[n] == '~'))
		return true;
	return !key[stem] || key[stem] == '~';
}

/* The first that may be of a capture: they stand together. */
static size_t first_of(const struct wx_tracks *t, const char *name, size_t stem)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (strncmp(t->entry[mid].key, name, stem) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool may_be_of(const struct wx_tracks *t, size_t i, const char *name,
		      size_t stem)
{
	return i < t->n && !strncmp(t->entry[i].key, name, stem);
}

/* All that is told of a capture, from every file, into t->ear. */
static int ear_of_capture(struct wx_tracks *t, const char *name,
			  struct wx_error *err)
{
	size_t stem = stem_length(name);
	int rc = WX_OK;

	for (int k = 0; k < N_TARGETS; k++)
		wx_ear_fini(&t->ear[k]);
	for (size_t i = first_of(t, name, stem); may_be_of(t, i, name, stem);
	     i++) {
		struct entry *e = &t->entry[i];

		if (!is_of(e->key, name, stem))
			continue;
		for (int k = 0; k < N_TARGETS; k++)
			for (size_t h = 0; h < e->n[k] && rc == WX_OK; h++)
				rc = wx_ear_add(&t->ear[k], &e->heard[k][h],
						err);
		e->used = true;
	}
	for (int k = 0; k < N_TARGETS && rc == WX_OK; k++)
		rc = wx_ear_finish(&t->ear[k], t->log, err);
	return rc;
}

/* The capture at hand is left: where its windows ended. */
static void leave_capture(struct wx_tracks *t)
{
	const char *below = t->capture ? below_raw(t->capture, t->node) : NULL;
	const char *name = below ? below : t->capture;
	size_t stem = name ? stem_length(name) : 0;

	for (size_t i = name ? first_of(t, name, stem) : t->n;
	     may_be_of(t, i, name, stem); i++)
		if (is_of(t->entry[i].key, name, stem) &&
		    t->end_ns > t->entry[i].end_ns)
			t->entry[i].end_ns = t->end_ns;
	free(t->capture);
	t->capture = NULL;
	t->end_ns = 0;
}

static int go_to_capture(struct wx_tracks *t, const char *capture,
			 struct wx_error *err)
{
	const char *name = below_raw(capture, t->node);

	if (t->capture && !strcmp(t->capture, capture))
		return WX_OK;
	leave_capture(t);
	t->capture = strdup(capture);
	if (!t->capture)
		return wx_fail_nomem(err);
	return ear_of_capture(t, name ? name : capture, err);
}

static void flag(struct wx_tracks *t, const char *word)
{
	size_t n = strlen(t->flags);

	snprintf(t->flags + n, sizeof(t->flags) - n, "%s%s", n ? " " : "",
		 word);
}

/* Of the capture if it tells, else of the time. */
static bool hear(struct wx_tracks *t, int target, const struct wx_classes *c,
		 const struct wx_window *w, struct wx_class_label *out)
{
	int64_t length = (int64_t)llround(w->length_s * 1e9);
	int64_t at = isnan(w->offset_s) ? 0 : llround(w->offset_s * 1e9);
	/* max_err_s is about 2 sigma; a day is as good as anything longer. */
	double sigma_s = w->max_err_s > 0 ? fmin(w->max_err_s, 86400) / 2 : 0;
	const struct wx_heard *by = NULL;
	bool mixed = false, heard;

	heard = !isnan(w->offset_s) &&
		wx_ear_label(&t->ear[target], c, at, at + length, 0, out, &by,
			     &mixed);
	if (!heard && !wx_time_is_none(w->start_utc))
		heard = wx_ear_label(&t->utc[target], c, w->start_utc.utc_ns,
				     w->start_utc.utc_ns + length,
				     (int64_t)(sigma_s * 1e9), out, &by,
				     &mixed);
	if (!heard)
		return false;
	snprintf(t->by[target], sizeof(t->by[target]), "%s:%ld",
		 by ? by->file : "", by ? by->line : 0);
	out->track = t->by[target];
	if (mixed && !strstr(t->flags, "track_mixed"))
		flag(t, "track_mixed");
	return true;
}

static int index_of(const struct wx_classes *c, const char *name)
{
	for (int i = 0; i < c->n; i++)
		if (!strcmp(c->name[i], name))
			return i;
	return -1;
}

static void label_target(struct wx_tracks *t, int target,
			 const struct wx_classes *c, const struct wx_window *w,
			 struct wx_class_label *label, struct wx_agreement *a)
{
	int station = index_of(c, label->name), ear;

	if (!hear(t, target, c, w, label))
		return;
	ear = index_of(c, label->name);
	if (station >= 0 && ear >= 0 && label->keep)
		a->n[ear][station]++;
}

int wx_tracks_label(struct wx_tracks *t, const struct wx_window *window,
		    struct wx_label *label, struct wx_agreement *rain,
		    struct wx_agreement *wind, struct wx_error *err)
{
	int64_t end_ns = 0;
	int rc;

	if (!t || !(window->length_s > 0) || window->length_s > WX_S_PER_DAY ||
	    fabs(window->offset_s) > WX_TRACK_MAX_NS / 1e9)
		return WX_OK;
	rc = go_to_capture(t, window->capture, err);
	if (rc != WX_OK)
		return rc;
	if (!isnan(window->offset_s))
		end_ns = llround((window->offset_s + 2 * window->length_s) *
				 1e9);
	if (end_ns > t->end_ns)
		t->end_ns = end_ns;
	snprintf(t->flags, sizeof(t->flags), "%s", label->flags);
	label_target(t, RAIN, &t->profile->rain, window, &label->rain, rain);
	label_target(t, WIND, &t->profile->wind, window, &label->wind, wind);
	label->flags = t->flags;
	return WX_OK;
}

/* Labels that begin after the last window of their capture. */
static void warn_beyond(const struct entry *e, struct wx_log *log)
{
	size_t n = 0;
	long line = 0;

	for (int k = 0; k < N_TARGETS; k++)
		for (size_t i = 0; i < e->n[k]; i++)
			if (e->heard[k][i].from_ns >= e->end_ns && !n++)
				line = e->heard[k][i].line;
	if (n)
		wx_warn(log,
			"%s:%ld: %zu labels from here on lie beyond the end of "
			"their capture: is it another's track?",
			e->file, line, n);
}

void wx_tracks_unused(struct wx_tracks *t, struct wx_log *log)
{
	if (!t)
		return;
	leave_capture(t);
	for (size_t i = 0; i < t->n; i++) {
		if (t->entry[i].used)
			warn_beyond(&t->entry[i], log);
		else
			wx_warn(log,
				"%s: no window is of a capture raw/%s/%s; a "
				"track lies at the name of its capture",
				t->entry[i].file, t->node, t->entry[i].key);
	}
}
