/* SPDX-License-Identifier: MIT */
/* lib/weather/ear.c: see ear.h. */
#include "weather/ear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/text.h"

/* ---- words ---- */

static int class_find(const struct wx_classes *c, const char *name, size_t n)
{
	for (int i = 0; i < c->n; i++)
		if (strlen(c->name[i]) == n &&
		    !strncasecmp(c->name[i], name, n))
			return i;
	return WX_EAR_NOTHING;
}

static bool is_unknown(const char *word, size_t n)
{
	return (n == 1 && *word == '?') ||
	       (n == 7 && !strncasecmp(word, "unknown", n));
}

/* "3", "4+": a level; NOTHING where it is none, or nobody told its class. */
static int level_class(const struct wx_heard_levels *l, const char *word,
		       size_t n)
{
	double level;
	int i = 0;

	if (n > 1 && word[n - 1] == '+')
		n--;
	if (!l->n || !wx_f64_parse(word, n, &level) || !(level >= 0))
		return WX_EAR_NOTHING;
	while (i < l->n && level >= l->from[i])
		i++;
	return i;
}

static int value_class(const struct wx_classes *c,
		       const struct wx_heard_levels *l, const char *word,
		       size_t n)
{
	int class = class_find(c, word, n);

	if (class >= 0)
		return class;
	return is_unknown(word, n) ? WX_EAR_UNKNOWN : level_class(l, word, n);
}

/* Is it "rain=..." of this key? */
static bool has_key(const char *word, size_t n, const char *key)
{
	size_t k = strlen(key);

	return n > k + 1 && !strncasecmp(word, key, k) &&
	       (word[k] == '=' || word[k] == ':');
}

static bool parse_word(const struct wx_profile *p, const char *word, size_t n,
		       int *rain, int *wind)
{
	int r = WX_EAR_NOTHING, w = WX_EAR_NOTHING;

	if (has_key(word, n, "rain")) {
		r = value_class(&p->rain, &p->rain_heard, word + 5, n - 5);
	} else if (has_key(word, n, "wind")) {
		w = value_class(&p->wind, &p->wind_heard, word + 5, n - 5);
	} else if (is_unknown(word, n)) {
		*rain = *wind = WX_EAR_UNKNOWN;
		return true;
	} else {
		r = class_find(&p->rain, word, n);
		w = class_find(&p->wind, word, n);
		if (r >= 0 && w >= 0) /* which one? */
			return false;
		if (r < 0 && w < 0)
			r = level_class(&p->rain_heard, word, n);
	}
	if (r == WX_EAR_NOTHING && w == WX_EAR_NOTHING)
		return false;
	if (r != WX_EAR_NOTHING)
		*rain = *rain == WX_EAR_NOTHING || *rain == r ? r
							      : WX_EAR_UNKNOWN;
	if (w != WX_EAR_NOTHING)
		*wind = *wind == WX_EAR_NOTHING || *wind == w ? w
							      : WX_EAR_UNKNOWN;
	return true;
}

bool wx_ear_parse(const struct wx_profile *p, const char *text, int *rain,
		  int *wind, char word[WX_CLASS_NAME_SIZE])
{
	*rain = *wind = WX_EAR_NOTHING;
	for (;;) {
		size_t n;

		text += strspn(text, " ,;\t");
		n = strcspn(text, " ,;\t");
		if (!n)
			return true;
		if (!parse_word(p, text, n, rain, wind)) {
			*rain = *wind = WX_EAR_NOTHING;
			snprintf(word, WX_CLASS_NAME_SIZE, "%.*s",
				 n < 100 ? (int)n : 100, text);
			return false;
		}
		text += n;
	}
}

/* ---- stretches ---- */

void wx_ear_fini(struct wx_ear *e)
{
	free(e->v);
	*e = (struct wx_ear){ 0 };
}

int wx_ear_add(struct wx_ear *e, const struct wx_heard *h, struct wx_error *err)
{
	int rc = h->to_ns > h->from_ns ? WX_GROW(&e->v, &e->room, e->n + 1, err)
				       : WX_OK;

	if (rc == WX_OK && h->to_ns > h->from_ns)
		e->v[e->n++] = *h;
	return rc;
}

/* By start; labels of one start as they stand in their files. */
static int by_start(const void *pa, const void *pb)
{
	const struct wx_heard *a = pa, *b = pb;
	int c;

	if (a->from_ns != b->from_ns)
		return a->from_ns < b->from_ns ? -1 : 1;
	c = strcmp(a->file, b->file);
	return c ? c : (a->line > b->line) - (a->line < b->line);
}

static void warn_contradictions(const struct wx_ear *e, struct wx_log *log)
{
	const struct wx_heard *last = NULL; /* the one that ends last so far */

	for (size_t i = 0; i < e->n; i++) {
		const struct wx_heard *h = &e->v[i];

		if (last && h->from_ns < last->to_ns && h->class != last->class)
			wx_warn(log,
				"%s:%ld: overlaps %s:%ld, which says "
				"otherwise: there it is unknown",
				h->file, h->line, last->file, last->line);
		if (!last || h->to_ns > last->to_ns)
			last = h;
	}
}

struct edge {
	int64_t ns;
	size_t of;
	bool begins;
};

static int by_ns(const void *pa, const void *pb)
{
	const struct edge *a = pa, *b = pb;

	if (a->ns != b->ns)
		return a->ns < b->ns ? -1 : 1;
	return a->of < b->of ? -1 : a->of > b->of;
}

