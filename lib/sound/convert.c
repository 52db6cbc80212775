/* SPDX-License-Identifier: MIT */
/* lib/sound/convert.c: see convert.h. */
#include "sound/convert.h"

#include <math.h>
#include <samplerate.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>

int64_t wx_convert_n(int64_t n, double from_hz, double to_hz)
{
	return llround((double)n * to_hz / from_hz);
}

/* A file in memory, for libsndfile: a header of ours and the frames. */
struct mem {
	uint8_t header[WX_WAV_HEADER_SIZE];
	const uint8_t *frames;
	sf_count_t n_bytes, at; /* of both */
};

static sf_count_t mem_length(void *ctx)
{
	return ((struct mem *)ctx)->n_bytes;
}

static sf_count_t mem_seek(sf_count_t offset, int whence, void *ctx)
{
	struct mem *m = ctx;
	sf_count_t at = whence == SEEK_SET   ? offset
			: whence == SEEK_CUR ? m->at + offset
					     : m->n_bytes + offset;

	if (at >= 0 && at <= m->n_bytes)
		m->at = at;
	return m->at;
}

static sf_count_t mem_read(void *to, sf_count_t n, void *ctx)
{
	struct mem *m = ctx;
	sf_count_t done = 0, head = sizeof(m->header);

	if (n > m->n_bytes - m->at)
		n = m->n_bytes - m->at;
	while (done < n && m->at < head)
		((uint8_t *)to)[done++] = m->header[m->at++];
	if (done < n)
		memcpy((uint8_t *)to + done, m->frames + (m->at - head),
		       (size_t)(n - done));
	m->at += n - done;
	return n;
}

static sf_count_t mem_tell(void *ctx)
{
	return ((struct mem *)ctx)->at;
}

/* n frames as floats, channels averaged into the first n. */
static int decode(const struct wx_wav *wav, const uint8_t *frames, int64_t n,
		  float *out, struct wx_error *err)
{
	SF_VIRTUAL_IO io = { .get_filelen = mem_length,
			     .seek = mem_seek,
			     .read = mem_read,
			     .tell = mem_tell };
	struct mem m = { .frames = frames };
	SF_INFO info = { 0 };
	SNDFILE *snd;
	sf_count_t got = 0;

	wx_wav_header(wav, (uint32_t)(n * wav->block_align), m.header);
	m.n_bytes = (sf_count_t)sizeof(m.header) + n * wav->block_align;
	snd = sf_open_virtual(&io, SFM_READ, &info, &m);
	if (snd && info.channels == wav->channels)
		got = sf_readf_float(snd, out, n);
	if (snd)
		sf_close(snd);
	if (got != n)
		return wx_fail(err, WX_ERR_FORMAT,
			       "libsndfile read %lld of %lld frames",
			       (long long)got, (long long)n);
	for (int64_t i = 0; i < n; i++) {
		float sum = 0;

		for (int c = 0; c < wav->channels; c++)
			sum += out[i * wav->channels + c];
		out[i] = sum / (float)wav->channels;
	}
	return WX_OK;
}

static void to_i16(const float *in, int64_t n, int16_t *out)
{
	for (int64_t i = 0; i < n; i++) {
		float v = rintf(in[i] * 32768.0f);

		out[i] = (int16_t)fminf(fmaxf(v, -32768.0f), 32767.0f);
	}
}

/* What the last frames lack, as the filter needs what comes after, is 0. */
static int resample(float *in, int64_t n, double ratio, float *out,
		    int64_t n_out, struct wx_error *err)
{
	SRC_DATA d = { .data_in = in,
		       .input_frames = (long)n,
		       .data_out = out,
		       .output_frames = (long)n_out,
		       .src_ratio = ratio };
	int bad = src_simple(&d, SRC_SINC_MEDIUM_QUALITY, 1);

	return bad ? wx_fail(err, WX_ERR_FORMAT, "libsamplerate: %s",
			     src_strerror(bad))
		   : WX_OK;
}

int wx_convert(const struct wx_wav *wav, const uint8_t *frames, int64_t n,
	       double to_hz, int16_t *out, struct wx_error *err)
{
	int64_t n_out = wx_convert_n(n, wav->rate_hz, to_hz);
	float *in = malloc((size_t)n * (size_t)wav->channels * sizeof(*in));
	float *made = calloc((size_t)n_out + 1, sizeof(*made));
	int rc = in && made ? decode(wav, frames, n, in, err)
			    : wx_fail_nomem(err);

	if (!rc && wav->rate_hz == to_hz)
		to_i16(in, n, out);
	else if (!rc)
		rc = resample(in, n, to_hz / wav->rate_hz, made, n_out, err);
	if (!rc && wav->rate_hz != to_hz)
		to_i16(made, n_out, out);
	free(in);
	free(made);
	return rc;
}
