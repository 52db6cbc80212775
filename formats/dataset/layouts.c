/* SPDX-License-Identifier: MIT */
/*
 * formats/dataset/layouts.c: samples that are made of windows, for layouts that
 * are not WAV.
 *
 * json, cbor: the sound itself in Edge Impulse's acquisition format, one axis
 * "audio" with the units "wav".
 *
 * frames-csv, frames-cbor: a row a second of what wx-listen measures (see
 * sound/levels.h: 12 bands of 1024-sample Hann frames half overlapped, level,
 * flatness), with temperature, humidity and pressure held from the window. No
 * voice can be had back from it. What the station says is what the label was
 * made of, and is left out.
 *
 *     timestamp,level_dbfs,band_20_60_db,...,flatness_600_1200,
 *     air_temp_degc,rel_hum_pct,pressure_pa
 *     0,-41.25,...
 *     1000,-40.87,...
 *
 * timestamp is in milliseconds from the start, in equal steps, and comes first.
 *
 * Source: docs.edgeimpulse.com, "Data acquisition format", "CSV".
 */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "dataset/acquire.h"
#include "dataset/dataset.h"
#include "dataset/info_write.h"
#include "sound/levels.h"

#define DEVICE_TYPE "WXSET_NODE"

/* ---- sound ---- */

static struct wx_acquire audio(const struct wx_making *m)
{
	return (struct wx_acquire){
		.device_name = m->device,
		.device_type = DEVICE_TYPE,
		.iat_s = m->iat_s,
		.interval_ms = 1000.0 / m->rate_hz,
		.is_signed = m->hmac_key != NULL,
		.n_axes = 1,
		.axis = { { "audio", "wav" } },
	};
}

static int make_cbor(const struct wx_making *m, FILE *out,
		     int64_t *signature_at, struct wx_error *err)
{
	struct wx_acquire a = audio(m);

	(void)err;
	wx_acquire_cbor_begin(out, &a, signature_at);
	wx_acquire_cbor_i16(out, m->pcm, (size_t)m->n_pcm);
	return WX_OK;
}

static int make_wav(const struct wx_making *m, FILE *out, int64_t *signature_at,
		    struct wx_error *err)
{
	struct wx_wav wav = { .code = WX_WAV_PCM,
			      .tag = 1,
			      .channels = 1,
			      .bits = 16,
			      .sample_bytes = 2,
			      .rate_hz = (uint32_t)m->rate_hz,
			      .block_align = 2 };
	uint8_t header[WX_WAV_HEADER_SIZE];

	(void)err;
	*signature_at = -1;
	wx_wav_header(&wav, (uint32_t)(2 * m->n_pcm), header);
	fwrite(header, 1, sizeof(header), out);
	fwrite(m->pcm, 2, (size_t)m->n_pcm, out);
	return WX_OK;
}

static int make_json(const struct wx_making *m, FILE *out,
		     int64_t *signature_at, struct wx_error *err)
{
	struct wx_acquire a = audio(m);

	(void)err;
	wx_acquire_json_begin(out, &a, signature_at);
	wx_acquire_json_i16(out, m->pcm, (size_t)m->n_pcm);
	wx_acquire_json_end(out);
	return WX_OK;
}

/* ---- frame tables ---- */

enum { N_SOUND = 1 + WX_N_BANDS + 1, N_AXES = N_SOUND + 3 };

/* Names as in sound/ and windows/, but for pressure: its unit is SenML's. */
static const struct {
	const char *name, *units;
	int decimals;
} axes[N_AXES] = {
	{ "level_dbfs", "dB", 2 },        { "band_20_60_db", "dB", 2 },
	{ "band_60_100_db", "dB", 2 },    { "band_100_200_db", "dB", 2 },
	{ "band_200_400_db", "dB", 2 },   { "band_400_600_db", "dB", 2 },
	{ "band_600_1200_db", "dB", 2 },  { "band_1200_2000_db", "dB", 2 },
	{ "band_2000_3000_db", "dB", 2 }, { "band_3000_4400_db", "dB", 2 },
	{ "band_4400_5600_db", "dB", 2 }, { "band_5600_7000_db", "dB", 2 },
	{ "band_7000_7900_db", "dB", 2 }, { "flatness_600_1200", "/", 3 },
	{ "air_temp_degc", "Cel", 2 },    { "rel_hum_pct", "%RH", 1 },
	{ "pressure_pa", "Pa", 0 },
};

/* With env, or the sound alone. */
static int n_axes(const struct wx_making *m)
{
	return isnan(m->air_temp_degc) ? N_SOUND : N_AXES;
}

