/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/output.h: a dataset folder that is right after any interruption,
 * and untouched when nothing changed.
 *
 *     training/ testing/   the samples
 *     provenance.jsonl     a line a sample, in the order they were given
 *     .unfinished          while samples are being made: their paths, each
 *                          written down before its file appears
 *
 * What lies in the folder is what provenance.jsonl lists, plus what
 * .unfinished lists. A run that finds .unfinished removes those first. The old
 * provenance.jsonl is read alongside as the new one is written: a sample of
 * the same name and frames stays as it is, one that is listed no more is
 * removed. So memory does not grow with the dataset.
 */
#ifndef WX_DATASET_OUTPUT_H
#define WX_DATASET_OUTPUT_H

#include "base/file.h"
#include "dataset/sample.h"
#include "dataset/writer.h"

struct wx_output;

/*
 * WX_ERR_RANGE when DIR holds something that is no dataset of ours: it is left
 * alone. lines: the list as JSON Lines. log hears of samples that moved or went.
 */
int wx_output_open(const char *dir, const struct wx_dataset_format *format,
		   bool lines, struct wx_log *log, struct wx_output **out,
		   struct wx_error *err);

/*
 * The next sample, by rising node, start, capture and offset. *path is where
 * to make its file, NULL when it is there already; lent until the next call.
 */
int wx_output_add(struct wx_output *o, const struct wx_sample *s,
		  const char **path, struct wx_error *err);

/*
 * Remove what is listed no more, sync, and let the list, provenance.jsonl and
 * README.md (its text) appear. *changed: did any byte of the folder? Frees o,
 * on failure too.
 */
int wx_output_commit(struct wx_output *o, const char *readme, bool *changed,
		     struct wx_error *err);
/* Leave it unfinished; the next run tidies up. */
void wx_output_close(struct wx_output *o);

#endif
