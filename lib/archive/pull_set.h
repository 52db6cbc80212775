/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_set.h: a set of 64-bit keys, each with a mark: what is known
 * of a hundred thousand files in 16 bytes or so each.
 */
#ifndef WX_ARCHIVE_PULL_SET_H
#define WX_ARCHIVE_PULL_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct pull_set {
	uint64_t *slot; /* key with its lowest bit used as mark; 0: free */
	size_t n, room; /* room: a power of two */
};

/*
 * A key of a file's version. what tells the kinds apart: 'f' by CRC-32, 'h' by
 * SHA-256, 'l' by length alone, 'm' by time of change; 'r' released, 'g' gone,
 * 'q' quarantined, 'a' alias; 'c' content, without a name.
 */
uint64_t pull_key(char what, const char *name, int64_t size_bytes, uint64_t id);
uint64_t pull_text_hash(const char *text);
uint64_t pull_mix(uint64_t h, uint64_t v);
int pull_set_add(struct pull_set *set, uint64_t key, struct wx_error *err);
/* 0: not in it; 1: in it, and marked from now on; 2: was marked before. */
int pull_set_mark(struct pull_set *set, uint64_t key);
bool pull_set_has(const struct pull_set *set, uint64_t key);
void pull_set_fini(struct pull_set *set);

#endif
