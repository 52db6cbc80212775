/* SPDX-License-Identifier: MIT */
/* lib/clock/explain.c: a fit told to a person, and to a script. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "clock/timeline.h"

static const char *const kind_words[] = {
	[WX_ANCHOR_EXCHANGE] = "exchange", [WX_ANCHOR_SYNC] = "sync",
	[WX_ANCHOR_SET] = "set",           [WX_ANCHOR_PAIR] = "pair",
	[WX_ANCHOR_LAG] = "lag",
};

/* Stretches of the boot's captures with one max_err_s. */
struct stretch {
	int64_t from_m_us, to_m_us;
	double max_err_s;
};

static bool next_stretch(const struct wx_boot *b, struct stretch *s)
{
	struct wx_clock c = b->clock; /* asking moves its cache */
	int64_t m = s->to_m_us;

	if (m >= b->hi_m_us && s->max_err_s > 0)
		return false;
	*s = (struct stretch){ m, m, wx_clock_max_err(&c, m) };
	do
		m = (m / WX_ERR_BLOCK_US + 1) * WX_ERR_BLOCK_US;
	while (m < b->hi_m_us && wx_clock_max_err(&c, m) == s->max_err_s);
	s->to_m_us = m < b->hi_m_us ? m : b->hi_m_us;
	return true;
}

static const char *utc_text(const struct wx_clock *c, int64_t m_us,
			    char buf[WX_TIME_SIZE])
{
	wx_time_format(wx_clock_utc(c, (double)m_us), 3, buf);
	return buf;
}

static void print_anchor(const struct wx_anchor *a, FILE *out)
{
	char utc[WX_TIME_SIZE] = "never";

	if (!a->invalid)
		wx_time_format(wx_time_from_us(a->utc_us), 3, utc);
	fprintf(out, "  %16" PRId64 "  %-24s  %-8s  %-5s  %8.3f", a->m_us, utc,
		kind_words[a->kind], a->source[0] ? a->source : "-",
		a->sigma_s);
	if (isnan(a->resid_s))
		fprintf(out, "  %10s", "-");
	else
		fprintf(out, "  %+10.3f", a->resid_s);
	if (a->n_exchanges)
		fprintf(out, "  %d exchanges, delay %.3f ms%s", a->n_exchanges,
			a->delay_s * 1e3,
			a->host_synced ? "" : ", host not synchronised");
	if (a->fault)
		fprintf(out, "  put aside: %s", a->fault);
	fputc('\n', out);
}

/* The i-th piece of a line that bends, from knot to knot. */
struct piece {
	char from[WX_TIME_SIZE], to[WX_TIME_SIZE];
	double rate_ppm; /* in the mean, temperature and all */
};

static struct piece piece_of(const struct wx_clock *c, size_t i)
{
	int64_t lo = c->bend.knot_m_us[i], hi = c->bend.knot_m_us[i + 1];
	double took_s = (double)(hi - lo) * 1e-6;
	struct piece p;

	utc_text(c, lo, p.from);
	utc_text(c, hi, p.to);
	p.rate_ppm = (wx_time_diff_s(wx_clock_utc(c, (double)hi),
				     wx_clock_utc(c, (double)lo)) /
			      took_s -
		      1) *
		     1e6;
	return p;
}

static void print_pieces(const struct wx_clock *c, FILE *out)
{
	fprintf(out, "  bent at %zu knots, rounded to %g s\n", c->bend.n,
		c->bend.grid_s);
	for (size_t i = 0; i + 1 < c->bend.n; i++) {
		struct piece p = piece_of(c, i);

		fprintf(out, "  %s to %s: rate %+.3f ppm\n", p.from, p.to,
			p.rate_ppm);
	}
}

