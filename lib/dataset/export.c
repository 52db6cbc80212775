/* SPDX-License-Identifier: MIT */
/* lib/dataset/export.c: see export.h. */
#include "dataset/export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/quality.h"
#include "base/text.h"
#include "dataset/hashes.h"
#include "dataset/maker.h"
#include "dataset/output.h"
#include "dataset/rows.h"
#include "sound/cut.h"

/* The capture that the last window was cut from. */
struct source {
	char *capture; /* NULL: none */
	bool bad;
	struct wx_cutter *cutter; /* the maker closes it */
	struct wx_wav wav;
	enum wx_side side; /* of its first window; PURGED: none dealt yet */
	const char *sha256, *crc32;
};

struct job {
	const struct wx_archive *a;
	const struct wx_export_opts *opts;
	struct wx_export_stats *stats;
	struct wx_log *log;
	struct wx_split *split;
	struct wx_output *out;
	struct wx_maker *maker[2]; /* they take captures in turn */
	int turn;
	size_t n_due, n_done; /* windows that pass the first walk */
	struct source src;
	struct wx_hashes *hashes; /* of the captures of hash_node */
	char hash_node[65];
	struct wx_time twin_start; /* of the sample before */
	char twin_node[65];
	int twin;
	char *speech; /* capture that was counted last for its voice */
};

const char *wx_drop_text(enum wx_drop why)
{
	static const char *const text[] = {
		[WX_DROP_UNLABELLED] = "not labelled",
		[WX_DROP_UNKNOWN] = "no evidence, hence no class",
		[WX_DROP_UNSURE] = "the label was not sure enough",
		[WX_DROP_QUALITY] = "the sound failed its check",
		[WX_DROP_SPEECH] = "there may be speech in it, or next to it",
		[WX_DROP_FLAG] = "flagged as site.json does not want it",
		[WX_DROP_PURGED] = "too close in time to the other side",
		[WX_DROP_CAPTURE] = "its capture is on the other side",
		[WX_DROP_UNREADABLE] = "the capture could not be read",
	};

	return text[why];
}

static bool is_quarantined(const struct wx_window *w)
{
	return wx_words_have(w->flags, "speech") ||
	       wx_words_have(w->flags, "speech_capture") ||
	       wx_words_have(w->flags, "speech_near");
}

/* Does the site want no window that is flagged like this? */
static bool is_unwanted(const json_t *without, const struct wx_window *w,
			const struct wx_label *l)
{
	const json_t *word;
	size_t i;

	json_array_foreach(without, i, word)
	{
		const char *text = json_string_value(word);

		if (wx_words_have(w->flags, text) ||
		    wx_words_have(l->flags, text))
			return true;
	}
	return false;
}

/* Reasons that need no split: WX_N_DROPS when there is none. */
static enum wx_drop why_not(const struct job *job, const struct wx_window *w,
			    const struct wx_label *l, int *index)
{
	char class[WX_SAMPLE_LABEL_SIZE];
	int keep;

	wx_sample_class(l, job->opts->target, class, index, &keep);
	if (!class[0] || wx_time_is_none(w->start_utc))
		return WX_DROP_UNKNOWN;
	if (w->quality == WX_QUALITY_FAIL || w->quality == WX_QUALITY_MISSING)
		return WX_DROP_QUALITY;
	if (is_quarantined(w))
		return WX_DROP_SPEECH;
	if (is_unwanted(job->a->site->without, w, l))
		return WX_DROP_FLAG;
	return keep ? WX_N_DROPS : WX_DROP_UNSURE;
}

static int show(void *ctx, const struct wx_window *w, const struct wx_label *l,
		struct wx_error *err)
{
	struct job *job = ctx;
	int index;
	bool wet = *l->rain.name && wx_class_index(&l->rain) > 0;
	enum wx_drop why = why_not(job, w, l, &index);

	/* Unsure windows are no samples, but they may be wet, and then they
	 * hold an event together. */
	if (why != WX_N_DROPS && !(wet && !wx_time_is_none(w->start_utc)))
		return WX_OK;
	job->n_due += why == WX_N_DROPS;
	return wx_split_add(job->split, w->start_utc, w->length_s,
			    why == WX_N_DROPS ? index : -1, wet, err);
}

static void source_close(struct job *job)
{
	wx_maker_close(job->maker[job->turn], job->src.cutter);
	job->turn = !job->turn;
	free(job->src.capture);
	job->src = (struct source){ .side = WX_SIDE_PURGED };
}

/* SHA-256 of a capture, as its node's journal has it; "" if it has not. */
static int find_hash(struct job *job, const struct wx_window *w,
		     struct wx_error *err)
{
	const char *name = w->capture + strlen("raw/") + strlen(w->node) + 1;
	int rc = WX_OK;

	if (!job->hashes || strcmp(job->hash_node, w->node) != 0) {
		wx_hashes_free(job->hashes);
		job->hashes = NULL;
		snprintf(job->hash_node, sizeof(job->hash_node), "%s", w->node);
		rc = wx_hashes_read(job->a, w->node, &job->hashes, job->log,
				    err);
	}
	if (!rc)
		wx_hashes_get(job->hashes, name, &job->src.sha256,
			      &job->src.crc32);
	return rc;
}

