/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/card_clock.c: the recorder's own clock on the one time line.
 *
 * Most cards tell nothing of how their clock ran: their captures have r0, and
 * wx-align assumes a drift. Where more is known, captures get a boot b and an m
 * of it, and events tie m to UTC as for any node:
 *
 *  - A file whose samples a GPS counted (PPS), or that the host saw begin, is a
 *    boot of its own; m counts from its first sample.
 *  - A clock that GPS set now and then (GPS.TXT, a Frontier Labs log) runs by
 *    itself from one setting to the next: each such stretch is a boot. m is
 *    what the clock showed, as UTC, since 2000.
 *  - A Song Meter's notes of the air are by its wall clock: on such a card m is
 *    that, since 2000, and all of it one boot.
 */
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "capture/card_in.h"
#include "capture/config_txt.h"
#include "capture/frontier.h"
#include "capture/gps_txt.h"
#include "capture/holder.h"
#include "capture/songmeter.h"

/* Boots here must not be those of packet files (aurora.h), S x 1e6 + R. */
#define FIRST_BOOT_BESIDE_PACKETS INT64_C(1000000000000)
/* Of a clock that a logger sets to the full second. */
#define FULL_SECOND_ERR_S 0.5
/* A recording is begun on the second, not on the microsecond. */
#define MIN_ERR_S 0.002

/* Half a year of one a minute; a recorder's clock is set once a recording. */
enum { MAX_FACTS = 1 << 18 };

/* ---- what the card's logs tell ---- */

struct fact {
	int64_t utc_us;
	double offset_s, err_s; /* the clock less UTC, just before */
	bool set;               /* right from then on */
};

struct facts {
	struct fact *v;
	size_t n, room;
	bool failed, full;
};

static void add_fact(struct facts *list, struct wx_time utc, double offset_s,
		     double err_s, bool set)
{
	list->full |= list->n == MAX_FACTS;
	if (list->full)
		return;
	list->failed |= WX_GROW(&list->v, &list->room, list->n + 1, NULL) != 0;
	if (!list->failed)
		list->v[list->n++] =
			(struct fact){ utc.utc_ns / WX_NS_PER_US, offset_s,
				       err_s > MIN_ERR_S ? err_s : MIN_ERR_S,
				       set };
}

static bool gps_line(void *ctx, const char *text, size_t n)
{
	struct facts *list = ctx;
	struct wx_gps_line l;

	if (!wx_gps_txt_line(text, n, &l))
		return true;
	if (l.kind == WX_GPS_SET)
		add_fact(list, l.utc, NAN, MIN_ERR_S, true);
	else if (l.kind == WX_GPS_UPDATED)
		add_fact(list, l.utc, l.offset_s, l.err_s, true);
	else if (l.kind == WX_GPS_CORRECT)
		add_fact(list, l.utc, l.offset_s, l.err_s, false);
	return !list->failed && !list->full;
}

/* "+02:00"; text has 16 bytes. */
static const char *zone_text(int zone_s, char *text)
{
	int m = abs(zone_s) / 60 % (100 * 60);

	snprintf(text, 16, "%c%02d:%02d", zone_s < 0 ? '-' : '+', m / 60,
		 m % 60);
	return text;
}

static bool frontier_line(void *ctx, const char *text, size_t n)
{
	struct facts *list = ctx;
	struct wx_frontier_line l;

	wx_frontier_log_line(text, n, &l);
	if (l.kind == WX_FRONTIER_UPDATED && !wx_time_is_none(l.utc))
		add_fact(list, l.utc, NAN, FULL_SECOND_ERR_S, true);
	return !list->failed && !list->full;
}

/* "a/GPS.TXT", also in an older version, "a/GPS.TXT~9ae0daaf". */
static bool is_called(const char *name, const char *base)
{
	const char *slash = strrchr(name, '/');
	size_t n = strlen(base);

	name = slash ? slash + 1 : name;
	return !strncasecmp(name, base, n) && (!name[n] || name[n] == '~');
}

static void read_log(const struct card *c, const char *name,
		     wx_holder_line_fn *fn, void *ctx)
{
	char *path = wx_strf("%s/%s", c->dir, name);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;

	if (fd >= 0) {
		wx_holder_lines(fd, fn, ctx);
		close(fd);
	}
	free(path);
}

/*
 * The zone that an AudioMoth was set to, against the one that site.json says:
 * names of such a card are in the first.
 */