static void print_line(const struct wx_boot *b, FILE *out)
{
	const struct wx_clock *c = &b->clock;
	char utc[WX_TIME_SIZE];

	fprintf(out, "  utc = %s + (m - %" PRId64 " us) x (1 %+.3f ppm)\n",
		utc_text(c, c->ref_m_us, utc), c->ref_m_us, c->rate_ppm);
	fprintf(out, "  rate %+.3f +-%.3f ppm: the node is %s, %.3f s a day",
		c->rate_ppm, 2 * c->rate_sd_ppm,
		c->rate_ppm > 0   ? "slow"
		: c->rate_ppm < 0 ? "fast"
				  : "taken as right",
		fabs(c->rate_ppm) * 0.0864);
	if (c->n_used == 1 && !b->has_sibling)
		fprintf(out, "; not measured, one anchor");
	if (b->has_sibling)
		fprintf(out, "; with the rate of boot %" PRId64, b->sibling);
	fprintf(out, "\n  rounded to %g s", c->grid_s);
	if (c->rate_grid_ppm > 0)
		fprintf(out, " and %g ppm", c->rate_grid_ppm);
	fputc('\n', out);
	if (c->osc != c->told && c->osc != &wx_osc_crystal)
		fprintf(out, "  no crystal goes like that: an %s\n",
			c->osc->name);
	if (c->told)
		fprintf(out, "  a %s, as site.json tells%s\n", c->told->name,
			c->told == c->osc ? "" : "? No: not by its anchors");
	if (c->heat.n)
		fprintf(out,
			"  with %s%s temperature, at %g of a typical fork's "
			"-%g ppm/K^2 around %g degC\n",
			c->heat.station ? c->heat.station : "its",
			c->heat.station ? "'s" : "", c->heat.share,
			WX_FORK_PPM_K2, WX_FORK_T0_DEGC);
	if (c->bend.n)
		print_pieces(c, out);
	if (c->model_s > 0)
		fprintf(out,
			"  one line fails the anchors by %.3f s (1 sigma) "
			"beyond their own errors\n",
			c->model_s);
	if (c->other_clock_s > 0)
		fprintf(out,
			"  anchors of another clock, %.0f s off: this boot "
			"number was used twice, or another node answered\n",
			c->other_clock_s);
	else if (c->disagree_s > 0)
		fprintf(out,
			"  anchors contradict each other by %.3f s: which "
			"are right is not known\n",
			c->disagree_s);
}

static void bracket_text(const struct wx_boot *b, char after[WX_TIME_SIZE],
			 char before[WX_TIME_SIZE], char first[WX_TIME_SIZE])
{
	wx_time_format(wx_time_from_us(b->after_us), 3, after);
	wx_time_format(wx_time_from_us(b->before_us), 3, before);
	wx_time_format(wx_time_from_us(b->lo_m_us + b->rough_us), 3, first);
}

static void print_bracket(const struct wx_boot *b, FILE *out)
{
	char after[WX_TIME_SIZE], before[WX_TIME_SIZE], first[WX_TIME_SIZE];

	if (!b->bracketed) {
		fprintf(out, "unanchored, no time\n");
		return;
	}
	bracket_text(b, after, before, first);
	fprintf(out,
		"unanchored\n  between the boots beside it, %s to %s: in the "
		"middle\n  utc = %s + (m - %" PRId64 " us)\n"
		"  max_err_s %g\n",
		after, before, first, b->lo_m_us, b->rough_err_s);
}

