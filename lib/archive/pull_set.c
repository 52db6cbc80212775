/* SPDX-License-Identifier: MIT */
/* lib/archive/pull_set.c: see pull_set.h. */
#include "archive/pull_set.h"

#include <stdlib.h>

uint64_t pull_mix(uint64_t h, uint64_t v)
{
	/* The finalizer of SplitMix64. */
	h += v + UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
	return h ^ (h >> 31);
}

uint64_t pull_text_hash(const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h;
}

uint64_t pull_key(char what, const char *name, int64_t size_bytes, uint64_t id)
{
	uint64_t h = pull_text_hash(name);

	h = pull_mix(h, (uint64_t)what);
	h = pull_mix(pull_mix(h, (uint64_t)size_bytes), id);
	return (h & ~UINT64_C(1)) ? h & ~UINT64_C(1) : 2;
}

static uint64_t *find(uint64_t *slot, size_t room, uint64_t key)
{
	size_t i = (size_t)(key >> 1) & (room - 1);

	while (slot[i] && (slot[i] & ~UINT64_C(1)) != key)
		i = (i + 1) & (room - 1);
	return &slot[i];
}

int pull_set_add(struct pull_set *set, uint64_t key, struct wx_error *err)
{
	uint64_t *at;

	if (set->n * 4 >= set->room * 3) {
		size_t room = set->room ? set->room * 2 : 1024;
		uint64_t *more = calloc(room, sizeof(*more));

		if (!more)
			return wx_fail_nomem(err);
		for (size_t i = 0; i < set->room; i++)
			if (set->slot[i])
				*find(more, room, set->slot[i] & ~UINT64_C(1)) =
					set->slot[i];
		free(set->slot);
		set->slot = more;
		set->room = room;
	}
	at = find(set->slot, set->room, key);
	if (!*at) {
		*at = key;
		set->n++;
	}
	return WX_OK;
}

int pull_set_mark(struct pull_set *set, uint64_t key)
{
	uint64_t *at = set->room ? find(set->slot, set->room, key) : NULL;
	int was;

	if (!at || !*at)
		return 0;
	was = *at & 1 ? 2 : 1;
	*at |= 1;
	return was;
}

bool pull_set_has(const struct pull_set *set, uint64_t key)
{
	return set->room && *find(set->slot, set->room, key);
}

void pull_set_fini(struct pull_set *set)
{
	free(set->slot);
	*set = (struct pull_set){ 0 };
}
