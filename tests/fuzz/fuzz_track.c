/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a label track: what is read is believable, and read again from
 * what is written of it, it is the same. On windows its labels are labels, by
 * stretches that are sorted and disjoint.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "track/track.h"
#include "weather/ear.h"

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

static void listen(const struct wx_track *t)
{
	static struct wx_profile profile;
	struct wx_ear e = { 0 };

	if (!profile.rain.n && wx_profile_read("aurora3", &profile, NULL))
		abort();
	for (size_t i = 0; i < t->n && i < 2000; i++) {
		const struct wx_mark *m = &t->mark[i];
		struct wx_heard h = { m->from_ns, m->to_ns, 0, "fuzz",
				      m->line };
		char word[WX_CLASS_NAME_SIZE];
		int wind;

		if (wx_ear_parse(&profile, m->text, &h.class, &wind, word) &&
		    h.class != WX_EAR_NOTHING && wx_ear_add(&e, &h, NULL))
			abort();
	}
	if (wx_ear_finish(&e, NULL, NULL))
		abort();
	for (size_t i = 0; i < e.n; i++) {
		struct wx_class_label l = { .name = "", .source = "none" };
		const struct wx_heard *by;
		bool mixed;
		double sum = 0;

		if (e.v[i].to_ns <= e.v[i].from_ns ||
		    (i && e.v[i].from_ns < e.v[i - 1].to_ns))
			abort();
		if (!wx_ear_label(&e, &profile.rain, e.v[i].from_ns,
				  e.v[i].to_ns, (int64_t)(i % 3) * 1000000000,
				  &l, &by, &mixed))
			continue;
		for (int k = 0; k < l.n_probs; k++)
			sum += l.probs[k];
		if (l.n_probs && fabs(sum - 1) > 1e-6)
			abort();
	}
	wx_ear_fini(&e);
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
		listen(&t);
		write_and_read(&t, f);
	}
	wx_track_fini(&t);
	free(text);
	return 0;
}
