/* SPDX-License-Identifier: MIT */
/* formats/station/filing.c: see filing.h. */
#include "station/filing.h"

#include <stdlib.h>
#include <string.h>

#include "archive/daybook.h"
#include "base/file.h"
#include "base/text.h"

/* A row waits in a wx_row until it is a line of the daybook. */
struct sink {
	struct wx_daybook *book;
	struct wx_row row;
};

static int to_book(void *ctx, const struct wx_obs *obs, struct wx_error *err)
{
	struct sink *s = ctx;

	s->row.n = 0;
	wx_obs_write(&s->row, obs);
	return wx_daybook_add(s->book, obs->utc, s->row.buf, s->row.n, err);
}

static int to_nowhere(void *ctx, const struct wx_obs *obs, struct wx_error *err)
{
	(void)ctx;
	(void)obs;
	(void)err;
	return WX_OK;
}

const char *wx_keep_text(enum wx_keep_what what)
{
	static const char *const text[] = {
		[WX_KEEP_HAVE] = "nothing new",
		[WX_KEEP_NEW] = "kept",
		[WX_KEEP_GROWN] = "grown, kept",
		[WX_KEEP_BESIDE] = "another file of this name, kept beside",
	};

	return text[what];
}

/* A log that cannot be read is no log of ours. */
static int try_read(const struct wx_filing *f, const char *path,
		    struct wx_error *err)
{
	struct wx_station_opts opts = *f->opts;

	opts.carry = NULL;
	opts.notes = NULL;
	return wx_station_read(path, f->format, &opts, to_nowhere, NULL, NULL,
			       err);
}

int wx_filing_keep(const struct wx_filing *f, const char *path,
		   enum wx_keep_what *what, struct wx_error *err)
{
	char *raw = wx_strf("%s/raw", f->dir);
	struct wx_keep keep = { 0 };
	int rc = raw ? wx_keep_plan(path, raw, &keep, err) : wx_fail_nomem(err);

	*what = keep.what;
	if (!rc && keep.what != WX_KEEP_HAVE)
		rc = try_read(f, path, err);
	if (!rc)
		rc = wx_keep_do(&keep, err);
	wx_keep_fini(&keep);
	free(raw);
	return rc;
}

bool wx_filing_has_live(const struct wx_filing *f)
{
	char *raw = wx_strf("%s/raw", f->dir);
	struct wx_names names = { 0 };
	bool has = false;

	if (raw && !wx_names_read(raw, 1, &names, NULL))
		for (size_t i = 0; i < names.n; i++)
			has |= !strncmp(names.name[i], "live-", 5);
	wx_names_fini(&names);
	free(raw);
	return has;
}

/* Everything that was ever kept, into the daybook. */
static int read_raw(const struct wx_filing *f, struct sink *sink,
		    void (*progress)(size_t done, size_t total),
		    struct wx_log *log, struct wx_error *err)
{
	char *raw = wx_strf("%s/raw", f->dir);
	struct wx_names names = { 0 };
	int rc = raw ? wx_names_read(raw, 1, &names, err) : wx_fail_nomem(err);

	for (size_t i = 0; !rc && i < names.n; i++) {
		char *path = wx_strf("%s/%s", raw, names.name[i]);

		wx_row_init(&sink->row, NULL);
		rc = path ? wx_station_read(path, f->format, f->opts, to_book,
					    sink, log, err)
			  : wx_fail_nomem(err);
		if (!rc)
			rc = wx_daybook_end_file(sink->book, err);
		if (progress)
			progress(i + 1, names.n);
		free(path);
	}
	wx_names_fini(&names);
	free(raw);
	return rc;
}

int wx_filing_tables(const struct wx_filing *f,
		     void (*progress)(size_t done, size_t total),
		     struct wx_log *log, int *n_days, int *n_changed,
		     struct wx_error *err)
{
	char *work = wx_strf("%s/.work", f->dir);
	struct sink *sink = calloc(1, sizeof(*sink));
	int rc = work && sink ? wx_daybook_open(work, &sink->book, err)
			      : wx_fail_nomem(err);

	if (!rc)
		rc = read_raw(f, sink, progress, log, err);
	if (!rc)
		rc = wx_daybook_commit(sink->book, f->dir, WX_OBS_HEADER,
				       n_days, n_changed, err);
	if (sink)
		wx_daybook_close(sink->book);
	free(sink);
	free(work);
	return rc;
}

int wx_filing_source(const struct wx_filing *f, const struct wx_site_station *s,
		     glob_t *out, struct wx_error *err)
{
	const char *pattern = s->source;
	int rc;

	if (!pattern && wx_filing_has_live(f))
		return WX_OK;
	if (!pattern)
		return wx_fail(err, WX_ERR_FORMAT,
			       "station %s has no source in site.json; name "
			       "its files: wx-station -a DIR FILE...",
			       s->id);
	if (!strncmp(pattern, "file:", 5))
		pattern += 5;
	rc = glob(pattern, 0, NULL, out);
	if (rc == GLOB_NOSPACE)
		return wx_fail_nomem(err);
	if (rc)
		return wx_fail(err, WX_ERR_IO,
			       "station %s: no file matches its source %s",
			       s->id, pattern);
	return WX_OK;
}
