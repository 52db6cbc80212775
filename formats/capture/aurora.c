/* SPDX-License-Identifier: MIT */
/* formats/capture/aurora.c: packets to runs of sound and readings. */
#include "capture/aurora.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/bytes.h"
#include "base/csv.h"
#include "base/file.h"
#include "base/text.h"
#include "sound/wav.h"

enum {
	STAMP = 4,
	SOUND = 2 * WX_AURORA_FRAMES,
	ENV = 24,
	HOUR_MS = 3600000,
	/* A file holds an hour: a stamp further ahead is a fault. */
	MAX_AHEAD_MS = 2 * HOUR_MS,
	MAX_NUMBER = 999999,
};

/* "WORD_" and a number at *p, which moves behind it. */
static bool take_number(const char **p, const char *word, int64_t *out)
{
	size_t n = strlen(word), digits;

	if (strncasecmp(*p, word, n) != 0)
		return false;
	digits = strspn(*p + n, "0123456789");
	if (digits > 12 || !wx_i64_parse(*p + n, digits, out) ||
	    *out > MAX_NUMBER)
		return false;
	*p += n + digits;
	return true;
}

bool wx_aurora_name(const char *name, struct wx_aurora_name *out)
{
	const char *slash = strrchr(name, '/');
	const char *p = slash ? slash + 1 : name;

	return take_number(&p, "data_seq_", &out->seq) &&
	       take_number(&p, "_run_", &out->run) &&
	       take_number(&p, "_hour_", &out->hour) && !strcasecmp(p, ".pcm");
}

/* ---- stamps ---- */

/* From stamp a to b, over a wrap too; more than 24 days ahead reads as back. */
static int64_t ahead_ms(uint32_t a, uint32_t b)
{
	return (int32_t)(b - a);
}

static bool follows(uint32_t a, uint32_t b)
{
	return ahead_ms(a, b) > 0 && ahead_ms(a, b) <= MAX_AHEAD_MS;
}

/*
 * Which packets to date. last: the packet that was dated before k, or -1. A
 * stamp that does not follow it is a fault of that one packet if the next one
 * follows; else the count began anew, and there *n_dated ends.
 */
static bool is_dated(const uint32_t *stamp, size_t n, int64_t last, size_t k,
		     size_t *n_dated)
{
	bool has_next = k + 1 < n;

	if (last < 0) /* the first: one of the next two bears it out */
		return !has_next || follows(stamp[k], stamp[k + 1]) ||
		       (k + 2 < n && follows(stamp[k], stamp[k + 2]));
	if (follows(stamp[last], stamp[k]))
		return !has_next || follows(stamp[k], stamp[k + 1]) ||
		       !follows(stamp[last], stamp[k + 1]);
	if (has_next && !follows(stamp[last], stamp[k + 1]))
		*n_dated = k;
	return false;
}

/* How often the stamp had wrapped when this file was begun. */
static int64_t wraps(uint32_t first, int64_t hour)
{
	double n = ((double)hour * HOUR_MS - first) / 4294967296.0;

	return n > 0 ? llround(n) : 0;
}

static void date_packets(const uint32_t *stamp, int64_t hour,
			 struct wx_aurora *a)
{
	size_t n_dated = a->n_packets;
	int64_t last = -1, t_ms = 0;

	for (size_t k = 0; k < a->n_packets; k++) {
		a->m_us[k] = -1;
		if (k >= n_dated ||
		    !is_dated(stamp, a->n_packets, last, k, &n_dated)) {
			a->n_undated++;
			continue;
		}
		if (last < 0)
			t_ms = wraps(stamp[k], hour) * (INT64_C(1) << 32) +
			       stamp[k];
		else
			t_ms += ahead_ms(stamp[last], stamp[k]);
		a->m_us[k] = t_ms * 1000;
		last = (int64_t)k;
	}
}

/* ---- parts ---- */

/* Does packet k begin where part p ends? */
static bool continues(const struct wx_aurora *a, const struct wx_aurora_part *p,
		      size_t k)
{
	int64_t end_us = p->m0_us + p->n_frames * 1000000 / WX_AURORA_RATE_HZ;

	return p->m0_us >= 0 && a->m_us[k] >= 0 &&
	       llabs(a->m_us[k] - end_us) < WX_AURORA_JITTER_MS * 1000;
}

