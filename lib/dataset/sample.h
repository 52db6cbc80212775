/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/sample.h: one window on its way into a dataset, and the line of
 * provenance.jsonl that says where it came from and why it is labelled so.
 */
#ifndef WX_DATASET_SAMPLE_H
#define WX_DATASET_SAMPLE_H

#include <jansson.h>

#include "clock/window.h"
#include "dataset/split.h"
#include "weather/label.h"

enum wx_target { WX_TARGET_RAIN, WX_TARGET_WIND, WX_TARGET_BOTH };

enum { WX_SAMPLE_NAME_SIZE = 256, WX_SAMPLE_LABEL_SIZE = 144 };

/*
 * A part of a sample with a label of its own: values first to last, which
 * belongs to it. The segments of a sample cover every value of it. (The docs of
 * Edge Impulse say milliseconds; what its service checks are values.)
 */
struct wx_segment {
	int64_t first, last;
	const char *class; /* "unknown" where there is none */
};

struct wx_sample {
	const char *site, *profile, *profile_sha256; /* "" where not known */
	enum wx_target target;
	enum wx_side side;    /* training or testing */
	struct wx_time block; /* start of the block it was dealt with */
	struct wx_window window;
	struct wx_label label;
	const char *capture_sha256; /* 64 hex digits; "" where not known */
	const char *capture_crc32;  /* 8 of them */
	int64_t first_frame, n_frames;
	int64_t size_bytes; /* of the sample's file; -1: known once it is made */
	double rate_hz;
	const char *ext;    /* ".wav" */
	const char *layout; /* of the dataset, "wav" */
	double convert_hz; /* 16 bit mono of this rate was made; 0: it is not */
	bool with_env;     /* frame tables: does it hold env? */
	int64_t iat_s;     /* its start as the file tells it; 0: it does not */
	const char *key_id;               /* of the key it is signed with; "" */
	const struct wx_segment *segment; /* of several labels */
	size_t n_segments;                /* 0: one label, class */
	char class[WX_SAMPLE_LABEL_SIZE]; /* "rain", "breeze", "rain_breeze" */
	char name[WX_SAMPLE_NAME_SIZE];   /* without folder and extension */
};

/*
 * The class a target gives a window: "" when it is not known. index: of the
 * class in its profile, both: rain's x WX_MAX_CLASSES + wind's; keep: sure
 * enough. Any of the outputs may be NULL.
 */
void wx_sample_class(const struct wx_label *label, enum wx_target target,
		     char class[WX_SAMPLE_LABEL_SIZE], int *index, int *keep);

/* Index of the most probable class; 0 when there are no probabilities. */
int wx_class_index(const struct wx_class_label *c);

/*
 * class.node-20260601T120000.250Z: its class, node and UTC start, of letters,
 * digits and "._-" alone. twin 0, or 1 up where a node has several windows of
 * that start.
 */
void wx_sample_set_name(struct wx_sample *s, int twin);

/* "training" or "testing". */
const char *wx_side_name(enum wx_side side);
const char *wx_target_name(enum wx_target target);

/*
 * A line of provenance.jsonl, by schemas/provenance-line.schema.json; the
 * caller's to json_decref. NULL when out of memory.
 */
json_t *wx_sample_provenance(const struct wx_sample *s);

#endif
