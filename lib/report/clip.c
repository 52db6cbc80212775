/* SPDX-License-Identifier: MIT */
/* lib/report/clip.c: see clip.h. */
#include "report/clip.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "report/png.h"
#include "sound/decode.h"
#include "sound/spectrum.h"

enum { COLUMNS = 480, ROWS = 128 };

/*
 * From dark to bright, even to the eye and to one who sees no red: black,
 * blue, violet, orange, pale yellow (after the "inferno" idea of equal steps
 * of lightness; own stops).
 */
static void make_palette(uint8_t palette[256][3])
{
	static const double stop[][3] = { { 6, 6, 20 },     { 40, 18, 96 },
					  { 128, 36, 116 }, { 208, 78, 70 },
					  { 250, 164, 52 }, { 252, 250, 190 } };

	for (int i = 0; i < 256; i++) {
		double at = i / 255.0 * (WX_COUNT(stop) - 1);
		size_t k = at >= WX_COUNT(stop) - 1 ? WX_COUNT(stop) - 2
						    : (size_t)at;

		for (int c = 0; c < 3; c++)
			palette[i][c] =
				(uint8_t)(stop[k][c] +
					  (at - (double)k) * (stop[k + 1][c] -
							      stop[k][c]));
	}
}

static int by_value(const void *va, const void *vb)
{
	const float *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

/* Level in dB of each cell, a column a frame, the top row first. */
static int measure(const float *x, size_t n, float *cell, struct wx_error *err)
{
	struct wx_spectrum *s = wx_spectrum_new();
	double bin[WX_SPECTRUM_HOP];

	if (!s)
		return wx_fail_nomem(err);
	for (size_t col = 0; col < COLUMNS; col++) {
		size_t at =
			n > WX_SPECTRUM_FRAME
				? col * (n - WX_SPECTRUM_FRAME) / (COLUMNS - 1)
				: 0;

		wx_spectrum_clear(s);
		if (at + WX_SPECTRUM_FRAME <= n)
			wx_spectrum_add(s, x + at, WX_SPECTRUM_FRAME);
		wx_spectrum_get(s, bin);
		for (size_t row = 0; row < ROWS; row++) {
			size_t k = (ROWS - 1 - row) * (WX_SPECTRUM_HOP / ROWS);
			double p = 0;

			for (size_t m = 0; m < WX_SPECTRUM_HOP / ROWS; m++)
				p += bin[k + m];
			cell[row * COLUMNS + col] =
				(float)(10 * log10(p + 1e-15));
		}
	}
	wx_spectrum_free(s);
	return WX_OK;
}

/* The range that shows most: from the 5th to the 99.5th of 100 cells. */
static int draw(const float *x, size_t n, struct wx_clip *out,
		struct wx_error *err)
{
	size_t n_cells = (size_t)COLUMNS * ROWS;
	float *cell = malloc(2 * n_cells * sizeof(*cell));
	uint8_t *pixel = malloc(n_cells);
	uint8_t palette[256][3];
	int rc = cell && pixel ? measure(x, n, cell, err) : wx_fail_nomem(err);

	if (rc == WX_OK) {
		float *sorted = cell + n_cells;

		memcpy(sorted, cell, n_cells * sizeof(*cell));
		qsort(sorted, n_cells, sizeof(*sorted), by_value);
		out->floor_db = (double)sorted[n_cells / 20];
		out->ceil_db = fmax((double)sorted[n_cells - n_cells / 200],
				    out->floor_db + 20);
		for (size_t i = 0; i < n_cells; i++) {
			double v = ((double)cell[i] - out->floor_db) /
				   (out->ceil_db - out->floor_db);

			pixel[i] = (uint8_t)(255 * fmin(fmax(v, 0), 1));
		}
		make_palette(palette);
		out->width = COLUMNS;
		out->height = ROWS;
		out->top_hz = out->rate_hz / 2;
		rc = wx_png(pixel, COLUMNS, ROWS, (const uint8_t(*)[3])palette,
			    &out->png, &out->n_png, err);
	}
	free(cell);
	free(pixel);
	return rc;
}

static int read_frames(int fd, const char *path, double from_s, double length_s,
		       struct wx_clip *out, struct wx_error *err)
{
	struct wx_wav wav;
	int64_t first, n;
	size_t bytes;
	float *x = NULL;
	int rc = wx_wav_probe_fd(fd, path, &wav, err);

	if (rc != WX_OK)
		return rc;
	first = (int64_t)(from_s * wav.rate_hz);
	n = (int64_t)(fmin(length_s, WX_CLIP_MAX_S) * wav.rate_hz);
	if (first + n > wav.n_frames)
		n = wav.n_frames - first;
	if (wav.code == WX_WAV_OTHER || first < 0 || n <= 0)
		return wx_fail(err, WX_ERR_RANGE,
			       "%s: %lld frames that can be read, expected "
			       "some from %g s on",
			       path, (long long)wav.n_frames, from_s);
	bytes = (size_t)n * wav.block_align;
	out->wav = malloc(WX_WAV_HEADER_SIZE + bytes);
	x = malloc((size_t)n * sizeof(*x));
	rc = out->wav && x
		     ? wx_file_read_at(
			       fd, path, out->wav + WX_WAV_HEADER_SIZE, bytes,
			       wav.data_offset + first * wav.block_align, err)
		     : wx_fail_nomem(err);
	if (rc == WX_OK) {
		wx_wav_header(&wav, (uint32_t)bytes, out->wav);
		out->n_wav = WX_WAV_HEADER_SIZE + bytes;
		out->rate_hz = wav.rate_hz;
		out->length_s = (double)n / wav.rate_hz;
		wx_decode(&wav, out->wav + WX_WAV_HEADER_SIZE, 0, (size_t)n, x);
		rc = draw(x, (size_t)n, out, err);
	}
	free(x);
	return rc;
}

int wx_clip_read(const char *path, double from_s, double length_s,
		 struct wx_clip *out, struct wx_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc;

	*out = (struct wx_clip){ .length_s = 0 };
	if (fd < 0)
		return wx_fail_errno(err, "%s: cannot open", path);
	rc = read_frames(fd, path, from_s, length_s, out, err);
	close(fd);
	if (rc != WX_OK)
		wx_clip_fini(out);
	return rc;
}

void wx_clip_fini(struct wx_clip *clip)
{
	free(clip->wav);
	free(clip->png);
	*clip = (struct wx_clip){ .length_s = 0 };
}
