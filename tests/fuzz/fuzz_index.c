/* SPDX-License-Identifier: MIT */
/* One line of a node's index: no name gets out, both ways of reading agree. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive/indexline.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_capture(const struct wx_index_line *l)
{
	char *name = strndup(l->name, l->name_len);

	if (wx_name_check(name, NULL) || l->capture.size_bytes < -1 ||
	    l->capture.m1_us < -1 || l->capture.rate_hz <= 0)
		abort();
	free(name);
}

static bool same(const struct wx_capture *a, const struct wx_capture *b)
{
	return a->size_bytes == b->size_bytes && a->boot == b->boot &&
	       a->seq == b->seq && a->m0_us == b->m0_us &&
	       a->m1_us == b->m1_us && a->r0_us == b->r0_us &&
	       a->n_frames == b->n_frames && a->has_crc == b->has_crc &&
	       a->crc == b->crc && a->recovered == b->recovered &&
	       a->by_name == b->by_name &&
	       !memcmp(&a->rate_hz, &b->rate_hz, sizeof(double)) &&
	       !memcmp(&a->temp_degc, &b->temp_degc, sizeof(double));
}

/* The same line with a member that only jansson can read. */
static void check_agree(const char *text, const struct wx_index_line *l)
{
	const char *end = strrchr(text, '}');
	char *other = wx_strf("%.*s,\"xxxx\":[]}", (int)(end - text), text);
	struct wx_index_line m;

	wx_index_line_read(other, strlen(other), &m, NULL);
	if (m.kind != l->kind || !m.doc ||
	    (l->kind == WX_INDEX_CAPTURE &&
	     (m.name_len != l->name_len ||
	      memcmp(m.name, l->name, m.name_len) != 0 ||
	      !same(&l->capture, &m.capture))))
		abort();
	wx_index_line_fini(&m);
	free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	size_t n = strlen(text);
	struct wx_error err = { 0 };
	struct wx_index_line l;
	int rc = wx_index_line_read(text, n, &l, &err);

	if ((rc != WX_OK) != (l.kind == WX_INDEX_NONE) ||
	    (rc != WX_OK && !err.text[0]))
		abort();
	if (l.kind == WX_INDEX_CAPTURE)
		check_capture(&l);
	if (l.kind != WX_INDEX_NONE && !l.doc)
		check_agree(text, &l);
	wx_index_line_fini(&l);
	free(text);
	return 0;
}
