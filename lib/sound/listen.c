/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/listen.c: see listen.h. PCM and float are read by ourselves, for
 * speed and because the walker finds frames that libsndfile does not; the few
 * other codings of WAV (A-law, ADPCM) are left to libsndfile.
 */
#include "sound/listen.h"

#include <fcntl.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/quality.h"
#include "sound/levels.h"
#include "sound/speech.h"

/* What a row tells of its whole capture; the rest is for wx-check. */
#define CAPTURE_WORDS                                              \
	(WX_WAV_EMPTY | WX_WAV_NOT_WAV | WX_WAV_BAD_FORMAT |       \
	 WX_WAV_NO_FRAMES | WX_WAV_SIZE_ZERO | WX_WAV_SIZE_FALSE | \
	 WX_WAV_TRUNCATED | WX_WAV_PREALLOCATED)

/* Less is a buffer that was not written yet: of a short capture much. */
#define SHORT_S 0.020

enum {
	SPAN = WX_SPEECH_SPAN_S, /* rows that are held until their score is */
	AFTER = SPAN / 2,        /* known, and how far that looks ahead */
	MAX_FLAGS = WX_SOUND_WORDS_SIZE + WX_WAV_WORDS_SIZE + 16,
};

struct wx_listener {
	struct wx_limits limits;
	struct wx_levels *levels;
	uint8_t *frames; /* a second as it stands in the file */
	size_t room;
	wx_voices_fn *ask; /* NULL: nobody */
	void *ask_ctx;
};

/* A row whose score is to come. */
struct held {
	struct wx_second second;
	int64_t at; /* frame */
	size_t n;
};

/* A capture under way. */
struct capture {
	const char *path, *name;
	const struct wx_told *told;
	int fd;
	SNDFILE *snd; /* NULL: read by ourselves */
	struct wx_wav wav;
	int quality; /* of the whole capture */
	bool is_short, other_rate;
	struct wx_voices voices;
	bool asked; /* voices counts */
	struct held held[SPAN];
	size_t n_held, n_measured;
	struct wx_row *row;
	struct wx_listened *sum;
};

int wx_listener_new(const struct wx_limits *limits, struct wx_listener **out,
		    struct wx_error *err)
{
	struct wx_listener *l = calloc(1, sizeof(*l));
	int rc =
		l ? wx_levels_new(limits, &l->levels, err) : wx_fail_nomem(err);

	*out = NULL;
	if (rc == WX_OK)
		l->limits = *limits;
	if (rc != WX_OK)
		wx_listener_free(l);
	else
		*out = l;
	return rc;
}

void wx_listener_free(struct wx_listener *l)
{
	if (!l)
		return;
	wx_levels_free(l->levels);
	free(l->frames);
	free(l);
}

/* The quality of a capture of which `missing` of `promised` is not there. */
static int missing_quality(const struct wx_limit *limit, double missing,
			   double promised, double rate_hz)
{
	int quality = wx_limit_over(limit, missing / promised);

	if (quality == WX_QUALITY_GOOD && missing > SHORT_S * rate_hz &&
	    !isnan(limit->suspect))
		quality = WX_QUALITY_SUSPECT;
	return quality;
}

void wx_listener_ask(struct wx_listener *l, wx_voices_fn *fn, void *ctx)
{
	l->ask = fn;
	l->ask_ctx = ctx;
}

/* What the missing bytes and the header make of all the capture's rows. */
static int header_quality(const struct wx_limits *limits,
			  const struct wx_wav *w)
{
	int64_t missing = w->data_declared - w->data_bytes;

	if (w->odd &
	    (WX_WAV_SIZE_ZERO | WX_WAV_SIZE_FALSE | WX_WAV_PREALLOCATED))
		return WX_QUALITY_SUSPECT;
	if (!(w->odd & WX_WAV_TRUNCATED))
		return WX_QUALITY_GOOD;
	return missing_quality(
		&limits->of[WX_TEST_SHORT], (double)missing / w->block_align,
		(double)w->data_declared / w->block_align, w->rate_hz);
}

/* And what the node told of it. */
static void judge_capture(const struct wx_listener *l, struct capture *c)
{
	const struct wx_told *told = c->told;
	const struct wx_limit *of = l->limits.of;
	int quality = header_quality(&l->limits, &c->wav);
	int lost = WX_QUALITY_GOOD, rate = WX_QUALITY_GOOD;

	if (told && told->n_frames > 0)
		lost = missing_quality(
			&of[WX_TEST_SHORT],
			(double)(told->n_frames - c->wav.n_frames),
			(double)told->n_frames, c->wav.rate_hz);
	if (told && told->rate_hz > 0)
		rate = wx_limit_over(&of[WX_TEST_RATE],
				     fabs(c->wav.rate_hz / told->rate_hz - 1));
	c->is_short = lost > WX_QUALITY_GOOD;
	c->other_rate = rate > WX_QUALITY_GOOD;
	quality = lost > quality ? lost : quality;
	c->quality = rate > quality ? rate : quality;
}

