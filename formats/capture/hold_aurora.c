/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/hold_aurora.c: a file of packets in the archive. It holds
 * some 1900 recordings an hour, so that the journal has them in one text:
 *
 *     "runs": "1060 3003 4923x3 ? 4290601:10000"
 *
 * each run of packets by the ms of its first frame (? not known), how many
 * packets if not one, and its frames where the last of them is torn. The index
 * and the names follow of that alone.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "capture/aurora.h"
#include "capture/holder.h"
#include "sound/wav.h"

static bool is(const char *name, const void *head, size_t n)
{
	struct wx_aurora_name of;

	(void)head;
	return n > 0 && wx_aurora_name(name, &of);
}

/* ---- what it says ---- */

static void write_runs(const struct wx_aurora *a, FILE *out)
{
	for (size_t i = 0; i < a->n_parts; i++) {
		const struct wx_aurora_part *p = &a->part[i];
		int64_t n =
			(p->n_frames + WX_AURORA_FRAMES - 1) / WX_AURORA_FRAMES;

		if (i)
			putc(' ', out);
		if (p->m0_us < 0)
			putc('?', out);
		else
			fprintf(out, "%lld", (long long)p->m0_us / 1000);
		if (n > 1)
			fprintf(out, "x%lld", (long long)n);
		if (p->n_frames % WX_AURORA_FRAMES)
			fprintf(out, ":%lld", (long long)p->n_frames);
	}
}

/* Bytes of the env table; 0: it would have no row. */
static int64_t env_size(int fd, const char *name, const struct wx_aurora *a)
{
	char *text = NULL;
	size_t n = 0;
	FILE *mem = a->n_env ? open_memstream(&text, &n) : NULL;
	bool ok = mem && wx_aurora_write_env(fd, name, a, mem, NULL) == WX_OK;

	ok = mem && fclose(mem) == 0 && ok;
	free(text);
	return ok ? (int64_t)n : 0;
}

static void describe(int fd, const char *name, json_t *says)
{
	struct wx_aurora a;
	char *runs = NULL;
	size_t n = 0;
	FILE *mem = open_memstream(&runs, &n);
	int64_t env_l;

	if (wx_aurora_read(fd, name, &a, NULL) != WX_OK || !mem)
		goto out;
	if (a.torn)
		wx_holder_add_damage(says, "truncated");
	if (!a.n_parts)
		goto out;
	write_runs(&a, mem);
	if (fflush(mem) != 0)
		goto out;
	json_object_set_new(says, "from", json_string("packet"));
	json_object_set_new(says, "b", json_integer(a.boot));
	json_object_set_new(says, "runs", json_string(runs));
	env_l = env_size(fd, name, &a);
	if (env_l)
		json_object_set_new(says, "env_l", json_integer(env_l));
out:
	if (mem)
		fclose(mem);
	free(runs);
	wx_aurora_fini(&a);
}

/* ---- the runs again ---- */

struct run {
	int64_t m0_us; /* -1: not known */
	int64_t n_frames;
	bool torn;
};

static bool take(const char **p, int64_t *out)
{
	size_t n = strspn(*p, "0123456789");
	bool ok = n <= 18 && wx_i64_parse(*p, n, out);

	*p += n;
	return ok;
}

/* The next run of the text, which moves on; false at its end or a fault. */
static bool next_run(const char **p, struct run *out)
{
	int64_t ms = -1, n = 1, frames;

	*p += strspn(*p, " ");
	if (!**p)
		return false;
	if (**p == '?')
		++*p;
	else if (!take(p, &ms) || ms > INT64_MAX / 1000)
		return false;
	if (**p == 'x' && (++*p, !take(p, &n)))
		return false;
	frames = n * WX_AURORA_FRAMES;
	out->torn = **p == ':';
	if (out->torn && (++*p, !take(p, &frames)))
		return false;
	out->m0_us = ms < 0 ? -1 : ms * 1000;
	out->n_frames = frames;
	return n >= 1 && n <= WX_AURORA_MAX_PACKETS && frames >= 1 &&
	       frames <= n * WX_AURORA_FRAMES;
}

/* Bytes of the WAV file. */
static int64_t size_of(const struct run *r)
{
	return WX_WAV_HEADER_SIZE + 2 * r->n_frames;
}

/* "data_seq_1_run_2_hour_3.pcm~0001.wav"; the caller's to free. */
static char *name_of(const char *name, size_t part)
{
	return wx_strf("%s~%04zu.wav", name, part + 1);
}

/* ---- files ---- */

struct making {
	int fd;                         /* -1: nothing had to be made yet */
	const char *dir, *given, *name; /* given: the node's name for it */
	char *path;                     /* of the packets */
	struct wx_aurora packets;
	size_t n_made;
};

