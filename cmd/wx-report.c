/* SPDX-License-Identifier: MIT */
/* cmd/wx-report.c: a season as one page to look at and to listen with. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cli.h"
#include "base/file.h"
#include "dataset/review.h"
#include "report/report.h"
#include "track/track.h"

static const char usage[] =
	"wx-report [-a DIR] [--review N] [--audio] -o FILE.html\n\n"
	"Show a season as one page that needs nothing else: what came, clocks, "
	"rain and\nwind, labels, what was dropped, and windows to review by "
	"ear.";

struct args {
	const char *archive, *out;
	int64_t n_review;
	bool audio;
};

static int report(const struct args *args, const struct wx_archive *a,
		  struct wx_report_made *made, struct wx_error *err)
{
	struct wx_profile profile;
	struct wx_report_opts opts = { .profile = &profile,
				       .n_review = (int)args->n_review,
				       .audio = args->audio,
				       .track_format = &wx_track_raven,
				       .track_read = wx_track_read,
				       .now = wx_time_now(),
				       .stopped = wx_cli_stopped };
	struct wx_file *f = NULL;
	int rc = wx_profile_read(a->site->profile, &profile, err);

	if (rc == WX_OK)
		rc = wx_file_create(args->out, &f, err);
	if (rc == WX_OK)
		rc = wx_report_write(a, &opts, wx_file_get(f), made,
				     wx_cli_log(), err);
	if (rc == WX_OK) {
		rc = wx_file_commit(f, NULL, err);
		f = NULL;
	}
	wx_file_abort(f);
	return rc;
}

int main(int argc, char *argv[])
{
	struct args args = { .n_review = 12 };
	const struct wx_opt opts[] = {
		WX_OPT_ARCHIVE(&args.archive),
		WX_OPT_STR('o', "output", &args.out, "FILE",
			   "write the page to this file"),
		WX_OPT_INT(0, "review", &args.n_review, 0, WX_REVIEW_MAX, "N",
			   "windows to review (default 12)"),
		WX_OPT_FLAG(0, "audio", &args.audio,
			    "put their sound into the page"),
		WX_OPT_END,
	};
	struct wx_report_made made = { 0 };
	struct wx_archive *a = NULL;
	struct wx_error err = { 0 };
	struct stat st = { 0 };
	int rc;

	if (wx_cli_parse(argc, argv, usage, opts) < argc)
		return wx_cli_usage("no operand expected");
	if (!args.out)
		return wx_cli_usage("expected -o FILE.html");
	wx_cli_catch_signals();
	rc = wx_archive_open(wx_cli_archive(args.archive), &a, &err);
	if (rc == WX_OK)
		rc = report(&args, a, &made, &err);
	if (rc == WX_OK) {
		stat(args.out, &st);
		wx_cli_note("%s: %zu days, %" PRIu64
			    " windows, %d to review, %.1f MB",
			    args.out, made.n_days, made.n_windows,
			    made.n_review, (double)st.st_size / 1e6);
	}
	wx_archive_close(a);
	return wx_cli_end(wx_cli_report(rc, &err));
}