/* What is told between two edges; count[c + 2] labels of class c hold there. */
static int told(const size_t count[WX_MAX_CLASSES + 2])
{
	int class = WX_EAR_NOTHING, n = 0;

	for (int c = WX_EAR_UNKNOWN; c < WX_MAX_CLASSES; c++)
		if (count[c + 2]) {
			class = c;
			n++;
		}
	return n > 1 ? WX_EAR_UNKNOWN : class;
}

/* Between the edges of all, into out, which has room for 2 n. */
static size_t sweep(const struct wx_ear *e, struct edge *edge,
		    struct wx_heard *out)
{
	size_t count[WX_MAX_CLASSES + 2] = { 0 }, n = 0, latest = 0;

	for (size_t i = 0; i < 2 * e->n; i++) {
		const struct wx_heard *h = &e->v[edge[i].of];
		struct wx_heard *before = n ? &out[n - 1] : NULL;
		int class;

		if (edge[i].begins) {
			count[h->class + 2]++;
			latest = edge[i].of;
		} else {
			count[h->class + 2]--;
		}
		class = told(count);
		if (i + 1 == 2 * e->n || edge[i + 1].ns == edge[i].ns ||
		    class == WX_EAR_NOTHING)
			continue;
		if (before && before->to_ns == edge[i].ns &&
		    before->class == class) {
			before->to_ns = edge[i + 1].ns;
			continue;
		}
		out[n] = e->v[latest];
		out[n].from_ns = edge[i].ns;
		out[n].to_ns = edge[i + 1].ns;
		out[n++].class = class;
	}
	return n;
}

int wx_ear_finish(struct wx_ear *e, struct wx_log *log, struct wx_error *err)
{
	struct edge *edge = malloc((2 * e->n + 1) * sizeof(*edge));
	struct wx_heard *out = malloc((2 * e->n + 1) * sizeof(*out));

	if (!edge || !out) {
		free(edge);
		free(out);
		return wx_fail_nomem(err);
	}
	if (e->n)
		qsort(e->v, e->n, sizeof(*e->v), by_start);
	warn_contradictions(e, log);
	for (size_t i = 0; i < e->n; i++) {
		edge[2 * i] = (struct edge){ e->v[i].from_ns, i, true };
		edge[2 * i + 1] = (struct edge){ e->v[i].to_ns, i, false };
	}
	qsort(edge, 2 * e->n, sizeof(*edge), by_ns);
	e->room = 2 * e->n + 1;
	e->n = sweep(e, edge, out);
	free(e->v);
	free(edge);
	e->v = out;
	e->at = 0;
	return WX_OK;
}

/* ---- windows ---- */

/* First stretch that ends after ns; windows mostly come in order. */
static size_t find(struct wx_ear *e, int64_t ns)
{
	size_t lo = 0, hi = e->n;

	if (e->at < e->n && e->v[e->at].to_ns > ns &&
	    (!e->at || e->v[e->at - 1].to_ns <= ns))
		return e->at;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (e->v[mid].to_ns > ns)
			hi = mid;
		else
			lo = mid + 1;
	}
	return e->at = lo;
}

struct shares {
	double of[WX_MAX_CLASSES], unknown, best;
	const struct wx_heard *by;
};

static void add_shares(struct wx_ear *e, int64_t from, int64_t to,
		       double weight, struct shares *s)
{
	double length = (double)(to - from);

	for (size_t i = find(e, from); i < e->n && e->v[i].from_ns < to; i++) {
		const struct wx_heard *h = &e->v[i];
		int64_t a = h->from_ns > from ? h->from_ns : from;
		int64_t b = h->to_ns < to ? h->to_ns : to;
		double share = weight * (double)(b - a) / length;

		if (h->class == WX_EAR_UNKNOWN)
			s->unknown += share;
		else
			s->of[h->class] += share;
		if (share > s->best) {
			s->best = share;
			s->by = h;
		}
	}
}

bool wx_ear_label(struct wx_ear *e, const struct wx_classes *c, int64_t from_ns,
		  int64_t to_ns, int64_t sigma_ns, struct wx_class_label *out,
		  const struct wx_heard **by, bool *mixed)
{
	/* Gauss and Hermite's three points: means over a normal doubt. */
	static const double shift[3] = { 0, -1.7320508, 1.7320508 };
	static const double weight[3] = { 2 / 3.0, 1 / 6.0, 1 / 6.0 };
	struct shares s = { .by = NULL };
	double told_of = 0;
	int best = 0, n = 0;

	if (!e->n || to_ns <= from_ns)
		return false;
	for (int i = 0; i < (sigma_ns > 0 ? 3 : 1); i++) {
		int64_t d = (int64_t)(shift[i] * (double)sigma_ns);

		add_shares(e, from_ns + d, to_ns + d,
			   sigma_ns > 0 ? weight[i] : 1, &s);
	}
	for (int i = 0; i < c->n; i++) {
		told_of += s.of[i];
		n += s.of[i] > 0;
		if (s.of[i] > s.of[best])
			best = i;
	}
	told_of += s.unknown;
	if (told_of < WX_EAR_MIN_SHARE - 1e-9)
		return false;
	*by = s.by;
	*mixed = n + (s.unknown > 0) > 1;
	out->source = "track";
	out->keep = 0;
	out->name = "";
	out->p = NAN;
	out->n_probs = 0;
	if (s.unknown >= s.of[best])
		return true;
	for (int i = 0; i < c->n; i++)
		out->probs[i] = (s.of[i] + s.unknown / c->n) / told_of;
	out->n_probs = c->n;
	out->name = c->name[best];
	out->p = out->probs[best];
	out->keep = wx_class_p_told(out->p) >= c->min_p;
	return true;
}
