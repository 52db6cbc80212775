/* SPDX-License-Identifier: MIT */
/* lib/dataset/why_text.c: the answer of why.c in sentences. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "dataset/why.h"
#include "weather/rate.h"

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

/* Flags that leave a label unknown, or not kept, and what they mean. */
static const struct {
	const char *what, *flag, *reason;
} reasons[] = {
	{ "Rain", "no_rain_record", "no gauge was read for all of it" },
	{ "Rain", "no_bucket", "nobody told how much water a tip is" },
	{ "Rain", "frost", "the bucket may hold snow" },
	{ "Rain", "solid", "the station told of hail or snow" },
	{ "Rain", "thaw", "the tip may be of snow that melts" },
	{ "Rain", "siphon", "its tips come as those of a siphon do" },
	{ "Rain", "coarse_rain", "its row is too long to tell when" },
	{ "Rain", "lone_tip", "a tip alone may be dew, a drop or a knock" },
	{ "Rain", "fast_tips", "the tips are faster than rain" },
	{ "Rain", "rain_bad", "so much rain cannot be" },
	{ "Wind", "no_wind", "it was not measured for most of it" },
	{ "Wind", "wind_bad", "such wind cannot be" },
};

/* Which class, counted from 0, a value lies in. */
static int class_of(const json_t *limits, double value)
{
	int i = 0;

	while (i < (int)json_array_size(limits) &&
	       value >= json_number_value(json_array_get(limits, (size_t)i)))
		i++;
	return i;
}

/* Does the value lie in another class than the most probable? */
static bool is_torn(const json_t *c, const json_t *limits, double value)
{
	json_t *probs = json_object_get(c, "probs");
	void *it = json_object_iter(probs);

	for (int i = class_of(limits, value); it && i > 0; i--)
		it = json_object_iter_next(probs, it);
	return it && strcmp(json_object_iter_key(it), str(c, "class")) != 0;
}

/* Why it is not known, or not kept; writes nothing where only a guard tells. */
static void write_reason(const char *what, const json_t *c, double value,
			 const json_t *limits, const json_t *why, FILE *out)
{
	const json_t *flags = json_object_get(why, "flags");
	const char *colon = ": ";

	if (*str(c, "class") && num(c, "p") < num(c, "min_p")) {
		fprintf(out, "%sunder %g", colon, num(c, "min_p"));
		colon = "; ";
	}
	if (!strcmp(str(c, "source"), "track"))
		return;
	if (*str(c, "class") && is_torn(c, limits, value)) {
		fprintf(out, "%s%g is no rate of that class", colon, value);
		colon = "; ";
	}
	for (size_t i = 0; i < json_array_size(flags); i++)
		for (size_t k = 0; k < WX_COUNT(reasons); k++)
			if (!strcmp(reasons[k].what, what) &&
			    !strcmp(reasons[k].flag,
				    json_string_value(
					    json_array_get(flags, i)))) {
				fprintf(out, "%s%s", colon, reasons[k].reason);
				colon = "; ";
			}
}

/* "Rain is little with probability 0.83 (none 0.16, ...), kept." */
static void write_class(const char *what, const json_t *c, double value,
			const json_t *limits, const json_t *why, FILE *out)
{
	bool known = *str(c, "class");

	if (known) {
		fprintf(out, "%s is %s with probability %g (", what,
			str(c, "class"), num(c, "p"));
		write_probs(json_object_get(c, "probs"), out);
		fputs("), ", out);
	} else {
		fprintf(out, "%s is ", what);
	}
	if (wx_json_bool(c, "keep", 0)) {
		fputs("kept.\n", out);
		return;
	}
	fputs(known ? "not kept" : "not known", out);
	write_reason(what, c, value, limits, why, out);
	fputs(".\n", out);
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

/* What the tips around it, those told of above, make of its rate. */
static void write_gap(const json_t *rain, double length_s, FILE *out)
{
	const json_t *tips = json_object_get(rain, "tips");
	size_t n = json_array_size(tips);
	double first = num(json_array_get(tips, 0), "after_start_s");
	double last = num(json_array_get(tips, n - 1), "after_start_s");
	double event_s = WX_RATE_EVENT_GAP_S * num(rain, "bucket_mm") /
			 WX_RATE_TABLE_BUCKET_MM;
	const char *where = "";

	if (isnan(num(rain, "gap_s")))
		return;
	if (n && !(first < 0))
		where = " (from the record's start)";
	else if (n && !(last >= length_s))
		where = " (to the record's end)";
	fprintf(out, "  The gap around it%s is %g s: ", where,
		num(rain, "gap_s"));
	if (num(rain, "gap_s") > event_s)
		fprintf(out,
			"over %g s, so that half a bucket is spread before "
			"an event's first tip, and half behind its last, as "
			"the gap beside it in its event tells; ",
			event_s);
	if (isnan(num(rain, "sigma_ln")))
		fputs("probabilities are from the table of gaps", out);
	else
		fprintf(out,
			"the rate is log-normal, sigma of its logarithm %g",
			num(rain, "sigma_ln"));
	if (json_object_get(rain, "characters")) {
		fputs(", put together with what all tips of the record tell: "
		      "by them the rain is ",
		      out);
		write_probs(json_object_get(rain, "characters"), out);
	}
	fputs(".\n", out);
}

static void write_rain(const json_t *rain, const json_t *why, FILE *out)
{
	double length_s = num(why, "length_s");

	write_class("Rain", rain, num(rain, "mm_h"),
		    json_object_get(rain, "limits_mm_h"), why, out);
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
	write_gap(rain, length_s, out);
	write_senses(rain, out);
	write_guard(rain, "limits_mm_h", num(rain, "mm_h"), "mm/h", out);
}

static void write_wind(const json_t *wind, const json_t *why, FILE *out)
{
	write_class("Wind", wind, num(wind, "m_s"),
		    json_object_get(wind, "limits_m_s"), why, out);
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
	write_rain(json_object_get(why, "rain"), why, out);
	write_wind(json_object_get(why, "wind"), why, out);
	if (json_array_size(flags)) {
		fputs("Flags:", out);
		for (size_t i = 0; i < json_array_size(flags); i++)
			fprintf(out, " %s",
				json_string_value(json_array_get(flags, i)));
		fputs(".\n", out);
	}
	fprintf(out, "Classes are those of profile %s.\n", str(why, "profile"));
}
