/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/writer.h: what the maker of a dataset's files is given.
 * formats/dataset/ implements it, one row of its table each.
 */
#ifndef WX_DATASET_WRITER_H
#define WX_DATASET_WRITER_H

#include <stdio.h>

#include "base/limits.h"
#include "dataset/sample.h"
#include "sound/cut.h"

/* A sample that is more than a cut, on its way to the thread that makes it. */
struct wx_making {
	const struct wx_dataset_format *format;
	struct wx_cutter *cutter;
	int64_t first_frame, n_frames;
	double rate_hz;    /* of pcm; of the capture without it */
	double convert_hz; /* pcm is converted to this rate; 0: as it is */
	char device[136];  /* "ridge-n1" */
	int64_t iat_s;     /* its start, Unix; 0: not known well enough */
	double air_temp_degc, rel_hum_pct, pressure_hpa; /* NAN: no axis */
	const char *hmac_key;                            /* NULL: not signed */
	const struct wx_limits *limits;
	/* 16 bit mono for format->pcm, and where it is converted; else NULL. */
	int16_t *pcm;
	int64_t n_pcm;
};

/* A layout: the samples, and the list that a trainer reads. */
struct wx_dataset_format {
	const char *name;      /* [a-z0-9-] */
	const char *desc;      /* one line for --help */
	const char *list_file; /* its place in the dataset */
	const char *ext;       /* of samples: ".wav" */
	bool captures; /* a sample is a capture, with a label for each part */
	bool pcm;      /* samples are made of 16 bit mono */
	bool frames;   /* ... of whole seconds, with env where it is known */
	/*
	 * The sample's bytes; NULL: those of the capture. *signature_at: where
	 * 64 zeros stand for a signature, -1: nowhere. A failed write is out's.
	 */
	int (*make)(const struct wx_making *m, FILE *out, int64_t *signature_at,
		    struct wx_error *err);
	/* The same of converted sound, where make is NULL; NULL: make does. */
	int (*make_pcm)(const struct wx_making *m, FILE *out,
			int64_t *signature_at, struct wx_error *err);
	/* The list. lines: as JSON Lines. A failed write shows at commit. */
	void (*begin)(FILE *out, bool lines);
	/* n counts up from 0. */
	int (*add)(FILE *out, const struct wx_sample *s, size_t n, bool lines,
		   struct wx_error *err);
	void (*end)(FILE *out, bool lines);
};

#endif
