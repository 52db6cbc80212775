/* SPDX-License-Identifier: MIT */
/*
 * formats/dataset/croissant.h: other doors to a dataset of WAV files: Hugging
 * Face's AudioFolder and Croissant 1.1, over the same files.
 *
 *     training/metadata.csv, testing/metadata.csv
 *         file_name,label,node,start_utc,...        a row a sample; file_name is
 *                                                   relative to the table
 *     croissant.json                                JSON-LD: what the files are,
 *                                                   and what the columns mean
 *
 * Source: huggingface/datasets, "Create an audio dataset" (AudioFolder);
 * docs.mlcommons.org, "Croissant format specification 1.1".
 */
#ifndef WX_FORMATS_CROISSANT_H
#define WX_FORMATS_CROISSANT_H

#include <stdbool.h>

#include "base/error.h"

struct wx_croissant {
	const char *name;    /* "ridge-rain" */
	const char *what;    /* one sentence */
	const char *license; /* URL or SPDX id; NULL: none is stated */
	const char *creator; /* NULL: unknown */
	const char *url;     /* of the dataset's page; NULL: none */
};

/*
 * Make both of what provenance.jsonl in dir says; called when the dataset is
 * whole. datePublished is the day of the last sample, so that the same dataset
 * has the same bytes. *changed is set if any of them did.
 */
int wx_croissant_write(const char *dir, const struct wx_croissant *c,
		       bool *changed, struct wx_error *err);
/* Remove them: they would tell of samples that went. */
int wx_croissant_drop(const char *dir, bool *changed, struct wx_error *err);

#endif
