/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/score.h: how often labels are right, and how wrong times are.
 */
#ifndef WX_SIM_SCORE_H
#define WX_SIM_SCORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { WX_SCORE_MAX_CLASSES = 24 };

/* count[truth][label]; the last column: no label was given. */
struct wx_confusion {
	int n; /* classes, 2..WX_SCORE_MAX_CLASSES */
	uint64_t count[WX_SCORE_MAX_CLASSES][WX_SCORE_MAX_CLASSES + 1];
};

/* label -1: none given. */
void wx_confusion_add(struct wx_confusion *c, int truth, int label);
uint64_t wx_confusion_labelled(const struct wx_confusion *c);
uint64_t wx_confusion_total(const struct wx_confusion *c);
/* Share of the labelled that is right, 0..1; NAN when nothing is labelled. */
double wx_confusion_accuracy(const struct wx_confusion *c);
/* Mean over the classes that occur of the share found; NAN when none does. */
double wx_confusion_balanced(const struct wx_confusion *c);
/* The last class against the rest: the two of a tiny detector. */
struct wx_confusion wx_confusion_last(const struct wx_confusion *c);

/* Class of a value by rising limits: class i is up to limit[i]. */
int wx_class_of(double value, const double *limits, int n_classes);

/* A list of magnitudes that grows; quantiles sort it. */
struct wx_errors {
	double *v;
	size_t n, room;
};
int wx_errors_add(struct wx_errors *e, double v, struct wx_error *err);
/* The smallest value that a share q of them does not exceed; NAN of none. */
double wx_errors_quantile(struct wx_errors *e, double q);
void wx_errors_fini(struct wx_errors *e);

#endif
