/* SPDX-License-Identifier: MIT */
/*
 * formats/dataset/ingest_reply.h: what the ingestion service says of the files
 * of one request.
 *
 *     {"success":true,"files":[
 *      {"success":true,"projectId":1,"sampleId":2,"fileName":"a.wav.4f1"},
 *      {"success":false,"error":"An item with this hash already exists (ids: 7)"}]}
 *
 * One entry for each file in the order they were sent, with no name of theirs;
 * side files have none. A file may be refused inside a 200 and a success. Other
 * counts of entries say nothing of any file. A request that is refused as a
 * whole is {"success":false,"error":"..."}.
 *
 * Source: docs.edgeimpulse.com, "Ingestion API", and what public projects saw
 * the live service answer in 2026.
 */
#ifndef WX_FORMATS_INGEST_REPLY_H
#define WX_FORMATS_INGEST_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum wx_ingest_end {
	WX_INGEST_SENT,
	WX_INGEST_ALREADY, /* the project had it */
	WX_INGEST_REFUSED, /* see why */
};

struct wx_ingest_verdict {
	enum wx_ingest_end end;
	int64_t project, sample; /* 0: not said */
	char why[200];           /* the service's words, fit for a message */
};

/**
 * Read a reply's body.
 *
 * @param[out] v  n_files of them; written only on WX_OK.
 *
 * @retval WX_ERR_FORMAT  no answer of the service: a page of HTML, torn JSON,
 *                        another count. Nothing is known of any file.
 * @retval WX_ERR_RANGE   the request was refused as a whole; err has why.
 */
int wx_ingest_reply_read(const char *body, size_t n, size_t n_files,
			 struct wx_ingest_verdict *v, struct wx_error *err);

#endif
