/* SPDX-License-Identifier: MIT */
/* lib/weather/summary_print.c: a summary for people and for scripts. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "weather/summary.h"

static const char *const rain_text[WX_SUM_N_RAIN] = {
	[WX_SUM_IN_INTERVALS] = "in intervals",
	[WX_SUM_AT_INSTANTS] = "at instants",
	[WX_SUM_OVER_GAPS] = "over gaps",
};

static const char *const rain_key[WX_SUM_N_RAIN] = {
	[WX_SUM_IN_INTERVALS] = "intervals",
	[WX_SUM_AT_INSTANTS] = "instants",
	[WX_SUM_OVER_GAPS] = "gaps",
};

/* "59 s", "2:05:00" */
static const char *span(double s, char buf[40])
{
	int64_t whole = (int64_t)llround(s);

	if (s < 60 || s > 1e12)
		snprintf(buf, 40, "%.6g s", s);
	else
		snprintf(buf, 40, "%" PRId64 ":%02d:%02d", whole / 3600,
			 (int)(whole / 60 % 60), (int)(whole % 60));
	return buf;
}

static const char *stamp(struct wx_time t, char buf[WX_TIME_SIZE])
{
	wx_time_format(t, t.utc_ns % WX_NS_PER_S ? 3 : 0, buf);
	return buf;
}

static void print_rows(const struct wx_summary *s, FILE *out)
{
	char a[WX_TIME_SIZE], b[WX_TIME_SIZE], buf[40];

	fprintf(out, "  rows     %" PRIu64, s->n_rows);
	if (s->n_rows)
		fprintf(out, ", %s to %s", stamp(s->first, a),
			stamp(s->last, b));
	if (!isnan(s->interval_s))
		fprintf(out, ", every %s", span(s->interval_s, buf));
	fputc('\n', out);
	if (s->n_back)
		fprintf(out,
			"  order    %" PRIu64
			" rows earlier than the one before\n",
			s->n_back);
	if (s->n_gaps)
		fprintf(out, "  gaps     %" PRIu64 ", %s in all", s->n_gaps,
			span(s->gaps_s, buf));
	if (s->n_gaps)
		fprintf(out, "; longest %s after %s\n",
			span(s->longest_gap_s, buf), stamp(s->longest_gap, a));
}

static void print_rain(const struct wx_summary *s, FILE *out)
{
	const char *between = "  rain     ";

	for (int k = 0; k < WX_SUM_N_RAIN; k++) {
		if (isnan(s->rain_mm[k]) && isnan(s->tips[k]))
			continue;
		fputs(between, out);
		between = "; ";
		if (!isnan(s->rain_mm[k]))
			fprintf(out, "%.6g mm ", s->rain_mm[k]);
		if (!isnan(s->tips[k]))
			fprintf(out, "%s%.12g tips%s ",
				isnan(s->rain_mm[k]) ? "" : "(", s->tips[k],
				isnan(s->rain_mm[k]) ? "" : ")");
		fputs(rain_text[k], out);
	}
	if (*between == ';')
		fputc('\n', out);
	if (!s->n_tip_rows)
		return;
	fputs("  tips     after", out);
	for (int i = 0; i < WX_SUMMARY_GAPS; i++)
		fprintf(out, "%s %d s: %" PRIu64, i ? "," : "", i,
			s->tip_gaps[i]);
	fputc('\n', out);
}

