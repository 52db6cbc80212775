/* SPDX-License-Identifier: MIT */
/* Civil times of zones with and without daylight saving, as TZif tells them. */
#include "base/zone.h"

#include <stdlib.h>
#include <string.h>

#include "testing.h"

/* A file of no changes but those of its footer; standard time std_s. */
static size_t make(uint8_t *p, int std_s, const char *footer)
{
	static const uint8_t head[44] = { 'T', 'Z',      'i',     'f',
					  '2', [39] = 1, [43] = 4 };
	uint8_t type[10] = { (uint8_t)(std_s >> 24), (uint8_t)(std_s >> 16),
			     (uint8_t)(std_s >> 8), (uint8_t)std_s };
	size_t n = 0;

	memcpy(type + 6, "STD", 4);
	for (int block = 0; block < 2; block++) {
		memcpy(p + n, head, sizeof(head));
		n += sizeof(head);
		memcpy(p + n, type, sizeof(type));
		n += sizeof(type);
	}
	return n + (size_t)sprintf((char *)p + n, "\n%s\n", footer);
}

static const struct {
	const char *label, *footer;
	int std_s;
	struct wx_civil civil;
	int n;
	const char *utc[2];
} times[] = {
	{ "winter",
	  "CET-1CEST,M3.5.0,M10.5.0/3",
	  3600,
	  { 2026, 1, 15, 12, 0, 0, 0 },
	  1,
	  { "2026-01-15T11:00:00Z" } },
	{ "summer",
	  "CET-1CEST,M3.5.0,M10.5.0/3",
	  3600,
	  { 2026, 7, 15, 12, 0, 0, 0 },
	  1,
	  { "2026-07-15T10:00:00Z" } },
	{ "before spring",
	  "CET-1CEST,M3.5.0,M10.5.0/3",
	  3600,
	  { 2026, 3, 29, 1, 59, 59, 0 },
	  1,
	  { "2026-03-29T00:59:59Z" } },
	{ "the change itself",
	  "CET-1CEST,M3.5.0,M10.5.0/3",
	  3600,
	  { 2026, 3, 29, 2, 0, 0, 0 },
	  1,
	  { "2026-03-29T01:00:00Z" } },
	{ "left out",
	  "CET-1CEST,M3.5.0,M10.5.0/3",
	  3600,
	  { 2026, 3, 29, 2, 30, 0, 0 },
	  0,
	  { NULL } },
	{ "after spring",
	  "CET-1CEST,M3.5.0,M10.5.0/3",
	  3600,
	  { 2026, 3, 29, 3, 0, 0, 0 },
	  1,
	  { "2026-03-29T01:00:00Z" } },
	{ "twice",
	  "CET-1CEST,M3.5.0,M10.5.0/3",
	  3600,
	  { 2026, 10, 25, 2, 0, 0, 0 },
	  2,
	  { "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z" } },
	{ "twice, to its end",
	  "CET-1CEST,M3.5.0,M10.5.0/3",
	  3600,
	  { 2026, 10, 25, 2, 59, 59, 0 },
	  2,
	  { "2026-10-25T00:59:59Z", "2026-10-25T01:59:59Z" } },
	{ "past it",
	  "CET-1CEST,M3.5.0,M10.5.0/3",
	  3600,
	  { 2026, 10, 25, 3, 0, 0, 0 },
	  1,
	  { "2026-10-25T02:00:00Z" } },
	{ "south: summer over New Year",
	  "AEST-10AEDT,M10.1.0,M4.1.0/3",
	  36000,
	  { 2026, 1, 1, 0, 30, 0, 0 },
	  1,
	  { "2025-12-31T13:30:00Z" } },
	{ "south: twice",
	  "AEST-10AEDT,M10.1.0,M4.1.0/3",
	  36000,
	  { 2026, 4, 5, 2, 30, 0, 0 },
	  2,
	  { "2026-04-04T15:30:00Z", "2026-04-04T16:30:00Z" } },
	{ "half an hour",
	  "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
	  37800,
	  { 2026, 4, 5, 1, 45, 0, 0 },
	  2,
	  { "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z" } },
	{ "west",
	  "PST8PDT,M3.2.0,M11.1.0",
	  -28800,
	  { 2026, 3, 8, 3, 0, 0, 0 },
	  1,
	  { "2026-03-08T10:00:00Z" } },
	{ "the day before",
	  "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
	  -7200,
	  { 2026, 3, 28, 22, 59, 0, 0 },
	  1,
	  { "2026-03-29T00:59:00Z" } },
	{ "none",
	  "<+0530>-5:30",
	  19800,
	  { 2026, 6, 1, 12, 0, 0, 0 },
	  1,
	  { "2026-06-01T06:30:00Z" } },
};

