/* SPDX-License-Identifier: MIT */
/* lib/archive/subsume.c: see subsume.h. */
#include "archive/subsume.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void wx_subsume_init(struct wx_subsume *g, FILE *out)
{
	g->out = out;
	g->n = 0;
}

/* Length of the first two fields and their commas; 0: there are not two. */
static size_t key_length(const char *line)
{
	const char *comma = strchr(line, ',');

	comma = comma ? strchr(comma + 1, ',') : NULL;
	return comma ? (size_t)(comma - line) + 1 : 0;
}

/* Does b say all that a says, and more? Rows with quotes are not compared. */
static bool says_more(const char *b, const char *a)
{
	bool more = false;

	if (strchr(a, '"') || strchr(b, '"'))
		return false;
	for (;;) {
		size_t n_a = strcspn(a, ",\n"), n_b = strcspn(b, ",\n");

		if (n_a && (n_a != n_b || memcmp(a, b, n_a) != 0))
			return false;
		more = more || (!n_a && n_b);
		a += n_a;
		b += n_b;
		if (*a != *b)
			return false;
		if (*a != ',')
			return more;
		a++;
		b++;
	}
}

static void flush(struct wx_subsume *g)
{
	for (size_t i = 0; i < g->n; i++) {
		bool keep = true;

		for (size_t k = 0; keep && k < g->n; k++)
			keep = k == i || !says_more(g->line[k], g->line[i]);
		if (keep)
			fputs(g->line[i], g->out);
	}
	for (size_t i = 0; i < g->n; i++)
		free(g->line[i]);
	g->n = 0;
}

int wx_subsume_add(struct wx_subsume *g, const char *line, size_t n,
		   struct wx_error *err)
{
	size_t key = key_length(line);

	if (g->n && (g->n == WX_SUBSUME_MAX || !key ||
		     strncmp(g->line[0], line, key) != 0))
		flush(g);
	g->line[g->n] = strndup(line, n);
	if (!g->line[g->n])
		return wx_fail_nomem(err);
	g->n++;
	return WX_OK;
}

void wx_subsume_fini(struct wx_subsume *g)
{
	flush(g);
}
