/* SPDX-License-Identifier: MIT */
/*
 * formats/dataset/ingest.c: one request to the ingestion service.
 *
 *     POST /api/training/files
 *     x-api-key: ei_...              never in a message
 *     x-label: rain%3A%20heavy       as encodeURIComponent does it
 *     x-metadata: {"node":"n1"}      ASCII JSON, text to text
 *     x-disallow-duplicates: 1       so that sending again is harmless
 *     x-no-label: 1                  instead of x-label
 *
 *     part "data", filename "rain.n1-...wav", audio/wav       each sample
 *     part "data", filename "structured_labels.labels",       several labels
 *          {"version":1,"type":"structured-labels","structuredLabels":{
 *           "n3.json":[{"startIndex":0,"endIndex":1,"label":"dry"}]}}
 *     or "label_map.labels", "label-map-labels", "labels"     keyed ones
 *
 * Bodies are streamed from the files. Redirects are not followed: the key is
 * for the host that was given.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/json.h"
#include "base/text.h"
#include "dataset/upload_in.h"

enum {
	LOW_SPEED_BYTES_S = 64, /* below it a service is as good as silent */
	MAX_REPLY = 4 << 20,    /* a thousand verdicts are 200 kB */
	MAX_PAUSE_S = 3600,     /* that a service may ask for */
};

/* By the extension, as the official uploader has it. */
static const char *type_of(const char *name)
{
	static const char *const types[][2] = {
		{ ".wav", "audio/wav" },
		{ ".cbor", "application/cbor" },
		{ ".json", "application/json" },
		{ ".csv", "text/csv" },
		{ ".txt", "text/plain" },
		{ ".parquet", "application/vnd.apache.parquet" },
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < WX_COUNT(types); i++)
		if (strcasecmp(dot, types[i][0]) == 0)
			return types[i][1];
	return "application/octet-stream";
}

static bool add_field(struct curl_slist **fields, const char *name,
		      const char *value)
{
	char *line = wx_strf("%s: %s", name, value);
	struct curl_slist *more =
		line ? curl_slist_append(*fields, line) : NULL;

	if (line)
		explicit_bzero(line, strlen(line));
	free(line);
	if (more)
		*fields = more;
	return more != NULL;
}

int wx_ingest_common(CURL *easy, const struct wx_upload_opts *opts,
		     struct curl_slist **fields, const char *url)
{
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "wxset/" WX_VERSION);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			 lrint(opts->timeout_s * 1000));
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT,
			 (long)LOW_SPEED_BYTES_S);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
			 lrint(ceil(opts->timeout_s)));
	if (opts->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, opts->ca_file);
	return add_field(fields, "x-api-key", opts->key) ? WX_OK : WX_ERR_NOMEM;
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct wx_upload_batch *b = ctx;

	n *= size;
	if (b->n_reply + n > MAX_REPLY) {
		b->too_much = true;
		return CURL_WRITEFUNC_ERROR;
	}
	if (WX_GROW(&b->reply, &b->room_reply, b->n_reply + n, NULL))
		return CURL_WRITEFUNC_ERROR;
	memcpy(b->reply + b->n_reply, data, n);
	b->n_reply += n;
	return n;
}

static bool add_part(curl_mime *mime, const char *name, const char *type,
		     const char *file, const char *text)
{
	curl_mimepart *part = curl_mime_addpart(mime);

	return part && !curl_mime_name(part, "data") &&
	       !(file ? curl_mime_filedata(part, file)
		      : curl_mime_data(part, text, CURL_ZERO_TERMINATED)) &&
	       !curl_mime_filename(part, name) && !curl_mime_type(part, type);
}

/* The side file of samples with several labels; name NULL: there are none. */
static json_t *side_file(const struct wx_upload_batch *b, const char **name)
{
	json_t *by_name = json_object();

	*name = NULL;
	for (size_t i = 0; i < b->n; i++) {
		const struct wx_upload_sample *s = &b->sample[i];

		if (!s->segments && !s->map)
			continue;
		*name = s->segments ? "structured_labels.labels"
				    : "label_map.labels";
		json_object_set(by_name, s->name,
				s->segments ? s->segments : s->map);
	}
	return by_name;
}

static bool add_side_file(struct wx_upload_batch *b)
{
	const char *name;
	json_t *by_name = side_file(b, &name), *doc;
	char *text = NULL;
	bool ok = true;

	if (name) {
		bool segments = strncmp(name, "struct", 6) == 0;

		doc = json_pack(
			"{s:i, s:s, s:O}", "version", 1, "type",
			segments ? "structured-labels" : "label-map-labels",
			segments ? "structuredLabels" : "labels", by_name);
		text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
		ok = text &&
		     add_part(b->mime, name, "application/json", NULL, text);
		json_decref(doc);
	}
	json_decref(by_name);
	free(text);
	return ok;
}

static bool add_fields(struct wx_upload_batch *b)
{
	char *label =
		b->label ? curl_easy_escape(b->t.easy, b->label, 0) : NULL;
	bool several = b->sample[0].segments || b->sample[0].map;
	bool ok = (label || !b->label) &&
		  add_field(&b->fields, "x-disallow-duplicates", "1") &&
		  add_field(&b->fields, "x-upload-source", "WXSET") &&
		  /* Without it curl waits a second for a go-ahead. */
		  add_field(&b->fields, "Expect", "");

	if (ok && label)
		ok = add_field(&b->fields, "x-label", label);
	else if (ok && !several)
		ok = add_field(&b->fields, "x-no-label", "1");
	if (ok && b->metadata)
		ok = add_field(&b->fields, "x-metadata", b->metadata);
	curl_free(label);
	return ok;
}

