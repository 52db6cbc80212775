/* SPDX-License-Identifier: MIT */
/*
 * lib/audit/audit.h: an archive or a dataset held against itself: the bytes
 * against the journals, the tables against each other, what came against what
 * should have. Nothing that is audited is changed.
 *
 * What was hashed or read through and found good is noted in .check/seen of the
 * folder, by size, time of change and inode, and not read again until one of
 * these changes (or opts.full). So a bit that rots on the disk by itself shows
 * only to a full audit.
 */
#ifndef WX_AUDIT_AUDIT_H
#define WX_AUDIT_AUDIT_H

#include <stdbool.h>

#include "archive/archive.h"

enum wx_audit_grade {
	WX_AUDIT_FAULT, /* something is wrong here, and can be mended */
	WX_AUDIT_LOSS,  /* something never came and, mostly, never will */
};

/* Texts are lent for the call. */
struct wx_audit_finding {
	enum wx_audit_grade grade;
	const char *what; /* a word for scripts, see wx-check(1) */
	const char *path; /* below the archive or dataset */
	const char *text; /* what was found, what was expected */
	const char *todo; /* what to do about it */
};

struct wx_audit_stats {
	uint64_t n_captures, n_files; /* below raw/; in all */
	uint64_t size_bytes;          /* in all */
	uint64_t n_hashed, hashed_bytes;
	uint64_t n_known; /* files taken as good without being read */
	uint64_t n_tables;
	uint64_t n_samples;  /* of a dataset */
	uint64_t free_bytes; /* on its disk, for who is not root */
	uint64_t n_found[2]; /* by grade */
};

struct wx_audit_opts {
	bool full;               /* believe nothing noted earlier */
	const char *const *node; /* only these, n_nodes 0: all */
	size_t n_nodes;
	/* Gaps, clocks and quality of this UTC day and later; others of all. */
	int64_t since_day;
	/* Would this be the name of a file made of a node's (content.h)? */
	bool (*is_derived)(const char *name);
	void (*found)(void *ctx, const struct wx_audit_finding *f);
	void (*progress)(uint64_t done, uint64_t total); /* bytes; or NULL */
	bool (*stopped)(void);                           /* or NULL */
	void *ctx;
};

/*
 * Failures are those of the audit itself (memory, a folder that cannot be
 * read, stopped); what is wrong with the archive is found, not failed.
 */
int wx_audit_archive(const struct wx_archive *a,
		     const struct wx_audit_opts *opts,
		     struct wx_audit_stats *out, struct wx_error *err);

/*
 * A dataset of wx-export. a: the archive it was made of, to hold samples
 * against their captures; NULL: not at hand.
 */
int wx_audit_dataset(const char *dir, const struct wx_archive *a,
		     const struct wx_audit_opts *opts,
		     struct wx_audit_stats *out, struct wx_error *err);

#endif