static void print_values(const struct wx_summary *s, FILE *out)
{
	const struct wx_summary_values *wind = &s->column[WX_SUM_WIND];
	const struct wx_summary_values *gust = &s->column[WX_SUM_GUST];
	uint64_t n = s->n_rows - s->n_instants;

	if (wind->n)
		fprintf(out, "  wind     %.2f to %.2f m/s, mean %.2f",
			wind->min, wind->max, wind->sum / (double)wind->n);
	if (gust->n)
		fprintf(out, "%s %.2f m/s",
			wind->n ? "; gusts to" : "  gusts to", gust->max);
	if (wind->n || gust->n)
		fputc('\n', out);
	for (int c = WX_SUM_TEMP; c < WX_SUM_N; c++)
		if (s->column[c].n)
			fprintf(out, "  %-8s %.6g to %.6g %s\n",
				c == WX_SUM_TEMP  ? "air"
				: c == WX_SUM_HUM ? "humidity"
						  : "pressure",
				s->column[c].min, s->column[c].max,
				c == WX_SUM_TEMP  ? "degC"
				: c == WX_SUM_HUM ? "%"
						  : "hPa");
	for (int c = 0; n && c < WX_SUM_N; c++)
		if (s->column[c].n && s->column[c].n < n)
			fprintf(out, "  missing  %s in %" PRIu64 " rows\n",
				wx_summary_column_name(
					(enum wx_summary_column)c),
				n - s->column[c].n);
	for (int i = 0; i < WX_SUMMARY_FLAGS && s->flag[i].n; i++)
		fprintf(out, "  flag     %s in %" PRIu64 " rows\n",
			s->flag[i].word, s->flag[i].n);
}

static void print_suspect(const struct wx_suspect *x, const char *column,
			  enum wx_suspect_kind kind, FILE *out)
{
	char a[WX_TIME_SIZE], buf[40];

	fprintf(out, "  SUSPECT  %s %s: %" PRIu64 ", first %s", column,
		wx_suspect_name(kind), x->n, stamp(x->first, a));
	switch (kind) {
	case WX_SUSPECT_DOUBLE:
		fprintf(out, ", %.3g s after the tip before: bounce?",
			x->value);
		break;
	case WX_SUSPECT_STUCK:
		fprintf(out, ", longest %s", span(x->value, buf));
		break;
	case WX_SUSPECT_SPIKE:
	case WX_SUSPECT_STEP:
		fprintf(out, ", from %.6g to %.6g", x->previous, x->value);
		break;
	case WX_SUSPECT_RATE:
		fprintf(out, ", %.3g mm in a minute", x->value);
		break;
	case WX_SUSPECT_ORDER:
		fprintf(out, ", %.3g below the mean of %.3g", x->value,
			x->previous);
		break;
	default:
		fprintf(out, ", %.6g", x->value);
	}
	fputc('\n', out);
}

void wx_summary_print(const struct wx_summary *s, const char *name, FILE *out)
{
	fprintf(out, "%s\n", name);
	print_rows(s, out);
	print_rain(s, out);
	print_values(s, out);
	for (int c = 0; c < WX_SUM_N; c++)
		for (int k = 0; k < WX_SUSPECT_N; k++)
			if (s->suspect[c][k].n)
				print_suspect(&s->suspect[c][k],
					      wx_summary_column_name((
						      enum wx_summary_column)c),
					      (enum wx_suspect_kind)k, out);
	if (!s->n_rows)
		fputs("  SUSPECT  no rows\n", out);
}

/* ---- JSON ---- */

/* Reals as a person would write them; what is not known is left out. */
static int put_f64(json_t *obj, const char *key, double v)
{
	char text[32];

	if (!isfinite(v))
		return 0;
	snprintf(text, sizeof(text), "%.9g", v);
	if (!wx_f64_parse(text, strlen(text), &v))
		return -1;
	return json_object_set_new(obj, key, json_real(v));
}

static int put_time(json_t *obj, const char *key, struct wx_time t)
{
	char buf[WX_TIME_SIZE];

	return wx_time_is_none(t)
		       ? 0
		       : json_object_set_new(obj, key,
					     json_string(stamp(t, buf)));
}

static int put_count(json_t *obj, const char *key, uint64_t n)
{
	return json_object_set_new(obj, key, json_integer((json_int_t)n));
}

/* Takes value; an empty one is left out. */
static int put_new(json_t *obj, const char *key, json_t *value, int failed)
{
	if (failed || !value) {
		json_decref(value);
		return -1;
	}
	if (!json_object_size(value) && !json_array_size(value)) {
		json_decref(value);
		return 0;
	}
	return json_object_set_new(obj, key, value);
}

