/* SPDX-License-Identifier: MIT */
/*
 * formats/station/convention.c: see convention.h.
 *
 * The words are those of CRBasic's wind vector, totalize and sensor wizards
 * (WS_ms_S_WVT, WindDir_D1_WVT, AirTC_Avg, BP_kPa, Rain_mm_Tot) and of tables
 * seen in the field (wind_speed_avg, WS500_absolute_air_pressure). A unit
 * that fits is always needed; a name alone is never enough.
 */
#include "station/convention.h"

#include <ctype.h>
#include <string.h>

struct rule {
	int key;
	const char *procs;  /* in order of preference; '|' around each */
	const char *want;   /* one of these must be in the name */
	const char *avoid;  /* none of these may */
	const char *prefer; /* "": no preference among names */
};

static const struct rule rules[] = {
	{ WX_KEY_RAIN, "|Tot|Smp|", "|rain|prec|ppt|pluv|",
	  "|rate|intens|24|max|", "" },
	{ WX_KEY_TIPS, "|Tot|Smp|", "|tip|", "|max|", "" },
	/* Scalar mean (S) before resultant (U): the cups' own wind run. */
	{ WX_KEY_WIND, "|WVc|Avg|Smp|", "|ws|wind|speed|",
	  "|max|min|std|sd|gust|", "|_s_|" },
	{ WX_KEY_GUST, "|Max|", "|ws|wind|speed|gust|", "|min|std|sd|", "" },
	{ WX_KEY_GUST, "|Smp|", "|max|gust|", "|min|std|sd|", "" },
	/* No Avg: the plain mean of 359 and 1 is 180. */
	{ WX_KEY_DIR, "|WVc|Smp|", "|dir|wd|", "|max|min|std|sd|", "|avg|" },
	{ WX_KEY_TEMP, "|Avg|Smp|", "|air|temp|",
	  "|max|min|std|ptemp|panel|batt|logger|box|soil|water|dew|wet|chill|"
	  "body|black|road|surf|snow|case|bv_|",
	  "|air|" },
	{ WX_KEY_HUM, "|Avg|Smp|", "|rh|hum|", "|max|min|std|", "" },
	{ WX_KEY_PRES, "|Avg|Smp|", "|bp|press|baro|",
	  "|max|min|std|sl|rel|vap|vp|sat|", "" },
};

/* Position (from 1) in "|a|b|" of the first word that text holds. */
static int word_in(const char *words, const char *text, bool whole)
{
	int at = 1;

	for (const char *p = words + 1; *p; at++) {
		size_t n = strcspn(p, "|");
		char word[16] = "";

		memcpy(word, p, n < 15 ? n : 15);
		if (whole ? !strcmp(word, text) : strstr(text, word) != NULL)
			return at;
		p += n + (p[n] == '|');
	}
	return 0;
}

/* How well a column fits: smaller is better, -1 is not at all. */
static int fit(const struct rule *r, const struct wx_campbell_table *t, int at,
	       struct wx_unit *unit)
{
	const char *u = t->units->name[at], *proc = t->procs->name[at];
	int rank = word_in(r->procs, proc, true);
	char name[200];
	size_t n = 0;

	for (; t->names->name[at][n] && n < sizeof(name) - 1; n++)
		name[n] = (char)tolower((unsigned char)t->names->name[at][n]);
	name[n] = '\0';
	if (r->key == WX_KEY_TIPS && !*u)
		*unit = (struct wx_unit){ 1, 0 };
	else if (!wx_unit_find(r->key, u, strlen(u), unit))
		return -1;
	if (!rank || !word_in(r->want, name, false) ||
	    word_in(r->avoid, name, false))
		return -1;
	return rank + (*r->prefer && !word_in(r->prefer, name, false) ? 10 : 0);
}

static int apply(struct wx_columns *cols, const struct rule *r,
		 const struct wx_campbell_table *t, struct wx_rawlog *lines,
		 struct wx_error *err)
{
	struct wx_column best = { .key = r->key, .at = -1, .unit = { 1, 0 } };
	int best_fit = 1000, rival = -1;

	for (int i = 0; i < t->names->n; i++) {
		struct wx_unit unit;
		int f = fit(r, t, i, &unit);

		if (f < 0 || f > best_fit)
			continue;
		rival = f == best_fit ? i : -1;
		if (f == best_fit)
			continue;
		best_fit = f;
		best.at = i;
		best.unit = unit;
	}
	if (rival >= 0)
		return wx_rawlog_fail(
			lines, err, WX_ERR_FORMAT,
			"columns '%s' and '%s' both fit %s; say which: "
			"--columns %s='%s'",
			t->names->name[best.at], t->names->name[rival],
			wx_keys[r->key].name, wx_keys[r->key].name,
			t->names->name[best.at]);
	if (best.at >= 0)
		cols->col[cols->n++] = best;
	return WX_OK;
}

int wx_convention_add(struct wx_columns *cols,
		      const struct wx_campbell_table *table,
		      const struct wx_station_opts *opts,
		      struct wx_rawlog *lines, struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; !rc && i < WX_COUNT(rules); i++)
		if (!wx_columns_told(opts, wx_keys[rules[i].key].name) &&
		    !wx_columns_has(cols, rules[i].key))
			rc = apply(cols, &rules[i], table, lines, err);
	return rc;
}

int wx_convention_rain_kind(const struct wx_columns *cols,
			    const struct wx_campbell_table *table,
			    const struct wx_station_opts *opts,
			    struct wx_rawlog *lines, enum wx_rain_kind *out,
			    struct wx_error *err)
{
	*out = wx_rain_kind_parse(opts->rain_kind);
	for (int i = 0; i < cols->n && !wx_rain_kind_parse(opts->rain_kind);
	     i++) {
		int at = cols->col[i].at;
		const char *proc = table->procs->name[at];
		enum wx_rain_kind kind = !strcmp(proc, "Tot") ? WX_RAIN_INTERVAL
					 : !strcmp(proc, "Smp")
						 ? WX_RAIN_CUMULATIVE
						 : WX_RAIN_NOT_TOLD;

		if (cols->col[i].key != WX_KEY_RAIN &&
		    cols->col[i].key != WX_KEY_TIPS)
			continue;
		if (!kind)
			return wx_rawlog_fail(
				lines, err, WX_ERR_FORMAT,
				"column '%s': its processing '%s' does not "
				"tell whether it is rain of each interval or a "
				"counter; give --rain-kind interval or "
				"--rain-kind cumulative",
				table->names->name[at], proc);
		if (*out && *out != kind)
			return wx_rawlog_fail(
				lines, err, WX_ERR_FORMAT,
				"rain_mm and tips are processed differently "
				"(Tot and Smp); leave one out: --columns "
				"tips=-");
		*out = kind;
	}
	if (!*out)
		*out = WX_RAIN_INTERVAL; /* no rain at all */
	return WX_OK;
}
