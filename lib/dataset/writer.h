/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/writer.h: what the maker of a dataset's side files is given.
 * formats/dataset/ implements it, one row of its table each.
 */
#ifndef WX_DATASET_WRITER_H
#define WX_DATASET_WRITER_H

#include <stdio.h>

#include "dataset/sample.h"

/* The list of samples that a trainer reads: info.labels and its likes. */
struct wx_dataset_format {
	const char *name;      /* [a-z0-9-] */
	const char *desc;      /* one line for --help */
	const char *list_file; /* its place in the dataset */
	/* Each writes to out; a failed write shows when out is committed. */
	void (*begin)(FILE *out);
	/* n counts up from 0. */
	int (*add)(FILE *out, const struct wx_sample *s, size_t n,
		   struct wx_error *err);
	void (*end)(FILE *out);
};

#endif