/* Tables are ours, but a person may have edited them. */
static bool is_capture_of(const struct wx_window *w)
{
	size_t n = strlen(w->node);

	return wx_id_valid(w->node) && strncmp(w->capture, "raw/", 4) == 0 &&
	       strncmp(w->capture + 4, w->node, n) == 0 &&
	       w->capture[4 + n] == '/' &&
	       wx_name_check(w->capture, NULL) == WX_OK;
}

static int source_open(struct job *job, const struct wx_window *w,
		       struct wx_error *err)
{
	struct source *src = &job->src;
	struct wx_error why = { 0 };
	char *path;
	int rc;

	if (src->capture && strcmp(src->capture, w->capture) == 0)
		return WX_OK;
	source_close(job);
	src->capture = strdup(w->capture);
	path = wx_archive_path(job->a, "%s", w->capture);
	if (!src->capture || !path) {
		free(path);
		return wx_fail_nomem(err);
	}
	if (!is_capture_of(w))
		rc = wx_fail(&why, WX_ERR_FORMAT,
			     "windows/%s: '%.100s' is no capture of this node",
			     w->node, w->capture);
	else
		rc = wx_cutter_open(path, &src->cutter, &why);
	free(path);
	src->bad = rc != WX_OK;
	if (src->bad) {
		wx_warn(job->log, "%s; left out", why.text);
		return rc == WX_ERR_NOMEM ? wx_fail_nomem(err) : WX_OK;
	}
	src->wav = *wx_cutter_wav(src->cutter);
	return find_hash(job, w, err);
}

/* Is the window all of its capture, and the capture's header true? */
static bool is_whole(const struct wx_sample *s, const struct wx_wav *wav)
{
	return s->first_frame == 0 && s->n_frames == wav->n_frames &&
	       !(wav->odd & WX_WAV_MISLEADS);
}

static void count(struct job *job, const struct wx_sample *s, int index)
{
	struct wx_export_stats *st = job->stats;

	st->n_samples[s->side][index]++;
	snprintf(st->class[index], sizeof(st->class[index]), "%s", s->class);
	if (wx_time_is_none(st->first) ||
	    s->window.start_utc.utc_ns < st->first.utc_ns)
		st->first = s->window.start_utc;
	if (s->window.start_utc.utc_ns > st->last.utc_ns)
		st->last = s->window.start_utc;
	st->seconds += s->window.length_s;
	st->n_unscreened += s->window.quality == WX_QUALITY_UNKNOWN ||
			    wx_words_have(s->window.flags, "unscreened");
	if (!isnan(s->window.max_err_s)) {
		st->max_err_s = fmax(st->max_err_s, s->window.max_err_s);
		st->sum_err_s += s->window.max_err_s;
		st->n_err++;
	}
}

/* Windows of one node that start together get names of their own. */
static int twin_of(struct job *job, const struct wx_window *w)
{
	bool same = strcmp(job->twin_node, w->node) == 0 &&
		    job->twin_start.utc_ns == w->start_utc.utc_ns;

	job->twin = same ? job->twin + 1 : 0;
	job->twin_start = w->start_utc;
	snprintf(job->twin_node, sizeof(job->twin_node), "%s", w->node);
	return job->twin;
}

static int make_sample(struct job *job, const struct wx_window *w,
		       const struct wx_label *l, enum wx_side side, int index,
		       struct wx_error *err)
{
	const struct wx_wav *wav = &job->src.wav;
	const struct wx_profile *profile = job->opts->profile;
	struct wx_sample s = {
		.site = job->a->site->name,
		.profile = profile ? profile->name : "",
		.profile_sha256 = job->opts->profile_sha256,
		.target = job->opts->target,
		.side = side,
		.block = wx_split_block(job->split, w->start_utc),
		.window = *w,
		.label = *l,
		.capture_sha256 = job->src.sha256,
		.capture_crc32 = job->src.crc32,
		.first_frame = llround(w->offset_s * wav->rate_hz),
		.n_frames = llround(w->length_s * wav->rate_hz),
		.rate_hz = wav->rate_hz,
	};
	const char *path;
	int rc;

	/* Tables have milliseconds: a capture's last frame may be before. */
	if (s.first_frame + s.n_frames > wav->n_frames &&
	    s.first_frame + s.n_frames <=
		    wav->n_frames + (int64_t)(wav->rate_hz / 1000))
		s.n_frames = wav->n_frames - s.first_frame;
	if (s.first_frame < 0 || s.n_frames < 1 ||
	    s.first_frame + s.n_frames > wav->n_frames) {
		wx_warn(job->log,
			"%s: has no frames from %.3f s for %.3f s; left out",
			w->capture, w->offset_s, w->length_s);
		job->stats->n_dropped[WX_DROP_UNREADABLE]++;
		return WX_OK;
	}
	s.size_bytes = is_whole(&s, wav) ? wav->file_bytes
					 : wx_cut_size(wav, s.n_frames);
	wx_sample_class(l, s.target, s.class, NULL, NULL);
	wx_sample_set_name(&s, twin_of(job, w));
	rc = wx_output_add(job->out, &s, &path, err);
	if (!rc && path) {
		rc = wx_maker_add(job->maker[job->turn], job->src.cutter,
				  is_whole(&s, wav) ? -1 : s.first_frame,
				  s.n_frames, path, err);
		job->stats->n_made++;
	}
	if (!rc)
		count(job, &s, index);
	return rc;
}

