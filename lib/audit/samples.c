/* SPDX-License-Identifier: MIT */
/* lib/audit/samples.c: the sound of samples, and the split; see dataset.h. */
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/dataset.h"
#include "base/array.h"
#include "base/file.h"
#include "base/text.h"
#include "dataset/split.h"
#include "sound/wav.h"

#define AGAIN "run wx-export, which makes it again once it is deleted"

enum { CHUNK = 1 << 16 };

/* Are n bytes of two open files the same? */
static bool same_bytes(int a, int64_t a_at, int b, int64_t b_at, int64_t n)
{
	char x[CHUNK], y[CHUNK];

	while (n > 0) {
		size_t part = n < CHUNK ? (size_t)n : CHUNK;

		if (pread(a, x, part, a_at) != (ssize_t)part ||
		    pread(b, y, part, b_at) != (ssize_t)part ||
		    memcmp(x, y, part) != 0)
			return false;
		a_at += (int64_t)part;
		b_at += (int64_t)part;
		n -= (int64_t)part;
	}
	return true;
}

/* The frames of its capture; true also where that is not at hand. */
static bool is_cut_of(struct audit_set *s, const struct audit_sample *e, int fd,
		      const struct wx_wav *wav)
{
	const char *capture = s->texts + e->capture_at;
	struct wx_wav from;
	char *path;
	bool same = true;
	int in;

	if (!s->au->a || wx_name_check(capture, NULL) != WX_OK)
		return true;
	path = wx_archive_path(s->au->a, "%s", capture);
	in = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	if (in >= 0) {
		same = wx_wav_probe_fd(in, path, &from, NULL) == WX_OK &&
		       from.block_align == wav->block_align &&
		       e->first_frame >= 0 &&
		       e->first_frame + e->n_frames <= from.n_frames &&
		       same_bytes(fd, wav->data_offset, in,
				  from.data_offset +
					  e->first_frame * from.block_align,
				  wav->data_bytes);
		close(in);
	}
	free(path);
	return same;
}

/* False if anything was found. */
static bool check_sound(struct audit_set *s, const struct audit_sample *e,
			const char *path, int fd)
{
	struct audit *au = s->au;
	struct wx_error why = { 0 };
	struct wx_wav wav;
	const char *dot = strrchr(path, '.');

	/* Of layouts that are not WAV wx-dataset(5) has the form; the content
	 * is the service's to judge. */
	if (fd >= 0 && dot && strcmp(dot, ".wav") != 0)
		return true;
	if (fd < 0 || wx_wav_probe_fd(fd, path, &wav, &why) != WX_OK)
		audit_found(au, WX_AUDIT_FAULT, "sample", path, AGAIN,
			    "is no sound: %s",
			    fd < 0 ? "cannot be opened" : why.text);
	else if (e->n_frames >= 0 && wav.n_frames != e->n_frames)
		audit_found(au, WX_AUDIT_FAULT, "sample", path, AGAIN,
			    "%" PRId64 " frames, expected %" PRId64
			    " as in provenance.jsonl",
			    wav.n_frames, e->n_frames);
	else if (fabs((double)wav.rate_hz - e->rate_hz) > 0.5)
		audit_found(au, WX_AUDIT_FAULT, "sample", path, AGAIN,
			    "%u Hz, expected %g as in provenance.jsonl",
			    wav.rate_hz, e->rate_hz);
	else if (e->n_frames >= 0 && !is_cut_of(s, e, fd, &wav))
		audit_found(au, WX_AUDIT_FAULT, "sample", path, AGAIN,
			    "its sound is not that of %s from frame %" PRId64
			    " on, as provenance.jsonl has it",
			    s->texts + e->capture_at, e->first_frame);
	else
		return true;
	return false;
}

int audit_sample_check(struct audit_set *s, const struct audit_sample *e,
		       const struct stat *st, struct wx_error *err)
{
	struct audit *au = s->au;
	const char *path = s->texts + e->path_at;
	struct wx_seen_value seen = { 0 };
	char *full;
	int fd, rc = WX_OK;

	if (wx_seen_get(au->seen, path, st, &seen)) {
		au->st->n_known++;
		return WX_OK;
	}
	full = wx_strf("%s/%s", au->root, path);
	if (!full)
		return wx_fail_nomem(err);
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (check_sound(s, e, path, fd))
		rc = wx_seen_put(au->seen, path, st, &seen, err);
	au->st->n_hashed++;
	au->st->hashed_bytes += (uint64_t)st->st_size;
	if (au->o->progress)
		au->o->progress(au->st->hashed_bytes, 0);
	if (fd >= 0)
		close(fd);
	free(full);
	return rc;
}

/* ---- leaks ---- */

static int by_start(const void *va, const void *vb, void *ctx)
{
	const struct audit_sample *a = va, *b = vb;

	(void)ctx;
	return a->start.utc_ns < b->start.utc_ns
		       ? -1
		       : a->start.utc_ns > b->start.utc_ns;
}

/* Samples by time: a training one too near a test one, before or behind. */
int audit_leaks(struct audit_set *s, struct wx_error *err)
{
	const struct audit_sample *last[2] = { NULL, NULL };
	size_t n_leaks = 0;

	(void)err;
	wx_sort(s->sample, s->n, sizeof(*s->sample), by_start, NULL);
	for (size_t i = 0; i < s->n; i++) {
		const struct audit_sample *e = &s->sample[i];
		const struct audit_sample *other = last[!e->testing];
		double gap = other ? wx_time_diff_s(e->start, other->start) -
					     other->length_s
				   : INFINITY;

		last[e->testing] = e;
		if (!(gap < WX_SPLIT_PURGE_S - 1))
			continue;
		if (n_leaks++ < 20)
			audit_found(s->au, WX_AUDIT_FAULT, "leak",
				    s->texts + e->path_at,
				    "do not train on this split: run wx-export "
				    "into an empty folder",
				    "%s, %.0f s away, is on the other side; "
				    "expected %d s at least",
				    s->texts + other->path_at, fmax(gap, 0),
				    WX_SPLIT_PURGE_S);
	}
	if (n_leaks > 20)
		audit_found(s->au, WX_AUDIT_FAULT, "leak", "provenance.jsonl",
			    "as above", "%zu more such pairs", n_leaks - 20);
	return WX_OK;
}
