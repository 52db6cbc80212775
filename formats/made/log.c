/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log.c: feeds every format's writer, and does to their files what
 * the field does: some minutes without rows, a counter that begins anew,
 * messages sent twice, a last row that is cut. What is left to be known goes
 * beside them, row by row.
 */
#include "made/log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/text.h"
#include "sim/station.h"

enum { CHUNK_S = 3600, BASE_S = 10, MAX_TIPS = 64 };

#define RESENT_SHARE 0.05

static const struct wx_made_format *const formats[] = {
#define WX_MADE_TABLE(name) &wx_made_log_##name,
	WX_MADE_LOGS(WX_MADE_TABLE)
#undef WX_MADE_TABLE
};

enum { N_LOGS = sizeof(formats) / sizeof(formats[0]) };

static const char truth_header[] = "utc,tips,wind_avg_m_s,wind_within_m_s,torn";

struct log {
	const struct wx_made_format *f;
	struct wx_made_log made;
	struct wx_file *file, *truth;
	struct wx_row row; /* of the truth */
	struct wx_sim_rng rng;
	int64_t gap_from_s, gap_to_s; /* rows that end in (from, to] are lost */
	int64_t reset_s, last_s;      /* instants; INT64_MAX: never */
	struct wx_made_reading now;   /* being gathered */
	int64_t pending_tips;         /* since the last row of a counter */
	bool after_gap;
};

struct logs {
	const struct wx_sim_opts *opts;
	struct wx_zone *zone;
	struct wx_sim_logger logger;
	struct wx_sim_sample sample[CHUNK_S + 1];
	int64_t tip_s[MAX_TIPS];
	int n_tips;
	struct log log[N_LOGS];
};

struct wx_civil wx_made_civil(const struct wx_made_log *log, int64_t utc_s)
{
	struct wx_time t = wx_time_from_us(utc_s * 1000000);

	return wx_time_to_civil(t, wx_zone_offset(log->zone, t));
}

/* ---- pieces of a file ---- */

struct piece {
	FILE *mem;
	char *text;
	size_t n;
};

static FILE *piece_open(struct piece *p)
{
	*p = (struct piece){ 0 };
	p->mem = open_memstream(&p->text, &p->n);
	return p->mem;
}

/* times: how often it is sent; share: how much of it gets through. */
static int piece_close(struct piece *p, struct log *l, int times, double share,
		       struct wx_error *err)
{
	FILE *out = wx_file_get(l->file);
	int rc = p->mem && fclose(p->mem) == 0 ? WX_OK : wx_fail_nomem(err);

	for (int i = 0; !rc && i < times; i++)
		fwrite(p->text, 1, (size_t)((double)p->n * share), out);
	free(p->text);
	return rc;
}

static int put_tip(struct log *l, int64_t utc_s, struct wx_error *err)
{
	struct piece p;

	if (!piece_open(&p))
		return wx_fail_nomem(err);
	l->f->tip(&l->made, utc_s, p.mem);
	wx_row_time(&l->row, wx_time_from_us(utc_s * 1000000), 0);
	wx_row_i64(&l->row, 1);
	wx_row_f64(&l->row, NAN, 0);
	wx_row_f64(&l->row, NAN, 0);
	wx_row_i64(&l->row, 0);
	wx_row_end(&l->row);
	return piece_close(&p, l, 1, 1, err);
}

static int put_end(struct log *l, struct wx_error *err)
{
	struct piece p;

	if (!l->f->end)
		return WX_OK;
	if (!piece_open(&p))
		return wx_fail_nomem(err);
	l->f->end(&l->made, p.mem);
	return piece_close(&p, l, 1, 1, err);
}

static int put_row(struct log *l, bool torn, struct wx_error *err)
{
	bool twice = wx_sim_uniform(&l->rng, 0, 1) < RESENT_SHARE;
	double share = wx_sim_uniform(&l->rng, 0.05, 0.97);
	int rc = torn ? put_end(l, err) : WX_OK;
	struct piece p;

	if (rc)
		return rc;
	if (!piece_open(&p))
		return wx_fail_nomem(err);
	l->f->row(&l->made, &l->now, p.mem);
	if (torn && l->f->end)
		l->f->end(&l->made, p.mem);
	l->made.row++;
	return piece_close(&p, l, l->f->resends && twice && !torn ? 2 : 1,
			   torn ? share : 1, err);
}

