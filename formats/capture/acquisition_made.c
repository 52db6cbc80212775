/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/acquisition_made.c: the WAV file and the env table that lie
 * in an Edge Impulse acquisition.
 */
#include <float.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "capture/acquisition.h"
#include "sound/wav.h"

/* ---- sound ---- */

static bool is_audio(const struct wx_acq_sensor *s)
{
	return strcasecmp(s->name, "audio") == 0 ||
	       strcasecmp(s->units, "wav") == 0;
}

uint32_t wx_acquisition_rate_hz(const struct wx_acquisition *a)
{
	double hz = rint(1000.0 / a->interval_ms);

	return hz < UINT32_MAX ? (uint32_t)hz : UINT32_MAX;
}

int wx_acquisition_channels(const struct wx_acquisition *a)
{
	uint32_t hz = wx_acquisition_rate_hz(a);
	int n = 0;

	if (hz < WX_WAV_MIN_RATE_HZ || hz > WX_WAV_MAX_RATE_HZ)
		return 0;
	for (size_t i = 0; i < a->n_sensors; i++)
		n += is_audio(&a->sensor[i]);
	return n <= WX_WAV_MAX_CHANNELS ? n : WX_WAV_MAX_CHANNELS;
}

struct sound {
	const struct wx_acquisition *a;
	struct wx_wav wav;
	double scale, offset; /* sample = value * scale + offset */
	FILE *out;
};

static bool are_16_bits(const struct wx_acquisition *a)
{
	for (size_t i = 0; i < a->n_sensors; i++) {
		const struct wx_acq_sensor *s = &a->sensor[i];

		if (is_audio(s) &&
		    (!s->whole || s->min < INT16_MIN || s->max > INT16_MAX))
			return false;
	}
	return true;
}

static double peak(const struct wx_acquisition *a)
{
	double top = 0;

	for (size_t i = 0; i < a->n_sensors; i++)
		if (is_audio(&a->sensor[i]))
			top = fmax(top,
				   fmax(-a->sensor[i].min, a->sensor[i].max));
	return top;
}

static void choose(struct sound *s)
{
	const struct wx_acquisition *a = s->a;
	int bytes = 2;

	s->scale = 1;
	s->offset = 0;
	s->wav.code = WX_WAV_PCM;
	switch (a->code) {
	case WX_ACQ_U8:
	case WX_ACQ_I8:
		s->scale = 256;
		s->offset = a->code == WX_ACQ_U8 ? INT16_MIN : 0;
		break;
	case WX_ACQ_U16:
		s->offset = INT16_MIN;
		break;
	case WX_ACQ_U32:
	case WX_ACQ_I32:
		s->offset = a->code == WX_ACQ_U32 ? INT32_MIN : 0;
		bytes = 4;
		break;
	default:
		if (are_16_bits(a))
			break;
		s->wav.code = WX_WAV_FLOAT;
		s->scale = peak(a) > 1 ? 1.0 / 32768 : 1;
		bytes = 4;
	}
	s->wav.sample_bytes = bytes;
	s->wav.bits = 8 * bytes;
	s->wav.channels = wx_acquisition_channels(a);
	s->wav.rate_hz = wx_acquisition_rate_hz(a);
	s->wav.block_align = (uint32_t)(bytes * s->wav.channels);
}

static uint32_t coded(const struct sound *s, double value)
{
	/* Where there is no number there is no sound. */
	double v = isnan(value) ? 0 : value * s->scale + s->offset;
	float f = (float)fmax(fmin(v, FLT_MAX), -FLT_MAX);
	uint32_t u;

	if (s->wav.code == WX_WAV_PCM)
		return (uint32_t)(int64_t)v;
	memcpy(&u, &f, sizeof(u));
	return u;
}

static int put_frame(void *ctx, int64_t row, const double *v,
		     struct wx_error *err)
{
	struct sound *s = ctx;
	uint8_t frame[4 * WX_WAV_MAX_CHANNELS], *p = frame;

	(void)row;
	for (size_t i = 0; i < s->a->n_sensors; i++) {
		uint32_t u = coded(s, v[i]);

		if (!is_audio(&s->a->sensor[i]) ||
		    p == frame + s->wav.block_align)
			continue;
		for (int k = 0; k < s->wav.sample_bytes; k++)
			*p++ = (uint8_t)(u >> 8 * k);
	}
	if (fwrite(frame, s->wav.block_align, 1, s->out) != 1)
		return wx_fail_errno(err, "cannot write");
	return WX_OK;
}

int wx_acquisition_write_wav(int fd, const char *name,
			     const struct wx_acquisition *a, FILE *out,
			     struct wx_error *err)
{
	struct sound s = { .a = a, .out = out };
	uint8_t header[WX_WAV_HEADER_SIZE];

	choose(&s);
	if (!s.wav.channels)
		return wx_fail(err, WX_ERR_RANGE, "%s: no sound in it", name);
	if (a->n_rows >
	    (INT64_C(0xffffffff) - WX_WAV_HEADER_SIZE) / s.wav.block_align)
		return wx_fail(err, WX_ERR_RANGE,
			       "%s: more sound than a WAV file holds", name);
	wx_wav_header(&s.wav, (uint32_t)a->n_rows * s.wav.block_align, header);
	if (fwrite(header, sizeof(header), 1, out) != 1)
		return wx_fail_errno(err, "cannot write");
	return wx_acquisition_rows(fd, name, a, put_frame, &s, err);
}