static int64_t frames_of(const struct wx_aurora *a, size_t k)
{
	int64_t left = a->size_bytes - (int64_t)k * WX_AURORA_PACKET - STAMP;

	return left < SOUND ? left / 2 : WX_AURORA_FRAMES;
}

static int find_parts(struct wx_aurora *a, struct wx_error *err)
{
	size_t room = 0;

	for (size_t k = 0; k < a->n_packets; k++) {
		struct wx_aurora_part *p =
			a->n_parts ? &a->part[a->n_parts - 1] : NULL;

		if (!p || !continues(a, p, k)) {
			if (WX_GROW(&a->part, &room, a->n_parts + 1, err))
				return WX_ERR_NOMEM;
			p = &a->part[a->n_parts++];
			*p = (struct wx_aurora_part){ .packet = (int64_t)k,
						      .m0_us = a->m_us[k] };
		}
		p->n_frames += frames_of(a, k);
		a->n_frames += frames_of(a, k);
	}
	return WX_OK;
}

/* ---- readings ---- */

struct reading {
	double rel_hum_pct, pressure_hpa, air_temp_degc; /* NAN: none */
};

static double le_f64(const uint8_t *p)
{
	uint64_t bits = wx_le64(p);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

static double within(double v, double min, double max)
{
	return v >= min && v <= max ? v : NAN;
}

/*
 * What no air on Earth has is no reading; a pressure tells its unit by its
 * size. What is left, wx-align judges more strictly (clock/env.h).
 */
static struct reading parse_env(const uint8_t p[ENV])
{
	struct reading r = {
		.rel_hum_pct = within(le_f64(p), 0, 110),
		.pressure_hpa = within(le_f64(p + 8), 300, 1100),
		.air_temp_degc = within(le_f64(p + 16), -90, 90),
	};

	if (isnan(r.pressure_hpa))
		r.pressure_hpa = within(le_f64(p + 8), 30000, 110000) / 100;
	return r;
}

static bool has_env(const struct wx_aurora *a, size_t k)
{
	return (int64_t)(k + 1) * WX_AURORA_PACKET <= a->size_bytes;
}

static bool is_reading(const struct reading *r)
{
	return !isnan(r->rel_hum_pct) || !isnan(r->pressure_hpa) ||
	       !isnan(r->air_temp_degc);
}

/* ---- the file ---- */

/* Every stamp, and how many packets have a reading: one small read each. */
static int read_packets(int fd, const char *name, uint32_t *stamp,
			uint8_t *has_reading, const struct wx_aurora *a,
			struct wx_error *err)
{
	uint8_t b[ENV + STAMP];
	int rc = wx_file_read_at(fd, name, b + ENV, STAMP, 0, err);

	for (size_t k = 0; rc == WX_OK && k < a->n_packets; k++) {
		int64_t at = (int64_t)(k + 1) * WX_AURORA_PACKET;
		struct reading r;

		stamp[k] = wx_be32(b + ENV);
		if (!has_env(a, k))
			break;
		/* The readings, and with them the next packet's stamp. */
		rc = wx_file_read_at(fd, name, b,
				     k + 1 < a->n_packets ? sizeof(b) : ENV,
				     at - ENV, err);
		if (rc == WX_OK) {
			r = parse_env(b);
			has_reading[k] = is_reading(&r);
		}
	}
	return rc;
}

static int read_all(int fd, const char *name, int64_t hour, struct wx_aurora *a,
		    struct wx_error *err)
{
	uint32_t *stamp = calloc(a->n_packets, sizeof(*stamp));
	uint8_t *has_reading = calloc(a->n_packets, 1);
	int rc = WX_ERR_NOMEM;

	a->m_us = calloc(a->n_packets, sizeof(*a->m_us));
	if (!stamp || !has_reading || !a->m_us)
		wx_fail_nomem(err);
	else
		rc = read_packets(fd, name, stamp, has_reading, a, err);
	if (rc == WX_OK) {
		date_packets(stamp, hour, a);
		for (size_t k = 0; k < a->n_packets; k++)
			a->n_env += has_reading[k] && a->m_us[k] >= 0;
		rc = find_parts(a, err);
	}
	free(stamp);
	free(has_reading);
	return rc;
}

int wx_aurora_read(int fd, const char *name, struct wx_aurora *out,
		   struct wx_error *err)
{
	struct wx_aurora_name n;
	struct stat st;
	int64_t rest;

	*out = (struct wx_aurora){ 0 };
	if (!wx_aurora_name(name, &n))
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected a name like "
			       "data_seq_1_run_2_hour_3.pcm",
			       name);
	if (fstat(fd, &st))
		return wx_fail_errno(err, "%s: cannot read", name);
	out->boot = n.seq * (MAX_NUMBER + 1) + n.run;
	out->size_bytes = st.st_size;
	rest = out->size_bytes % WX_AURORA_PACKET;
	out->torn = rest > 0;
	if (out->size_bytes / WX_AURORA_PACKET >= WX_AURORA_MAX_PACKETS)
		return wx_fail(
			err, WX_ERR_RANGE,
			"%s: %lld packets of sound; expected those of an "
			"hour, up to %d",
			name, (long long)(out->size_bytes / WX_AURORA_PACKET),
			WX_AURORA_MAX_PACKETS);
	/* A stamp without a frame behind it is no packet. */
	out->n_packets = (size_t)(out->size_bytes / WX_AURORA_PACKET) +
			 (rest >= STAMP + 2);
	return out->n_packets ? read_all(fd, name, n.hour, out, err) : WX_OK;
}