static void check_config(struct card *c, const struct card_file *f)
{
	char *path = wx_strf("%s/%s", c->dir, f->name), *text = NULL;
	struct wx_config_txt config;
	char says[16], site[16];
	size_t n;

	if (path && !wx_file_read(path, 1 << 16, &text, &n, NULL) &&
	    wx_config_txt_parse(text, n, &config) && config.has_zone &&
	    c->site->has_offset && config.zone_s != c->site->offset_s)
		card_tell(c, "config", f->name,
			  "the recorder was set to UTC%s, site.json's "
			  "utc_offset is %s: which is right? (Recordings that "
			  "tell their zone themselves are right by that)",
			  zone_text(config.zone_s, says),
			  zone_text(c->site->offset_s, site));
	free(text);
	free(path);
}

static int by_time(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;

	if (x->utc_us != y->utc_us)
		return x->utc_us < y->utc_us ? -1 : 1;
	return x->set - y->set;
}

/* ---- events ---- */

static int write_sync(int64_t boot, int64_t m_us, int64_t utc_us,
		      const char *source, double err_s, FILE *out,
		      struct wx_error *err)
{
	json_t *line;
	int rc;

	if (m_us < 0 || utc_us < 0)
		return WX_OK;
	line = json_pack("{s:s, s:I, s:I, s:I, s:s, s:f}", "ev", "sync", "b",
			 (json_int_t)boot, "m", (json_int_t)m_us, "utc",
			 (json_int_t)utc_us, "s", source, "e",
			 round(err_s * 1e6) / 1e3);
	rc = line ? wx_json_write_line(line, out, err) : wx_fail_nomem(err);
	json_decref(line);
	return rc;
}

/* A new stretch of the clock, from where it shows from_us on. */
static int add_stretch(struct card *c, int64_t from_us, struct wx_error *err)
{
	int rc = WX_GROW(&c->stretch, &c->room_stretches, c->n_stretches + 1,
			 err);

	if (!rc)
		c->stretch[c->n_stretches++] =
			(struct card_stretch){ .from_us = from_us,
					       .boot = c->next_boot++ };
	return rc;
}

static int write_facts(struct card *c, const struct facts *list, FILE *out,
		       struct wx_error *err)
{
	int rc = list->n ? add_stretch(c, INT64_MIN, err) : WX_OK;

	for (size_t i = 0; i < list->n && !rc; i++) {
		const struct fact *f = &list->v[i];
		int64_t m_us = f->utc_us - WX_CARD_M_EPOCH_US;

		if (i && f->utc_us == f[-1].utc_us && f->set == f[-1].set)
			continue; /* of two versions of one log */
		if (isfinite(f->offset_s))
			rc = write_sync(c->next_boot - 1,
					m_us + llround(f->offset_s * 1e6),
					f->utc_us, "gps", f->err_s, out, err);
		if (!rc && f->set)
			rc = add_stretch(c, m_us, err);
		if (!rc && f->set)
			rc = write_sync(c->next_boot - 1, m_us, f->utc_us,
					"gps", f->err_s, out, err);
	}
	return rc;
}

/* ---- Song Meter ---- */

/* The zone of the wall clock: the site's word, or the first recording's. */
static bool wall_zone(const struct card *c, int *zone_s)
{
	*zone_s = c->site->offset_s;
	for (size_t i = 0; i < c->n && !c->site->has_offset; i++)
		if (c->file[i].zone_s != CARD_NO_ZONE) {
			*zone_s = c->file[i].zone_s;
			return true;
		}
	return c->site->has_offset;
}

static int write_rtc(const struct card *c, const json_t *rtc, FILE *out,
		     struct wx_error *err)
{
	int zone_s, rc = WX_OK;

	if (!wall_zone(c, &zone_s))
		return WX_OK;
	for (size_t i = 0; i < json_array_size(rtc) && !rc; i++) {
		const json_t *pair = json_array_get(rtc, i);
		int64_t m_us = json_integer_value(json_array_get(pair, 0));
		double ahead_s = json_number_value(json_array_get(pair, 1));

		rc = write_sync(c->stretch[0].boot, m_us,
				m_us + WX_CARD_M_EPOCH_US -
					zone_s * INT64_C(1000000) -
					llround(ahead_s * 1e6),
				"gps", FULL_SECOND_ERR_S, out, err);
	}
	return rc;
}

/* Each of a Song Meter's notes belongs to the one boot of its card. */
static int begin_wall(struct card *c, FILE *out, struct wx_error *err)
{
	int rc = add_stretch(c, INT64_MIN, err);

	for (size_t i = 0; i < c->n && !rc; i++)
		if (wx_songmeter_name(c->file[i].name))
			rc = write_rtc(c,
				       json_object_get(c->file[i].says, "rtc"),
				       out, err);
	return rc;
}