/* ---- air ---- */

static const char *const env_keys[WX_ACQ_ENVS] = {
	[WX_ACQ_TEMP] = "air_temp_degc",
	[WX_ACQ_HUM] = "rel_hum_pct",
	[WX_ACQ_PRESS] = "pressure_hpa",
};

/* Units alone do not tell: a battery has %, an oven degC. */
static const struct {
	enum wx_acq_env env;
	const char *name; /* how the sensor's name starts */
	const char *units;
	double scale, offset;
} units[] = {
	{ WX_ACQ_TEMP, "temp", "degC", 1, 0 },
	{ WX_ACQ_TEMP, "temp", "Cel", 1, 0 }, /* SenML */
	{ WX_ACQ_TEMP, "temp", "C", 1, 0 },
	{ WX_ACQ_TEMP, "temp",
	  "\xc2\xb0"
	  "C",
	  1, 0 },
	{ WX_ACQ_TEMP, "temp", "K", 1, -273.15 },
	{ WX_ACQ_TEMP, "air_temp", "degC", 1, 0 },
	{ WX_ACQ_HUM, "hum", "%", 1, 0 },
	{ WX_ACQ_HUM, "hum", "%RH", 1, 0 },
	{ WX_ACQ_HUM, "rel_hum", "%", 1, 0 },
	{ WX_ACQ_HUM, "rh", "%", 1, 0 },
	{ WX_ACQ_HUM, "rh", "%RH", 1, 0 },
	{ WX_ACQ_PRESS, "press", "Pa", 0.01, 0 },
	{ WX_ACQ_PRESS, "press", "hPa", 1, 0 },
	{ WX_ACQ_PRESS, "press", "mbar", 1, 0 },
	{ WX_ACQ_PRESS, "press", "kPa", 10, 0 }, /* FW53 */
	{ WX_ACQ_PRESS, "baro", "Pa", 0.01, 0 },
	{ WX_ACQ_PRESS, "baro", "hPa", 1, 0 },
	{ WX_ACQ_PRESS, "baro", "kPa", 10, 0 },
};

int wx_acquisition_env(const struct wx_acquisition *a,
		       struct wx_acq_axis axis[WX_ACQ_ENVS])
{
	int n = 0;

	for (int e = 0; e < WX_ACQ_ENVS; e++)
		axis[e] = (struct wx_acq_axis){ .sensor = -1 };
	for (size_t i = 0; i < a->n_sensors; i++)
		for (size_t k = 0; k < WX_COUNT(units); k++) {
			const struct wx_acq_sensor *s = &a->sensor[i];
			struct wx_acq_axis *to = &axis[units[k].env];

			/* Of two thermometers the first. */
			if (to->sensor >= 0 ||
			    strncasecmp(s->name, units[k].name,
					strlen(units[k].name)) != 0 ||
			    strcasecmp(s->units, units[k].units) != 0)
				continue;
			*to = (struct wx_acq_axis){ (int)i, units[k].scale,
						    units[k].offset };
			n++;
		}
	return n;
}

#define MAX_SINCE_US 3.2e15 /* a hundred years */

struct air {
	const struct wx_acquisition *a;
	struct wx_acq_axis axis[WX_ACQ_ENVS];
	const char *name;
	int64_t m0_us, last_us;
	FILE *out;
};

static int put_reading(void *ctx, int64_t row, const double *v,
		       struct wx_error *err)
{
	enum { MIN_STEP_US = 1000000, DECIMALS = 3 };
	struct air *air = ctx;
	double since_us = (double)row * air->a->interval_ms * 1000;
	int64_t m_us;
	char text[WX_NUM_SIZE];

	if (since_us > MAX_SINCE_US)
		return wx_fail(err, WX_ERR_RANGE, "%s: goes on for a century",
			       air->name);
	m_us = air->m0_us + llrint(since_us);
	if (row > 0 && m_us - air->last_us < MIN_STEP_US)
		return WX_OK;
	air->last_us = m_us;
	wx_i64_format(m_us, text);
	fputs(text, air->out);
	for (int e = 0; e < WX_ACQ_ENVS; e++) {
		const struct wx_acq_axis *x = &air->axis[e];

		if (x->sensor < 0)
			continue;
		wx_f64_format(v[x->sensor] * x->scale + x->offset, DECIMALS,
			      text);
		fprintf(air->out, ",%s", text);
	}
	if (putc('\n', air->out) == EOF)
		return wx_fail_errno(err, "cannot write");
	return WX_OK;
}

int wx_acquisition_write_env(int fd, const char *name,
			     const struct wx_acquisition *a, int64_t m0_us,
			     FILE *out, struct wx_error *err)
{
	struct air air = { .a = a, .name = name, .m0_us = m0_us, .out = out };

	if (!wx_acquisition_env(a, air.axis))
		return wx_fail(err, WX_ERR_RANGE,
			       "%s: neither temperature, humidity nor pressure "
			       "in it",
			       name);
	fputs("m", out);
	for (int e = 0; e < WX_ACQ_ENVS; e++)
		if (air.axis[e].sensor >= 0)
			fprintf(out, ",%s", env_keys[e]);
	fputc('\n', out);
	return wx_acquisition_rows(fd, name, a, put_reading, &air, err);
}
