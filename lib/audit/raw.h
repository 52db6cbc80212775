/* SPDX-License-Identifier: MIT */
/* lib/audit/raw.h: what raw.c and rawindex.c share. */
#ifndef WX_AUDIT_RAW_H
#define WX_AUDIT_RAW_H

#include "audit/parts.h"

enum audit_kind {
	AUDIT_HERE,
	AUDIT_SNAPSHOT,
	AUDIT_ALIAS,
	AUDIT_RELEASED,
	AUDIT_GONE,
	AUDIT_QUARANTINED,
	AUDIT_DELETED, /* raw sound whose time had come */
	AUDIT_MADE,    /* not a line: a file made of another */
};

/* A line of the journal. */
struct audit_entry {
	uint32_t name_at, place_at; /* in texts; below raw/NODE */
	enum audit_kind kind;
	bool has_crc, has_sha256;
	uint32_t crc;
	int64_t size_bytes;
	uint8_t sha256[32];
};

struct audit_journal {
	bool is_there;
	struct audit_entry *entry; /* by name; of one in their order */
	size_t n, room;
	char *texts;
	size_t n_texts, room_texts;
};

struct audit_node {
	struct audit *au;
	const char *id;
	struct audit_files files; /* below raw/NODE */
	bool *claimed;            /* of them: the journal tells of it */
	bool *indexed;            /* sound that the index tells of */
	struct audit_journal journal;
};

/* First entry of a name, and how many there are. */
size_t audit_journal_find(const struct audit_journal *j, const char *name,
			  size_t *n);

/* Every index of the node against its journal; numbers that are missing. */
int audit_index(struct audit_node *n, struct wx_error *err);

#endif
