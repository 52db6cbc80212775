/* SPDX-License-Identifier: MIT */
/* lib/sim/score.c: how often labels are right, and how wrong times are. */
#include "sim/score.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"

void wx_confusion_add(struct wx_confusion *c, int truth, int label)
{
	c->count[truth][label < 0 ? WX_SCORE_MAX_CLASSES : label]++;
}

uint64_t wx_confusion_labelled(const struct wx_confusion *c)
{
	uint64_t n = 0;

	for (int t = 0; t < c->n; t++)
		for (int l = 0; l < c->n; l++)
			n += c->count[t][l];
	return n;
}

uint64_t wx_confusion_total(const struct wx_confusion *c)
{
	uint64_t n = wx_confusion_labelled(c);

	for (int t = 0; t < c->n; t++)
		n += c->count[t][WX_SCORE_MAX_CLASSES];
	return n;
}

double wx_confusion_accuracy(const struct wx_confusion *c)
{
	uint64_t right = 0, n = wx_confusion_labelled(c);

	for (int t = 0; t < c->n; t++)
		right += c->count[t][t];
	return n ? (double)right / (double)n : NAN;
}

double wx_confusion_balanced(const struct wx_confusion *c)
{
	double sum = 0;
	int occur = 0;

	for (int t = 0; t < c->n; t++) {
		uint64_t n = 0;

		for (int l = 0; l < c->n; l++)
			n += c->count[t][l];
		if (n) {
			sum += (double)c->count[t][t] / (double)n;
			occur++;
		}
	}
	return occur ? sum / occur : NAN;
}

struct wx_confusion wx_confusion_last(const struct wx_confusion *c)
{
	struct wx_confusion two = { .n = 2 };

	for (int t = 0; t < c->n; t++) {
		for (int l = 0; l < c->n; l++)
			two.count[t == c->n - 1][l == c->n - 1] +=
				c->count[t][l];
		two.count[t == c->n - 1][WX_SCORE_MAX_CLASSES] +=
			c->count[t][WX_SCORE_MAX_CLASSES];
	}
	return two;
}

int wx_class_of(double value, const double *limits, int n_classes)
{
	int i = 0;

	while (i < n_classes - 1 && value >= limits[i])
		i++;
	return i;
}

int wx_errors_add(struct wx_errors *e, double v, struct wx_error *err)
{
	if (WX_GROW(&e->v, &e->room, e->n + 1, err))
		return WX_ERR_NOMEM;
	e->v[e->n++] = v;
	return WX_OK;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double wx_errors_quantile(struct wx_errors *e, double q)
{
	size_t rank;

	if (!e->n)
		return NAN;
	qsort(e->v, e->n, sizeof(*e->v), by_value);
	rank = (size_t)ceil(q * (double)e->n);
	return e->v[rank > 0 ? rank - 1 : 0];
}

void wx_errors_fini(struct wx_errors *e)
{
	free(e->v);
	*e = (struct wx_errors){ 0 };
}