/* ---- from card.c ---- */

int card_clock_begin(struct card *c, FILE *out, struct wx_error *err)
{
	struct facts list = { 0 };
	int rc = WX_OK;

	for (size_t i = 0; i < c->n; i++) {
		const struct card_file *f = &c->file[i];

		if (i && !strcmp(f->name, c->file[i - 1].name))
			continue;
		if (is_called(f->name, "GPS.TXT"))
			read_log(c, f->name, gps_line, &list);
		if (wx_frontier_name(f->name) == WX_FRONTIER_LOGFILE)
			read_log(c, f->name, frontier_line, &list);
		if (f->is_new && is_called(f->name, "CONFIG.TXT"))
			check_config(c, f);
		c->wall |= f->says && wx_songmeter_name(f->name);
		if (f->holds_packets)
			c->next_boot = FIRST_BOOT_BESIDE_PACKETS;
	}
	if (list.full)
		wx_warn(c->log,
			"%s: its logs tell of the clock more than %d times; "
			"what they tell after that is passed over",
			c->dir, MAX_FACTS);
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), by_time);
	if (list.failed)
		rc = wx_fail_nomem(err);
	else if (c->wall)
		rc = begin_wall(c, out, err);
	else
		rc = write_facts(c, &list, out, err);
	free(list.v);
	return rc;
}

static int write_event(const json_t *event, int64_t boot, FILE *out,
		       struct wx_error *err)
{
	json_t *line = json_is_object(event) ? json_deep_copy(event) : NULL;
	int rc = WX_OK;

	if (line) {
		json_object_set_new(line, "b", json_integer(boot));
		rc = wx_json_write_line(line, out, err);
	}
	json_decref(line);
	return rc;
}

/* The events of a file itself, or of the pulses that were counted beside it. */
static const json_t *events_of(const struct card *c, const struct card_file *f)
{
	static const char *const ext[] = { "CSV", "csv" };
	const json_t *events = json_object_get(f->says, "ev");
	char *name = strdup(f->name);
	size_t n = name ? strlen(name) : 0;

	for (size_t i = 0; i < WX_COUNT(ext) && n > 4 && !events; i++) {
		const struct card_file *beside;

		memcpy(name + n - 3, ext[i], 3);
		beside = card_find(c, name);
		if (beside)
			events = json_object_get(beside->says, "ev");
	}
	free(name);
	return events;
}

/* The last stretch that began by then; the first of all begins at -infinity. */
static int64_t boot_at(const struct card *c, int64_t m_us)
{
	size_t from = 0, to = c->n_stretches;

	while (to - from > 1) {
		size_t mid = from + (to - from) / 2;

		if (c->stretch[mid].from_us <= m_us)
			from = mid;
		else
			to = mid;
	}
	return c->stretch[from].boot;
}

/* What the clock of the card showed when f began, and in which stretch. */
static void on_card_clock(const struct card *c, const struct card_file *f,
			  struct card_clock *k)
{
	int zone_s = f->zone_s;
	int64_t m_us;

	if (!c->n_stretches || f->r0_us < WX_CARD_M_EPOCH_US)
		return; /* undated: INT64_MIN */
	m_us = f->r0_us - WX_CARD_M_EPOCH_US;
	if (c->wall && zone_s == CARD_NO_ZONE && !wall_zone(c, &zone_s))
		return;
	if (c->wall)
		m_us += zone_s * INT64_C(1000000);
	k->m0_us = m_us;
	k->boot = boot_at(c, m_us);
}

int card_clock_of(struct card *c, const struct card_file *f,
		  struct card_clock *k, FILE *out, struct wx_error *err)
{
	const json_t *events;
	int rc = WX_OK;

	*k = (struct card_clock){ -1, -1, -1 };
	if (c->wall && wx_songmeter_name(f->name))
		k->boot = c->stretch[0].boot;
	if (!f->is_recording)
		return WX_OK;
	events = events_of(c, f);
	if (!json_array_size(events) && !card_has_env(f)) {
		on_card_clock(c, f, k);
		return WX_OK;
	}
	k->boot = c->next_boot++;
	k->m0_us = 0;
	if (f->ns > 0 && f->fs > 0)
		k->m1_us = llround((double)f->ns / f->fs * 1e6);
	for (size_t i = 0; i < json_array_size(events) && !rc; i++)
		rc = write_event(json_array_get(events, i), k->boot, out, err);
	return rc;
}
