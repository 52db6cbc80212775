/* SPDX-License-Identifier: MIT */
/*
 * A recorder's logs, by the first byte: lines as a card holds them, and what is
 * taken of them makes sense. Each line's end is the end of its memory.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "capture/config_txt.h"
#include "capture/frontier.h"
#include "capture/gps_sync.h"
#include "capture/gps_txt.h"
#include "capture/songmeter.h"
#include "sound/kind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_position(double lat, double lon)
{
	if (isnan(lat) != isnan(lon) || fabs(lat) > 90 || fabs(lon) > 180)
		abort();
}

static void gps_txt(const char *line, size_t n)
{
	struct wx_gps_line l;

	if (!wx_gps_txt_line(line, n, &l))
		return;
	check_position(l.lat_deg, l.lon_deg);
	if (wx_time_is_none(l.utc) || fabs(l.offset_s) > 3601 ||
	    isnan(l.offset_s) != isnan(l.err_s) ||
	    isnan(l.offset_s) ==
		    (l.kind == WX_GPS_UPDATED || l.kind == WX_GPS_CORRECT) ||
	    isnan(l.rate_hz) == (l.kind == WX_GPS_RATE) ||
	    isnan(l.lat_deg) == (l.kind == WX_GPS_FIX))
		abort();
}

static void gps_sync(struct wx_pps *p, const char *line, size_t n)
{
	struct wx_pps_anchor before = p->last, a = { 0 };

	if (wx_pps_line(p, line, n, &a) != WX_PPS_ANCHOR)
		return;
	if (p->n_anchors > 1 &&
	    (a.utc.utc_ns <= before.utc.utc_ns || a.sample <= before.sample ||
	     !(p->last.sample > p->first.sample)))
		abort();
	if (a.utc.utc_ns % WX_NS_PER_S || !isfinite(a.sample))
		abort();
}

static void songmeter(struct wx_songmeter *sm, const char *line, size_t n)
{
	struct wx_songmeter_row row;

	if (wx_songmeter_line(sm, line, n, &row) != WX_SONGMETER_ROW)
		return;
	check_position(row.lat_deg, row.lon_deg);
	if (wx_civil_check(&row.civil, NULL) || row.power_v < 0 ||
	    row.temp_degc < -60)
		abort();
}

static void frontier(bool log, const char *line, size_t n)
{
	struct wx_frontier_line l;

	if (log)
		wx_frontier_log_line(line, n, &l);
	else
		wx_frontier_gps_line(line, n, &l);
	check_position(l.lat_deg, l.lon_deg);
	if (wx_time_is_none(l.utc) == (l.kind == WX_FRONTIER_UPDATED) ||
	    isnan(l.lat_deg) == (l.kind == WX_FRONTIER_FIX) ||
	    strnlen(l.text, sizeof(l.text)) == sizeof(l.text))
		abort();
}

static void whole(const char *text, size_t n)
{
	struct wx_config_txt c;
	enum wx_kind kind = wx_kind_of(text, n, "a.sud");

	if (!*wx_kind_word(kind) ||
	    (wx_kind_sentence(kind) == NULL) !=
		    (kind == WX_KIND_WAV || kind == WX_KIND_FLAC))
		abort();
	if (wx_config_txt_parse(text, n, &c) &&
	    (c.rate_hz < 0 || abs(c.zone_s) > 16 * 3600))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *p = data + 1, *end = data + size;
	struct wx_songmeter sm = { 0 };
	struct wx_pps pps;

	if (size < 1)
		return 0;
	wx_pps_init(&pps, data[0] & 8 ? 48000 : 8000);
	while (p < end) {
		const uint8_t *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl && data[0] % 8 != 5 ? nl : end) - p);
		char *line = malloc(n ? n : 1);

		if (!line)
			abort();
		memcpy(line, p, n);
		switch (data[0] % 8) {
		case 0:
			gps_txt(line, n);
			break;
		case 1:
			gps_sync(&pps, line, n);
			break;
		case 2:
			songmeter(&sm, line, n);
			break;
		case 3:
		case 4:
			frontier(data[0] % 8 == 4, line, n);
			break;
		default:
			whole(line, n);
			break;
		}
		free(line);
		p += n + 1;
	}
	return 0;
}
