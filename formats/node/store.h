/* SPDX-License-Identifier: MIT */
/*
 * formats/node/store.h: a folder that is what a node keeps.
 *
 * index.jsl at its root, captures and tables below it, all under names that
 * wx_name_check lets pass. What a node knows of a file (CRC-32, SHA-256, still
 * open or not) comes from its index while the index tells the file's true
 * length, otherwise from the bytes; what was hashed is remembered as long as
 * the file does not change. Every function may be called by several threads.
 */
#ifndef WX_NODE_STORE_H
#define WX_NODE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/time.h"

enum { WX_STORE_NAME_SIZE = 1001 }; /* longest name of wx_name_check, NUL */

struct wx_store;

/* WX_ERR_IO when the folder or its index.jsl is not there. */
int wx_store_open(const char *root, struct wx_store **out,
		  struct wx_error *err);
void wx_store_close(struct wx_store *s);

struct wx_store_file {
	int fd; /* the caller's to close; -1: there is no such file */
	uint64_t size_bytes;
	bool is_open; /* its node still writes it */
	uint32_t crc;
	uint8_t sha256[WX_SHA256_LEN];
};

/*
 * A file by its name. An impossible name, a folder, a link: no such file.
 * crc and sha256 are of the first size_bytes, even if it grows meanwhile.
 */
int wx_store_get(struct wx_store *s, const char *name,
		 struct wx_store_file *out, struct wx_error *err);

/* The same without crc and sha256, and so at once whatever its length. */
int wx_store_look(struct wx_store *s, const char *name,
		  struct wx_store_file *out, struct wx_error *err);

/*
 * Delete a file if it still has this length and CRC; its index line stays.
 * *gone tells whether it was so.
 */
int wx_store_remove(struct wx_store *s, const char *name, uint64_t size_bytes,
		    uint32_t crc, bool *gone, struct wx_error *err);

/* Append one line (without its line break) to index.jsl, and sync. */
int wx_store_append(struct wx_store *s, const char *line, struct wx_error *err);

/* What the index tells of the node as a whole. */
struct wx_store_state {
	int64_t boot;                       /* the last one; 0: none told */
	char recording[WX_STORE_NAME_SIZE]; /* the open WAV; "": none */
	uint64_t fs_free, fs_total;         /* of its file system, bytes */
};
int wx_store_state(struct wx_store *s, struct wx_store_state *out,
		   struct wx_error *err);

#endif
