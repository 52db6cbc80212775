/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_in.h: what the parts of the pull engine share. Nobody else
 * includes it.
 *
 * One group is one thread with one loop: all nodes that wait in it, or a
 * folder or two. A node goes through the phases of pull.c; each is a function
 * that starts what it can and says whether it is still busy. A file that came
 * is read back and hashed in a thread of its own (the processor's second core),
 * and then goes to the group's committer, a thread that waits for the disk so
 * that the network does not.
 *
 *     pull.c         the run, its threads, phases and summary
 *     pull_plan.c    what is here, what is missing
 *     pull_order.c   which come first, and which not now: disk, battery
 *     pull_set.c     keys that were seen
 *     pull_get.c     one file: resume, check, retry
 *     pull_quarantine.c  one that the node has otherwise than it says
 *     pull_twin.c    the same bytes under another name
 *     pull_grow.c    files that grow there: the index, open tables
 *     pull_clock.c   clock exchanges
 *     pull_check.c   read back and hash what came
 *     pull_commit.c  sync, rename, journal
 *     pull_line.c    lines of the journal
 *     pull_seq.c     numbers that its index leaves out
 *     pull_made.c    what is made of files: those that lie in them, and the
 *                    index of a card that has none
 *     pull_release.c what may go on the node
 */
#ifndef WX_ARCHIVE_PULL_IN_H
#define WX_ARCHIVE_PULL_IN_H

#include <pthread.h>
#include <stdatomic.h>

#include "archive/content.h"
#include "archive/pull.h"
#include "archive/pull_set.h"
#include "base/lines.h"

enum {
	PULL_SLOTS = 8,     /* most requests at once to one node */
	PULL_TRIES = 4,     /* of a file or the index that gets nowhere */
	PULL_SILENCES = 3,  /* in a row, and a node is down */
	PULL_WARNINGS = 20, /* of one kind and node; the rest is counted */
	PULL_EXCHANGES = 16,
	/* Between two syncs. Each file is open until then. */
	PULL_BATCH_FILES = 128,
	PULL_BATCH_BYTES = 64 << 20,
};

/* ---- sequence numbers that an index tells ---- */

struct pull_seqs { /* {0} to start; sorted, never touching */
	struct pull_seq_run {
		int64_t first, last;
	} * run;
	size_t n, room;
	bool overflow; /* too scattered to be counted */
};

/* Below 0 (not told) is none. */
int pull_seqs_add(struct pull_seqs *s, int64_t seq, struct wx_error *err);
/* How many are missing between the lowest and the highest. */
uint64_t pull_seqs_missing(const struct pull_seqs *s);
void pull_seqs_fini(struct pull_seqs *s);

/* ---- what is to be done ---- */

enum pull_kind {
	PULL_FILE,    /* fetch */
	PULL_TWIN,    /* looks like another: fetch when the others are here */
	PULL_TABLE,   /* grows there: fetch what is new of it */
	PULL_RELEASE, /* is here: may be deleted there */
	PULL_OPEN,    /* still being written: only counted */
	PULL_NO_ROOM, /* would not fit on the disk */
	PULL_DROPPED, /* a later line said otherwise; done with */
};

struct pull_item {
	char *name;
	int64_t size_bytes; /* -1: an open table; not told yet */
	bool untold;        /* the answer tells its length; all of it is new */
	int64_t boot, seq;  /* -1: not told */
	int64_t mtime_ns;   /* files of cards without an index; else -1 */
	uint32_t crc;
	bool has_crc, has_sha256;
	bool was_here; /* journalled under this name, and not here any more */
	uint8_t sha256[WX_SHA256_LEN];
	enum pull_kind kind;
};

/* ---- one request and what it fills ---- */

enum pull_slot_state { SLOT_FREE, SLOT_RUNNING, SLOT_WAITING, SLOT_CHECKING };

struct pull_slot {
	struct wx_node_req req;
	struct pull_node *node;
	struct pull_item *item;
	enum pull_slot_state state;
	/* What follows when the request has ended. */
	void (*then)(struct pull_slot *s, enum wx_node_end end,
		     const struct wx_error *why);
	double started_s, again_s; /* monotonic */
	int tries;                 /* that brought nothing */
	int mismatches;            /* complete, but not what it should be */
	int lengths;               /* another one than in the index */
	int fd;                    /* of the part file; -1 */
	char *part;
	int64_t offset;         /* bytes of it that are good so far */
	int64_t reached;        /* furthest that any try of it came */
	int64_t skip;           /* bytes that come again and are passed over */
	int64_t resumed;        /* bytes found when it was opened */
	struct pull_slot *next; /* in the checker's queue */
	bool checked;           /* and done with there */
	int64_t crc_bytes;      /* in crc, from the first on */
	uint32_t crc;           /* of the whole file, when checked */
	bool has_sha256; /* this too, for there is something to compare */
	uint8_t sha256[WX_SHA256_LEN];
	struct wx_node_head head;
	char etag[WX_ETAG_SIZE]; /* of the bytes so far; "": not told */
	struct wx_error err;
};

/* A growing file under way, in slot 0; one at a time for each node. */
struct pull_grow {
	const struct pull_item *item; /* NULL: the index */
	const char *name;
	char *path;
	FILE *in;     /* what came; NULL: idle */
	int64_t have; /* bytes of it that are here */
	int64_t from; /* what came starts there */
	bool whole;   /* ours is not its beginning: all of it, anew */
	bool closes;  /* what came is all that a closed table still lacked */
	bool grew, over;
};

struct pull_clock {
	json_t *line[PULL_EXCHANGES];
	int n, failed;
	bool none, over, after, read_last;
	int64_t last_boot, last_t4_us; /* of clock.jsonl; -1: none */
};

/* What lies here, by content; see pull_twin.c. */
struct pull_twins {
	struct pull_set has;
	struct pull_twin *slot; /* a hash table */
	size_t n, room;
	FILE *in; /* the journal, once it was read; NULL */
};

struct pull_battery {
	double ask_s; /* when to ask again, monotonic; 0: not asked yet */
	int failed;   /* in a row */
	bool none;    /* it does not tell */
	bool low;     /* near its limit: the smallest files first */
};

/* Reading the journal for what can be made; see pull_made.c. */
struct pull_made {
	pthread_t thread;
	bool running;     /* until the thread has been joined */
	atomic_bool done; /* what follows is the thread's until then */
	struct wx_lines *in;
	void *card; /* NULL: the node keeps an index itself */
	bool any;   /* file in the card's index */
	uint64_t n_made;
	int rc, worst; /* of all of it; of the files that could not be made */
	struct wx_error err;
};

/* ---- a file on its way into the archive ---- */

struct pull_job {
	struct pull_job *next;
	struct pull_node *node;
	struct pull_item *item;
	int fd;
	char *part;
	int64_t size_bytes, resumed;
	uint32_t crc;
	bool has_sha256;
	uint8_t sha256[WX_SHA256_LEN];
	char etag[WX_ETAG_SIZE];
	const char *verified; /* "crc32" "sha256" "length" */
	/* out */
	int rc;
	bool known;   /* a file with these bytes was there */
	char *beside; /* kept under this name, not the item's */
	char *of;     /* not kept: its bytes lie under this name */
	struct wx_error err;
};

/* Threads that read back and hash complete part files. */
enum { PULL_CHECKERS = 2 };
struct pull_checker {
	pthread_t thread[PULL_CHECKERS];
	int n_threads;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool quit;
	/* A queue: those before `in` are being hashed, or are checked. */
	struct pull_slot *first, *in, **end;
	struct wx_node_loop *loop;
};

struct pull_committer {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool running, flush, quit;
	struct pull_job *in, **in_end, *out;
	/* The loop's thread alone: pushed and not yet harvested. */
	int n_jobs;
	int64_t n_bytes;
	struct wx_node_loop *loop;
};

/* ---- a node, a group, the run ---- */

struct pull_node {
	struct pull_group *group;
	const struct wx_site_node *site;
	const struct wx_node_driver *driver;
	void *handle;
	bool listed; /* a card without an index */
	const struct wx_content *content;

	char *dir; /* ROOT/raw/NODE */
	struct wx_lock *lock;
	pthread_mutex_t journal_mutex;
	struct wx_journal *journal;

	struct wx_log log;    /* onto the run's, one thread at a time */
	struct pull_set here; /* what the journal knows */
	long n_old_lines;     /* of the journal, when it was opened */
	atomic_bool derives;  /* a line of it tells of files to be made */
	struct pull_item *item;
	size_t n_items, room_items;
	size_t *by_name, n_by_name; /* hash table of item index + 1 */
	size_t next;                /* first item not yet looked at */
	char index_etag[WX_ETAG_SIZE];
	int64_t index_size; /* that the etag was seen with */

	int phase;
	bool begun, closed, wants_flush;
	double end_s; /* its time is up, monotonic */
	int width;    /* requests at once, as many as seem to do it good */
	int silences;
	double last_silence_s;
	const struct pull_item *last_silent; /* compared, not looked at */
	bool failed;                         /* as a whole; why in err */
	bool no_release;
	int n_committing;
	unsigned n_warned;
	struct pull_slot slot[PULL_SLOTS];
	struct pull_grow grow;
	struct pull_clock clock;
	struct pull_battery battery;
	struct pull_twins twins;
	struct pull_made made;
	struct wx_pull_report report;
	struct wx_error err;
};

struct pull_group {
	struct pull_run *run;
	struct wx_node_loop *loop;
	struct pull_node *node;
	size_t n_nodes;
	int in_flight, most; /* requests under way */
	struct pull_checker checker;
	struct pull_committer committer;
	struct wx_error err;
};

struct pull_run {
	struct wx_archive *archive;
	const struct wx_pull_opts *opts;
	pthread_mutex_t mutex; /* of log, report, progress */
	atomic_bool stopped;
	atomic_ullong done_bytes, total_bytes;
};

bool pull_stopped(struct pull_node *n);
/* Stopped, or its time is up. */
bool pull_is_over(struct pull_node *n);
/* A remark on a node, at most PULL_WARNINGS of them. */
void pull_warn(struct pull_node *n, const char *fmt, ...) WX_PRINTF(2, 3);
/* The node as a whole has failed: err is the first reason. Returns rc. */
int pull_fail_node(struct pull_node *n, int rc, const struct wx_error *why);
/* May it start now: its wait is over, the run has room for a request more. */
bool pull_slot_room(const struct pull_slot *s);
/* Starts s->req; s->then is called when it has ended. */
void pull_slot_start(struct pull_slot *s);
/*
 * After a request that brought less than it should: true, and the slot waits
 * for its next try; false where another try would not help. at: how far into
 * the file it came, which counts as progress if no try before came as far.
 */
bool pull_again(struct pull_slot *s, enum wx_node_end end, int64_t at);
/* Append to the node's journal; thread-safe. Takes over line. */
int pull_journal(struct pull_node *n, json_t *line, struct wx_error *err);
int pull_journal_sync(struct pull_node *n, struct wx_error *err);
/* The line of a file that is here; sha256 may be NULL. */
json_t *pull_here_line(const char *name, int64_t size_bytes, uint32_t crc,
		       const uint8_t *sha256);
/* Add to it what the file says. */
void pull_describe(struct pull_node *n, int fd, const char *name, json_t *line);
/* {"alias": the item's name, "of": name, ...} */
json_t *pull_alias_line(const struct pull_item *item, const char *of,
			int64_t size_bytes, uint32_t crc,
			const uint8_t *sha256);
/* What only the index or the card told of it. */
void pull_add_told(json_t *line, const struct pull_item *item);
/* {WHAT: name, "l", "crc"}: released, gone. */
json_t *pull_note_line(const char *what, const struct pull_item *item);

/* Phases: start what can be started; false when done. */
bool pull_index(struct pull_node *n);
bool pull_plan(struct pull_node *n);
bool pull_tables(struct pull_node *n);
bool pull_clock_before(struct pull_node *n);
bool pull_order(struct pull_node *n);
bool pull_files(struct pull_node *n);
bool pull_twin_files(struct pull_node *n);
bool pull_releases(struct pull_node *n);
bool pull_clock_after(struct pull_node *n);
bool pull_made(struct pull_node *n);
/* Ended in the midst of it, too. */
void pull_made_fini(struct pull_node *n);

/* pull_plan.c */
int pull_read_journal(struct pull_node *n, struct wx_error *err);
bool pull_is_table(const char *name);
/* Length and digests that the index told agree with these. */
bool pull_item_is(const struct pull_item *item, int64_t size_bytes,
		  uint32_t crc, const uint8_t *sha256);

/* A digest of 256 bits is as good as its first 64. */
uint64_t pull_sha_id(const uint8_t *sha256);

/* ---- pull_quarantine.c ---- */

/* Which version of a file it is, as far as the index tells; 0: it does not. */
uint64_t pull_item_id(const struct pull_item *item);
/* It came wrong before; whoever wants it once more removes what came. */
bool pull_is_quarantined(struct pull_node *n, const struct pull_item *item);
/*
 * Moves the file at path, open as fd, to RAW/.quarantine/NAME~CRC8, reports and
 * journals why. found: its CRC-32. A failure is the node's.
 */
int pull_quarantine(struct pull_node *n, const struct pull_item *item, int fd,
		    const char *path, uint32_t found,
		    const struct wx_error *why);

/* pull_order.c */
/* Is it time to ask for the battery, before another file is begun? */
bool pull_battery_due(const struct pull_node *n);
/* Ask, in slot 0, which is free. */
void pull_battery_ask(struct pull_node *n);

/* pull_twin.c */
/* Of a line of the journal: a file's name, or an alias and no name. */
int pull_twin_note(struct pull_node *n, const char *name, const char *alias,
		   int64_t size_bytes, uint32_t crc, struct wx_error *err);
/* The item's file is here now, under its own name. */
int pull_twin_add(struct pull_node *n, const struct pull_item *item,
		  int64_t size_bytes, uint32_t crc, struct wx_error *err);
/* Quick: is there anything of this length and CRC-32? */
bool pull_twin_may_be(const struct pull_node *n, const char *name,
		      int64_t size_bytes, uint32_t crc);
/*
 * Is there a file of these bytes under another name? They are those of fd or,
 * with fd -1, those that sha256 stands for. 1: *of is its name, the caller's to
 * free; 0; or a failure.
 */
int pull_twin_find(struct pull_node *n, const char *name, int fd,
		   int64_t size_bytes, uint32_t crc, const uint8_t *sha256,
		   char **of, struct wx_error *err);
bool pull_is_alias(const struct pull_node *n, const struct pull_item *item);
/* Journalled as an alias of a file that lies here? Fills in the CRC-32. */
bool pull_alias_is_here(struct pull_node *n, struct pull_item *item);
/* Of the items that are to come, those that may be twins wait. */
int pull_twin_plan(struct pull_node *n, struct wx_error *err);
void pull_twins_fini(struct pull_node *n);

/* pull_check.c */
int pull_checker_start(struct pull_checker *c, struct wx_node_loop *loop,
		       struct wx_error *err);
void pull_checker_stop(struct pull_checker *c);
/* Hash the slot's part file; pull_checked follows. */
void pull_check(struct pull_checker *c, struct pull_slot *s);
void pull_check_harvest(struct pull_checker *c);
/* pull_get.c: crc and sha256 of the slot are those of its part file. */
void pull_checked(struct pull_slot *s);

/* pull_commit.c */
int pull_committer_start(struct pull_committer *c, struct wx_node_loop *loop,
			 struct wx_error *err);
void pull_committer_stop(struct pull_committer *c);
/*
 * 1: the file at path has the bytes of fd, and blank tells whether they are all
 * 0; 0: it has not; or a failure.
 */
int pull_same_bytes(int fd, const char *path, bool *blank,
		    struct wx_error *err);
/* Takes over the job. */
void pull_commit(struct pull_committer *c, struct pull_job *job);
bool pull_committer_full(struct pull_committer *c);
/* Do not wait for a batch to fill, as long as on. */
void pull_committer_flush(struct pull_committer *c, bool on);
/* Account for what has been committed. */
void pull_harvest(struct pull_committer *c);

#endif
