/* SPDX-License-Identifier: MIT */
/*
 * formats/dataset/upload.h: a dataset goes to an Edge Impulse project, each
 * sample once, until the project has said that it has it.
 *
 *     POST {host}/api/{category}/files     multipart/form-data, x-api-key,
 *                                          x-label, x-metadata, ...
 *     GET  {studio}/v1/api/projects        which project is this key's?
 *     GET  {studio}/v1/api/{id}/raw-data   what does it have, by SHA-256?
 *
 * Samples whose labels and metadata are equal share a request, for those
 * travel in its head. What was lost on the way (429, 5xx, a connection) is sent
 * again, after a pause that doubles and has jitter, or as long as the service
 * asks for. That a sample is there already is no failure: the reply to it may
 * have been what was lost.
 *
 * Source: docs.edgeimpulse.com, "Ingestion API"; the uploader's source, 1.39.2.
 */
#ifndef WX_FORMATS_UPLOAD_H
#define WX_FORMATS_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "dataset/ledger.h"

#define WX_UPLOAD_HOST "https://ingestion.edgeimpulse.com"

enum {
	WX_UPLOAD_MAX_FILES = 1000, /* of a request, as the service has it */
	WX_UPLOAD_MAX_BYTES = 100 << 20, /* a file must be smaller */
	WX_UPLOAD_MAX_CONNECTIONS = 64,
};

enum wx_upload_end {
	WX_UPLOAD_SENT,
	WX_UPLOAD_THERE,       /* by the ledger, or as the service said */
	WX_UPLOAD_REFUSED,     /* by the service, or by its limits before */
	WX_UPLOAD_FAILED,      /* it could not be read */
	WX_UPLOAD_OTHER_LABEL, /* there, with another label */
	WX_UPLOAD_MOVED,       /* there, in another category */
	WX_UPLOAD_LEFT,        /* not sent yet: stopped, or a --dry-run */
	WX_UPLOAD_N_ENDS,
};
/* "sent", "there", "refused", ... */
const char *wx_upload_end_name(enum wx_upload_end end);

/* What became of one sample. Lent. */
struct wx_upload_verdict {
	enum wx_upload_end end;
	const char *path, *category;
	const char *why; /* "" */
	int64_t sample;  /* 0: not known */
};

struct wx_upload_opts {
	const char *host;   /* http(s)://HOST[:PORT] of the ingestion service */
	const char *studio; /* the same of the Studio API */
	const char *key;    /* ei_... */
	const char *ca_file; /* certificates to trust instead; NULL */
	int connections;     /* 1.. */
	int batch;           /* samples of a request: 1..WX_UPLOAD_MAX_FILES */
	int tries;           /* of a request, 1.. */
	double timeout_s;    /* of silence */
	bool dry_run;        /* tell what would be sent; nothing is */
	void (*verdict)(void *ctx, const struct wx_upload_verdict *v);
	void (*progress)(void *ctx, uint64_t done, uint64_t total); /* NULL */
	void *ctx;
	bool (*stopped)(void); /* NULL */
};

struct wx_upload_stats {
	uint64_t n_samples; /* that the dataset lists */
	uint64_t n[WX_UPLOAD_N_ENDS];
	uint64_t n_bytes;    /* of samples, sent, with those sent again */
	uint64_t n_requests; /* with those sent again */
	uint64_t n_retries;
	double seconds;
};

/* Which project is the key's? WX_ERR_RANGE: not one alone; ask for its id. */
int wx_upload_project(const struct wx_upload_opts *opts, int64_t *project,
		      struct wx_error *err);

/*
 * Send what the project does not have yet. All samples are looked at first: one
 * that is not there or too large is told of before anything is sent. WX_OK also
 * when samples were refused: look at stats. WX_ERR_IO when the service could
 * not be reached, would not have the key, or it was stopped; what it had is in
 * the ledger, and a rerun sends the rest.
 */
int wx_upload(const char *dir, struct wx_ledger *ledger, int64_t project,
	      const struct wx_upload_opts *opts, struct wx_upload_stats *stats,
	      struct wx_error *err);

/*
 * Compare the dataset with the project's own list, by SHA-256, category and
 * label, and put the ledger right: what is missing is sent by the next
 * wx_upload. Ends are THERE, LEFT (the project has it not), OTHER_LABEL, MOVED.
 */
int wx_upload_verify(const char *dir, struct wx_ledger *ledger, int64_t project,
		     const struct wx_upload_opts *opts,
		     struct wx_upload_stats *stats, struct wx_error *err);

#endif
