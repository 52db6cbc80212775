/* SPDX-License-Identifier: MIT */
/* formats/dataset/upload_in.h: what the files of upload.h share. */
#ifndef WX_FORMATS_UPLOAD_IN_H
#define WX_FORMATS_UPLOAD_IN_H

#include "dataset/info_labels.h"
#include "dataset/ingest_reply.h"
#include "dataset/upload.h"
#include "node/loop.h"

/* A sample on its way. */
struct wx_upload_sample {
	char *file; /* where it is */
	char *path, *name, *label_key, *start_utc;
	json_t *segments; /* NULL */
	json_t *map;      /* NULL */
	uint8_t sha256[WX_SHA256_LEN];
	int64_t size_bytes, mtime_ns; /* when it was hashed */
};

/* Samples that share a request's head. */
struct wx_upload_batch {
	struct wx_transfer t;  /* first */
	struct wx_timer timer; /* of the next try */
	struct wx_uploading *up;
	struct wx_upload_batch *next; /* in a queue */
	char *head;                   /* equal heads may share a request */
	char *category;               /* "training" */
	char *label;                  /* NULL: none, or several */
	char *metadata;               /* as a head field has it; NULL: none */
	struct wx_upload_sample *sample;
	size_t n, room;
	int64_t size_bytes;
	int tries;
	/* Of the request. */
	curl_mime *mime;
	struct curl_slist *fields;
	char *reply;
	size_t n_reply, room_reply;
	bool too_much; /* reply */
};

struct wx_uploading {
	const char *dir;
	struct wx_ledger *ledger;
	int64_t project;
	const struct wx_upload_opts *opts;
	struct wx_upload_stats *stats;
	struct wx_node_loop *loop;
	struct wx_upload_batch *open;    /* being filled, oldest first */
	struct wx_upload_batch *waiting; /* for their next try */
	struct wx_upload_batch *ready;   /* for a connection */
	int n_open, n_waiting, n_ready;
	struct wx_upload_batch *live[WX_UPLOAD_MAX_CONNECTIONS];
	int n_live;             /* under way */
	int64_t pause_until_ns; /* monotonic: as the service asked */
	int64_t synced_ns;
	int rc; /* of the first failure that ends it */
	struct wx_error err;
};

/* ---- ingest.c: one request ---- */

/* Options of easy that every request has, the key among them. */
int wx_ingest_common(CURL *easy, const struct wx_upload_opts *opts,
		     struct curl_slist **fields, const char *url);
/* Start it; WX_ERR_NOMEM or, for a file that is gone, WX_ERR_IO. */
int wx_ingest_start(struct wx_upload_batch *b, struct wx_error *err);
/* Give back what the request held; the samples stay. */
void wx_ingest_end(struct wx_upload_batch *b);

enum wx_ingest_outcome {
	WX_INGEST_ANSWERED, /* verdicts are there */
	WX_INGEST_AGAIN,    /* lost on the way */
	WX_INGEST_APART,    /* refused as a whole: which of them was it? */
	WX_INGEST_STOP,     /* so would be everything else */
};
/* What became of it; v has room for all its samples. after_s: asked pause. */
enum wx_ingest_outcome wx_ingest_judge(struct wx_upload_batch *b, CURLcode code,
				       struct wx_ingest_verdict *v,
				       double *after_s, struct wx_error *why);
/* Why the transport failed; true: it would again. */
bool wx_ingest_by_curl(const struct wx_transfer *t, CURLcode code,
		       struct wx_error *why);

/* ---- upload_batch.c ---- */

struct wx_upload_batch *wx_upload_batch_new(struct wx_uploading *up,
					    const struct wx_info_item *item);
void wx_upload_batch_free(struct wx_upload_batch *b);
/* Text that only those share whose heads are equal; caller frees. */
char *wx_upload_head(const struct wx_info_item *item);

/* The file's sample, hashed; WX_ERR_IO when it cannot be read. */
int wx_upload_sample_read(const char *dir, const struct wx_info_item *item,
			  struct wx_upload_sample *out, struct wx_error *err);
void wx_upload_sample_fini(struct wx_upload_sample *s);
/* Is the file still what was hashed? */
bool wx_upload_sample_same(const struct wx_upload_sample *s);

#endif
