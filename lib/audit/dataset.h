/* SPDX-License-Identifier: MIT */
/* lib/audit/dataset.h: what dataset.c and samples.c share. */
#ifndef WX_AUDIT_DATASET_H
#define WX_AUDIT_DATASET_H

#include "audit/parts.h"

/* A line of provenance.jsonl. */
struct audit_sample {
	uint32_t path_at, label_at, capture_at; /* in texts */
	long line;
	bool testing;
	struct wx_time start;
	double length_s, rate_hz;
	int64_t first_frame,
		n_frames; /* n_frames -1: not those of its capture */
};

struct audit_set {
	struct audit *au;
	struct audit_sample *sample; /* in their order, then by path */
	size_t n, room;
	char *texts;
	size_t n_texts, room_texts;
	bool parted; /* the two lists are out of step: told once */
};

/* The sample's sound against its line and its capture. */
int audit_sample_check(struct audit_set *s, const struct audit_sample *e,
		       const struct stat *st, struct wx_error *err);
/* Training samples that a test sample can be known from. Reorders them. */
int audit_leaks(struct audit_set *s, struct wx_error *err);

#endif