/* Captures with a voice, told of in the README whatever else they lack. */
static int count_speech(struct job *job, const struct wx_window *w,
			struct wx_error *err)
{
	struct wx_export_stats *st = job->stats;
	bool cleared = wx_words_have(w->flags, "speech_cleared");

	if ((!is_quarantined(w) && !cleared) ||
	    (job->speech && !strcmp(job->speech, w->capture)))
		return WX_OK;
	free(job->speech);
	job->speech = strdup(w->capture);
	if (!job->speech)
		return wx_fail_nomem(err);
	if (!is_quarantined(w))
		st->n_cleared++;
	else if (wx_words_have(w->flags, "speech_near"))
		st->n_near++;
	else
		st->n_speech++;
	return WX_OK;
}

static int make(void *ctx, const struct wx_window *w, const struct wx_label *l,
		struct wx_error *err)
{
	struct job *job = ctx;
	size_t *dropped = job->stats->n_dropped;
	int index;
	enum wx_drop why = why_not(job, w, l, &index);
	enum wx_side side;
	int rc;

	job->stats->n_windows++;
	rc = count_speech(job, w, err);
	if (rc)
		return rc;
	if (why != WX_N_DROPS) {
		dropped[why]++;
		return WX_OK;
	}
	if (job->opts->stopped && job->opts->stopped())
		return wx_fail(err, WX_ERR_IO,
			       "stopped; run again to finish the dataset");
	if (job->opts->progress)
		job->opts->progress(job->opts->ctx, job->n_done, job->n_due);
	job->n_done++;
	rc = source_open(job, w, err);
	if (rc)
		return rc;
	if (job->src.bad) {
		dropped[WX_DROP_UNREADABLE]++;
		return WX_OK;
	}
	side = wx_split_side(job->split, w->start_utc, w->length_s);
	if (side == WX_SIDE_PURGED) {
		dropped[WX_DROP_PURGED]++;
		return WX_OK;
	}
	if (job->src.side == WX_SIDE_PURGED)
		job->src.side = side;
	if (job->src.side != side) {
		dropped[WX_DROP_CAPTURE]++;
		return WX_OK;
	}
	return make_sample(job, w, l, side, index, err);
}

int wx_export(const struct wx_archive *a, const char *dir,
	      const struct wx_export_opts *opts, struct wx_export_stats *stats,
	      struct wx_log *log, struct wx_error *err)
{
	struct job job = { .a = a, .opts = opts, .stats = stats, .log = log };
	size_t n_unlabelled = 0;
	char *readme = NULL;
	int rc;

	*stats = (struct wx_export_stats){ .first = WX_TIME_NONE,
					   .last = WX_TIME_NONE,
					   .max_err_s = NAN };
	job.src.side = WX_SIDE_PURGED;
	job.twin_start = WX_TIME_NONE;
	job.split = wx_split_new();
	job.maker[0] = wx_maker_new();
	job.maker[1] = wx_maker_new();
	rc = job.split && job.maker[0] && job.maker[1] ? WX_OK
						       : wx_fail_nomem(err);
	/* What is wrong with the rows is told on the second walk. */
	if (!rc)
		rc = wx_rows_each(a, show, &job, &n_unlabelled, NULL, err);
	if (!rc) {
		wx_split_deal(job.split, opts->test_share,
			      (uint64_t)opts->seed);
		stats->n_blocks[0] =
			wx_split_n_blocks(job.split, WX_SIDE_TRAINING);
		stats->n_blocks[1] =
			wx_split_n_blocks(job.split, WX_SIDE_TESTING);
		rc = wx_output_open(dir, opts->format, log, &job.out, err);
	}
	if (!rc)
		rc = wx_rows_each(a, make, &job, &n_unlabelled, log, err);
	if (job.src.cutter)
		source_close(&job);
	for (int i = 0; i < 2; i++)
		if (wx_maker_free(job.maker[i], err) && !rc)
			rc = WX_ERR_IO;
	free(job.src.capture);
	stats->n_windows += n_unlabelled;
	stats->n_dropped[WX_DROP_UNLABELLED] = n_unlabelled;
	if (!rc) {
		readme = wx_card_text(a, opts, stats);
		rc = readme ? WX_OK : wx_fail_nomem(err);
	}
	if (!rc) {
		rc = wx_output_commit(job.out, readme, &stats->changed, err);
		job.out = NULL;
	}
	wx_output_close(job.out);
	wx_hashes_free(job.hashes);
	wx_split_free(job.split);
	free(job.speech);
	free(readme);
	return rc;
}
