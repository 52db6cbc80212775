/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull.h: bring what nodes have and the archive has not.
 *
 * For each node: its index (only what is new of it), 16 clock exchanges, the
 * files that the index names and raw/NODE has not, 16 exchanges. A file is
 * received as raw/NODE/.part/NAME, compared with the length and digest that
 * the index (and ETag, Repr-Digest) tell, synced, renamed without replacing
 * anything, and only then journalled; only then may the node delete it. All of
 * this is gathered by 64 MiB, so that small files do not wait for the disk one
 * by one. Killed at any moment, the next run goes on from what it finds.
 *
 * raw/NODE/journal.jsonl (schema "journal-line"), in any order:
 *
 *     {"n":"b1/7.wav","l":480044,"crc":"9ae0daaf","sha256":...}  is here
 *     {"alias":"c/7.wav","of":"b1/7.wav","l":480044,"crc":..}    lies there
 *     {"snapshot":"index.jsl","l":51200,"crc":..,"etag":..}      grows there
 *     {"released":"b1/7.wav","l":480044,"crc":"9ae0daaf"}        deleted there
 *     {"other":"a.wac","l":480044}                               stays there
 *     {"gone":"b1/8.wav","l":480044,"crc":"1bcd0123"}            never came
 *     {"quarantined":"b1/9.wav","l":480044,"crc":..,"why":..}    came wrong
 *
 * Files that grow on the node (the index; tables, *.csv, whose line is open)
 * are taken up to their last complete line, and longer at the next pull where
 * what is here is their beginning: appended to, not rewritten. Where it is not
 * (a node that was wiped), the old one stays as NAME~CRC8, the index as
 * index~CRC8.jsl. So does a file that comes under a name that is taken: it is
 * kept as NAME~CRC8.
 *
 * What files say of themselves goes into their lines, and of those the files
 * that lie in them are made and the index of a card that has none: see
 * archive/content.h.
 */
#ifndef WX_ARCHIVE_PULL_H
#define WX_ARCHIVE_PULL_H

#include "archive/archive.h"
#include "archive/node.h"

struct wx_pull_report { /* of one node */
	const char *node;
	int rc;          /* WX_OK, or the worst that happened */
	const char *why; /* the node as a whole failed; NULL: it did not */
	uint64_t n_new, new_bytes; /* files that came */
	uint64_t resumed_bytes;    /* of them, here from an earlier run */
	uint64_t n_known;          /* here before */
	uint64_t n_adopted;        /* were here, but not in the journal */
	uint64_t n_open;           /* still being written: next time */
	uint64_t n_tables;         /* growing tables that grew here */
	uint64_t n_refused;        /* impossible names or lines of the index */
	uint64_t n_beside;         /* kept as NAME~CRC8 */
	uint64_t n_aliases;        /* new names of bytes that are here */
	uint64_t n_quarantined;    /* complete but wrong, kept aside */
	uint64_t n_no_room;        /* did not fit on the disk */
	uint64_t no_room_bytes;    /* of them */
	uint64_t n_missing;        /* numbers that no line of the index tells */
	uint64_t n_gone;           /* named by the index, not there any more */
	uint64_t n_other;          /* sound of kinds that are not fetched */
	uint64_t n_failed;         /* left for the next run */
	uint64_t n_left;           /* not tried, the node having failed */
	uint64_t n_made;           /* files made of those that came */
	uint64_t n_released;
	uint64_t n_exchanges; /* recorded */
	double battery_v;     /* as last asked, for a limit; NAN */
};

struct wx_pull_opts {
	int64_t jobs;     /* transfers at once, all nodes together */
	double timeout_s; /* of silence, until a node counts as down */
	double max_s;     /* for one node; the rest next time */
	const struct wx_node_formats *formats;
	struct wx_log *log;
	/* Asked often; true: end soon, leaving all as for the next run. */
	bool (*stopped)(void);
	/* NULL, or bytes so far and bytes known to come, of all nodes. */
	void (*progress)(uint64_t done, uint64_t total);
	/* As each node is done. Calls never overlap. */
	void (*report)(void *ctx, const struct wx_pull_report *report);
	void *ctx;
};

/*
 * Pull from these nodes of the site (borrowed). One node's failure stops
 * nobody else; it is in its report, and the worst is returned.
 */
int wx_pull(struct wx_archive *a, const struct wx_site_node *const *nodes,
	    size_t n_nodes, const struct wx_pull_opts *opts,
	    struct wx_error *err);

#endif