/* What the row before it leaves to be known of this one. */
static void put_truth(struct log *l, bool torn)
{
	const struct wx_made_reading *r = &l->now;
	bool counter = l->f->rain == WX_MADE_COUNTER;
	bool fresh = !l->made.row || r->restarted;
	bool tips = l->f->rain == WX_MADE_INTERVAL || (counter && !fresh);
	bool wind = !l->f->turns_alone || (!fresh && !l->after_gap);

	wx_row_time(&l->row, wx_time_from_us(r->end_s * 1000000), 0);
	if (tips)
		wx_row_i64(&l->row, counter ? l->pending_tips : r->tips);
	else
		wx_row_f64(&l->row, NAN, 0);
	wx_row_f64(&l->row, wind ? r->wind_avg_m_s : NAN, 6);
	wx_row_f64(&l->row, l->f->wind_step_m_s / 2, 6);
	wx_row_i64(&l->row, torn);
	wx_row_end(&l->row);
}

/* ---- time goes on ---- */

static int finish(struct log *l, const struct wx_sim_row *b,
		  struct wx_error *err)
{
	struct wx_made_reading *r = &l->now;
	double bucket = l->made.opts->bucket_mm;
	bool lost = b->end_s > l->gap_from_s && b->end_s <= l->gap_to_s;
	bool torn = b->end_s == l->last_s && !l->f->whole;
	int rc = WX_OK;

	r->end_s = b->end_s;
	r->step_s = l->f->step_s;
	r->wind_avg_m_s /= r->step_s / BASE_S;
	r->wind_dir_deg = b->wind_dir_deg;
	r->air_temp_degc = b->air_temp_degc;
	r->rel_hum_pct = b->rel_hum_pct;
	r->pressure_hpa = b->pressure_hpa;
	if (b->end_s >= l->reset_s && !lost) {
		r->restarted = true;
		r->total_tips = r->total_turns = 0;
		l->reset_s = INT64_MAX;
	}
	r->rain_mm = (double)r->tips * bucket;
	r->total_mm = (double)r->total_tips * bucket;
	if (!lost) {
		put_truth(l, torn);
		rc = put_row(l, torn, err);
		l->pending_tips = 0;
	}
	l->after_gap = lost;
	r->tips = r->turns = 0;
	r->wind_avg_m_s = r->wind_gust_m_s = 0;
	r->restarted = false;
	return rc;
}

static int feed(struct log *l, const struct logs *all,
		const struct wx_sim_row *b, struct wx_error *err)
{
	bool lost = b->end_s > l->gap_from_s && b->end_s <= l->gap_to_s;
	struct wx_made_reading *r = &l->now;
	int rc = WX_OK;

	for (int i = 0; !rc && i < all->n_tips && l->f->tip && !lost; i++)
		rc = put_tip(l, all->tip_s[i], err);
	r->tips += b->tips;
	r->turns += b->turns;
	r->total_tips += b->tips;
	r->total_turns += b->turns;
	l->pending_tips += b->tips;
	r->wind_avg_m_s += b->wind_avg_m_s;
	r->wind_gust_m_s = fmax(r->wind_gust_m_s, b->wind_max_m_s);
	if (!rc && b->end_s % l->f->step_s == 0)
		rc = finish(l, b, err);
	return rc;
}

static void on_tip(void *ctx, int64_t utc_us, bool bounce)
{
	struct logs *all = ctx;

	if (!bounce && all->n_tips < MAX_TIPS)
		all->tip_s[all->n_tips++] = utc_us / 1000000;
}

static int run(struct logs *all, struct wx_error *err)
{
	struct wx_sim_weather w = wx_sim_weather_of(all->opts);
	int64_t end_s = wx_sim_end_s(all->opts);
	int rc = WX_OK;

	for (int64_t t = all->opts->start_s; !rc && t < end_s; t += CHUNK_S) {
		int64_t n = end_s - t < CHUNK_S ? end_s - t : CHUNK_S;

		wx_sim_weather_get(&w, t, (size_t)n + 1, all->sample);
		for (int64_t i = 0; !rc && i < n; i++) {
			struct wx_sim_row row;

			if (!wx_sim_logger_step(&all->logger, t + i,
						&all->sample[i], &row))
				continue;
			for (int k = 0; !rc && k < N_LOGS; k++)
				rc = feed(&all->log[k], all, &row, err);
			all->n_tips = 0;
		}
	}
	return rc;
}

/* ---- files ---- */

static int create(const char *dir, const char *folder, const char *name,
		  const char *ext, struct wx_file **out, struct wx_error *err)
{
	char *path = wx_strf("%s/%s%s%s", dir, folder, name, ext);
	int rc = path ? wx_file_create(path, out, err) : wx_fail_nomem(err);

	free(path);
	return rc;
}

