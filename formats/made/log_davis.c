/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_davis.c: archive records of a Davis console, as pages of its
 * memory and as weatherlink.com's webdl.php gives them.
 *
 * A page that the host did not acknowledge is sent again: now and then the log
 * holds it twice, or damaged first.
 */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "made/log.h"
#include "station/unit.h"

enum { STEP_S = 300, RECORD = 52, PER_PAGE = 5, PAGE = 267, DAMAGED = 11 };

struct davis {
	uint8_t page[PAGE];
	int n; /* records in it */
};

static void put16(uint8_t *at, double v)
{
	int x = (int)lround(v);

	at[0] = (uint8_t)(x & 0xff);
	at[1] = (uint8_t)(x >> 8 & 0xff);
}

static void compose(const struct wx_made_log *log,
		    const struct wx_made_reading *m, uint8_t *r)
{
	struct wx_civil c = wx_made_civil(log, m->end_s);
	double degf = m->air_temp_degc * 1.8 + 32;

	memset(r, 0xff, RECORD);
	put16(r, c.day + c.month * 32 + (c.year - 2000) * 512);
	put16(r + 2, c.hour * 100 + c.minute);
	put16(r + 4, degf * 10);
	put16(r + 6, degf * 10);
	put16(r + 8, degf * 10);
	put16(r + 10, (double)m->tips);
	put16(r + 12, 0);
	put16(r + 14, m->pressure_hpa / WX_HPA_PER_INHG * 1000);
	r[23] = (uint8_t)lround(m->rel_hum_pct);
	r[24] = (uint8_t)lround(m->wind_avg_m_s / WX_M_S_PER_MPH);
	r[25] = (uint8_t)lround(m->wind_gust_m_s / WX_M_S_PER_MPH);
	r[26] = r[27] = (uint8_t)(lround(m->wind_dir_deg / 22.5) % 16);
	r[42] = 0;
}

static void put_record(struct wx_made_log *log, const struct wx_made_reading *r,
		       FILE *out)
{
	uint8_t record[RECORD];

	compose(log, r, record);
	fwrite(record, 1, RECORD, out);
}

/* The page with its padding and CRC. */
static void put_page(struct wx_made_log *log, FILE *out)
{
	struct davis *d = log->state;
	unsigned crc;

	if (!d->n)
		return;
	memset(d->page + 1 + d->n * RECORD, 0xff,
	       (size_t)(PAGE - 1 - d->n * RECORD));
	crc = wx_crc16(d->page, PAGE - 2);
	d->page[PAGE - 2] = (uint8_t)(crc >> 8);
	d->page[PAGE - 1] = (uint8_t)crc;
	if (d->page[0] % DAMAGED == 3) {
		d->page[100] ^= 0x10;
		fwrite(d->page, 1, PAGE, out);
		d->page[100] ^= 0x10;
	}
	fwrite(d->page, 1, PAGE, out);
	d->page[0]++;
	d->n = 0;
}

static void add_record(struct wx_made_log *log, const struct wx_made_reading *r,
		       FILE *out)
{
	struct davis *d = log->state;

	compose(log, r, d->page + 1 + d->n++ * RECORD);
	if (d->n == PER_PAGE)
		put_page(log, out);
}

#define DAVIS_SITE "\"zone\": \"" WX_MADE_ZONE "\""

const struct wx_made_format wx_made_log_davis_pages = {
	.name = "davis-pages",
	.file = "davis.dmp",
	.site = DAVIS_SITE,
	.step_s = STEP_S,
	.wind_step_m_s = WX_M_S_PER_MPH,
	.rain = WX_MADE_INTERVAL,
	.resends = true,
	.state_size = sizeof(struct davis),
	.row = add_record,
	.end = put_page,
};

const struct wx_made_format wx_made_log_davis_records = {
	.name = "davis-records",
	.file = "davis.wlk",
	.site = DAVIS_SITE,
	.step_s = STEP_S,
	.wind_step_m_s = WX_M_S_PER_MPH,
	.rain = WX_MADE_INTERVAL,
	.row = put_record,
};