static void check_times(void)
{
	for (size_t i = 0; i < WX_COUNT(times); i++) {
		uint8_t data[400];
		size_t n = make(data, times[i].std_s, times[i].footer);
		struct wx_zone *z = NULL;
		struct wx_time at[2], want;
		int rc = wx_zone_parse(data, n, "made", &z, NULL);

		CHECK_INT(times[i].label, rc, WX_OK);
		if (rc)
			continue;
		CHECK_INT(times[i].label,
			  wx_zone_instants(z, &times[i].civil, at), times[i].n);
		for (int k = 0; k < times[i].n; k++) {
			wx_time_parse(times[i].utc[k], &want, NULL);
			CHECK_INT(times[i].label, at[k].utc_ns, want.utc_ns);
			CHECK_INT(times[i].label,
				  wx_civil_to_time(&times[i].civil,
						   wx_zone_offset(z, at[k]))
							  .utc_ns ==
						  at[k].utc_ns ||
					  times[i].civil.minute == 0,
				  1);
		}
		wx_zone_free(z);
	}
}

static const char *const bad_footers[] = {
	"CET",           "CE-1",
	"CET-1CEST",     "CET-1CEST,M13.5.0,M10.5.0",
	"CET-1CEST,J60", "CET-1CEST,M3.5.0,M10.5.0/3x",
	"CET-999",       "<CET-1",
};

static void check_bad(void)
{
	uint8_t data[400];
	size_t n = make(data, 3600, "CET-1CEST,M3.5.0,M10.5.0/3");
	struct wx_zone *z;

	for (size_t i = 0; i < WX_COUNT(bad_footers); i++) {
		size_t m = make(data, 3600, bad_footers[i]);

		CHECK_INT(bad_footers[i],
			  wx_zone_parse(data, m, "made", &z, NULL),
			  WX_ERR_FORMAT);
	}
	n = make(data, 3600, "CET-1CEST,M3.5.0,M10.5.0/3");
	for (size_t cut = 0; cut < n; cut++) {
		/* A copy of just that size, for the sanitizers. */
		uint8_t *copy = malloc(cut + 1);

		memcpy(copy, data, cut);
		z = NULL;
		/* Without its footer it is a zone that never changes. */
		if (wx_zone_parse(copy, cut, "made", &z, NULL) == WX_OK)
			CHECK_INT("cut", cut, 2 * (44 + 10));
		wx_zone_free(z);
		free(copy);
	}
	for (size_t i = 0; i < n; i++) { /* any one byte wrong: no crash */
		data[i] ^= 0xff;
		if (wx_zone_parse(data, n, "made", &z, NULL) == WX_OK)
			wx_zone_free(z);
		data[i] ^= 0xff;
	}
	CHECK_INT("a path", wx_zone_read("../passwd", &z, NULL), WX_ERR_FORMAT);
	CHECK_INT("a folder", wx_zone_read("Europe", &z, NULL), WX_ERR_FORMAT);
}

int main(void)
{
	check_times();
	check_bad();
	return wx_test_end();
}
