/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/export.h: labelled windows of an archive become a dataset.
 *
 * Walks over windows/ and labels/: the first deals the blocks of time to
 * training and testing, the last makes the samples; one between, if asked for,
 * leaves out training blocks of what is common. Sound is copied or cut as it is,
 * never encoded anew.
 */
#ifndef WX_DATASET_EXPORT_H
#define WX_DATASET_EXPORT_H

#include "archive/archive.h"
#include "dataset/leak.h"
#include "dataset/sample.h"
#include "dataset/writer.h"
#include "weather/profile.h"

/* Why a window is not in the dataset. */
enum wx_drop {
	WX_DROP_UNLABELLED, /* wx-label has not seen it */
	WX_DROP_UNKNOWN,    /* no evidence, no class */
	WX_DROP_UNSURE,     /* keep is 0 */
	WX_DROP_QUALITY,    /* the sound failed its check */
	WX_DROP_SPEECH,     /* there may be a voice in it, or next to it */
	WX_DROP_FLAG,       /* a flag that the site does not want */
	WX_DROP_PURGED,     /* too close to the other side in time */
	WX_DROP_CAPTURE,    /* its capture is on the other side */
	WX_DROP_UNREADABLE, /* the capture could not be read */
	WX_DROP_DELETED,    /* the site's retention let its sound go */
	WX_DROP_EARLY,      /* before --since */
	WX_DROP_NODE,       /* its node is on the other side */
	WX_DROP_FORM,       /* the layout cannot hold it */
	WX_DROP_BALANCE,    /* its block went to make classes more even */
	WX_N_DROPS,
};

/* Words for a reader: "the label was not sure enough". */
const char *wx_drop_text(enum wx_drop why);
const char *wx_drop_name(enum wx_drop why); /* "unsure" */

enum { WX_MAX_SAMPLE_CLASSES = WX_MAX_CLASSES * WX_MAX_CLASSES };

struct wx_export_stats {
	size_t n_windows; /* seen, with those below */
	size_t n_dropped[WX_N_DROPS];
	size_t n_samples[2][WX_MAX_SAMPLE_CLASSES]; /* by side and class */
	char class[WX_MAX_SAMPLE_CLASSES][WX_SAMPLE_LABEL_SIZE]; /* "": none */
	size_t n_made;       /* samples written in this run */
	size_t n_speech;     /* captures with a voice, */
	size_t n_near;       /* and those before and behind them */
	size_t n_cleared;    /* captures that a person cleared */
	size_t n_unscreened; /* samples whose sound was not screened for voices */
	size_t n_by_sound;   /* samples whose own sound bears on their class */
	int n_blocks[2];     /* by side */
	/* Blocks of time that hold samples of a class, by side. */
	int n_groups[2][WX_MAX_SAMPLE_CLASSES];
	struct wx_leak_sum leak;
	struct wx_time first, last; /* starts of samples */
	double max_err_s; /* largest of the samples; NAN: none known */
	double sum_err_s;
	size_t n_err;
	double seconds; /* of sound */
	bool mixed;     /* are there several rates, widths or channels? */
	double sum_p;   /* of the samples' probabilities, those that have one */
	size_t n_p;
	int n_hours, n_empty_hours; /* of UTC; those without a usable label */
	bool changed;
};

struct wx_export_opts {
	const struct wx_dataset_format *format;
	enum wx_target target;
	double test_share;
	int64_t seed;
	double purge_s; /* between a training sample and a test block */
	/* Nodes to test on; the others train. None: every node does both. */
	const char *const *test_node;
	size_t n_test_nodes;
	double min_p;         /* of a label, on top of keep; 0: any */
	struct wx_time since; /* of windows' starts; NONE: all */
	double balance;       /* see balance.h; INFINITY: as the weather was */
	double convert_hz; /* sound as 16 bit mono of this rate; 0: as it is */
	bool link;         /* whole captures are linked, not copied */
	bool lines;        /* the list as JSON Lines, as it is if large */
	const char *hmac_key; /* to sign samples with; NULL: not signed */
	const char *key_id;   /* what tells it from other keys; "" */
	bool with_env; /* frame tables: temperature, humidity, pressure */
	const struct wx_limits *limits; /* for frame tables */
	int64_t limit; /* training samples of a class; 0: any */
	const struct wx_profile *profile; /* for the README; NULL: not known */
	const char *profile_sha256;       /* of its text; "" */
	void (*progress)(void *ctx, size_t done, size_t total); /* or NULL */
	void *ctx;
	bool (*stopped)(void); /* asked between samples; or NULL */
};

/*
 * WX_ERR_IO when nothing could be written or it was stopped; captures that
 * cannot be read are warned of, counted, and left out. Out: stats, in any case
 * as far as it went.
 */
int wx_export(const struct wx_archive *a, const char *dir,
	      const struct wx_export_opts *opts, struct wx_export_stats *stats,
	      struct wx_log *log, struct wx_error *err);

/* The dataset's README.md, a datasheet; caller frees, NULL: out of memory. */
char *wx_card_text(const struct wx_archive *a,
		   const struct wx_export_opts *opts,
		   const struct wx_export_stats *stats);

#endif
