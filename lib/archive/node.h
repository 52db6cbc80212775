/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/node.h: what a node can do, whatever it is reached by.
 *
 * formats/node/ implements this once for each way (HTTP, a folder); the pull
 * engine (archive/pull.h) knows nothing else of a node. Requests run side by
 * side: a start returns at once, what comes is handed to the request's
 * functions, from within wx_node_loop's step (or from within start, where a
 * way has nothing to wait for). A driver says what came; whether that is
 * enough, right or worth another try, the engine decides.
 */
#ifndef WX_ARCHIVE_NODE_H
#define WX_ARCHIVE_NODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "archive/content.h"
#include "archive/site.h"
#include "base/error.h"
#include "base/hash.h"

/* Where requests make progress; one thread steps it. */
struct wx_node_loop {
	/* Hand over what came; wait for more up to timeout_ms. */
	void (*step)(struct wx_node_loop *loop, int timeout_ms);
	/* End a step's wait; from any thread. */
	void (*wake)(struct wx_node_loop *loop);
	void (*free)(struct wx_node_loop *loop);
};

enum { WX_ETAG_SIZE = 128 };

/* What is known of a file before its first byte. */
struct wx_node_head {
	int64_t start; /* offset in the file of the first byte that comes */
	int64_t total; /* length of the file; -1: not told */
	char etag[WX_ETAG_SIZE]; /* strong, quotes included; "": none */
	bool has_crc;            /* the etag tells it: "CRC32-LENGTH" */
	uint32_t crc;
	int64_t etag_len;
	bool has_sha256; /* Repr-Digest told it */
	uint8_t sha256[WX_SHA256_LEN];
};

enum wx_node_op {
	WX_NODE_GET,
	WX_NODE_CLOCK,   /* one exchange */
	WX_NODE_INFO,    /* what wx-node(7) has under "info" */
	WX_NODE_RELEASE, /* delete it there, if it still is what we have */
};

/* How a request ended. */
enum wx_node_end {
	WX_NODE_DONE,
	WX_NODE_SAME,    /* GET: still what the etag `known` stands for */
	WX_NODE_GONE,    /* no such file; the others: cannot do this */
	WX_NODE_RANGE,   /* GET: `from` lies past the end of the file */
	WX_NODE_CHANGED, /* RELEASE: not what we have; kept there */
	WX_NODE_CUT,     /* broke off or a passing fault: try again */
	WX_NODE_SILENT,  /* could not be reached, or stopped answering */
	WX_NODE_REFUSED, /* an answer that another try will not better */
	WX_NODE_DENIED,  /* the node wants nothing to do with us */
	WX_NODE_STOPPED  /* one of the request's functions said so */
};

struct wx_node_req {
	enum wx_node_op op;
	const char *name; /* of the file, checked; lent until done */

	/* GET */
	int64_t from;      /* first byte wanted; 0: all of it */
	const char *known; /* etag of what is here, for SAME; NULL */
	/*
	 * GET with from > 0, RELEASE: the version that the bytes here are of.
	 * etag as it came, or "" and then the driver makes one of crc and
	 * size_bytes if it can. A GET of another version starts at 0.
	 */
	const char *etag;
	bool has_crc;
	uint32_t crc;
	int64_t size_bytes;
	/*
	 * GET with from > 0, for a driver that resumes_by_prefix: CRC-32 of the
	 * first `from` bytes, which are here. Without, what comes is compared
	 * with what is here when it has come.
	 */
	bool has_prefix_crc;
	uint32_t prefix_crc;
	/*
	 * An empty file of ours that a driver on the same file system may
	 * clone the node's into (then it calls head, not data); -1: none.
	 */
	int clone_fd;

	/*
	 * GET: before the first byte, and for each piece. Not WX_OK ends the
	 * request with WX_NODE_STOPPED.
	 */
	int (*head)(struct wx_node_req *req, const struct wx_node_head *head);
	int (*data)(struct wx_node_req *req, const void *data, size_t n);
	/* Always called, last and once. The request may be started again. */
	void (*done)(struct wx_node_req *req, enum wx_node_end end,
		     const struct wx_error *why);
	/*
	 * CLOCK: a line of clock.jsonl; INFO: an object. Lent; NULL when the
	 * answer was of no use. Only GET needs other functions than done.
	 */
	json_t *answer;
	bool cloned; /* the driver's: clone_fd has the bytes, from 0 on */

	void *ctx;   /* the caller's */
	void *state; /* the driver's */
};

struct wx_node_opts {
	double timeout_s; /* of silence */
	struct wx_log *log;
};

/*
 * A file of a node that keeps no index. size_bytes -1: the node makes it when
 * it is asked for, and head tells; its name is one that never was before.
 * stays: sound of a kind that is not fetched; WX_NODE_TOLD of it is an answer
 * that it was told of before.
 */
typedef int wx_node_file_fn(void *ctx, const char *name, int64_t size_bytes,
			    int64_t mtime_ns, bool stays, struct wx_error *err);

enum { WX_NODE_TOLD = 1 };

struct wx_node_driver {
	const char *scheme; /* source starts with it: "http:", "dir:" */
	const char *desc;   /* one line */
	int in_flight;      /* GETs at once that do a node good */
	bool has_clock;
	bool has_loop; /* waits in the loop; otherwise start does it all */
	bool resumes_by_prefix; /* not by etag: asks for prefix_crc */

	int (*open)(struct wx_node_loop *loop, const struct wx_site_node *site,
		    const struct wx_node_opts *opts, void **node,
		    struct wx_error *err);
	void (*close)(void *node); /* no request is under way */
	void (*start)(void *node, struct wx_node_req *req);
	/* Ends it with WX_NODE_STOPPED, at once. */
	void (*cancel)(void *node, struct wx_node_req *req);
	/*
	 * Does it keep an index.jsl? NULL: always. Without one, list tells its
	 * files sorted by name, and archive/content.h makes the index.
	 */
	bool (*has_index)(void *node);
	int (*list)(void *node, wx_node_file_fn *fn, void *ctx,
		    struct wx_error *err);
	/*
	 * The folder of this host where its files lie, lent; NULL, or one that
	 * tells NULL: they do not lie on this host.
	 */
	const char *(*folder)(void *node);
	/*
	 * Add to the journal's line of a file that came what only the driver
	 * knows of it. From another thread than start. NULL: nothing.
	 */
	void (*tell)(void *node, const char *name, json_t *line);
};

/* What formats/node/ offers. */
struct wx_node_formats {
	const struct wx_node_driver *const *driver; /* NULL at the end */
	const struct wx_content *content;           /* of files that came */
	int (*loop_new)(struct wx_node_loop **out, struct wx_error *err);
};

/* The driver of a source; NULL: none speaks it. */
const struct wx_node_driver *
wx_node_driver_of(const struct wx_node_formats *formats, const char *source);

/* Fails for a source that none of them speaks: WX_ERR_FORMAT. */
int wx_node_fail_source(const struct wx_node_formats *formats,
			const char *source, struct wx_error *err);

#endif
