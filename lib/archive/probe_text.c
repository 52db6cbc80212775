/* SPDX-License-Identifier: MIT */
/* lib/archive/probe_text.c: what a probe found, for people: see probe.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "archive/probe.h"
#include "base/json.h"

static void print_bytes(FILE *out, const char *before, double bytes)
{
	if (bytes < 1e9)
		fprintf(out, "%s%.1f MB", before, bytes / 1e6);
	else
		fprintf(out, "%s%.1f GB", before, bytes / 1e9);
}

static void print_span(FILE *out, const char *before, double s)
{
	if (s < 120)
		fprintf(out, "%s%.0f s", before, s);
	else if (s < 120 * 60)
		fprintf(out, "%s%.0f min", before, s / 60);
	else if (s < 48 * 3600)
		fprintf(out, "%s%.1f h", before, s / 3600);
	else
		fprintf(out, "%s%.1f days", before, s / 86400);
}

static void print_map(FILE *out, const char *title, const json_t *map)
{
	const char *key, *sep = "";
	const json_t *n;

	if (!map)
		return;
	fprintf(out, "  %-12s", title);
	json_object_foreach((json_t *)map, key, n)
	{
		fprintf(out, "%s%s %lld", sep, key,
			(long long)json_integer_value(n));
		sep = ", ";
	}
	fputc('\n', out);
}

static void print_clock(FILE *out, const json_t *c)
{
	double offset_s = wx_json_f64(c, "offset_s", NAN);
	double err_s = wx_json_f64(c, "err_s", 0);

	if (!c)
		return;
	if (isnan(offset_s))
		fprintf(out, "  %-12snot set\n", "clock");
	else
		fprintf(out,
			"  %-12s%.3f s %s this computer's, within %.1f ms; set "
			"by %s\n",
			"clock", fabs(offset_s),
			offset_s < 0 ? "behind" : "ahead of",
			ceil(err_s * 1e4) / 10,
			wx_json_str(c, "source", "nobody knows what"));
	if (!wx_json_bool(c, "host_synced", 1))
		fprintf(out,
			"  %-12sthis computer's clock is not synchronised\n",
			"");
	print_span(out, "  runs for    ", wx_json_f64(c, "runs_s", 0));
	fprintf(out, ", boot %lld\n", (long long)wx_json_i64(c, "b", 0));
}

/* Of a board that records when it is pulled. */
static void print_board(FILE *out, const json_t *info)
{
	const char *section, *key;
	json_t *keys, *one, *value, *rate;
	size_t i, k;

	if (wx_json_str(info, "type", NULL))
		fprintf(out, "  %-12s%s\n", "board",
			wx_json_str(info, "type", ""));
	json_array_foreach(json_object_get(info, "sensors"), i, one)
	{
		double max_s = wx_json_f64(one, "max_s", NAN);

		fprintf(out, "  %-12s%s:", "sensor",
			wx_json_str(one, "name", ""));
		json_array_foreach(json_object_get(one, "rates_hz"), k, rate)
			fprintf(out, "%s %g", k ? "," : "",
				json_number_value(rate));
		fprintf(out, " Hz");
		if (!isnan(max_s))
			fprintf(out, ", up to %g s", max_s);
		fputc('\n', out);
	}
	json_object_foreach(json_object_get(info, "config"), section, keys)
		json_object_foreach(keys, key, value)
			fprintf(out, "  %-12s%s: %s: %s\n", "config", section,
				key, json_string_value(value));
}

static void print_info(FILE *out, const json_t *info)
{
	double free_b = wx_json_f64(info, "fs_free", NAN);
	double total_b = wx_json_f64(info, "fs_total", NAN);
	double vbat = wx_json_f64(info, "vbat", NAN);
	double rssi = wx_json_f64(info, "rssi", NAN);
	const char *rec = wx_json_str(info, "rec", NULL);

	if (wx_json_str(info, "id", NULL))
		fprintf(out, "  %-12s%s\n", "id", wx_json_str(info, "id", ""));
	if (wx_json_str(info, "fw", NULL))
		fprintf(out, "  %-12s%s\n", "firmware",
			wx_json_str(info, "fw", ""));
	if (!isnan(free_b)) {
		print_bytes(out, "  storage     ", free_b);
		fprintf(out, " free");
		if (!isnan(total_b))
			print_bytes(out, " of ", total_b);
		fputc('\n', out);
	}
	if (!isnan(vbat))
		fprintf(out, "  %-12s%s%s%.2f V\n", "battery",
			wx_json_str(info, "vbat_is", ""),
			json_object_get(info, "vbat_is") ? " " : "", vbat);
	if (!isnan(rssi))
		fprintf(out, "  %-12s%.0f dBm\n", "signal", rssi);
	if (rec)
		fprintf(out, "  %-12s%s\n", "recording", rec);
	print_board(out, info);
}

/* From the first start to the last end: in UTC, if anything tells. */
static void print_time(FILE *out, const json_t *o)
{
	const char *first = wx_json_str(o, "first", NULL);
	const char *last = wx_json_str(o, "last", "");
	long long n = wx_json_i64(o, "zoneless", 0);
	bool all = n && n == wx_json_i64(o, "captures", 0) -
					wx_json_i64(o, "undated", 0);
	int z = all ? 1 : 0; /* the 'Z' */

	if (!first)
		return;
	fprintf(out, "  %-12s%.*s to %.*s\n", "time", (int)strlen(first) - z,
		first, (int)strlen(last) - z, last);
	if (all)
		fprintf(out,
			"  %-12sby its clock, whose zone nothing tells: say "
			"utc_offset in site.json\n",
			"");
	else if (n)
		fprintf(out,
			"  %-12s%lld of them tell no zone, and count as if in "
			"UTC\n",
			"", n);
}

static void print_captures(FILE *out, const json_t *o)
{
	static const struct {
		const char *key, *what;
	} more[] = { { "open", "open" },
		     { "tables", "not sound" },
		     { "undated", "undated" },
		     { "refused", "refused" } };

	if (!json_object_get(o, "captures"))
		return;
	fprintf(out, "  %-12s%lld", "captures",
		(long long)wx_json_i64(o, "captures", 0));
	print_bytes(out, ", ", wx_json_f64(o, "bytes", 0));
	print_span(out, ", ", wx_json_f64(o, "sound_s", 0));
	for (size_t i = 0; i < WX_COUNT(more); i++) {
		long long n = wx_json_i64(o, more[i].key, 0);

		if (n)
			fprintf(out, ", %lld %s", n, more[i].what);
	}
	fputc('\n', out);
	print_time(out, o);
	print_map(out, "events", json_object_get(o, "events"));
	print_map(out, "state", json_object_get(o, "recordings"));
	print_map(out, "recorder", json_object_get(o, "recorders"));
}

void wx_probe_print(const json_t *found, FILE *out)
{
	print_info(out, json_object_get(found, "info"));
	print_clock(out, json_object_get(found, "clock"));
	print_captures(out, found);
}