static void print_boot(const struct wx_timeline *tl, const struct wx_boot *b,
		       const char *node, FILE *out)
{
	size_t n;
	const struct wx_anchor *a =
		wx_anchors_of_boot(&tl->anchors, b->boot, &n);
	struct stretch s = { b->lo_m_us, b->lo_m_us, 0 };
	char from[WX_TIME_SIZE], to[WX_TIME_SIZE];

	fprintf(out, "%s boot %" PRId64 ": %zu captures, ", node, b->boot,
		b->n_captures);
	if (!b->fitted) {
		print_bracket(b, out);
	} else {
		fprintf(out, "%zu anchors used, %zu put aside\n",
			b->clock.n_used, b->clock.n_rejected);
		print_line(b, out);
	}
	if (b->nominal_hz > 0)
		fprintf(out,
			"  samples come at %.3f Hz of m, %+.1f +-%.1f ppm of "
			"%.10g (%zu runs without a gap, up to %.0f s): %s\n",
			b->sample.rate_hz, b->sample.ppm, 2 * b->sample.sd_ppm,
			b->nominal_hz, b->sample.n_runs, b->sample.base_s,
			wx_sample_text(b->sample.verdict));
	if (n)
		fprintf(out, "  %16s  %-24s  %-8s  %-5s  %8s  %10s\n", "m_us",
			"utc", "anchor", "by", "sigma_s", "resid_s");
	for (size_t i = 0; i < n; i++)
		print_anchor(&a[i], out);
	while (b->fitted && b->n_captures && next_stretch(b, &s))
		fprintf(out, "  %s to %s: max_err_s %g\n",
			utc_text(&b->clock, s.from_m_us, from),
			utc_text(&b->clock, s.to_m_us, to), s.max_err_s);
}

void wx_timeline_explain(const struct wx_timeline *tl, const char *node,
			 FILE *out)
{
	for (size_t i = 0; i < tl->n; i++)
		print_boot(tl, &tl->boot[i], node, out);
}

/* 9.200000000000001 is 9.2 to a reader. */
static double digits(double v)
{
	return round(v * 1e6) / 1e6;
}

static json_t *anchor_json(const struct wx_anchor *a)
{
	char utc[WX_TIME_SIZE] = "";
	json_t *o;

	if (!a->invalid)
		wx_time_format(wx_time_from_us(a->utc_us), 6, utc);
	o = json_pack("{sI ss sf sb}", "m_us", (json_int_t)a->m_us, "kind",
		      kind_words[a->kind], "sigma_s", a->sigma_s, "used",
		      (int)a->used);
	if (!o)
		return NULL;
	if (utc[0])
		json_object_set_new(o, "utc", json_string(utc));
	if (a->source[0])
		json_object_set_new(o, "source", json_string(a->source));
	if (!isnan(a->resid_s))
		json_object_set_new(o, "resid_s",
				    json_real(digits(a->resid_s)));
	if (a->n_exchanges) {
		json_object_set_new(o, "n_exchanges",
				    json_integer(a->n_exchanges));
		json_object_set_new(o, "delay_ms",
				    json_real(digits(a->delay_s * 1e3)));
		json_object_set_new(o, "host_synced",
				    json_boolean(a->host_synced));
	}
	if (a->fault)
		json_object_set_new(o, "put_aside", json_string(a->fault));
	return o;
}

static json_t *pieces_json(const struct wx_clock *c)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i + 1 < c->bend.n; i++) {
		struct piece p = piece_of(c, i);

		json_array_append_new(
			list, json_pack("{ss ss sf}", "from", p.from, "to",
					p.to, "rate_ppm", digits(p.rate_ppm)));
	}
	return list;
}

static json_t *line_json(const struct wx_boot *b)
{
	const struct wx_clock *c = &b->clock;
	char utc[WX_TIME_SIZE];
	json_t *o;

	wx_time_format(wx_time_from_us(c->ref_utc_us), 6, utc);
	o = json_pack("{sI sI sI ss sf sf sf sf sf sf}", "n_used",
		      (json_int_t)c->n_used, "n_put_aside",
		      (json_int_t)c->n_rejected, "ref_m_us",
		      (json_int_t)c->ref_m_us, "ref_utc", utc, "rate_ppm",
		      digits(c->rate_ppm), "rate_sd_ppm",
		      digits(c->rate_sd_ppm), "grid_s", c->grid_s,
		      "rate_grid_ppm", c->rate_grid_ppm, "model_s",
		      digits(c->model_s), "disagree_s", digits(c->disagree_s));
	if (o && c->osc != &wx_osc_crystal)
		json_object_set_new(o, "oscillator", json_string(c->osc->name));
	if (o && c->heat.n)
		json_object_set_new(o, "heat_share",
				    json_real(digits(c->heat.share)));
	if (o && c->heat.n && c->heat.station)
		json_object_set_new(o, "heat_station",
				    json_string(c->heat.station));
	if (o && c->bend.n) {
		json_object_set_new(o, "n_knots",
				    json_integer((json_int_t)c->bend.n));
		json_object_set_new(o, "knot_grid_s",
				    json_real(c->bend.grid_s));
		json_object_set_new(o, "pieces", pieces_json(c));
	}
	if (o && c->other_clock_s > 0)
		json_object_set_new(o, "other_clock_s",
				    json_real(digits(c->other_clock_s)));
	if (o && b->has_sibling)
		json_object_set_new(o, "rate_of_boot",
				    json_integer(b->sibling));
	return o;
}