int wx_ingest_start(struct wx_upload_batch *b, struct wx_error *err)
{
	const struct wx_upload_opts *opts = b->up->opts;
	char *url = wx_strf("%s/api/%s/files", opts->host, b->category);
	bool ok;

	b->t.easy = wx_loop_easy(b->up->loop);
	b->mime = b->t.easy ? curl_mime_init(b->t.easy) : NULL;
	b->n_reply = 0;
	b->too_much = false;
	ok = url && b->mime &&
	     !wx_ingest_common(b->t.easy, opts, &b->fields, url) &&
	     add_fields(b);
	free(url);
	for (size_t i = 0; ok && i < b->n; i++)
		ok = add_part(b->mime, b->sample[i].name,
			      type_of(b->sample[i].name), b->sample[i].file,
			      NULL);
	if (!ok || !add_side_file(b))
		return wx_fail_nomem(err);
	curl_easy_setopt(b->t.easy, CURLOPT_MIMEPOST, b->mime);
	curl_easy_setopt(b->t.easy, CURLOPT_HTTPHEADER, b->fields);
	curl_easy_setopt(b->t.easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
	curl_easy_setopt(b->t.easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(b->t.easy, CURLOPT_WRITEDATA, b);
	return wx_loop_add(b->up->loop, &b->t) ? WX_OK : wx_fail_nomem(err);
}

void wx_ingest_end(struct wx_upload_batch *b)
{
	if (b->t.easy)
		wx_loop_drop(b->up->loop, &b->t);
	curl_mime_free(b->mime);
	b->mime = NULL;
	for (struct curl_slist *f = b->fields; f; f = f->next)
		explicit_bzero(f->data, strlen(f->data));
	curl_slist_free_all(b->fields);
	b->fields = NULL;
	free(b->reply);
	b->reply = NULL;
	b->n_reply = b->room_reply = 0;
}

bool wx_ingest_by_curl(const struct wx_transfer *t, CURLcode code,
		       struct wx_error *why)
{
	const char *text = t->error[0] ? t->error : curl_easy_strerror(code);
	char quoted[WX_QUOTE_SIZE], utc[WX_TIME_SIZE];

	wx_quote(text, strlen(text), quoted);
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		wx_time_format(wx_time_now(), 0, utc);
		wx_fail(why, WX_ERR_IO,
			"%s: is the host right, and is this machine's clock, "
			"which says %s?",
			quoted, utc);
		return true;
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		wx_fail(why, WX_ERR_IO, "%s: is the host right?", quoted);
		return true;
	default:
		wx_fail(why, WX_ERR_IO, "%s", quoted);
		return false;
	}
}

static bool is_passing(long status)
{
	return status == 408 || status == 425 || status == 429 ||
	       (status >= 500 && status != 501 && status != 505);
}

static enum wx_ingest_outcome by_status(struct wx_upload_batch *b, long status,
					struct wx_error *why)
{
	char quoted[WX_QUOTE_SIZE];

	if (status == 401 || status == 403) {
		wx_fail(why, WX_ERR_IO,
			"the service answered %ld: it does not take this key; "
			"copy the project's API key from its dashboard anew",
			status);
		return WX_INGEST_STOP;
	}
	if ((status >= 300 && status < 400) || status == 404 || status == 405) {
		wx_fail(why, WX_ERR_IO,
			"the service answered %ld: is the host right? "
			"(redirects are not followed)",
			status);
		return WX_INGEST_STOP;
	}
	wx_fail(why, WX_ERR_IO, "the service answered %ld%s%s%s", status,
		b->n_reply ? " '" : "",
		wx_quote(b->n_reply ? b->reply : "", b->n_reply, quoted),
		b->n_reply ? "'" : "");
	return is_passing(status) ? WX_INGEST_AGAIN : WX_INGEST_APART;
}

enum wx_ingest_outcome wx_ingest_judge(struct wx_upload_batch *b, CURLcode code,
				       struct wx_ingest_verdict *v,
				       double *after_s, struct wx_error *why)
{
	curl_off_t pause_s = 0;
	long status = 0;
	int rc;

	curl_easy_getinfo(b->t.easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(b->t.easy, CURLINFO_RETRY_AFTER, &pause_s);
	*after_s = fmin((double)pause_s, MAX_PAUSE_S);
	/* A service may refuse early and hang up on the rest of the body. */
	if (code != CURLE_OK && (status == 0 || status == 200 || b->too_much))
		return wx_ingest_by_curl(&b->t, code, why) ? WX_INGEST_STOP
							   : WX_INGEST_AGAIN;
	if (status != 200)
		return by_status(b, status, why);
	rc = wx_ingest_reply_read(b->reply ? b->reply : "", b->n_reply, b->n, v,
				  why);
	return rc == WX_OK          ? WX_INGEST_ANSWERED
	       : rc == WX_ERR_RANGE ? WX_INGEST_APART
				    : WX_INGEST_AGAIN;
}
