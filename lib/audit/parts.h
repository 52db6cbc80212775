/* SPDX-License-Identifier: MIT */
/*
 * lib/audit/parts.h: what the files of lib/audit/ share. For everybody else
 * there is audit.h.
 */
#ifndef WX_AUDIT_PARTS_H
#define WX_AUDIT_PARTS_H

#include "audit/audit.h"
#include "audit/seen.h"
#include "weather/profile.h"

struct audit {
	const char *root;           /* paths in findings are below it */
	const struct wx_archive *a; /* NULL: a dataset alone */
	const struct wx_audit_opts *o;
	struct wx_audit_stats *st;
	struct wx_seen *seen;
	const struct wx_profile *profile; /* NULL: not to be had */
	uint64_t to_read_bytes;           /* known so far, for progress */
	/* Of the log that lib's warnings come by: */
	const char *log_what, *log_path, *log_todo;
	uint64_t n_logged;
};

/* One finding. */
void audit_found(struct audit *au, enum wx_audit_grade grade, const char *what,
		 const char *path, const char *todo, const char *fmt, ...)
	WX_PRINTF(6, 7);

/* A log that makes a finding of each warning, paths without the root. */
struct wx_log audit_log(struct audit *au, const char *what, const char *path,
			const char *todo);

/* ROOT/path and its stat: false if it is not there. path is below the root. */
bool audit_stat(const struct audit *au, const char *path, struct stat *st);
bool audit_stopped(const struct audit *au, int *rc, struct wx_error *err);
bool audit_wants_node(const struct audit *au, const char *id);

/*
 * The hashes of a file below the root, from the notes or its bytes: those that
 * are wanted. A file that cannot be read is a finding, and *known is false.
 */
int audit_hash(struct audit *au, const char *path, const struct stat *st,
	       bool want_sha256, struct wx_seen_value *out, bool *known,
	       struct wx_error *err);

/* Every file below a folder, also those with a leading dot; no links. */
struct audit_file {
	uint32_t name_at;
	struct stat st;
};
struct audit_files {
	struct audit_file *file; /* by strcmp of their names */
	size_t n, room;
	char *names;
	size_t n_names, room_names;
};
/* dir is below the root; names are below dir. Adds to n_files, size_bytes. */
int audit_files_read(struct audit *au, const char *dir, struct audit_files *out,
		     struct wx_error *err);
void audit_files_fini(struct audit_files *f);
static inline const char *audit_name(const struct audit_files *f, size_t i)
{
	return f->names + f->file[i].name_at;
}
/* Index of a name, or n. */
size_t audit_files_find(const struct audit_files *f, const char *name);
/* Is it unfinished: NAME.part, or below a folder .part? */
bool audit_is_leftover(const char *name);

/* raw/NODE against its journal and index. n_sound: captures wx-listen takes. */
int audit_raw(struct audit *au, const struct wx_site_node *node,
	      size_t *n_sound, struct wx_error *err);

/* Numbers that no line of the index tells. */
struct audit_seq {
	int64_t seq, r0_us;
};
void audit_seq_gaps(struct audit *au, const char *node, struct audit_seq *seq,
		    size_t n);

/* What a table of windows holds; fits a note. */
struct audit_day {
	uint32_t n_rows, n_captures, n_fail, n_suspect;
	float max_err_s, length_s;
};
/* sound/, windows/, labels/ of a node; station/ of a station. */
int audit_node_tables(struct audit *au, const char *node, size_t n_sound,
		      struct wx_error *err);
int audit_station_tables(struct audit *au, const struct wx_site_station *s,
			 struct wx_error *err);
/* Reads a table through: false if anything was found. */
int audit_windows(struct audit *au, const char *path, const char *node,
		  int64_t day, struct audit_day *out, bool *good,
		  struct wx_error *err);
int audit_labels(struct audit *au, const char *path, const char *windows,
		 bool *good, struct wx_error *err);
int audit_sound(struct audit *au, const char *path, const char *node,
		size_t *n_captures, bool *good, struct wx_error *err);
int audit_obs(struct audit *au, const char *path,
	      const struct wx_site_station *s, int64_t day, bool *good,
	      struct wx_error *err);

/* Gaps, clock and quality of the days of a node. */
void audit_days(struct audit *au, const char *node, const int64_t *day,
		const struct audit_day *d, size_t n);

#endif
