/* SPDX-License-Identifier: MIT */
/* site.json as a stranger might write it: parsed, held to its schema, read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "archive/site.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read can be written, and reads back as the same. */
static void round_trip(const json_t *doc)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	json_t *again = NULL;

	if (wx_json_write_line(doc, out, NULL) || fclose(out) ||
	    wx_json_parse(text, n, "again", NULL, &again, NULL) ||
	    !json_equal(doc, again))
		abort();
	json_decref(again);
	free(text);
}

static void read_site(const uint8_t *data, size_t size, bool fits)
{
	struct wx_error err = { 0 };
	struct wx_site *site = NULL;
	char path[40];
	int fd = memfd_create("site", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (wx_site_read(path, &site, &err)) {
		if (!err.code || !err.text[0] || site)
			abort();
	} else if (!fits || !(site->window_hop_s > 0)) {
		abort();
	}
	for (size_t i = 0; site && i < site->n_nodes; i++)
		if (wx_site_node(site, site->nodes[i].id) != &site->nodes[i])
			abort();
	wx_site_free(site);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wx_error err = { 0 };
	json_t *doc = NULL;
	bool fits = false;

	if (!wx_json_parse((const char *)data, size, "fuzz", NULL, &doc,
			   &err)) {
		fits = wx_schema_check(doc, "site", "fuzz", &err) == WX_OK;
		if (!fits && !err.text[0])
			abort();
		round_trip(doc);
		json_decref(doc);
	}
	read_site(data, size, fits);
	return 0;
}
