/* SPDX-License-Identifier: MIT */
/* formats/dataset/ingest_reply.c: see ingest_reply.h. */
#include "dataset/ingest_reply.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

/* As the service words it; it never says "duplicate". */
static const char already[] = "already exists";

/* Its words; there may be none, or nothing in them. */
static const char *error_of(const json_t *obj)
{
	const char *error = wx_json_str(obj, "error", "");

	return *error ? error : "no reason given";
}

static struct wx_ingest_verdict verdict_of(const json_t *entry)
{
	struct wx_ingest_verdict v = {
		.end = WX_INGEST_SENT,
		.project = wx_json_i64(entry, "projectId", 0),
		.sample = wx_json_i64(entry, "sampleId", 0),
	};
	const char *error = error_of(entry);
	const char *ids;
	char quoted[WX_QUOTE_SIZE];

	if (wx_json_bool(entry, "success", 0))
		return v;
	v.end = strstr(error, already) ? WX_INGEST_ALREADY : WX_INGEST_REFUSED;
	ids = strstr(error, "(ids: ");
	if (v.end == WX_INGEST_ALREADY && ids)
		v.sample = strtoll(ids + strlen("(ids: "), NULL, 10);
	snprintf(v.why, sizeof(v.why), "%s",
		 wx_quote(error, strlen(error), quoted));
	return v;
}

static int fail_at(const char *body, size_t n, struct wx_error *err)
{
	char quoted[WX_QUOTE_SIZE];

	while (n && strchr(" \t\r\n", *body)) {
		body++;
		n--;
	}
	if (n && *body == '<')
		return wx_fail(err, WX_ERR_FORMAT,
			       "answered with a page of HTML, not as an "
			       "ingestion service does");
	return wx_fail(err, WX_ERR_FORMAT,
		       "answered '%s', expected JSON with \"success\"",
		       wx_quote(body, n, quoted));
}

int wx_ingest_reply_read(const char *body, size_t n, size_t n_files,
			 struct wx_ingest_verdict *v, struct wx_error *err)
{
	json_t *doc = n ? json_loadb(body, n, 0, NULL) : NULL;
	const json_t *success = json_object_get(doc, "success");
	const json_t *files = json_object_get(doc, "files");
	const char *error = error_of(doc);
	char quoted[WX_QUOTE_SIZE];
	int rc = WX_OK;

	if (!json_is_boolean(success))
		rc = fail_at(body, n, err);
	else if (json_is_false(success))
		rc = wx_fail(err, WX_ERR_RANGE, "%s",
			     wx_quote(error, strlen(error), quoted));
	else if (!json_is_array(files) || json_array_size(files) != n_files)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "answered for %zu files, expected %zu",
			     json_array_size(files), n_files);
	for (size_t i = 0; !rc && i < n_files; i++)
		if (!json_is_boolean(json_object_get(json_array_get(files, i),
						     "success")))
			rc = wx_fail(err, WX_ERR_FORMAT,
				     "answered without a \"success\" for file "
				     "%zu of %zu",
				     i + 1, n_files);
	for (size_t i = 0; !rc && i < n_files; i++)
		v[i] = verdict_of(json_array_get(files, i));
	json_decref(doc);
	return rc;
}
