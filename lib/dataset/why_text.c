/* SPDX-License-Identifier: MIT */
/* lib/dataset/why_text.c: the answer of why.c in sentences. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "dataset/why.h"

static const char *str(const json_t *o, const char *key)
{
	return wx_json_str(o, key, "");
}

static double num(const json_t *o, const char *key)
{
	return wx_json_f64(o, key, NAN);
}

static void write_window(const json_t *why, FILE *out)
{
	fprintf(out, "%s at %g s", str(why, "capture"), num(why, "offset_s"));
	if (!*str(why, "start_utc")) {
		fprintf(out, ", %g s long, at a time that nothing tells.\n",
			num(why, "length_s"));
		return;
	}
	fprintf(out, ": %g s from %s", num(why, "length_s"),
		str(why, "start_utc"));
	if (isnan(num(why, "max_err_s")))
		fputs(".\n", out);
	else
		fprintf(out, ", give or take %g s.\n", num(why, "max_err_s"));
}

/* "none 0.12, little 0.88" */
static void write_probs(const json_t *probs, FILE *out)
{
	const char *key, *between = "";
	const json_t *p;

	json_object_foreach((json_t *)(uintptr_t)probs, key, p)
	{
		fprintf(out, "%s%s %g", between, key, json_number_value(p));
		between = ", ";
	}
}

/* "Rain is little with probability 0.83 (none 0.16, ...), kept." */
static void write_class(const char *what, const json_t *c, FILE *out)
{
	if (!*str(c, "class")) {
		fprintf(out, "%s is not known", what);
	} else {
		fprintf(out, "%s is %s with probability %g (", what,
			str(c, "class"), num(c, "p"));
		write_probs(json_object_get(c, "probs"), out);
		fputc(')', out);
	}
	if (wx_json_bool(c, "keep", 0))
		fputs(", kept.\n", out);
	else if (!*str(c, "class"))
		fputs(".\n", out);
	else if (num(c, "p") < num(c, "min_p"))
		fprintf(out, ", not kept: under %g.\n", num(c, "min_p"));
	else
		fputs(", not kept.\n", out);
}

/* Is a value within the guard of a limit? Says so. */
static void write_guard(const json_t *c, const char *limits, double value,
			const char *unit, FILE *out)
{
	const json_t *list = json_object_get(c, limits);

	for (size_t i = 0; i < json_array_size(list); i++) {
		double limit = json_number_value(json_array_get(list, i));

		if (fabs(value - limit) < num(c, "guard") * limit)
			fprintf(out,
				"  That is within the guard of the limit, "
				"%g %s.\n",
				limit, unit);
	}
}

static void write_ear(const json_t *c, FILE *out)
{
	const json_t *by = json_object_get(c, "by_station");

	if (!*str(c, "track"))
		return;
	fprintf(out, "  A person heard it: %s.\n", str(c, "track"));
	if (by)
		fprintf(out,
			"  By the station alone it would be %s with "
			"probability %g.\n",
			str(by, "class"), num(by, "p"));
}

static void write_tips(const json_t *rain, double length_s, FILE *out)
{
	const json_t *tips = json_object_get(rain, "tips");
	size_t n = json_array_size(tips);

	if (!n && json_is_array(tips) && !strcmp(str(rain, "source"), "tips"))
		fputs("  No tip is in the record around it.\n", out);
	for (size_t i = 0; i < n; i++) {
		const json_t *t = json_array_get(tips, i);
		double s = num(t, "after_start_s");

		fprintf(out, "  A tip at %s, ", str(t, "utc"));
		if (s < 0)
			fprintf(out, "%g s before it", -s);
		else if (s < length_s)
			fprintf(out, "%g s into it", s);
		else
			fprintf(out, "%g s after its end", s - length_s);
		fprintf(out, "%s, known to %g s.\n",
			json_object_get(t, "bounced") ? " (it bounced)" : "",
			num(t, "sigma_s"));
	}
}

static void write_senses(const json_t *rain, FILE *out)
{
	const json_t *used = json_object_get(rain, "evidence");
	const json_t *hearing = json_object_get(rain, "hearing");

	for (size_t i = 0; i < json_array_size(used); i++) {
		fprintf(out, "  The node's %s bears on it: without, it is ",
			json_string_value(json_array_get(used, i)));
		write_probs(json_object_get(rain, "unaided"), out);
		fputs(".\n", out);
	}
	if (!hearing || wx_json_i64(hearing, "gaps", 0) == 0)
		return;
	fprintf(out, "  Its sound is %s: in %" PRId64 " gaps between tips",
		wx_json_bool(hearing, "believed", 0) ? "believed"
						     : "not believed",
		wx_json_i64(hearing, "gaps", 0));
	if (!isnan(num(hearing, "rank")))
		fprintf(out, " loudness and rate have a rank correlation of %g",
			num(hearing, "rank"));
	fputs(".\n", out);
}

static void write_rain(const json_t *rain, double length_s, FILE *out)
{
	write_class("Rain", rain, out);
	write_ear(rain, out);
	if (!*str(rain, "station"))
		return;
	fprintf(out, "  The gauge of %s", str(rain, "station"));
	if (!isnan(num(rain, "bucket_mm")))
		fprintf(out, ", %g mm a %s", num(rain, "bucket_mm"),
			json_object_get(rain, "siphon")
				? "release of its siphon"
				: "tip");
	if (!isnan(num(rain, "mm_h")))
		fprintf(out, ", tells of %g mm/h", num(rain, "mm_h"));
	fputs(".\n", out);
	write_tips(rain, length_s, out);
	if (!isnan(num(rain, "gap_s"))) {
		fprintf(out,
			"  The gap around it is %g s: ", num(rain, "gap_s"));
		if (isnan(num(rain, "sigma_ln")))
			fputs("probabilities are from the table of gaps.\n",
			      out);
		else
			fprintf(out,
				"the rate is log-normal, sigma of its "
				"logarithm %g.\n",
				num(rain, "sigma_ln"));
	}
	write_senses(rain, out);
	write_guard(rain, "limits_mm_h", num(rain, "mm_h"), "mm/h", out);
}

static void write_wind(const json_t *wind, FILE *out)
{
	write_class("Wind", wind, out);
	write_ear(wind, out);
	if (!*str(wind, "station") || isnan(num(wind, "m_s")))
		return;
	fprintf(out,
		"  %s measured %g m/s over %g s, by %s; one sigma is %g m/s",
		str(wind, "station"), num(wind, "m_s"), num(wind, "averaged_s"),
		!strcmp(str(wind, "source"), "track")
			? str(json_object_get(wind, "by_station"), "source")
			: str(wind, "source"),
		num(wind, "sigma_m_s"));
	if (!isnan(num(wind, "gust_m_s")))
		fprintf(out, "; gusts %g m/s", num(wind, "gust_m_s"));
	fputs(".\n", out);
	write_guard(wind, "limits_m_s", num(wind, "m_s"), "m/s", out);
}

void wx_why_write(const json_t *why, FILE *out)
{
	const json_t *flags = json_object_get(why, "flags");

	write_window(why, out);
	write_rain(json_object_get(why, "rain"), num(why, "length_s"), out);
	write_wind(json_object_get(why, "wind"), out);
	if (json_array_size(flags)) {
		fputs("Flags:", out);
		for (size_t i = 0; i < json_array_size(flags); i++)
			fprintf(out, " %s",
				json_string_value(json_array_get(flags, i)));
		fputs(".\n", out);
	}
	fprintf(out, "Classes are those of profile %s.\n", str(why, "profile"));
}
