/* SPDX-License-Identifier: MIT */
/* lib/dataset/export_in.h: what the files of export.h share. */
#ifndef WX_DATASET_EXPORT_IN_H
#define WX_DATASET_EXPORT_IN_H

#include "archive/deleted.h"
#include "dataset/balance.h"
#include "dataset/export.h"
#include "dataset/hashes.h"
#include "dataset/maker.h"
#include "dataset/output.h"
#include "dataset/rows.h"
#include "sound/cut.h"

/* At lower rates the band up to 7900 Hz has no level. */
#define WX_TOP_BAND_RATE_HZ 15800

/* The capture that the last window was cut from. */
struct wx_export_source {
	char *capture;            /* NULL: none */
	bool bad, told;           /* not read; of its form */
	bool deleted;             /* it lies here no more: let go */
	struct wx_cutter *cutter; /* the maker closes it */
	struct wx_wav wav;
	enum wx_side side; /* of its first window; PURGED: none dealt yet */
	const char *sha256, *crc32;
};

/* A window of a capture that is exported whole. */
struct wx_export_part {
	int64_t first, n; /* frames of the capture */
	char *class;      /* NULL: unknown */
	int index;        /* of class */
};

/* The capture, or the piece of a long one, that is being gathered. */
struct wx_export_piece {
	char *node, *capture; /* NULL: none */
	struct wx_export_part *part;
	size_t n, room;
	size_t n_due; /* parts with a class */
	struct wx_segment *segment;
	size_t n_segments, room_segments;
	int64_t first_frame;
	double offset_s;
	struct wx_time start_utc; /* of the capture's first frame */
	double max_err_s, air_temp_degc, rel_hum_pct, pressure_hpa;
	int quality;
	bool quarantined;
};

struct wx_export_job {
	const struct wx_archive *a;
	const struct wx_export_opts *opts;
	struct wx_export_stats *stats;
	struct wx_log *log;
	struct wx_split *split;
	struct wx_balance *balance;   /* NULL: all training blocks stay */
	struct wx_balance *groups[2]; /* blocks of each class, by side */
	struct wx_leak *leak;
	struct wx_output *out;
	struct wx_maker *maker[2]; /* they take captures in turn */
	int turn;
	size_t n_all, n_due; /* windows; those that pass the first walk */
	struct wx_export_source src;
	struct wx_hashes *hashes; /* of the captures of hash_node */
	char hash_node[65];
	struct wx_deleted *deleted; /* of deleted_node */
	char deleted_node[65];
	struct wx_time twin_start; /* of the sample before */
	char twin_node[65];
	int twin;
	struct wx_wav kind;           /* of the first sample */
	struct wx_export_piece piece; /* of layouts of captures */
	char *speech; /* capture that was counted last for its voice */
};

/* ---- export_pick.c: which windows, on which side ---- */

/* The first walk: a window for the split. */
int wx_export_show(void *ctx, const struct wx_window *w,
		   const struct wx_label *l, struct wx_error *err);
/* Sides that a project knows already, from the dataset's ledger. */
int wx_export_lock(struct wx_export_job *job, const char *dir,
		   struct wx_error *err);
/* The walk for the balance: a window of the training side is counted. */
int wx_export_weigh(void *ctx, const struct wx_window *w,
		    const struct wx_label *l, struct wx_error *err);
/* Reasons that need no split: WX_N_DROPS when there is none. */
enum wx_drop wx_export_why_not(const struct wx_export_job *job,
			       const struct wx_window *w,
			       const struct wx_label *l, int *index);
/* The least sure of the labels that the target needs; NAN: not known. */
double wx_export_p(const struct wx_label *l, enum wx_target target);
/* May there be a voice in it? */
bool wx_export_quarantined(const struct wx_window *w);
/* The side of what is there for length_s; else why it is on none. */
enum wx_drop wx_export_side(const struct wx_export_job *job, const char *node,
			    struct wx_time start, double length_s,
			    enum wx_side *side);

/* ---- export_make.c: samples ---- */

/* The walk that makes samples of windows. */
int wx_export_make(void *ctx, const struct wx_window *w,
		   const struct wx_label *l, struct wx_error *err);
/* src is w's capture, opened, or bad. */
int wx_export_source(struct wx_export_job *job, const struct wx_window *w,
		     struct wx_error *err);
void wx_export_source_close(struct wx_export_job *job);
/* A sample of w and l; frames, side, block and class are the caller's. */
struct wx_sample wx_export_sample(const struct wx_export_job *job,
				  const struct wx_window *w,
				  const struct wx_label *l);
/* Name it, list it, have it made, count it. */
int wx_export_put(struct wx_export_job *job, struct wx_sample *s, int index,
		  struct wx_error *err);

/* Each window, first of all: count it and its voices, tell how far it is. */
int wx_export_look(struct wx_export_job *job, const struct wx_window *w,
		   struct wx_error *err);

/* ---- export_capture.c: whole captures ---- */

/* The walk that makes samples of captures, and what is left at its end. */
int wx_export_make_capture(void *ctx, const struct wx_window *w,
			   const struct wx_label *l, struct wx_error *err);
int wx_export_capture_end(struct wx_export_job *job, struct wx_error *err);
void wx_export_piece_fini(struct wx_export_piece *p);

#endif
