/* SPDX-License-Identifier: MIT */
/* lib/archive/pull_line.c: the lines of a node's journal; see pull.h. */
#include <inttypes.h>
#include <stdio.h>

#include "archive/pull_in.h"

json_t *pull_here_line(const char *name, int64_t size_bytes, uint32_t crc,
		       const uint8_t *sha256)
{
	char crc_hex[WX_CRC32_HEX], sha_hex[WX_SHA256_HEX];

	snprintf(crc_hex, sizeof(crc_hex), "%08" PRIx32, crc);
	if (sha256)
		wx_hex(sha256, WX_SHA256_LEN, sha_hex);
	return json_pack("{s:s, s:I, s:s, s:s*}", "n", name, "l",
			 (json_int_t)size_bytes, "crc", crc_hex, "sha256",
			 sha256 ? sha_hex : NULL);
}

void pull_describe(struct pull_node *n, int fd, const char *name, json_t *line)
{
	n->content->describe(fd, name, line);
	if (n->content->derives(line))
		atomic_store(&n->derives, true);
}

json_t *pull_alias_line(const struct pull_item *item, const char *of,
			int64_t size_bytes, uint32_t crc, const uint8_t *sha256)
{
	json_t *line = pull_here_line(of, size_bytes, crc, sha256);
	json_t *alias = json_pack("{s:s, s:s}", "alias", item->name, "of", of);

	/* As of a file that is here, but for how it begins. */
	if (json_object_del(line, "n") ||
	    json_object_update_missing(alias, line)) {
		json_decref(alias);
		alias = NULL;
	}
	json_decref(line);
	return alias;
}

void pull_add_told(json_t *line, const struct pull_item *item)
{
	if (item->boot >= 0)
		json_object_set_new(line, "b", json_integer(item->boot));
	if (item->seq >= 0)
		json_object_set_new(line, "q", json_integer(item->seq));
	if (item->mtime_ns != -1)
		json_object_set_new(line, "mtime_ns",
				    json_integer(item->mtime_ns));
}

json_t *pull_note_line(const char *what, const struct pull_item *item)
{
	char crc_hex[WX_CRC32_HEX];

	snprintf(crc_hex, sizeof(crc_hex), "%08" PRIx32,
		 item->has_crc ? item->crc : 0);
	return json_pack("{s:s, s:I, s:s}", what, item->name, "l",
			 (json_int_t)item->size_bytes, "crc", crc_hex);
}
