/* SPDX-License-Identifier: MIT */
/* formats/station/unit.c: see unit.h. */
#include "station/unit.h"

#include <string.h>
#include <strings.h>

/*
 * Limits are wide of every record (rain 305 mm in 42 min, gust 113 m/s, -89
 * to 57 degC, 870 to 1085 hPa at sea level, 330 hPa on the highest summit):
 * they catch wrong units and missing-value codes, not bad weather. A cold
 * capacitive sensor reads a few per cent past 100.
 */
const struct wx_key_info wx_keys[WX_N_KEYS] = {
	{ "tips", offsetof(struct wx_obs, tips), 0, 1e9 },
	{ "rain_mm", offsetof(struct wx_obs, rain_mm), 0, 1e6 },
	{ "cup_turns", offsetof(struct wx_obs, cup_turns), 0, 1e9 },
	{ "wind_avg_m_s", offsetof(struct wx_obs, wind_avg_m_s), 0, 120 },
	{ "wind_gust_m_s", offsetof(struct wx_obs, wind_gust_m_s), 0, 150 },
	{ "wind_dir_deg", offsetof(struct wx_obs, wind_dir_deg), 0, 720 },
	{ "air_temp_degc", offsetof(struct wx_obs, air_temp_degc), -95, 70 },
	{ "rel_hum_pct", offsetof(struct wx_obs, rel_hum_pct), 0, 115 },
	{ "pressure_hpa", offsetof(struct wx_obs, pressure_hpa), 300, 1150 },
};

#define KNOT (1852.0 / 3600)

enum { COUNT, WATER, SPEED, ANGLE, TEMP, HUM, PRES };

static const int key_kind[WX_N_KEYS] = { COUNT, WATER, COUNT, SPEED, SPEED,
					 ANGLE, TEMP,  HUM,   PRES };

/* Lower case, without blanks, dots, degree signs; "deg" only where alone. */
static const struct {
	int kind;
	const char *text;
	struct wx_unit unit;
} units[] = {
	{ COUNT, "count", { 1, 0 } },
	{ COUNT, "counts", { 1, 0 } },
	{ COUNT, "tips", { 1, 0 } },
	{ COUNT, "tip", { 1, 0 } },
	{ COUNT, "turns", { 1, 0 } },
	{ COUNT, "revs", { 1, 0 } },
	{ COUNT, "pulses", { 1, 0 } },
	{ COUNT, "1", { 1, 0 } },
	{ WATER, "mm", { 1, 0 } },
	{ WATER, "millimeters", { 1, 0 } },
	{ WATER, "millimetres", { 1, 0 } },
	{ WATER, "mm/tot", { 1, 0 } },
	{ WATER, "l/m2", { 1, 0 } },
	{ WATER, "l/m^2", { 1, 0 } },
	{ WATER, "in", { WX_MM_PER_INCH, 0 } },
	{ WATER, "inch", { WX_MM_PER_INCH, 0 } },
	{ WATER, "inches", { WX_MM_PER_INCH, 0 } },
	{ WATER, "\"", { WX_MM_PER_INCH, 0 } },
	{ WATER, "cm", { 10, 0 } },
	{ SPEED, "m/s", { 1, 0 } },
	{ SPEED, "ms-1", { 1, 0 } },
	{ SPEED, "ms^-1", { 1, 0 } },
	{ SPEED, "mps", { 1, 0 } },
	{ SPEED, "m/sec", { 1, 0 } },
	{ SPEED, "meters/second", { 1, 0 } },
	{ SPEED, "metres/second", { 1, 0 } },
	{ SPEED, "meterspersecond", { 1, 0 } },
	{ SPEED, "km/h", { WX_M_S_PER_KM_H, 0 } },
	{ SPEED, "kmh", { WX_M_S_PER_KM_H, 0 } },
	{ SPEED, "kmh-1", { WX_M_S_PER_KM_H, 0 } },
	{ SPEED, "km/hr", { WX_M_S_PER_KM_H, 0 } },
	{ SPEED, "kph", { WX_M_S_PER_KM_H, 0 } },
	{ SPEED, "mph", { WX_M_S_PER_MPH, 0 } },
	{ SPEED, "mi/h", { WX_M_S_PER_MPH, 0 } },
	{ SPEED, "miles/hour", { WX_M_S_PER_MPH, 0 } },
	{ SPEED, "kn", { KNOT, 0 } },
	{ SPEED, "kt", { KNOT, 0 } },
	{ SPEED, "kts", { KNOT, 0 } },
	{ SPEED, "knot", { KNOT, 0 } },
	{ SPEED, "knots", { KNOT, 0 } },
	{ SPEED, "ft/s", { 0.3048, 0 } },
	{ ANGLE, "deg", { 1, 0 } },
	{ ANGLE, "degs", { 1, 0 } },
	{ ANGLE, "degree", { 1, 0 } },
	{ ANGLE, "degrees", { 1, 0 } },
	{ ANGLE, "ohm", { 0, 0 } },
	{ ANGLE, "ohms", { 0, 0 } },
	{ ANGLE, "*", { 1, 0 } }, /* a lone degree sign */
	{ TEMP, "c", { 1, 0 } },
	{ TEMP, "degc", { 1, 0 } },
	{ TEMP, "degreesc", { 1, 0 } },
	{ TEMP, "celsius", { 1, 0 } },
	{ TEMP, "degreescelsius", { 1, 0 } },
	{ TEMP, "f", { WX_DEGC_PER_DEGF, WX_DEGC_AT_0F } },
	{ TEMP, "degf", { WX_DEGC_PER_DEGF, WX_DEGC_AT_0F } },
	{ TEMP, "fahrenheit", { WX_DEGC_PER_DEGF, WX_DEGC_AT_0F } },
	{ TEMP, "k", { 1, -273.15 } },
	{ TEMP, "kelvin", { 1, -273.15 } },
	{ HUM, "%", { 1, 0 } },
	{ HUM, "%rh", { 1, 0 } },
	{ HUM, "pct", { 1, 0 } },
	{ HUM, "percent", { 1, 0 } },
	{ HUM, "fraction", { 100, 0 } },
	{ HUM, "fractionrh", { 100, 0 } },
	{ HUM, "1", { 100, 0 } },
	{ PRES, "hpa", { 1, 0 } },
	{ PRES, "mbar", { 1, 0 } },
	{ PRES, "mb", { 1, 0 } },
	{ PRES, "millibar", { 1, 0 } },
	{ PRES, "millibars", { 1, 0 } },
	{ PRES, "kpa", { 10, 0 } },
	{ PRES, "pa", { 0.01, 0 } },
	{ PRES, "bar", { 1000, 0 } },
	{ PRES, "inhg", { WX_HPA_PER_INHG, 0 } },
	{ PRES, "mmhg", { 1.33322387415, 0 } },
	{ PRES, "torr", { 1.33322368421, 0 } },
};

