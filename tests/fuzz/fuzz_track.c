/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a label track: what is read is believable, and read again from
 * what is written of it, it is the same.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "track/track.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same_hz(double a, double b)
{
	return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * fabs(a);
}

static void check(const struct wx_track *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct wx_mark *m = &t->mark[i];

		if (m->to_ns < m->from_ns || m->from_ns < -WX_TRACK_MAX_NS ||
		    !m->text || strpbrk(m->text, "\n"))
			abort();
	}
}

static void check_same(const struct wx_track *a, const struct wx_track *b)
{
	if (a->n != b->n)
		abort();
	for (size_t i = 0; i < a->n; i++) {
		const struct wx_mark *x = &a->mark[i], *y = &b->mark[i];

		if (x->from_ns != y->from_ns || x->to_ns != y->to_ns ||
		    strcmp(x->text, y->text) || !x->capture != !y->capture ||
		    (x->capture && strcmp(x->capture, y->capture)) ||
		    !same_hz(x->low_hz, y->low_hz) ||
		    !same_hz(x->high_hz, y->high_hz))
			abort();
	}
}

static void write_and_read(const struct wx_track *t,
			   const struct wx_track_format *f)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	int rc = f->write(out, t, NULL);
	struct wx_track again;

	fclose(out);
	wx_track_init(&again);
	if (rc == WX_OK) {
		if (f->read(text, n, "again", &again, NULL, NULL) != WX_OK)
			abort();
		check_same(t, &again);
	}
	wx_track_fini(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	const struct wx_track_format *f = NULL;
	struct wx_track t;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (wx_track_parse(text, size, "fuzz", &t, &f, NULL, NULL) == WX_OK &&
	    f) {
		check(&t);
		write_and_read(&t, f);
	}
	wx_track_fini(&t);
	free(text);
	return 0;
}