static json_t *bracket_json(const struct wx_boot *b)
{
	char after[WX_TIME_SIZE], before[WX_TIME_SIZE], first[WX_TIME_SIZE];

	bracket_text(b, after, before, first);
	return json_pack("{ss ss sI ss sf}", "after", after, "before", before,
			 "ref_m_us", (json_int_t)b->lo_m_us, "ref_utc", first,
			 "max_err_s", b->rough_err_s);
}

static json_t *sample_json(const struct wx_boot *b)
{
	static const char *const words[] = {
		[WX_SAMPLE_UNKNOWN] = "unknown", [WX_SAMPLE_GOOD] = "good",
		[WX_SAMPLE_DIVIDER] = "divider", [WX_SAMPLE_DOUBLE] = "double",
		[WX_SAMPLE_HALF] = "half",
	};
	const struct wx_sample_clock *s = &b->sample;

	return json_pack("{sf sf sf sf sf sI ss}", "nominal_hz", b->nominal_hz,
			 "rate_hz", digits(s->rate_hz), "ppm", digits(s->ppm),
			 "sd_ppm", digits(s->sd_ppm), "longest_s",
			 digits(s->base_s), "n_runs", (json_int_t)s->n_runs,
			 "verdict", words[s->verdict]);
}

static json_t *errors_json(const struct wx_boot *b)
{
	json_t *list = json_array();
	struct stretch s = { b->lo_m_us, b->lo_m_us, 0 };

	while (list && b->n_captures && next_stretch(b, &s)) {
		char from[WX_TIME_SIZE], to[WX_TIME_SIZE];

		json_array_append_new(
			list,
			json_pack("{ss ss sf}", "from",
				  utc_text(&b->clock, s.from_m_us, from), "to",
				  utc_text(&b->clock, s.to_m_us, to),
				  "max_err_s", s.max_err_s));
	}
	return list;
}

json_t *wx_boot_json(const struct wx_timeline *tl, const struct wx_boot *b,
		     const char *node)
{
	size_t n;
	const struct wx_anchor *a =
		wx_anchors_of_boot(&tl->anchors, b->boot, &n);
	json_t *list = json_array();
	json_t *o = json_pack("{ss sI sI sb}", "node", node, "boot",
			      (json_int_t)b->boot, "n_captures",
			      (json_int_t)b->n_captures, "anchored",
			      (int)b->fitted);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, anchor_json(&a[i]));
	if (!o || !list || json_array_size(list) != n)
		goto fail;
	if (b->fitted) {
		json_object_set_new(o, "line", line_json(b));
		json_object_set_new(o, "max_err", errors_json(b));
	} else if (b->bracketed) {
		json_object_set_new(o, "bracket", bracket_json(b));
	}
	if (b->nominal_hz > 0)
		json_object_set_new(o, "sample_clock", sample_json(b));
	if (json_object_set_new(o, "anchors", list) == 0)
		return o;
	list = NULL; /* was released */
fail:
	json_decref(list);
	json_decref(o);
	return NULL;
}