/* A coding that is not ours: from here on the frames are floats. */
static int open_snd(struct capture *c, struct wx_log *log)
{
	SF_INFO info = { 0 };
	bool fits;

	c->snd = sf_open_fd(c->fd, SFM_READ, &info, SF_FALSE);
	fits = c->snd && info.channels >= 1 &&
	       info.channels <= WX_WAV_MAX_CHANNELS &&
	       info.samplerate >= WX_WAV_MIN_RATE_HZ &&
	       info.samplerate <= WX_WAV_MAX_RATE_HZ;
	if (!fits) {
		wx_warn(log, "%s: WAV of format tag %u, which is not read",
			c->path, c->wav.tag);
		c->wav.odd |= WX_WAV_BAD_FORMAT;
		return WX_ERR_FORMAT;
	}
	c->wav.code = WX_WAV_FLOAT;
	c->wav.channels = info.channels;
	c->wav.rate_hz = (uint32_t)info.samplerate;
	c->wav.sample_bytes = sizeof(float);
	c->wav.block_align = (uint32_t)info.channels * sizeof(float);
	c->wav.n_frames = info.frames > 0 ? info.frames : 0;
	if (!c->wav.n_frames)
		c->wav.odd |= WX_WAV_NO_FRAMES;
	return WX_OK;
}

/* n frames from frame `at`; fewer only where a coded file ends early. */
static int read_frames(struct wx_listener *l, struct capture *c, int64_t at,
		       size_t *n, struct wx_error *err)
{
	if (c->snd) {
		sf_count_t got = sf_readf_float(
			c->snd, (float *)(void *)l->frames, (sf_count_t)*n);

		*n = got > 0 ? (size_t)got : 0;
		return WX_OK;
	}
	return wx_file_read_at(
		c->fd, c->path, l->frames, *n * c->wav.block_align,
		c->wav.data_offset + at * c->wav.block_align, err);
}

static int second_quality(const struct wx_second *s)
{
	if (s->fail)
		return WX_QUALITY_FAIL;
	if (s->suspect)
		return WX_QUALITY_SUSPECT;
	return s->partial ? WX_QUALITY_UNKNOWN : WX_QUALITY_GOOD;
}

/* Words of the capture, then of the second. */
static void flags_text(const struct capture *c, const struct wx_second *s,
		       char flags[MAX_FLAGS])
{
	char words[WX_SOUND_WORDS_SIZE], of_capture[WX_WAV_WORDS_SIZE];
	const char *all[] = {
		wx_wav_words(c->wav.odd & CAPTURE_WORDS, of_capture),
		c->is_short ? "short" : "",
		c->other_rate ? "rate" : "",
		wx_sound_words(s->suspect | s->fail, words),
	};
	size_t n = 0;

	flags[0] = '\0';
	for (size_t i = 0; i < WX_COUNT(all); i++)
		if (*all[i])
			n += (size_t)snprintf(flags + n, MAX_FLAGS - n, "%s%s",
					      n ? " " : "", all[i]);
}

static void write_row(struct capture *c, const struct held *h)
{
	const struct wx_second *s = &h->second;
	char flags[MAX_FLAGS];
	int quality = second_quality(s);
	struct wx_sound_row r = {
		.capture = c->name,
		.offset_s = (double)h->at / c->wav.rate_hz,
		.length_s = (double)h->n / c->wav.rate_hz,
		.level_dbfs = s->level_dbfs,
		.peak_dbfs = s->peak_dbfs,
		.flatness = s->flatness,
		.speech = s->speech,
		.quality = quality > c->quality ? quality : c->quality,
		.flags = flags,
		.dc = s->dc,
	};

	for (int b = 0; b < WX_N_BANDS; b++)
		r.band_db[b] = s->band_db[b];
	flags_text(c, s, flags);
	wx_sound_row_write(c->row, &r);
	c->sum->n_rows++;
	c->sum->n_suspect += r.quality == WX_QUALITY_SUSPECT;
	c->sum->n_fail += r.quality == WX_QUALITY_FAIL;
	c->sum->n_speech += ((s->suspect | s->fail) & WX_SOUND_SPEECH) != 0;
}

