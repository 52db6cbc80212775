/* SPDX-License-Identifier: MIT */
/* lib/sound/flaws.c: see flaws.h. */
#include "sound/flaws.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sound/decode.h"

#define STEP_FS     0.5f  /* a jump by that much of full scale */
#define LOUD_FS     0.5f  /* -6 dBFS */
#define LOUD_HZ     20    /* frames of 50 ms */
#define FLAT_FROM   0.5f  /* quieter extremes are no clipping */
#define LEAST_RUN_S 0.001 /* shorter ones are not looked for */
enum { MAX_FEW = 256, N_AROUND = 4 };

/* What a channel carries from one second into the next. */
struct channel {
	float last;   /* its last sample */
	size_t n_run; /* samples at its end that are equal; 0: no second yet */
};

struct wx_flaws {
	const struct wx_limits *limits;
	struct wx_wav wav;
	size_t least; /* runs from here on are found */
	size_t n_few;
	struct channel channel[WX_WAV_MAX_CHANNELS];
	struct wx_flaw_counts counts;
	uint8_t *block; /* two: the last whole one, the one that is begun */
	size_t room;    /* bytes of both */
	size_t n_begun; /* frames of the second of them */
	bool has_block;
	size_t phase; /* of the second's first frame in its block */
};

struct wx_flaws *wx_flaws_new(const struct wx_limits *limits)
{
	struct wx_flaws *f = calloc(1, sizeof(*f));

	if (f)
		f->limits = limits;
	return f;
}

void wx_flaws_free(struct wx_flaws *f)
{
	if (!f)
		return;
	free(f->block);
	free(f);
}

/* The lower of both limits of a run, as samples. */
static double least_of(const struct wx_limit *l)
{
	return fmin(l->suspect, l->fail); /* NAN is passed over */
}

static void clear_counts(struct wx_flaws *f)
{
	f->counts = (struct wx_flaw_counts){ .few = true };
}

int wx_flaws_start(struct wx_flaws *f, const struct wx_wav *wav,
		   struct wx_error *err)
{
	size_t room = 2 * WX_FLAWS_BLOCK * (size_t)wav->block_align;
	double least = fmin(least_of(&f->limits->of[WX_TEST_ZERO_RUN]),
			    least_of(&f->limits->of[WX_TEST_STUCK]));
	const struct wx_limit *few = &f->limits->of[WX_TEST_FEW_VALUES];
	double n_few = fmax(few->suspect, few->fail);

	if (room > f->room) {
		uint8_t *block = realloc(f->block, room);

		if (!block)
			return wx_fail_nomem(err);
		f->block = block;
		f->room = room;
	}
	f->wav = *wav;
	f->least = (size_t)(fmin(fmax(least, LEAST_RUN_S), 1) * wav->rate_hz);
	f->least += !f->least;
	f->n_few = n_few > 0 ? (size_t)fmin(n_few, MAX_FEW) : 0;
	f->n_begun = 0;
	f->has_block = false;
	f->phase = 0;
	memset(f->channel, 0, sizeof(f->channel));
	clear_counts(f);
	return WX_OK;
}

/* A block of nothing, or of one value, is told of as a run. */
static bool is_plain(const uint8_t *block, size_t align)
{
	return !memcmp(block, block + align, (WX_FLAWS_BLOCK - 1) * align);
}

static void block_done(struct wx_flaws *f, const uint8_t *block)
{
	size_t align = f->wav.block_align, n = WX_FLAWS_BLOCK * align;

	if (f->has_block && !memcmp(block, f->block, n) &&
	    !is_plain(block, align))
		f->counts.repeated++;
	f->has_block = true;
}

void wx_flaws_frames(struct wx_flaws *f, const uint8_t *frames, size_t n)
{
	size_t align = f->wav.block_align, size = WX_FLAWS_BLOCK * align;
	const uint8_t *last = NULL, *end = frames + n * align;
	uint8_t *begun = f->block + size;

	clear_counts(f);
	if (f->n_begun) {
		size_t more = WX_FLAWS_BLOCK - f->n_begun;

		more = more < n ? more : n;
		memcpy(begun + f->n_begun * align, frames, more * align);
		f->n_begun += more;
		frames += more * align;
		if (f->n_begun < WX_FLAWS_BLOCK)
			return;
		block_done(f, begun);
		memcpy(f->block, begun, size);
	}
	for (; (size_t)(end - frames) >= size; frames += size) {
		if (!last) {
			block_done(f, frames);
		} else if (!memcmp(frames, last, size) &&
			   !is_plain(frames, align)) {
			f->counts.repeated++;
		}
		last = frames;
	}
	if (last)
		memcpy(f->block, last, size);
	f->n_begun = (size_t)(end - frames) / align;
	if (f->n_begun)
		memcpy(begun, frames, (size_t)(end - frames));
}

/*
 * The longest runs of zeros and of another value short of full scale, those
 * that began in the second before in full. Exact where they are `least` or
 * longer: behind the end of one run, the next such run covers the sample that
 * is looked at then.
 */
