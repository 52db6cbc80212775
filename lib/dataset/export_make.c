/* SPDX-License-Identifier: MIT */
/* lib/dataset/export_make.c: samples, cut from the captures they are in. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/quality.h"
#include "base/text.h"
#include "dataset/export_in.h"

void wx_export_source_close(struct wx_export_job *job)
{
	wx_maker_close(job->maker[job->turn], job->src.cutter);
	job->turn = !job->turn;
	free(job->src.capture);
	job->src = (struct wx_export_source){ .side = WX_SIDE_PURGED };
}

/* SHA-256 of a capture, as its node's journal has it; "" if it has not. */
static int find_hash(struct wx_export_job *job, const struct wx_window *w,
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

/* Has the site's retention let the window's sound go? */
static int find_deleted(struct wx_export_job *job, const struct wx_window *w,
			bool *yes, struct wx_error *err)
{
	const char *name = w->capture + strlen("raw/") + strlen(w->node) + 1;
	int rc = WX_OK;

	*yes = false;
	if (!job->deleted || strcmp(job->deleted_node, w->node) != 0) {
		char *dir = wx_archive_path(job->a, "raw/%s", w->node);

		wx_deleted_free(job->deleted);
		job->deleted = NULL;
		snprintf(job->deleted_node, sizeof(job->deleted_node), "%s",
			 w->node);
		rc = dir ? wx_deleted_read(dir, &job->deleted, job->log, err)
			 : wx_fail_nomem(err);
		free(dir);
	}
	if (rc == WX_OK)
		*yes = wx_deleted_has(job->deleted, name);
	return rc;
}

int wx_export_source(struct wx_export_job *job, const struct wx_window *w,
		     struct wx_error *err)
{
	struct wx_export_source *src = &job->src;
	struct wx_error why = { 0 };
	char *path;
	int rc, failed = WX_OK;

	if (src->capture && strcmp(src->capture, w->capture) == 0)
		return WX_OK;
	wx_export_source_close(job);
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
	src->bad = rc != WX_OK;
	src->deleted = false;
	if (rc == WX_ERR_IO && access(path, F_OK) != 0)
		failed = find_deleted(job, w, &src->deleted, err);
	free(path);
	if (src->deleted || failed)
		return failed;
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

static int count(struct wx_export_job *job, const struct wx_sample *s,
		 int index, struct wx_error *err)
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
	if (!isnan(wx_export_p(&s->label, s->target))) {
		st->sum_p += wx_export_p(&s->label, s->target);
		st->n_p++;
	}
	st->n_by_sound += s->target != WX_TARGET_WIND &&
			  strcmp(s->label.rain.source, "track") != 0 &&
			  wx_words_have(s->label.flags, "sound_used");
	st->n_unscreened += s->window.quality == WX_QUALITY_UNKNOWN ||
			    wx_words_have(s->window.flags, "unscreened");
	if (!isnan(s->window.max_err_s)) {
		st->max_err_s = fmax(st->max_err_s, s->window.max_err_s);
		st->sum_err_s += s->window.max_err_s;
		st->n_err++;
	}
	if (wx_balance_add(job->groups[s->side], s->block, index, err))
		return WX_ERR_NOMEM;
	return wx_leak_add(job->leak, s->window.start_utc, s->window.length_s,
			   s->side, err);
}

/* Windows of one node that start together get names of their own. */
static int twin_of(struct wx_export_job *job, const struct wx_window *w)
{
	bool same = strcmp(job->twin_node, w->node) == 0 &&
		    job->twin_start.utc_ns == w->start_utc.utc_ns;

	job->twin = same ? job->twin + 1 : 0;
	job->twin_start = w->start_utc;
	snprintf(job->twin_node, sizeof(job->twin_node), "%s", w->node);
	return job->twin;
}

struct wx_sample wx_export_sample(const struct wx_export_job *job,
				  const struct wx_window *w,
				  const struct wx_label *l)
{
	const struct wx_profile *profile = job->opts->profile;

	return (struct wx_sample){
		.site = job->a->site->name,
		.profile = profile ? profile->name : "",
		.profile_sha256 = job->opts->profile_sha256,
		.target = job->opts->target,
		.window = *w,
		.label = *l,
		.capture_sha256 = job->src.sha256,
		.capture_crc32 = job->src.crc32,
		.rate_hz = job->src.wav.rate_hz,
		.ext = job->opts->format->ext,
		.layout = job->opts->format->name,
		.key_id = "",
	};
}

/*
 * The files of acquisition format tell when they began in whole seconds; only
 * where the clock is good for that.
 */
static int64_t iat_of(const struct wx_window *w)
{
	return w->max_err_s <= 1 ? w->start_utc.utc_ns / WX_NS_PER_S : 0;
}

/* Can the layout hold it? Warned of once a capture. */
static bool fits(struct wx_export_job *job, const struct wx_sample *s)
{
	const struct wx_dataset_format *f = job->opts->format;
	const struct wx_wav *wav = &job->src.wav;
	const struct wx_window *w = &s->window;
	const char *why = NULL;

	if (f->pcm && !job->opts->convert_hz &&
	    (wav->code != WX_WAV_PCM || wav->sample_bytes != 2 ||
	     wav->channels != 1))
		why = "is not 16 bit mono (--convert makes it so)";
	else if (f->frames && s->n_frames < 2 * (int64_t)wav->rate_hz)
		why = "has a window of under 2 s, no table";
	else if (f->frames && wav->rate_hz < WX_TOP_BAND_RATE_HZ)
		why = "has a rate too low for the top band";
	else if (f->frames && job->opts->with_env &&
		 (isnan(w->air_temp_degc) || isnan(w->rel_hum_pct) ||
		  isnan(w->pressure_hpa)))
		why = "has a window without temperature, humidity or pressure "
		      "(--no-env makes tables without)";
	if (why && !job->src.told)
		wx_warn(job->log, "%s: %s; left out", w->capture, why);
	job->src.told = job->src.told || why;
	return !why;
}

/* Have its file made. */
static int make_file(struct wx_export_job *job, const struct wx_sample *s,
		     bool whole, const char *path, struct wx_error *err)
{
	const struct wx_export_opts *opts = job->opts;
	struct wx_maker *maker = job->maker[job->turn];
	struct wx_making m = {
		.format = opts->format,
		.cutter = job->src.cutter,
		.first_frame = s->first_frame,
		.n_frames = s->n_frames,
		.rate_hz = opts->convert_hz ? opts->convert_hz : s->rate_hz,
		.convert_hz = opts->convert_hz,
		.iat_s = s->iat_s,
		.air_temp_degc = opts->with_env ? s->window.air_temp_degc : NAN,
		.rel_hum_pct = s->window.rel_hum_pct,
		.pressure_hpa = s->window.pressure_hpa,
		.hmac_key = opts->hmac_key,
		.limits = opts->limits,
	};

	job->stats->n_made++;
	if (!opts->format->make && !opts->convert_hz)
		return wx_maker_add(maker, job->src.cutter,
				    !whole       ? s->first_frame
				    : opts->link ? WX_MAKER_LINK
						 : WX_MAKER_COPY,
				    s->n_frames, path, err);
	snprintf(m.device, sizeof(m.device), "%.64s-%.64s", s->site,
		 s->window.node);
	return wx_maker_make(maker, &m, path, err);
}

/* A model takes one kind of sound: are there several? */
static void note_kind(struct wx_export_job *job, const struct wx_wav *wav)
{
	struct wx_wav *kind = &job->kind;

	if (!kind->rate_hz)
		*kind = *wav;
	job->stats->mixed = job->stats->mixed ||
			    kind->rate_hz != wav->rate_hz ||
			    kind->code != wav->code ||
			    kind->block_align != wav->block_align ||
			    kind->channels != wav->channels;
}

int wx_export_put(struct wx_export_job *job, struct wx_sample *s, int index,
		  struct wx_error *err)
{
	const struct wx_wav *wav = &job->src.wav;
	bool whole = is_whole(s, wav);
	const char *path;
	int rc;

	if (!fits(job, s)) {
		job->stats->n_dropped[WX_DROP_FORM]++;
		return WX_OK;
	}
	s->size_bytes = whole ? wav->file_bytes : wx_cut_size(wav, s->n_frames);
	s->convert_hz = job->opts->convert_hz;
	if (s->convert_hz)
		s->size_bytes = -1;
	if (job->opts->format->make) {
		s->size_bytes = -1;
		s->with_env = job->opts->format->frames && job->opts->with_env;
		s->iat_s = iat_of(&s->window);
		s->key_id = job->opts->key_id;
	}
	note_kind(job, wav);
	wx_sample_set_name(s, twin_of(job, &s->window));
	rc = wx_output_add(job->out, s, &path, err);
	if (!rc && path)
		rc = make_file(job, s, whole, path, err);
	return rc ? rc : count(job, s, index, err);
}

static int make_sample(struct wx_export_job *job, const struct wx_window *w,
		       const struct wx_label *l, enum wx_side side, int index,
		       struct wx_error *err)
{
	const struct wx_wav *wav = &job->src.wav;
	struct wx_sample s = wx_export_sample(job, w, l);

	s.side = side;
	s.block = wx_split_block(job->split, w->start_utc);
	s.first_frame = llround(w->offset_s * wav->rate_hz);
	s.n_frames = llround(w->length_s * wav->rate_hz);
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
	wx_sample_class(l, s.target, s.class, NULL, NULL);
	return wx_export_put(job, &s, index, err);
}

/* Captures with a voice, told of in the README whatever else they lack. */
static int count_speech(struct wx_export_job *job, const struct wx_window *w,
			struct wx_error *err)
{
	struct wx_export_stats *st = job->stats;
	bool quarantined = wx_export_quarantined(w);

	if ((!quarantined && !wx_words_have(w->flags, "speech_cleared")) ||
	    (job->speech && !strcmp(job->speech, w->capture)))
		return WX_OK;
	free(job->speech);
	job->speech = strdup(w->capture);
	if (!job->speech)
		return wx_fail_nomem(err);
	if (!quarantined)
		st->n_cleared++;
	else if (wx_words_have(w->flags, "speech_near"))
		st->n_near++;
	else
		st->n_speech++;
	return WX_OK;
}

int wx_export_look(struct wx_export_job *job, const struct wx_window *w,
		   struct wx_error *err)
{
	const struct wx_export_opts *opts = job->opts;

	if (opts->stopped && opts->stopped())
		return wx_fail(err, WX_ERR_IO,
			       "stopped; run again to finish the dataset");
	if (opts->progress)
		opts->progress(opts->ctx, job->stats->n_windows, job->n_all);
	job->stats->n_windows++;
	return count_speech(job, w, err);
}

int wx_export_make(void *ctx, const struct wx_window *w,
		   const struct wx_label *l, struct wx_error *err)
{
	struct wx_export_job *job = ctx;
	size_t *dropped = job->stats->n_dropped;
	int index;
	enum wx_drop why = wx_export_why_not(job, w, l, &index);
	enum wx_side side;
	int rc = wx_export_look(job, w, err);

	if (!rc && why == WX_N_DROPS)
		rc = wx_export_source(job, w, err);
	if (rc)
		return rc;
	if (why == WX_N_DROPS)
		why = job->src.deleted ? WX_DROP_DELETED
		      : job->src.bad
			      ? WX_DROP_UNREADABLE
			      : wx_export_side(job, w->node, w->start_utc,
					       w->length_s, &side);
	if (why == WX_N_DROPS) {
		/* All windows of a capture are on the side of its first. */
		if (job->src.side == WX_SIDE_PURGED)
			job->src.side = side;
		if (job->src.side != side)
			why = WX_DROP_CAPTURE;
	}
	if (why != WX_N_DROPS) {
		dropped[why]++;
		return WX_OK;
	}
	return make_sample(job, w, l, side, index, err);
}