/* Open the packets, once something is missing. */
static int open_packets(struct making *m, struct wx_error *err)
{
	if (m->fd >= 0)
		return WX_OK;
	m->fd = open(m->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (m->fd < 0)
		return wx_fail_errno(err, "%s: cannot open", m->path);
	return wx_aurora_read(m->fd, m->given, &m->packets, err);
}

static int write_one(struct making *m, size_t part, bool is_env,
		     struct wx_file *f, struct wx_error *err)
{
	if (is_env)
		return wx_aurora_write_env(m->fd, m->path, &m->packets,
					   wx_file_get(f), err);
	if (part >= m->packets.n_parts)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: %zu runs of packets; its line of the "
			       "journal tells of more",
			       m->path, m->packets.n_parts);
	return wx_aurora_write_wav(m->fd, m->path, &m->packets, part,
				   wx_file_get(f), err);
}

/* A part, or the table, unless it is there with its size. Frees word. */
static int make_one(struct making *m, size_t part, bool is_env, char *word,
		    int64_t size_bytes, struct wx_error *err)
{
	char *path = word ? wx_strf("%s/%s", m->dir, word) : NULL;
	struct wx_file *f = NULL;
	struct stat st;
	int rc = path ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK && stat(path, &st) == 0 && st.st_size == size_bytes)
		goto out;
	if (rc == WX_OK)
		rc = open_packets(m, err);
	if (rc == WX_OK)
		rc = wx_file_create(path, &f, err);
	if (rc == WX_OK)
		rc = write_one(m, part, is_env, f, err);
	if (rc == WX_OK) {
		rc = wx_file_commit_unsynced(f, err);
		f = NULL;
		m->n_made += rc == WX_OK;
	}
out:
	wx_file_abort(f);
	free(path);
	free(word);
	return rc;
}

static int make_runs(struct making *m, const json_t *says, struct wx_error *err)
{
	const char *runs = wx_json_str(says, "runs", "");
	int64_t env_l = wx_json_i64(says, "env_l", 0);
	struct run r;
	int rc = WX_OK;

	for (size_t i = 0; rc == WX_OK && next_run(&runs, &r); i++)
		rc = make_one(m, i, false, name_of(m->name, i), size_of(&r),
			      err);
	if (rc == WX_OK && env_l > 0)
		rc = make_one(m, 0, true, wx_strf("%s~" WX_HOLDER_ENV, m->name),
			      env_l, err);
	/* One sync for a thousand files. */
	if (rc == WX_OK && m->n_made && syncfs(m->fd) != 0)
		rc = wx_fail_errno(err, "%s: cannot sync", m->dir);
	return rc;
}

static int make_all(const char *dir, const json_t *line, size_t *n_made,
		    struct wx_log *log, struct wx_error *err)
{
	const char *given = wx_json_str(line, "n", "");
	struct making m = { .fd = -1,
			    .dir = dir,
			    .given = given,
			    .name = wx_json_str(line, "as", given) };
	int rc;

	m.path = wx_strf("%s/%s", dir, m.name);
	rc = m.path ? make_runs(&m, json_object_get(line, "says"), err)
		    : wx_fail_nomem(err);
	if (rc == WX_OK && m.packets.n_undated)
		wx_warn(log,
			"%s: %zu of %zu packets have a stamp that cannot be: "
			"their sound is kept, without a time",
			m.path, m.packets.n_undated, m.packets.n_packets);
	*n_made += m.n_made;
	wx_aurora_fini(&m.packets);
	if (m.fd >= 0)
		close(m.fd);
	free(m.path);
	return rc;
}

/* ---- index ---- */

static int write_line(char *name, int64_t size_bytes, int64_t boot,
		      const struct run *r, FILE *out, struct wx_error *err)
{
	json_t *line =
		name ? json_pack("{s:s, s:I, s:I}", "n", name, "l",
				 (json_int_t)size_bytes, "b", (json_int_t)boot)
		     : NULL;
	int rc;

	if (r && r->m0_us >= 0) {
		int64_t length_us = r->n_frames * 1000000 / WX_AURORA_RATE_HZ;

		json_object_set_new(line, "m0", json_integer(r->m0_us));
		json_object_set_new(line, "m1",
				    json_integer(r->m0_us + length_us));
	}
	if (r) {
		json_object_set_new(line, "ns", json_integer(r->n_frames));
		json_object_set_new(line, "fs",
				    json_integer(WX_AURORA_RATE_HZ));
	}
	json_object_set_new(line, "st",
			    json_string(r && r->torn ? "recovered" : "closed"));
	rc = line ? wx_json_write_line(line, out, err) : wx_fail_nomem(err);
	json_decref(line);
	free(name);
	return rc;
}

static int write_index(const char *name, const json_t *says, FILE *out,
		       struct wx_error *err)
{
	const char *runs = wx_json_str(says, "runs", "");
	int64_t boot = wx_json_i64(says, "b", 0);
	int64_t env_l = wx_json_i64(says, "env_l", 0);
	struct run r;
	int rc = WX_OK;

	for (size_t i = 0; rc == WX_OK && next_run(&runs, &r); i++)
		rc = write_line(name_of(name, i), size_of(&r), boot, &r, out,
				err);
	if (rc == WX_OK && env_l > 0)
		rc = write_line(wx_strf("%s~" WX_HOLDER_ENV, name), env_l, boot,
				NULL, out, err);
	return rc;
}

const struct wx_holder wx_holder_aurora = {
	.kind = "aurora",
	.is = is,
	.describe = describe,
	.make_all = make_all,
	.index = write_index,
};
