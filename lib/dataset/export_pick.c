/* SPDX-License-Identifier: MIT */
/* lib/dataset/export_pick.c: which windows are samples, and on which side. */
#include <math.h>
#include <string.h>

#include "base/quality.h"
#include "base/text.h"
#include "dataset/export_in.h"
#include "dataset/ledger.h"

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
		[WX_DROP_DELETED] = "the site's retention let its sound go",
		[WX_DROP_EARLY] = "before the first instant asked for",
		[WX_DROP_NODE] = "its node is on the other side",
		[WX_DROP_FORM] = "the layout cannot hold its sound",
		[WX_DROP_BALANCE] = "its block was left out for balance",
	};

	return text[why];
}

const char *wx_drop_name(enum wx_drop why)
{
	static const char *const name[] = {
		[WX_DROP_UNLABELLED] = "unlabelled",
		[WX_DROP_UNKNOWN] = "unknown",
		[WX_DROP_UNSURE] = "unsure",
		[WX_DROP_QUALITY] = "quality",
		[WX_DROP_SPEECH] = "speech",
		[WX_DROP_FLAG] = "flagged",
		[WX_DROP_PURGED] = "purged",
		[WX_DROP_CAPTURE] = "other_side",
		[WX_DROP_UNREADABLE] = "unreadable",
		[WX_DROP_DELETED] = "deleted",
		[WX_DROP_EARLY] = "early",
		[WX_DROP_NODE] = "node",
		[WX_DROP_FORM] = "form",
		[WX_DROP_BALANCE] = "balance",
	};

	return name[why];
}

double wx_export_p(const struct wx_label *l, enum wx_target target)
{
	return target == WX_TARGET_RAIN   ? l->rain.p
	       : target == WX_TARGET_WIND ? l->wind.p
					  : fmin(l->rain.p, l->wind.p);
}

bool wx_export_quarantined(const struct wx_window *w)
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

enum wx_drop wx_export_why_not(const struct wx_export_job *job,
			       const struct wx_window *w,
			       const struct wx_label *l, int *index)
{
	const struct wx_export_opts *opts = job->opts;
	char class[WX_SAMPLE_LABEL_SIZE];
	int keep;

	wx_sample_class(l, opts->target, class, index, &keep);
	if (!class[0] || wx_time_is_none(w->start_utc))
		return WX_DROP_UNKNOWN;
	if (w->start_utc.utc_ns < opts->since.utc_ns)
		return WX_DROP_EARLY;
	if (w->quality == WX_QUALITY_FAIL || w->quality == WX_QUALITY_MISSING)
		return WX_DROP_QUALITY;
	if (wx_export_quarantined(w))
		return WX_DROP_SPEECH;
	if (is_unwanted(job->a->site->without, w, l))
		return WX_DROP_FLAG;
	/* A person's label has no probability, and needs none. */
	return keep && !(wx_export_p(l, opts->target) < opts->min_p)
		       ? WX_N_DROPS
		       : WX_DROP_UNSURE;
}

int wx_export_show(void *ctx, const struct wx_window *w,
		   const struct wx_label *l, struct wx_error *err)
{
	struct wx_export_job *job = ctx;
	int index;
	bool wet = *l->rain.name && wx_class_index(&l->rain) > 0;
	enum wx_drop why = wx_export_why_not(job, w, l, &index);

	job->n_all++;
	/* Unsure windows are no samples, but they may be wet, and then they
	 * hold an event together. */
	if (why != WX_N_DROPS && !(wet && !wx_time_is_none(w->start_utc)))
		return WX_OK;
	job->n_due += why == WX_N_DROPS;
	return wx_split_add(job->split, w->start_utc, w->length_s,
			    why == WX_N_DROPS ? index : -1, wet, err);
}

static int lock_one(void *ctx, struct wx_time start_utc, const char *category,
		    struct wx_error *err)
{
	struct wx_export_job *job = ctx;

	(void)err;
	if (!wx_time_is_none(start_utc))
		wx_split_lock(job->split, start_utc,
			      strcmp(category, "testing") == 0 ? WX_SIDE_TESTING
			      : strcmp(category, "training") == 0
				      ? WX_SIDE_TRAINING
				      : WX_SIDE_PURGED);
	return WX_OK;
}

int wx_export_lock(struct wx_export_job *job, const char *dir,
		   struct wx_error *err)
{
	return wx_ledger_each(dir, lock_one, job, job->log, err);
}

static bool is_test_node(const struct wx_export_opts *opts, const char *node)
{
	for (size_t i = 0; i < opts->n_test_nodes; i++)
		if (strcmp(opts->test_node[i], node) == 0)
			return true;
	return false;
}

enum wx_drop wx_export_side(const struct wx_export_job *job, const char *node,
			    struct wx_time start, double length_s,
			    enum wx_side *side)
{
	*side = wx_split_side(job->split, start, length_s);
	if (*side == WX_SIDE_PURGED)
		return WX_DROP_PURGED;
	/*
	 * A node that is left out is tested on in the test blocks alone, and
	 * the others train outside of them: what all nodes heard at the same
	 * time would leak the weather.
	 */
	if (job->opts->n_test_nodes &&
	    is_test_node(job->opts, node) != (*side == WX_SIDE_TESTING))
		return WX_DROP_NODE;
	if (*side == WX_SIDE_TRAINING && job->balance &&
	    wx_balance_drops(job->balance, wx_split_block(job->split, start)))
		return WX_DROP_BALANCE;
	return WX_N_DROPS;
}

int wx_export_weigh(void *ctx, const struct wx_window *w,
		    const struct wx_label *l, struct wx_error *err)
{
	struct wx_export_job *job = ctx;
	enum wx_side side;
	int index;

	if (wx_export_why_not(job, w, l, &index) != WX_N_DROPS ||
	    wx_export_side(job, w->node, w->start_utc, w->length_s, &side) !=
		    WX_N_DROPS ||
	    side != WX_SIDE_TRAINING)
		return WX_OK;
	return wx_balance_add(job->balance,
			      wx_split_block(job->split, w->start_utc), index,
			      err);
}
