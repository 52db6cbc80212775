/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_quarantine.c: what came whole, twice, and was twice not what
 * it should be: the node has it so. What a person may still make of it is kept
 * aside, with the reason, and it is not fetched again until its index tells
 * another version.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/pull_in.h"
#include "base/text.h"

uint64_t pull_item_id(const struct pull_item *item)
{
	if (item->has_crc)
		return item->crc;
	return item->has_sha256 ? pull_sha_id(item->sha256) : 0;
}

static char *path_of(const struct pull_node *n, const struct pull_item *item)
{
	return wx_strf("%s/.quarantine/%s~%08" PRIx32, n->dir, item->name,
		       (uint32_t)pull_item_id(item));
}

bool pull_is_quarantined(struct pull_node *n, const struct pull_item *item)
{
	int marked = pull_set_mark(&n->here,
				   pull_key('q', item->name, item->size_bytes,
					    pull_item_id(item)));
	char *path = marked ? path_of(n, item) : NULL;
	bool is = path && access(path, F_OK) == 0;

	free(path);
	n->report.n_quarantined += is && marked == 1;
	return is;
}

static json_t *note(const struct pull_item *item, const char *as,
		    uint32_t found, const struct wx_error *why)
{
	char sha_hex[WX_SHA256_HEX], found_hex[WX_CRC32_HEX];
	json_t *line = pull_note_line("quarantined", item);

	if (!line)
		return NULL;
	if (!item->has_crc)
		json_object_del(line, "crc");
	if (item->has_sha256) {
		wx_hex(item->sha256, WX_SHA256_LEN, sha_hex);
		json_object_set_new(line, "sha256", json_string(sha_hex));
	}
	snprintf(found_hex, sizeof(found_hex), "%08" PRIx32, found);
	json_object_set_new(line, "as", json_string(as));
	json_object_set_new(line, "found", json_string(found_hex));
	json_object_set_new(line, "why", json_string(why->text));
	return line;
}

int pull_quarantine(struct pull_node *n, const struct pull_item *item, int fd,
		    const char *path, uint32_t found,
		    const struct wx_error *why)
{
	struct wx_error err = { 0 };
	char *to = path_of(n, item);
	int rc = to ? wx_mkdirs_above(to, &err) : wx_fail_nomem(&err);

	if (!rc && (fdatasync(fd) != 0 || rename(path, to) != 0))
		rc = wx_fail_errno(&err, "%s: cannot move to %s", path, to);
	if (!rc) {
		const char *as = to + strlen(n->dir) + 1;

		n->report.n_quarantined++;
		n->report.rc = WX_ERR_IO;
		pull_warn(n, "%s: %s; kept as %s, and not fetched again",
			  item->name, why->text, as);
		rc = pull_journal(n, note(item, as, found, why), &err);
	}
	free(to);
	return rc ? pull_fail_node(n, rc, &err) : WX_OK;
}
