/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/judge.h: an archive of a made site, held against the truth.
 */
#ifndef WX_SIM_JUDGE_H
#define WX_SIM_JUDGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "sim/score.h"
#include "sim/truth.h"

/* The classes that the archive's labels were made with. */
struct wx_judge_classes {
	int n;
	const char *name[WX_SCORE_MAX_CLASSES];
	double limit[WX_SCORE_MAX_CLASSES - 1]; /* mm/h or m/s */
};

struct wx_judge_opts {
	const char *archive, *site; /* folders */
	const char *dataset;        /* NULL: ARCHIVE/dataset, if there is one */
	struct wx_judge_classes rain, wind;
};

struct wx_judge_node {
	char *id; /* NULL: all nodes together */
	/* Captures that were closed; that lie in raw/; whose bytes are right */
	uint64_t made, pulled, verified;
	uint64_t windows, undated; /* undated: no start_utc */
	uint64_t unknown;          /* windows of captures that nobody made */
	uint64_t within;           /* |error| <= max_err_s */
	struct wx_errors error_s;  /* |start_utc - truth| of each dated one */
};

/* A testing sample this near to a training one has been all but seen. */
#define WX_JUDGE_LEAK_S 600.0

/* Which windows a score is over. */
enum wx_judge_set {
	WX_JUDGE_ALL,
	WX_JUDGE_NEAR, /* within 30 min of true rain */
	WX_JUDGE_KEPT, /* sure enough to train on */
	WX_JUDGE_KEPT_NEAR,
	WX_JUDGE_N_SETS,
};

struct wx_judge_count { /* samples of a dataset with one label */
	char *label;
	uint64_t training, testing;
};

struct wx_judge {
	struct wx_judge_node *node; /* the last one: all together */
	size_t n_nodes;             /* without the last one */
	struct wx_confusion rain[WX_JUDGE_N_SETS], wind[WX_JUDGE_N_SETS];
	bool has_dataset;
	struct wx_judge_count *count; /* by label */
	size_t n_counts;
	uint64_t leaks;   /* testing samples within 10 min of a training one */
	uint64_t untimed; /* samples whose time is not told: not in leaks */
};

/*
 * Reads truth, raw/, windows/, labels/ and the dataset. Tables that are not
 * there count as empty; one that cannot be read is a failure.
 */
int wx_judge_run(const struct wx_judge_opts *opts, struct wx_judge *out,
		 struct wx_error *err);
void wx_judge_fini(struct wx_judge *j);
/* A part of wx_judge_run: count, leaks, untimed. */
int wx_judge_dataset(const struct wx_judge_opts *opts, struct wx_judge *j,
		     struct wx_error *err);

/*
 * Did a check find something: a capture that was not pulled or has other
 * bytes, a window of a capture that was never made, a leak?
 */
bool wx_judge_found(const struct wx_judge *j);

/* A table for people. j's errors get sorted. */
void wx_judge_print(struct wx_judge *j, const struct wx_judge_opts *opts,
		    FILE *out);
/* The same as one object; NULL: out of memory. */
json_t *wx_judge_json(struct wx_judge *j, const struct wx_judge_opts *opts);

#endif
