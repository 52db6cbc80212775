/* SPDX-License-Identifier: MIT */
/*
 * formats/dataset/info_write.h: the list of samples of an Edge Impulse dataset,
 * written; it is read back by info_labels.h.
 */
#ifndef WX_FORMATS_INFO_WRITE_H
#define WX_FORMATS_INFO_WRITE_H

#include <stdio.h>

#include "dataset/sample.h"

/* As wx_dataset_format wants them. */
void wx_info_begin(FILE *out, bool lines);
int wx_info_add(FILE *out, const struct wx_sample *s, size_t n, bool lines,
		struct wx_error *err);
void wx_info_end(FILE *out, bool lines);

#endif