static void runs(struct wx_flaws *f, struct channel *ch, const float *x,
		 size_t n, float full, size_t *zeros, size_t *stuck)
{
	size_t at = 0;

	*zeros = *stuck = 0;
	while (at < n) {
		size_t start = at, end = at + 1, len;
		float v = x[at];

		while (start > 0 && x[start - 1] == v)
			start--;
		while (end < n && x[end] == v)
			end++;
		len = end - start;
		if (!start && ch->n_run && ch->last == v)
			len += ch->n_run;
		if (v == 0)
			*zeros = len > *zeros ? len : *zeros;
		else if (fabsf(v) < full)
			*stuck = len > *stuck ? len : *stuck;
		at = end + f->least - 1;
	}
	at = n - 1;
	while (at > 0 && x[at - 1] == x[n - 1])
		at--;
	ch->n_run = at || x[0] != ch->last ? n - at : n + ch->n_run;
}

/* A jump from before to x[at], and nothing like it around: no loud hiss. */
static bool is_step(const float *x, size_t n, size_t at, float before)
{
	float jump = fabsf(x[at] - before), around = 0;

	if (!(jump > STEP_FS))
		return false;
	for (size_t i = at + 1; i < n && i <= at + N_AROUND; i++)
		around = fmaxf(around, fabsf(x[i] - x[i - 1]));
	for (size_t i = at; i > 1 && i + N_AROUND > at; i--)
		around = fmaxf(around, fabsf(x[i - 1] - x[i - 2]));
	return jump > 2 * around;
}

/* Steps at the first frames of blocks; the first of a capture has none. */
static size_t steps(const struct wx_flaws *f, const struct channel *ch,
		    const float *x, size_t n)
{
	size_t count = 0, at = (WX_FLAWS_BLOCK - f->phase) % WX_FLAWS_BLOCK;

	if (!at) {
		count += ch->n_run && is_step(x, n, 0, ch->last);
		at = WX_FLAWS_BLOCK;
	}
	for (; at < n; at += WX_FLAWS_BLOCK)
		count += is_step(x, n, at, x[at - 1]);
	return count;
}

/* Equal samples in a row at the lowest or highest value, if that is loud. */
static size_t flat_top(const float *x, size_t n)
{
	float low = x[0], high = x[0];
	size_t run = 1, longest = 0;

	for (size_t i = 1; i < n; i++) {
		low = fminf(low, x[i]);
		high = fmaxf(high, x[i]);
	}
	for (size_t i = 1; i < n; i++) {
		run = x[i] == x[i - 1] ? run + 1 : 1;
		if (run > longest && ((x[i] == low && low <= -FLAT_FROM) ||
				      (x[i] == high && high >= FLAT_FROM)))
			longest = run;
	}
	return longest;
}

/* Sound has its 16 values within a few dozen samples. */
static bool few_values(const float *x, size_t n, size_t few)
{
	float seen[MAX_FEW];
	size_t n_seen = 0;

	for (size_t i = 0; i < n && n_seen < few; i++) {
		size_t k = 0;

		while (k < n_seen && seen[k] != x[i])
			k++;
		if (k == n_seen)
			seen[n_seen++] = x[i];
	}
	return n_seen < few;
}

static double full_scale_share(const float *x, size_t n, float full)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += fabsf(x[i]) >= full;
	return (double)count / (double)n;
}

static double overload(const float *x, size_t n, uint32_t rate_hz)
{
	size_t len = rate_hz / LOUD_HZ, n_frames = n / len, loud = 0;

	for (size_t i = 0; i < n_frames; i++) {
		float sum = 0;

		for (size_t k = i * len; k < (i + 1) * len; k++)
			sum += x[k] * x[k];
		loud += sum > LOUD_FS * LOUD_FS * (float)len;
	}
	return n_frames ? (double)loud / (double)n_frames : 0;
}

void wx_flaws_channel(struct wx_flaws *f, int c, const float *x, size_t n,
		      float peak, int bits)
{
	struct channel *ch = &f->channel[c];
	struct wx_flaw_counts *m = &f->counts;
	/* 32767 of 32768: the highest value that has a positive sign. */
	float full =
		f->wav.code == WX_WAV_PCM ? 1 - ldexpf(1, 1 - f->wav.bits) : 1;
	size_t zeros, stuck,
		jumps = peak > STEP_FS / 2 ? steps(f, ch, x, n) : 0;
	double zeros_s, stuck_s;

	if (peak >= full)
		m->clipped = fmax(m->clipped, full_scale_share(x, n, full));
	if (peak >= FLAT_FROM) {
		size_t flat = flat_top(x, n);

		m->flat_top = flat > m->flat_top ? flat : m->flat_top;
	}
	if (peak > LOUD_FS)
		m->overload = fmax(m->overload, overload(x, n, f->wav.rate_hz));
	m->steps = jumps > m->steps ? jumps : m->steps;
	runs(f, ch, x, n, full, &zeros, &stuck);
	ch->last = x[n - 1];
	zeros_s = (double)zeros / f->wav.rate_hz;
	stuck_s = (double)stuck / f->wav.rate_hz;
	m->zeros_s = c ? fmin(m->zeros_s, zeros_s) : zeros_s;
	m->stuck_s = c ? fmin(m->stuck_s, stuck_s) : stuck_s;
	m->few &= few_values(x, n, f->n_few);
	m->bits = bits > m->bits ? bits : m->bits;
}

const struct wx_flaw_counts *wx_flaws_end(struct wx_flaws *f, size_t n)
{
	f->phase = (f->phase + n) % WX_FLAWS_BLOCK;
	return &f->counts;
}
