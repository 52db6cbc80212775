/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/aurora_made.c: what lies in a file of packets, as the
 * journal has it, and made into files and lines of the index.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "capture/aurora.h"
#include "sound/wav.h"

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

static json_t *parts_of(const struct wx_aurora *a)
{
	json_t *parts = json_array();

	for (size_t i = 0; i < a->n_parts; i++) {
		json_t *p = json_object();

		if (a->part[i].m0_us >= 0)
			json_object_set_new(p, "m0",
					    json_integer(a->part[i].m0_us));
		json_object_set_new(p, "ns", json_integer(a->part[i].n_frames));
		json_array_append_new(parts, p);
	}
	return parts;
}

void wx_aurora_describe(int fd, const char *name, json_t *line)
{
	struct wx_aurora a;
	json_t *says;

	if (wx_aurora_read(fd, name, &a, NULL) == WX_OK && a.n_parts) {
		int64_t env_l = env_size(fd, name, &a);

		says = json_pack("{s:s, s:I, s:o}", "from", "packet", "b",
				 (json_int_t)a.boot, "parts", parts_of(&a));
		if (env_l)
			json_object_set_new(says, "env_l", json_integer(env_l));
		if (a.torn)
			json_object_set_new(says, "dmg",
					    json_pack("[s]", "truncated"));
		json_object_set_new(line, "fs",
				    json_integer(WX_AURORA_RATE_HZ));
		json_object_set_new(line, "says", says);
	}
	wx_aurora_fini(&a);
}

bool wx_aurora_is(const json_t *line)
{
	struct wx_aurora_name n;
	const json_t *says = json_object_get(line, "says");

	return !strcmp(wx_json_str(says, "from", ""), "packet") &&
	       json_array_size(json_object_get(says, "parts")) > 0 &&
	       wx_aurora_name(wx_json_str(line, "n", ""), &n);
}

/* As it lies here. */
static const char *name_of(const json_t *line)
{
	return wx_json_str(line, "as", wx_json_str(line, "n", ""));
}

/* "data_seq_1_run_2_hour_3.pcm~0001.wav"; the caller's to free. */
static char *part_name(const char *name, size_t part)
{
	return wx_strf("%s~%04zu.wav", name, part + 1);
}

/* ---- files ---- */

struct making {
	int fd;
	const char *dir, *name;
	char *path; /* of the packets */
	struct wx_aurora packets;
	size_t n_made;
};

static bool is_there(const char *path, int64_t size_bytes)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size == size_bytes;
}

/* A part, or the table for part == n_parts, unless it is there. Frees word. */
static int make_one(struct making *m, size_t part, char *word,
		    int64_t size_bytes, struct wx_error *err)
{
	char *path = word ? wx_strf("%s/%s", m->dir, word) : NULL;
	bool is_env = part == m->packets.n_parts;
	struct wx_file *f = NULL;
	int rc = path ? WX_OK : wx_fail_nomem(err);

	if (rc != WX_OK || is_there(path, size_bytes))
		goto out;
	rc = wx_file_create(path, &f, err);
	if (rc != WX_OK)
		goto out;
	rc = is_env ? wx_aurora_write_env(m->fd, m->path, &m->packets,
					  wx_file_get(f), err)
		    : wx_aurora_write_wav(m->fd, m->path, &m->packets, part,
					  wx_file_get(f), err);
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

static int make_all(struct making *m, const json_t *line, struct wx_error *err)
{
	int64_t env_l = wx_json_i64(json_object_get(line, "says"), "env_l", 0);
	size_t n = m->packets.n_parts;
	int rc = WX_OK;

	for (size_t i = 0; rc == WX_OK && i < n; i++)
		rc = make_one(m, i, part_name(m->name, i),
			      WX_WAV_HEADER_SIZE +
				      2 * m->packets.part[i].n_frames,
			      err);
	if (rc == WX_OK && env_l > 0)
		rc = make_one(m, n, wx_strf("%s~env.csv", m->name), env_l, err);
	/* One sync for a thousand files. */
	if (rc == WX_OK && m->n_made && syncfs(m->fd) != 0)
		rc = wx_fail_errno(err, "%s: cannot sync", m->dir);
	return rc;
}

int wx_aurora_derive(const char *dir, const json_t *line, size_t *n_made,
		     struct wx_log *log, struct wx_error *err)
{
	struct making m = { .dir = dir, .name = name_of(line), .fd = -1 };
	int rc = WX_OK;

	m.path = wx_strf("%s/%s", dir, m.name);
	if (!m.path)
		return wx_fail_nomem(err);
	m.fd = open(m.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (m.fd < 0)
		rc = wx_fail_errno(err, "%s: cannot open", m.path);
	/* The node's name tells the boot, as in describe(). */
	if (rc == WX_OK)
		rc = wx_aurora_read(m.fd, wx_json_str(line, "n", ""),
				    &m.packets, err);
	if (rc == WX_OK)
		rc = make_all(&m, line, err);
	if (rc == WX_OK && m.n_made && m.packets.n_undated)
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

static int index_line(const char *name, const json_t *says, size_t part,
		      FILE *out, struct wx_error *err)
{
	const json_t *parts = json_object_get(says, "parts");
	const json_t *p = json_array_get(parts, part);
	int64_t ns = wx_json_i64(p, "ns", 0), m0 = wx_json_i64(p, "m0", -1);
	bool torn = json_object_get(says, "dmg") &&
		    part + 1 == json_array_size(parts);
	char *word = part_name(name, part);
	json_t *o = word ? json_pack("{s:s, s:I, s:I}", "n", word, "l",
				     (json_int_t)(WX_WAV_HEADER_SIZE + 2 * ns),
				     "b", (json_int_t)wx_json_i64(says, "b", 0))
			 : NULL;
	int rc;

	if (m0 >= 0) {
		json_object_set_new(o, "m0", json_integer(m0));
		json_object_set_new(
			o, "m1",
			json_integer(m0 + ns * 1000000 / WX_AURORA_RATE_HZ));
	}
	json_object_set_new(o, "ns", json_integer(ns));
	json_object_set_new(o, "fs", json_integer(WX_AURORA_RATE_HZ));
	json_object_set_new(o, "st",
			    json_string(torn ? "recovered" : "closed"));
	rc = wx_json_write_line(o, out, err);
	json_decref(o);
	free(word);
	return rc;
}

int wx_aurora_index(const json_t *line, FILE *out, struct wx_error *err)
{
	const json_t *says = json_object_get(line, "says");
	const char *name = name_of(line);
	size_t n = json_array_size(json_object_get(says, "parts"));
	int64_t env_l = wx_json_i64(says, "env_l", 0);
	int rc = WX_OK;

	for (size_t i = 0; rc == WX_OK && i < n; i++)
		rc = index_line(name, says, i, out, err);
	if (rc == WX_OK && env_l > 0) {
		char *word = wx_strf("%s~env.csv", name);
		json_t *o =
			word ? json_pack("{s:s, s:I, s:I, s:s}", "n", word, "l",
					 (json_int_t)env_l, "b",
					 (json_int_t)wx_json_i64(says, "b", 0),
					 "st", "closed")
			     : NULL;

		rc = wx_json_write_line(o, out, err);
		json_decref(o);
		free(word);
	}
	return rc;
}
