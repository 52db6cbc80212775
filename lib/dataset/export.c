/* SPDX-License-Identifier: MIT */
/* lib/dataset/export.c: see export.h. */
#include "dataset/export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/export_in.h"

/* Samples of a list in one document; 20 MB. More of them are lines. */
enum { MAX_DOCUMENT = 20000 };

static int job_init(struct wx_export_job *job, struct wx_error *err)
{
	const struct wx_export_opts *opts = job->opts;

	*job->stats = (struct wx_export_stats){ .first = WX_TIME_NONE,
						.last = WX_TIME_NONE,
						.max_err_s = NAN };
	job->src.side = WX_SIDE_PURGED;
	job->twin_start = WX_TIME_NONE;
	job->split = wx_split_new(opts->purge_s);
	job->leak = wx_leak_new();
	for (int i = 0; i < 2; i++) {
		job->maker[i] = wx_maker_new();
		job->groups[i] = wx_balance_new();
	}
	return job->split && job->leak && job->maker[0] && job->maker[1] &&
			       job->groups[0] && job->groups[1]
		       ? WX_OK
		       : wx_fail_nomem(err);
}

static void job_fini(struct wx_export_job *job)
{
	wx_output_close(job->out);
	wx_hashes_free(job->hashes);
	wx_deleted_free(job->deleted);
	wx_balance_free(job->balance);
	wx_balance_free(job->groups[0]);
	wx_balance_free(job->groups[1]);
	wx_leak_free(job->leak);
	wx_split_free(job->split);
	free(job->speech);
	wx_export_piece_fini(&job->piece);
}

/* Training blocks of what is common go, if that was asked for. */
static int balance(struct wx_export_job *job, struct wx_error *err)
{
	const struct wx_export_opts *opts = job->opts;
	size_t n_unlabelled;
	struct wx_balance *b;
	int rc;

	if (isinf(opts->balance) && !opts->limit)
		return WX_OK;
	b = wx_balance_new();
	if (!b)
		return wx_fail_nomem(err);
	job->balance = b; /* deals nothing out before it is dealt itself */
	rc = wx_rows_each(job->a, wx_export_weigh, job, &n_unlabelled, NULL,
			  err);
	return rc ? rc
		  : wx_balance_deal(b, opts->balance, opts->limit,
				    (uint64_t)opts->seed, err);
}

/* Each block of time to one side. */
static int deal(struct wx_export_job *job, const char *dir,
		struct wx_error *err)
{
	const struct wx_export_opts *opts = job->opts;
	size_t n_unlabelled;
	/* What is wrong with the rows is told on the last walk. */
	int rc = wx_rows_each(job->a, wx_export_show, job, &n_unlabelled, NULL,
			      err);

	if (!rc)
		rc = wx_export_lock(job, dir, err);
	if (rc)
		return rc;
	wx_split_deal(job->split, opts->test_share, (uint64_t)opts->seed);
	for (int i = 0; i < 2; i++)
		job->stats->n_blocks[i] =
			wx_split_n_blocks(job->split, (enum wx_side)i);
	return balance(job, err);
}

static int make(struct wx_export_job *job, struct wx_error *err)
{
	struct wx_export_stats *stats = job->stats;
	size_t n_unlabelled = 0;
	bool captures = job->opts->format->captures;
	int rc = wx_rows_each(
		job->a, captures ? wx_export_make_capture : wx_export_make, job,
		&n_unlabelled, job->log, err);

	if (!rc && captures)
		rc = wx_export_capture_end(job, err);

	stats->n_windows += n_unlabelled;
	stats->n_dropped[WX_DROP_UNLABELLED] = n_unlabelled;
	return rc;
}

_Static_assert((int)WX_MAX_SAMPLE_CLASSES <= (int)WX_BALANCE_CLASSES &&
		       (int)WX_MAX_SAMPLE_CLASSES <= (int)WX_SPLIT_STRATA,
	       "a sample's class has its place among blocks and strata");

static void sum_up(struct wx_export_job *job)
{
	struct wx_export_stats *st = job->stats;

	wx_split_hours(job->split, &st->n_hours, &st->n_empty_hours);
	wx_leak_measure(job->leak, job->opts->purge_s,
			(uint64_t)job->opts->seed, &st->leak);
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < WX_MAX_SAMPLE_CLASSES; i++)
			st->n_groups[side][i] =
				wx_balance_n_blocks(job->groups[side], i);
}

int wx_export(const struct wx_archive *a, const char *dir,
	      const struct wx_export_opts *opts, struct wx_export_stats *stats,
	      struct wx_log *log, struct wx_error *err)
{
	struct wx_export_job job = {
		.a = a, .opts = opts, .stats = stats, .log = log
	};
	char *readme = NULL;
	int rc = job_init(&job, err);

	if (!rc)
		rc = deal(&job, dir, err);
	if (!rc)
		rc = wx_output_open(dir, opts->format,
				    opts->lines || job.n_due > MAX_DOCUMENT,
				    log, &job.out, err);
	if (!rc)
		rc = make(&job, err);
	if (job.src.cutter)
		wx_export_source_close(&job);
	for (int i = 0; i < 2; i++)
		if (wx_maker_free(job.maker[i], err) && !rc)
			rc = WX_ERR_IO;
	free(job.src.capture);
	if (!rc) {
		sum_up(&job);
		readme = wx_card_text(a, opts, stats);
		rc = readme ? WX_OK : wx_fail_nomem(err);
	}
	if (!rc) {
		rc = wx_output_commit(job.out, readme, &stats->changed, err);
		job.out = NULL;
	}
	job_fini(&job);
	free(readme);
	return rc;
}
