/* SPDX-License-Identifier: MIT */
/* What an ingestion service may answer, and what is made of it. */
#include "dataset/ingest_reply.h"

#include "testing.h"

static const struct {
	const char *in;
	size_t n_files;
	int rc;
	const char *ends; /* a letter a file: Sent, Already, Refused */
	int64_t sample;   /* of the first */
	const char *said; /* of the first, or of the failure */
} cases[] = {
	{ "{\"success\":true,\"files\":[{\"success\":true,\"projectId\":1,"
	  "\"sampleId\":2,\"fileName\":\"a.wav.4f1\"}]}",
	  1, WX_OK, "S", 2, "" },
	/* refused inside a 200, inside a success */
	{ "{\"success\":true,\"files\":[{\"success\":false,\"error\":\"no\"},"
	  "{\"success\":true}]}",
	  2, WX_OK, "RS", 0, "no" },
	/* how a duplicate is worded: it is there */
	{ "{\"success\":true,\"files\":[{\"success\":false,\"error\":\"An item "
	  "with this hash already exists (ids: 12345)\"}]}",
	  1, WX_OK, "A", 12345,
	  "An item with this hash already exists (ids: "
	  "12345)" },
	{ "{\"success\":true,\"files\":[{\"success\":false}]}", 1, WX_OK, "R",
	  0, "no reason given" },
	{ "{\"success\":true,\"files\":[{\"success\":false,\"error\":\"\"}]"
	  "}",
	  1, WX_OK, "R", 0, "no reason given" },
	{ "{\"success\":false,\"error\":\"full\"}", 1, WX_ERR_RANGE, "", 0,
	  "full" },
	/* a stranger's words are made fit for a terminal */
	{ "{\"success\":false,\"error\":\"\\u001b[2J\"}", 1, WX_ERR_RANGE, "",
	  0, "\\x1B[2J" },
	/* another count says nothing of any file */
	{ "{\"success\":true,\"files\":[]}", 1, WX_ERR_FORMAT, "", 0,
	  "answered for 0 files, expected 1" },
	{ "{\"success\":true,\"files\":[{\"success\":true},{\"success\":true}]"
	  "}",
	  1, WX_ERR_FORMAT, "", 0, "answered for 2 files, expected 1" },
	{ "{\"success\":true}", 1, WX_ERR_FORMAT, "", 0,
	  "answered for 0 files, expected 1" },
	{ "{\"success\":true,\"files\":[{\"success\":\"true\"}]}", 1,
	  WX_ERR_FORMAT, "", 0,
	  "answered without a \"success\" for file 1 of 1" },
	{ "{\"success\":true,\"files\":[null]}", 1, WX_ERR_FORMAT, "", 0,
	  "answered without a \"success\" for file 1 of 1" },
	{ "\r\n <!DOCTYPE html><html>", 1, WX_ERR_FORMAT, "", 0,
	  "answered with a page of HTML, not as an ingestion service does" },
	{ "{\"success\":true,\"fi", 1, WX_ERR_FORMAT, "", 0,
	  "answered '{\"success\":true,\"fi', expected JSON with \"success\"" },
	{ "", 1, WX_ERR_FORMAT, "", 0,
	  "answered '', expected JSON with \"success\"" },
	{ "[]", 1, WX_ERR_FORMAT, "", 0,
	  "answered '[]', expected JSON with \"success\"" },
	{ "{\"success\":1}", 1, WX_ERR_FORMAT, "", 0,
	  "answered '{\"success\":1}', expected JSON with \"success\"" },
};

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		struct wx_ingest_verdict v[2] = { 0 };
		struct wx_error err = { 0 };
		const char *in = cases[i].in;
		int rc = wx_ingest_reply_read(in, strlen(in), cases[i].n_files,
					      v, &err);

		CHECK_INT(in, rc, cases[i].rc);
		CHECK_STR(in, rc ? err.text : v[0].why, cases[i].said);
		CHECK_INT(in, v[0].sample, cases[i].sample);
		for (size_t k = 0; cases[i].ends[k]; k++)
			CHECK_INT(in, "SAR"[v[k].end], cases[i].ends[k]);
	}
	return wx_test_end();
}