static int put_rain(json_t *obj, const struct wx_summary *s)
{
	json_t *mm = json_object(), *tips = json_object(), *gaps = NULL;
	int bad = 0;

	for (int k = 0; k < WX_SUM_N_RAIN; k++) {
		bad |= put_f64(mm, rain_key[k], s->rain_mm[k]);
		bad |= put_f64(tips, rain_key[k], s->tips[k]);
	}
	bad |= put_new(obj, "rain_mm", mm, bad);
	bad |= put_new(obj, "tips", tips, bad);
	if (bad || !s->n_tip_rows)
		return bad;
	gaps = json_array();
	for (int i = 0; i < WX_SUMMARY_GAPS; i++)
		bad |= json_array_append_new(
			gaps, json_integer((json_int_t)s->tip_gaps[i]));
	return put_new(obj, "tip_gaps", gaps, bad);
}

static int put_columns(json_t *obj, const struct wx_summary *s)
{
	json_t *all = json_object();
	uint64_t n = s->n_rows - s->n_instants;
	int bad = 0;

	for (int c = 0; c < WX_SUM_N; c++) {
		const struct wx_summary_values *v = &s->column[c];
		json_t *one;

		if (!v->n)
			continue;
		one = json_object();
		bad |= put_count(one, "n", v->n);
		bad |= put_count(one, "missing", n > v->n ? n - v->n : 0);
		bad |= put_f64(one, "min", v->min);
		bad |= put_f64(one, "max", v->max);
		if (c != WX_SUM_DIR)
			bad |= put_f64(one, "mean", v->sum / (double)v->n);
		bad |= put_new(
			all, wx_summary_column_name((enum wx_summary_column)c),
			one, bad);
	}
	return put_new(obj, "columns", all, bad);
}

static int put_suspects(json_t *list, const struct wx_summary *s, int c)
{
	int bad = 0;

	for (int k = 0; k < WX_SUSPECT_N; k++) {
		const struct wx_suspect *x = &s->suspect[c][k];
		json_t *one;

		if (!x->n)
			continue;
		one = json_pack(
			"{ss ss}", "kind",
			wx_suspect_name((enum wx_suspect_kind)k), "column",
			wx_summary_column_name((enum wx_summary_column)c));
		bad |= put_count(one, "n", x->n);
		bad |= put_time(one, "first", x->first);
		bad |= put_f64(one,
			       k == WX_SUSPECT_STUCK ? "longest_s" : "value",
			       x->value);
		bad |= put_f64(one, "previous", x->previous);
		bad |= json_array_append_new(list, one);
	}
	return bad;
}

static int put_flags(json_t *obj, const struct wx_summary *s)
{
	json_t *flags = json_object();
	int bad = 0;

	for (int i = 0; i < WX_SUMMARY_FLAGS && s->flag[i].n; i++)
		bad |= put_count(flags, s->flag[i].word, s->flag[i].n);
	return put_new(obj, "flags", flags, bad);
}

json_t *wx_summary_json(const struct wx_summary *s, const char *name)
{
	json_t *obj = json_object(), *list = json_array();
	char quoted[WX_QUOTE_SIZE];
	int bad = json_object_set_new(
		obj, "file",
		json_string(wx_utf8_valid(name, strlen(name))
				    ? name
				    : wx_quote(name, strlen(name), quoted)));

	bad |= put_count(obj, "rows", s->n_rows);
	bad |= put_time(obj, "first", s->first);
	bad |= put_time(obj, "last", s->last);
	bad |= put_f64(obj, "interval_s", s->interval_s);
	bad |= put_count(obj, "back", s->n_back);
	bad |= put_count(obj, "gaps", s->n_gaps);
	if (s->n_gaps) {
		bad |= put_f64(obj, "gaps_s", s->gaps_s);
		bad |= put_f64(obj, "longest_gap_s", s->longest_gap_s);
		bad |= put_time(obj, "longest_gap", s->longest_gap);
	}
	bad |= put_rain(obj, s);
	bad |= put_columns(obj, s);
	bad |= put_flags(obj, s);
	for (int c = 0; c < WX_SUM_N; c++)
		bad |= put_suspects(list, s, c);
	bad |= put_new(obj, "suspects", list, bad);
	if (!bad)
		return obj;
	json_decref(obj);
	return NULL;
}
