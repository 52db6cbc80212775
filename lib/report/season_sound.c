/* SPDX-License-Identifier: MIT */
/*
 * lib/report/season_sound.c: how loud it was while it rained and blew: is the
 * microphone telling us anything?
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/csv.h"
#include "base/file.h"
#include "base/text.h"
#include "report/season_parts.h"

/* Windows that are held at once: 3 MiB. */
enum { MAX_HEARD = 1 << 17 };

/* FNV-1a of 64 bits (draft-eastlake-fnv), folded: quick. */
static uint64_t key_of(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return h ^ (h >> 32);
}

int season_hear(struct season_heards *h, const struct wx_label *l, int rain,
		int wind, struct wx_error *err)
{
	struct season_heard e = { .key = key_of(l->capture),
				  .offset_s = (float)l->offset_s,
				  .length_s = (float)l->length_s,
				  .rain = (int8_t)rain,
				  .wind = (int8_t)wind };
	size_t kept = 0;
	int rc;

	if ((e.key & h->mask) || (rain < 0 && wind < 0))
		return WX_OK;
	if (h->n == MAX_HEARD) {
		h->mask = h->mask << 1 | 1;
		for (size_t i = 0; i < h->n; i++)
			if (!(h->v[i].key & h->mask))
				h->v[kept++] = h->v[i];
		h->n = kept;
		return season_hear(h, l, rain, wind, err);
	}
	rc = WX_GROW(&h->v, &h->room, h->n + 1, err);
	if (rc == WX_OK)
		h->v[h->n++] = e;
	return rc;
}

static int by_key(const void *va, const void *vb)
{
	const struct season_heard *a = va, *b = vb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->offset_s > b->offset_s) - (a->offset_s < b->offset_s);
}

/* The window that holds a second of a capture; NULL: none that is held. */
static const struct season_heard *find(const struct season_heards *h,
				       uint64_t key, double at_s)
{
	size_t low = 0, high = h->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (h->v[mid].key < key || (h->v[mid].key == key &&
					    (double)h->v[mid].offset_s <= at_s))
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || h->v[low - 1].key != key ||
	    at_s >= (double)(h->v[low - 1].offset_s + h->v[low - 1].length_s))
		return NULL;
	return &h->v[low - 1];
}

static void count(struct wx_season_class *c, double db)
{
	if (!isnan(db))
		c->level[(size_t)(fmin(fmax(db, -150), 0) + 150)]++;
}

static int read_table(struct wx_season *s, const struct season_heards *h,
		      const char *path, struct wx_error *err)
{
	struct wx_csv *csv = NULL;
	int capture = 0, offset = 0, rain = 0, wind = 0, more = 0;
	int rc = wx_csv_open(path, NULL, &csv, err);

	if (rc == WX_OK)
		rc = wx_csv_need(csv, "capture", &capture, err);
	if (rc == WX_OK)
		rc = wx_csv_need(csv, "offset_s", &offset, err);
	if (rc == WX_OK)
		rc = wx_csv_need(csv, "band_600_1200_db", &rain, err);
	if (rc == WX_OK)
		rc = wx_csv_need(csv, "band_20_60_db", &wind, err);
	while (rc == WX_OK && (more = wx_csv_next(csv, err)) == 1) {
		uint64_t key = key_of(wx_csv_get(csv, capture));
		const struct season_heard *e;
		double at_s, rain_db, wind_db;

		if (key & h->mask)
			continue;
		rc = wx_csv_f64(csv, offset, &at_s, err);
		if (rc == WX_OK)
			rc = wx_csv_f64(csv, rain, &rain_db, err);
		if (rc == WX_OK)
			rc = wx_csv_f64(csv, wind, &wind_db, err);
		e = rc == WX_OK ? find(h, key, at_s + 0.001) : NULL;
		if (!e)
			continue;
		s->n_level_s++;
		if (e->rain >= 0)
			count(&s->rain[e->rain], rain_db);
		if (e->wind >= 0)
			count(&s->wind[e->wind], wind_db);
	}
	wx_csv_close(csv);
	return rc != WX_OK ? rc : more;
}

static int read_node(struct wx_season *s, const struct season_heards *h,
		     const char *node, bool dry, uint64_t skip, int64_t *bytes,
		     struct wx_log *log, struct wx_error *err)
{
	char *dir = wx_archive_path(s->a, "sound/%s", node);
	struct wx_names names = { 0 };
	int rc = dir ? wx_names_read(dir, 8, &names, err) : wx_fail_nomem(err);

	for (size_t i = 0; i < names.n && rc == WX_OK; i++) {
		char *path = wx_strf("%s/%s", dir, names.name[i]);
		struct wx_error why = { 0 };
		struct stat st;

		if (!path)
			rc = wx_fail_nomem(err);
		else if (stat(path, &st) == 0 && dry)
			*bytes += st.st_size;
		else if (!dry && i % (skip + 1) == 0 &&
			 read_table(s, h, path, &why) != WX_OK)
			wx_warn(log, "%s; left out", why.text);
		free(path);
	}
	wx_names_fini(&names);
	free(dir);
	return rc;
}

/* Of more sound than can be read in a moment every second, third... table. */
int season_sound(struct wx_season *s, struct season_heards *h,
		 struct wx_log *log, struct wx_error *err)
{
	int64_t bytes = 0;
	int rc = WX_OK;

	if (h->n)
		qsort(h->v, h->n, sizeof(*h->v), by_key);
	for (size_t i = 0; i < s->n_nodes && rc == WX_OK; i++)
		rc = read_node(s, h, s->node[i].id, true, 0, &bytes, log, err);
	for (size_t i = 0; i < s->n_nodes && rc == WX_OK && h->n; i++)
		rc = read_node(s, h, s->node[i].id, false,
			       (uint64_t)(bytes / WX_SEASON_SOUND_BYTES),
			       &bytes, log, err);
	return rc;
}