int wx_key_find(const char *name, size_t n)
{
	for (int i = 0; i < WX_N_KEYS; i++)
		if (strlen(wx_keys[i].name) == n &&
		    !memcmp(wx_keys[i].name, name, n))
			return i;
	return -1;
}

/* A degree sign (Latin-1 or UTF-8, or the ordinal people type for it). */
static size_t degree_sign(const char *p, size_t n)
{
	if (n > 1 && (!memcmp(p, "\xc2\xb0", 2) || !memcmp(p, "\xc2\xba", 2)))
		return 2;
	return *p == '\xb0' || *p == '\xba' ? 1 : 0;
}

bool wx_unit_find(int key, const char *text, size_t n, struct wx_unit *out)
{
	char norm[32];
	size_t len = 0;
	bool degree = false;

	for (size_t i = 0; i < n; i++) {
		size_t sign = degree_sign(text + i, n - i);
		char c = text[i];

		if (sign) {
			degree = true;
			i += sign - 1;
			continue;
		}
		if (c == ' ' || c == '\t' || c == '.')
			continue;
		if (len == sizeof(norm) - 1)
			return false;
		norm[len++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	if (!len && degree)
		norm[len++] = '*';
	norm[len] = '\0';
	for (size_t i = 0; i < WX_COUNT(units); i++) {
		if (units[i].kind == key_kind[key] &&
		    !strcmp(units[i].text, norm)) {
			*out = units[i].unit;
			return true;
		}
	}
	return false;
}

bool wx_unit_letter(int key, char letter, struct wx_unit *out)
{
	static const struct {
		int kind;
		char letter;
		const char *unit;
	} letters[] = {
		{ ANGLE, 'D', "deg" },  { SPEED, 'M', "m/s" },
		{ SPEED, 'K', "km/h" }, { SPEED, 'S', "mph" },
		{ SPEED, 'N', "kn" },   { TEMP, 'C', "C" },
		{ TEMP, 'F', "F" },     { HUM, 'P', "%" },
		{ PRES, 'H', "hPa" },   { PRES, 'P', "Pa" },
		{ PRES, 'B', "bar" },   { PRES, 'M', "mmHg" },
		{ PRES, 'I', "inHg" },  { WATER, 'M', "mm" },
		{ WATER, 'I', "in" },
	};

	for (size_t i = 0; i < WX_COUNT(letters); i++)
		if (letters[i].kind == key_kind[key] &&
		    letters[i].letter == letter)
			return wx_unit_find(key, letters[i].unit,
					    strlen(letters[i].unit), out);
	return false;
}

/* One of NSEW at p, written out or not; how long it is, 0: none. */
static size_t compass_word(const char *p, size_t n, char *out)
{
	static const char *const words[] = { "north", "south", "east", "west" };

	for (size_t i = 0; i < WX_COUNT(words); i++) {
		size_t len = strlen(words[i]);

		*out = (char)(words[i][0] - 32);
		if (n >= len && !strncasecmp(p, words[i], len))
			return len;
		if (*p == words[i][0] || *p == *out)
			return 1;
	}
	return 0;
}

bool wx_compass(const char *text, size_t n, double *deg)
{
	static const char *const points[] = { "N", "NNE", "NE", "ENE",
					      "E", "ESE", "SE", "SSE",
					      "S", "SSW", "SW", "WSW",
					      "W", "WNW", "NW", "NNW" };
	char word[4] = "";

	for (size_t i = 0, len = 0, step; i < n; i += step) {
		step = strchr(" -", text[i]) ? 1
		       : len < 3 ? compass_word(text + i, n - i, &word[len])
				 : 0;
		if (!step)
			return false;
		len += !strchr(" -", text[i]);
		word[len] = '\0';
	}
	for (size_t i = 0; i < WX_COUNT(points); i++) {
		*deg = 22.5 * (double)i;
		if (!strcmp(word, points[i]))
			return true;
	}
	return false;
}

const char *wx_unit_list(int key)
{
	static const char *const lists[] = {
		[COUNT] = "count, tips, turns, pulses",
		[WATER] = "mm, in, cm",
		[SPEED] = "m/s, km/h, mph, kn, ft/s",
		[ANGLE] = "deg, ohm",
		[TEMP] = "degC, degF, K",
		[HUM] = "%, fraction",
		[PRES] = "hPa, mbar, kPa, Pa, bar, inHg, mmHg",
	};

	return lists[key_kind[key]];
}