static void fill_row(const struct wx_making *m, const struct wx_second *s,
		     double row[N_AXES])
{
	row[0] = s->level_dbfs;
	for (int b = 0; b < WX_N_BANDS; b++)
		row[1 + b] = s->band_db[b];
	row[N_SOUND - 1] = s->flatness;
	row[N_SOUND] = m->air_temp_degc;
	row[N_SOUND + 1] = m->rel_hum_pct;
	row[N_SOUND + 2] = m->pressure_hpa * 100;
	/* As the tables have them, so that no digits are made up. */
	for (int i = 0; i < n_axes(m); i++) {
		double steps = pow(10, axes[i].decimals);

		row[i] = isnan(row[i]) ? WX_SOUND_FLOOR_DB
				       : round(row[i] * steps) / steps;
	}
	if (isnan(s->flatness))
		row[N_SOUND - 1] = 0; /* of silence */
}

/* Calls put for each second of the window. */
static int each_second(const struct wx_making *m,
		       void (*put)(FILE *out, const struct wx_making *m,
				   const double *row, int64_t i),
		       FILE *out, struct wx_error *err)
{
	const struct wx_wav *wav = wx_cutter_wav(m->cutter);
	struct wx_levels *l = NULL;
	uint8_t *frames = malloc((size_t)wav->rate_hz * wav->block_align);
	int rc =
		frames ? wx_levels_new(m->limits, &l, err) : wx_fail_nomem(err);

	if (!rc)
		rc = wx_levels_start(l, wav, err);
	for (int64_t i = 0; !rc && i < m->n_frames / wav->rate_hz; i++) {
		struct wx_second s;
		double row[N_AXES];

		rc = wx_cutter_read(m->cutter,
				    m->first_frame + i * wav->rate_hz,
				    wav->rate_hz, frames, err);
		if (rc)
			break;
		wx_levels_second(l, frames, wav->rate_hz, &s);
		fill_row(m, &s, row);
		put(out, m, row, i);
	}
	wx_levels_free(l);
	free(frames);
	return rc;
}

static void put_csv(FILE *out, const struct wx_making *m, const double *row,
		    int64_t i)
{
	fprintf(out, "%lld", (long long)i * 1000);
	for (int k = 0; k < n_axes(m); k++) {
		char text[WX_NUM_SIZE];

		wx_f64_format(row[k], axes[k].decimals, text);
		fprintf(out, ",%s", text);
	}
	putc('\n', out);
}

static int make_frames_csv(const struct wx_making *m, FILE *out,
			   int64_t *signature_at, struct wx_error *err)
{
	*signature_at = -1;
	fputs("timestamp", out);
	for (int i = 0; i < n_axes(m); i++)
		fprintf(out, ",%s", axes[i].name);
	putc('\n', out);
	return each_second(m, put_csv, out, err);
}

static struct wx_acquire frames(const struct wx_making *m)
{
	struct wx_acquire a = {
		.device_name = m->device,
		.device_type = DEVICE_TYPE,
		.iat_s = m->iat_s,
		.interval_ms = 1000,
		.is_signed = m->hmac_key != NULL,
		.n_axes = n_axes(m),
	};

	for (int i = 0; i < a.n_axes; i++) {
		a.axis[i].name = axes[i].name;
		a.axis[i].units = axes[i].units;
	}
	return a;
}

static void put_cbor(FILE *out, const struct wx_making *m, const double *row,
		     int64_t i)
{
	struct wx_acquire a = { .n_axes = n_axes(m) };

	(void)i;
	wx_acquire_cbor_row(out, &a, row);
}

static int make_frames_cbor(const struct wx_making *m, FILE *out,
			    int64_t *signature_at, struct wx_error *err)
{
	struct wx_acquire a = frames(m);
	int rc;

	wx_acquire_cbor_begin(out, &a, signature_at);
	rc = each_second(m, put_cbor, out, err);
	wx_acquire_cbor_end(out);
	return rc;
}

#define LAYOUT(id, text, about, suffix, ...)               \
	const struct wx_dataset_format wx_dataset_##id = { \
		.name = text,                              \
		.desc = about,                             \
		.list_file = "info.labels",                \
		.ext = suffix,                             \
		.begin = wx_info_begin,                    \
		.add = wx_info_add,                        \
		.end = wx_info_end,                        \
		__VA_ARGS__                                \
	}

LAYOUT(wav, "wav", "a WAV for each window", ".wav", .make_pcm = make_wav);
LAYOUT(json, "json", "acquisition format, JSON, for each window", ".json",
       .make = make_json, .pcm = true);
LAYOUT(cbor, "cbor", "acquisition format, CBOR, for each window", ".cbor",
       .make = make_cbor, .pcm = true);
LAYOUT(frames_csv, "frames-csv", "bands and env a second, CSV, for each window",
       ".csv", .make = make_frames_csv, .frames = true);
LAYOUT(frames_cbor, "frames-cbor",
       "bands and env a second, CBOR, for each window", ".cbor",
       .make = make_frames_cbor, .frames = true);
LAYOUT(captures, "captures", "whole captures, a label for each part of them",
       ".wav", .captures = true);
