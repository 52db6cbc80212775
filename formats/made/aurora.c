/* SPDX-License-Identifier: MIT */
/*
 * formats/made/aurora.c: the card of an Aurora node beside the made ones, with
 * packets as capture/aurora.h draws them, and what is true of each.
 *
 * Between two packets the node writes to its card for 0.85 to 0.95 s. Three in
 * a hundred come without a gap; now and then the card takes a minute. Its power
 * goes in the middle of a packet.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/text.h"
#include "capture/aurora.h"
#include "made/made.h"
#include "sim/sound.h"

enum {
	HOUR_MS = 3600000,
	FRAMES = WX_AURORA_FRAMES,
	BEGIN_S = 20, /* into the season */
	SCENE_S = 3,  /* that a packet can reach into, and one more */
	TORN_FRAMES = 10000,
	SEQ = 1,
	RUN = 2,
};

struct aurora {
	const char *dir;
	struct wx_sim_plan plan; /* what wx_sim_plan_env needs of one */
	struct wx_sim_mic mic;
	struct wx_sim_rng gaps;
	int64_t boot_us, end_us; /* true UTC, Unix */
	double ppm;              /* of its one crystal */
	int64_t m_ms, k;         /* the packet at hand */
	int64_t hour;            /* of the file under way */
	struct wx_file *file, *truth;
	struct wx_row *row;
	char name[64];
};

static int64_t true_us(const struct aurora *a, int64_t m_ms)
{
	return a->boot_us + llround((double)m_ms * 1e3 / (1 + a->ppm * 1e-6));
}

/* From this packet's first frame to the next one's. */
static int64_t step_ms(struct aurora *a)
{
	double chance = wx_sim_uniform(&a->gaps, 0, 1);

	if (chance < 0.03)
		return 1000;
	if (chance < 0.034)
		return 1000 + llround(wx_sim_uniform(&a->gaps, 2e4, 9e4));
	return 1000 + llround(wx_sim_uniform(&a->gaps, 850, 950));
}

static void put_be(FILE *out, uint32_t v, int n_bytes)
{
	while (n_bytes--)
		putc((int)(v >> 8 * n_bytes & 0xFF), out);
}

static void put_f64(FILE *out, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	for (int i = 0; i < 8; i++)
		putc((int)(bits >> 8 * i & 0xFF), out);
}

static void put_sound(const struct aurora *a, int64_t start_us, int n_frames,
		      FILE *out)
{
	struct wx_sim_sample sample[SCENE_S];
	double rain[SCENE_S], wind[SCENE_S];
	int64_t first = start_us / 1000000;
	struct wx_sim_scene scene = {
		.rain_mm_h = rain,
		.wind_m_s = wind,
		.n_s = SCENE_S,
		.first_s = (double)(start_us % 1000000) * 1e-6,
		.hour = (double)((first + a->plan.weather.solar_offset_s) %
				 86400) /
			3600,
	};
	int16_t frames[FRAMES];

	wx_sim_weather_get(&a->plan.weather, first, SCENE_S, sample);
	for (int i = 0; i < SCENE_S; i++) {
		rain[i] = sample[i].rain_mm_h;
		wind[i] = sample[i].wind_m_s;
	}
	wx_sim_sound(&a->mic, &scene, wx_sim_split(a->plan.key, "sound", a->k),
		     WX_AURORA_RATE_HZ, FRAMES, frames);
	for (int i = 0; i < n_frames; i++)
		put_be(out, (uint16_t)frames[i], 2);
}

/* A packet, or as much of it as was written when the power went. */
static void put_packet(struct aurora *a, bool torn)
{
	FILE *out = wx_file_get(a->file);
	int64_t start_us = true_us(a, a->m_ms);
	int n_frames = torn ? TORN_FRAMES : FRAMES;
	struct wx_sim_env e =
		wx_sim_plan_env(&a->plan, (double)start_us * 1e-6);

	put_be(out, (uint32_t)a->m_ms, 4);
	put_sound(a, start_us, n_frames, out);
	if (torn) {
		putc(0, out); /* half a frame */
	} else {
		put_f64(out, e.rel_hum_pct);
		put_f64(out, e.pressure_hpa * 100);
		put_f64(out, e.air_temp_degc);
	}
	wx_row_str(a->row, a->name);
	wx_row_i64(a->row, a->k);
	wx_row_i64(a->row, a->m_ms);
	wx_row_time(a->row, wx_time_from_us(start_us), 6);
	wx_row_i64(a->row, n_frames);
	wx_row_f64(a->row, torn ? NAN : e.air_temp_degc, 3);
	wx_row_f64(a->row, torn ? NAN : e.rel_hum_pct, 3);
	wx_row_f64(a->row, torn ? NAN : e.pressure_hpa, 3);
	wx_row_end(a->row);
}

