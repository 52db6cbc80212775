/* SPDX-License-Identifier: MIT */
/*
 * lib/audit/rawindex.c: what a node says that it recorded, against what came,
 * and the numbers it does not tell of.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "archive/indexline.h"
#include "audit/raw.h"
#include "base/array.h"
#include "base/lines.h"
#include "base/text.h"

struct index_job {
	struct audit_node *n;
	const char *path;
	struct audit_seq *seq;
	size_t n_seq, room;
	size_t n_bad;
};

/* Of a file that shows more than this the rest is counted. */
enum { MAX_TOLD = 20 };

static bool is_wav(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && !strcasecmp(name + n - 4, ".wav");
}

static bool agrees(const struct audit_entry *e, const struct wx_index_line *l)
{
	if (l->capture.size_bytes >= 0 && e->kind != AUDIT_SNAPSHOT &&
	    l->capture.size_bytes != e->size_bytes)
		return false;
	if (e->kind == AUDIT_SNAPSHOT)
		return true;
	if (l->has_sha256 && e->has_sha256)
		return !memcmp(l->sha256, e->sha256, sizeof(e->sha256));
	return !l->capture.has_crc || !e->has_crc || l->capture.crc == e->crc;
}

/* Has the journal this file? */
static void check_came(struct index_job *job, const char *name,
		       const struct wx_index_line *l)
{
	struct audit_node *n = job->n;
	size_t n_lines, at = audit_journal_find(&n->journal, name, &n_lines);
	char *path = wx_strf("raw/%s/%s", n->id, name);
	bool is_told = false, agreed = false;

	for (size_t i = at; i < at + n_lines; i++) {
		enum audit_kind k = n->journal.entry[i].kind;

		is_told = true;
		agreed |= k == AUDIT_GONE || k == AUDIT_QUARANTINED ||
			  k == AUDIT_MADE || agrees(&n->journal.entry[i], l);
	}
	if (path && !is_told && l->capture.size_bytes != WX_INDEX_OPEN)
		audit_found(n->au, WX_AUDIT_FAULT, "not-pulled", path,
			    "run wx-pull",
			    "the index tells of it, but it never came");
	else if (path && is_told && !agreed)
		audit_found(n->au, WX_AUDIT_FAULT, "index", path,
			    "see which of the two somebody edited; run wx-pull "
			    "to ask the node again",
			    "its length or digest in the index is another than "
			    "in the journal");
	free(path);
}

/* It is here, whole, and of the kind that wx-listen hears. */
static void note_sound(struct audit_node *n, const char *name, int64_t size)
{
	size_t i =
		is_wav(name) ? audit_files_find(&n->files, name) : n->files.n;

	if (i < n->files.n && n->files.file[i].st.st_size == size)
		n->indexed[i] = true;
}

static int add_line(struct index_job *job, struct wx_line *line,
		    struct wx_error *err)
{
	struct wx_error why = { 0 };
	struct wx_index_line l;
	char name[1001];
	int rc = wx_index_line_read(line->text, line->n, &l, &why);

	if (rc == WX_ERR_NOMEM)
		return wx_fail_nomem(err);
	rc = WX_OK;
	if (l.kind == WX_INDEX_CAPTURE) {
		snprintf(name, sizeof(name), "%.*s", (int)l.name_len, l.name);
		job->n->au->st->n_captures +=
			is_wav(name) && l.capture.size_bytes >= 0;
		check_came(job, name, &l);
		note_sound(job->n, name, l.capture.size_bytes);
		if (l.capture.seq >= 0) {
			rc = WX_GROW(&job->seq, &job->room, job->n_seq + 1,
				     err);
			if (rc == WX_OK)
				job->seq[job->n_seq++] =
					(struct audit_seq){ l.capture.seq,
							    l.capture.r0_us };
		}
	}
	if (why.code && line->complete && job->n_bad++ < MAX_TOLD)
		audit_found(job->n->au, WX_AUDIT_FAULT, "index", job->path,
			    "restore it from a copy; a node that writes such "
			    "lines needs another firmware",
			    "line %ld: %s", line->number, why.text);
	wx_index_line_fini(&l);
	return rc;
}

static int read_index(struct index_job *job, const char *name,
		      struct wx_error *err)
{
	char *path = wx_strf("raw/%s/%s", job->n->id, name);
	char *full = path ? wx_strf("%s/%s", job->n->au->root, path) : NULL;
	struct wx_lines *in = NULL;
	struct wx_line line;
	int rc = full ? wx_lines_open(full, &in, err) : wx_fail_nomem(err);

	job->path = path;
	job->n_bad = 0;
	while (rc == WX_OK && (rc = wx_lines_next(in, &line, err)) == 1) {
		wx_line_cut_nuls(&line);
		rc = WX_OK;
		if (line.n)
			rc = add_line(job, &line, err);
		else if (line.too_long)
			audit_found(job->n->au, WX_AUDIT_FAULT, "index", path,
				    "restore it from a copy",
				    "line %ld: over %d bytes", line.number,
				    WX_LINES_MAX);
	}
	if (job->n_bad > MAX_TOLD)
		audit_found(job->n->au, WX_AUDIT_FAULT, "index", path,
			    "as above", "%zu more such lines",
			    job->n_bad - MAX_TOLD);
	wx_lines_close(in);
	free(path);
	free(full);
	return rc;
}

int audit_index(struct audit_node *n, struct wx_error *err)
{
	struct index_job job = { .n = n };
	bool has_index = false;
	int rc = WX_OK;

	for (size_t i = 0; i < n->files.n && rc == WX_OK; i++) {
		const char *name = audit_name(&n->files, i);

		if (strcmp(name, "index.jsl") &&
		    (strncmp(name, "index~", 6) || strchr(name, '/')))
			continue;
		has_index = true;
		rc = read_index(&job, name, err);
	}
	if (rc == WX_OK && !has_index && n->journal.n) {
		char *path = wx_strf("raw/%s/index.jsl", n->id);

		audit_found(n->au, WX_AUDIT_FAULT, "missing",
			    path ? path : n->id, "run wx-pull",
			    "is not here: without it no capture has a time");
		free(path);
	}
	if (rc == WX_OK)
		audit_seq_gaps(n->au, n->id, job.seq, job.n_seq);
	free(job.seq);
	return rc;
}