/* Write the rows that are held, but for the last `keep`, with this score. */
static void release(struct wx_listener *l, struct capture *c, size_t keep,
		    double score)
{
	size_t n = c->n_held > keep ? c->n_held - keep : 0;

	for (size_t i = 0; i < n; i++) {
		struct held *h = &c->held[i];
		double rate = c->wav.rate_hz, at_s = (double)h->at / rate;

		if (c->asked)
			wx_levels_speech(
				l->levels, WX_TEST_SPEECH_CMD,
				wx_voices_between(&c->voices, at_s,
						  at_s + (double)h->n / rate),
				&h->second);
		else
			wx_levels_speech(l->levels, WX_TEST_SPEECH, score,
					 &h->second);
		write_row(c, &c->held[i]);
	}
	c->n_held -= n;
	memmove(c->held, c->held + n, c->n_held * sizeof(*c->held));
}

static int measure(struct wx_listener *l, struct capture *c,
		   struct wx_error *err)
{
	int64_t at = 0, end = c->wav.n_frames;
	double score = NAN;
	size_t most = end < c->wav.rate_hz ? (size_t)end : c->wav.rate_hz;
	int rc = wx_levels_start(l->levels, &c->wav, err);

	if (rc == WX_OK && most * c->wav.block_align > l->room) {
		free(l->frames);
		l->room = most * c->wav.block_align;
		l->frames = malloc(l->room);
		if (!l->frames) {
			l->room = 0;
			return wx_fail_nomem(err);
		}
	}
	judge_capture(l, c);
	while (rc == WX_OK && at < end) {
		struct held *h = &c->held[c->n_held];
		size_t n = end - at < (int64_t)most ? (size_t)(end - at) : most;
		size_t got = n;

		rc = read_frames(l, c, at, &got, err);
		if (rc == WX_OK && got) {
			h->at = at;
			h->n = got;
			wx_levels_second(l->levels, l->frames, got, &h->second);
			at += (int64_t)got;
			score = h->second.speech;
			c->n_held++;
			if (++c->n_measured >= SPAN)
				release(l, c, AFTER, score);
		}
		if (got < n)
			break;
	}
	release(l, c, 0, score);
	c->sum->length_s = (double)at / c->wav.rate_hz;
	return rc;
}

/* The one row of a capture that holds no sound. */
static void write_empty(struct capture *c)
{
	char flags[WX_WAV_WORDS_SIZE];
	struct wx_sound_row r = {
		.capture = c->name,
		.level_dbfs = NAN,
		.peak_dbfs = NAN,
		.flatness = NAN,
		.speech = NAN,
		.dc = NAN,
		.quality = WX_QUALITY_FAIL,
		.flags = wx_wav_words(c->wav.odd & CAPTURE_WORDS, flags),
	};

	for (int b = 0; b < WX_N_BANDS; b++)
		r.band_db[b] = NAN;
	wx_sound_row_write(c->row, &r);
	c->sum->n_rows++;
	c->sum->n_fail++;
	c->sum->no_sound = true;
}

static int listen_open(struct wx_listener *l, struct capture *c,
		       struct wx_log *log, struct wx_error *err)
{
	struct wx_error why = { 0 };
	int rc = wx_wav_probe_fd(c->fd, c->path, &c->wav, &why);

	if (rc == WX_ERR_IO)
		return wx_fail(err, rc, "%s", why.text);
	if (rc == WX_OK && c->wav.code == WX_WAV_OTHER)
		rc = open_snd(c, log);
	else if (rc != WX_OK)
		wx_warn(log, "%s", why.text);
	else if (!c->wav.n_frames)
		wx_warn(log, "%s: a header and no sound", c->path);
	if (rc == WX_OK && c->wav.n_frames) {
		if (l->ask)
			rc = l->ask(l->ask_ctx, c->path, &c->asked, &c->voices,
				    log, err);
		if (rc == WX_OK)
			rc = measure(l, c, err);
	} else {
		rc = WX_OK;
	}
	if (rc == WX_OK && !c->sum->n_rows) {
		c->wav.odd |= c->wav.odd & CAPTURE_WORDS ? 0 : WX_WAV_NO_FRAMES;
		write_empty(c);
	}
	return rc;
}

int wx_listen(struct wx_listener *l, const char *path, const char *capture,
	      const struct wx_told *told, struct wx_row *row,
	      struct wx_listened *out, struct wx_log *log, struct wx_error *err)
{
	struct capture c = {
		.path = path,
		.name = capture,
		.told = told,
		.row = row,
		.sum = out,
	};
	int rc;

	*out = (struct wx_listened){ 0 };
	c.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (c.fd < 0)
		return wx_fail_errno(err, "%s: cannot open", path);
	rc = listen_open(l, &c, log, err);
	wx_voices_fini(&c.voices);
	if (c.snd)
		sf_close(c.snd);
	close(c.fd);
	return rc;
}