static int end_file(struct aurora *a, struct wx_error *err)
{
	bool changed;
	int rc = a->file ? wx_file_commit(a->file, &changed, err) : WX_OK;

	a->file = NULL;
	return rc;
}

/* The file of the packet at hand: a new one each hour. */
static int turn_file(struct aurora *a, struct wx_error *err)
{
	char *path;
	int rc;

	if (a->file && a->m_ms / HOUR_MS == a->hour)
		return WX_OK;
	rc = end_file(a, err);
	a->hour = a->m_ms / HOUR_MS;
	a->k = 0;
	snprintf(a->name, sizeof(a->name), "data_seq_%d_run_%d_hour_%lld.pcm",
		 SEQ, RUN, (long long)a->hour);
	path = wx_strf("%s/nodes/aurora/%s", a->dir, a->name);
	if (rc == WX_OK)
		rc = path ? wx_file_create(path, &a->file, err)
			  : wx_fail_nomem(err);
	free(path);
	return rc;
}

static int put_all(struct aurora *a, struct wx_made_tick *tick,
		   struct wx_error *err)
{
	int rc = WX_OK;

	while (rc == WX_OK) {
		int64_t next = a->m_ms + step_ms(a);
		bool last = true_us(a, next + 2000) > a->end_us;

		rc = tick->stop ? WX_ERR_IO : turn_file(a, err);
		if (rc != WX_OK)
			break;
		put_packet(a, last);
		if (last)
			return end_file(a, err);
		a->m_ms = next;
		a->k++;
	}
	return rc;
}

static void init(struct aurora *a, const struct wx_sim_opts *o)
{
	uint64_t key = wx_sim_split((uint64_t)o->seed, "aurora", 0);
	struct wx_sim_rng r = wx_sim_rng(key, "character", 0);
	int64_t most_us = WX_MADE_AURORA_S * INT64_C(1000000);

	a->plan.key = key;
	a->plan.weather = wx_sim_weather_of(o);
	a->plan.temp_bias_k = wx_sim_uniform(&r, -0.5, 0.5);
	a->plan.sun_k = wx_sim_uniform(&r, 1, 3);
	a->plan.rel_hum_bias = wx_sim_uniform(&r, -2, 2);
	a->plan.pressure_bias_hpa = wx_sim_uniform(&r, -0.5, 0.5);
	a->mic.gain_db = wx_sim_uniform(&r, -3, 3);
	a->mic.noise_dbfs = wx_sim_uniform(&r, -72, -66);
	/* Two of these clocks drifted 1434 s apart in five days. */
	a->ppm = wx_sim_uniform(&r, -3000, 3000);
	a->gaps = wx_sim_rng(key, "gaps", 0);
	a->boot_us = (o->start_s + BEGIN_S) * 1000000 +
		     (int64_t)wx_sim_uniform(&r, 0, 1e6);
	a->end_us = wx_sim_end_s(o) * 1000000;
	if (a->end_us - a->boot_us > most_us)
		a->end_us = a->boot_us + most_us;
	/* Counted from power-on; the first packet comes a while later. */
	a->m_ms = 1000 + llround(wx_sim_uniform(&r, 0, 3000));
}

int wx_made_aurora(const char *dir, const struct wx_sim_opts *o,
		   struct wx_made_tick *tick, struct wx_error *err)
{
	struct aurora a = { .dir = dir, .row = malloc(sizeof(*a.row)) };
	char *path = wx_strf("%s/truth/aurora.csv", dir);
	bool changed;
	int rc = a.row && path ? wx_file_create(path, &a.truth, err)
			       : wx_fail_nomem(err);

	if (rc != WX_OK)
		goto out;
	init(&a, o);
	wx_row_init(a.row, wx_file_get(a.truth));
	wx_row_line(a.row, "file,packet,stamp_ms,start_utc,n_frames,"
			   "air_temp_degc,rel_hum_pct,pressure_hpa");
	rc = put_all(&a, tick, err);
	if (rc == WX_OK) {
		wx_row_flush(a.row);
		rc = wx_file_commit(a.truth, &changed, err);
		a.truth = NULL;
	}
out:
	wx_file_abort(a.file);
	wx_file_abort(a.truth);
	free(a.row);
	free(path);
	return rc;
}