void wx_aurora_fini(struct wx_aurora *a)
{
	free(a->m_us);
	free(a->part);
	*a = (struct wx_aurora){ 0 };
}

static void swap_bytes(uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		uint8_t high = p[i];

		p[i] = p[i + 1];
		p[i + 1] = high;
	}
}

int wx_aurora_write_wav(int fd, const char *name, const struct wx_aurora *a,
			size_t part, FILE *out, struct wx_error *err)
{
	static const struct wx_wav wav = { .code = WX_WAV_PCM,
					   .channels = 1,
					   .sample_bytes = 2,
					   .rate_hz = WX_AURORA_RATE_HZ,
					   .block_align = 2 };
	const struct wx_aurora_part *p = &a->part[part];
	uint8_t header[WX_WAV_HEADER_SIZE], *sound = malloc(SOUND);
	int64_t left = 2 * p->n_frames;
	int rc = sound ? WX_OK : wx_fail_nomem(err);

	/* At most MAX_PACKETS x SOUND bytes: 32 bits hold that. */
	wx_wav_header(&wav, (uint32_t)left, header);
	fwrite(header, 1, sizeof(header), out);
	for (int64_t k = p->packet; rc == WX_OK && left > 0; k++) {
		size_t n = left < SOUND ? (size_t)left : SOUND;

		rc = wx_file_read_at(fd, name, sound, n,
				     k * WX_AURORA_PACKET + STAMP, err);
		if (rc == WX_OK) {
			swap_bytes(sound, n);
			fwrite(sound, 1, n, out);
		}
		left -= (int64_t)n;
	}
	free(sound);
	return rc;
}

int wx_aurora_write_env(int fd, const char *name, const struct wx_aurora *a,
			FILE *out, struct wx_error *err)
{
	struct wx_row *row = malloc(sizeof(*row));
	int rc = row ? WX_OK : wx_fail_nomem(err);

	if (rc != WX_OK)
		return rc;
	wx_row_init(row, out);
	wx_row_line(row, "m,air_temp_degc,rel_hum_pct,pressure_hpa");
	for (size_t k = 0; k < a->n_packets && has_env(a, k); k++) {
		uint8_t b[ENV];
		struct reading r;

		if (a->m_us[k] < 0)
			continue;
		rc = wx_file_read_at(fd, name, b, sizeof(b),
				     (int64_t)(k + 1) * WX_AURORA_PACKET - ENV,
				     err);
		if (rc != WX_OK)
			break;
		r = parse_env(b);
		if (!is_reading(&r))
			continue;
		wx_row_i64(row, a->m_us[k]);
		wx_row_f64(row, r.air_temp_degc, 3);
		wx_row_f64(row, r.rel_hum_pct, 3);
		wx_row_f64(row, r.pressure_hpa, 3);
		wx_row_end(row);
	}
	wx_row_flush(row);
	free(row);
	return rc;
}