/* When what happens to it. */
static void plan(struct log *l, const struct wx_sim_opts *o)
{
	double span_s = (double)(wx_sim_end_s(o) - o->start_s);
	struct wx_sim_rng *r = &l->rng;
	double gap_s = wx_sim_uniform(r, 240, 840) + l->f->step_s;

	*r = wx_sim_rng((uint64_t)o->seed, l->f->name, 0);
	l->gap_from_s =
		o->start_s + (int64_t)(span_s * wx_sim_uniform(r, 0.15, 0.5));
	l->gap_to_s = l->gap_from_s + (int64_t)gap_s;
	l->reset_s =
		l->f->rain == WX_MADE_COUNTER
			? o->start_s + (int64_t)(span_s *
						 wx_sim_uniform(r, 0.55, 0.85))
			: INT64_MAX;
	l->last_s = wx_sim_end_s(o) / l->f->step_s * l->f->step_s;
	/* It hung elsewhere before. */
	l->now.total_tips = (int64_t)wx_sim_uniform(r, 100, 900);
	l->now.total_turns = (int64_t)wx_sim_uniform(r, 1e5, 1e6);
}

static int begin(struct log *l, const char *dir, const struct logs *all,
		 struct wx_error *err)
{
	int rc = create(dir, "logs/", l->f->file, "", &l->file, err);

	if (!rc)
		rc = create(dir, "truth/", l->f->name, ".csv", &l->truth, err);
	if (rc)
		return rc;
	l->made.opts = all->opts;
	l->made.zone = all->zone;
	l->made.state = calloc(1, l->f->state_size + 1);
	if (!l->made.state)
		return wx_fail_nomem(err);
	plan(l, all->opts);
	wx_row_init(&l->row, wx_file_get(l->truth));
	wx_row_line(&l->row, truth_header);
	if (l->f->begin)
		l->f->begin(&l->made, wx_file_get(l->file));
	return WX_OK;
}

static int commit(struct log *l, struct wx_error *err)
{
	int rc = l->f->whole ? put_end(l, err) : WX_OK;
	bool changed;

	wx_row_flush(&l->row);
	if (!rc) {
		rc = wx_file_commit(l->file, &changed, err);
		l->file = NULL;
	}
	if (!rc) {
		rc = wx_file_commit(l->truth, &changed, err);
		l->truth = NULL;
	}
	return rc;
}

static int write_site(const char *dir, const struct wx_sim_opts *o,
		      struct wx_error *err)
{
	struct wx_file *f = NULL;
	bool changed;
	int rc = create(dir, "site.json", "", "", &f, err);
	FILE *out;

	if (rc)
		return rc;
	out = wx_file_get(f);
	fputs("{\n  \"site\": \"logs\",\n  \"nodes\": [],\n"
	      "  \"stations\": [\n",
	      out);
	/* Without its format: which it is must show. */
	for (int i = 0; i < N_LOGS; i++)
		fprintf(out,
			"    { \"id\": \"%s\", \"source\": \"file:logs/%s\",\n"
			"      \"bucket_mm\": %.10g%s%s }%s\n",
			formats[i]->name, formats[i]->file, o->bucket_mm,
			*formats[i]->site ? ", " : "", formats[i]->site,
			i + 1 < N_LOGS ? "," : "");
	fputs("  ]\n}\n", out);
	return wx_file_commit(f, &changed, err);
}

/* A folder that has a site.json, and not by us, is somebody's archive. */
static int check_ours(const char *dir, struct wx_error *err)
{
	char *site = wx_strf("%s/site.json", dir);
	char *truth = wx_strf("%s/truth/%s.csv", dir, formats[0]->name);
	int rc = site && truth ? WX_OK : wx_fail_nomem(err);

	if (!rc && access(site, F_OK) == 0 && access(truth, F_OK) != 0)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: holds another site: give --logs a folder of "
			     "its own",
			     dir);
	free(site);
	free(truth);
	return rc;
}

int wx_made_logs(const char *dir, const struct wx_sim_opts *opts,
		 struct wx_error *err)
{
	struct logs *all = calloc(1, sizeof(*all));
	int rc = all ? check_ours(dir, err) : wx_fail_nomem(err);

	if (!rc)
		rc = wx_zone_read(WX_MADE_ZONE, &all->zone, err);
	if (rc)
		goto out;
	all->opts = opts;
	wx_sim_logger_init(&all->logger,
			   wx_sim_split((uint64_t)opts->seed, "mast", 0),
			   opts->start_s, opts->bucket_mm, BASE_S);
	all->logger.tip = on_tip;
	all->logger.ctx = all;
	for (int i = 0; !rc && i < N_LOGS; i++) {
		all->log[i].f = formats[i];
		rc = begin(&all->log[i], dir, all, err);
	}
	if (!rc)
		rc = run(all, err);
	for (int i = 0; !rc && i < N_LOGS; i++)
		rc = commit(&all->log[i], err);
	if (!rc)
		rc = write_site(dir, opts, err);
out:
	for (int i = 0; all && i < N_LOGS; i++) {
		wx_file_abort(all->log[i].file);
		wx_file_abort(all->log[i].truth);
		free(all->log[i].made.state);
	}
	if (all)
		wx_zone_free(all->zone);
	free(all);
	return rc;
}
