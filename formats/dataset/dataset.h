/* SPDX-License-Identifier: MIT */
/*
 * formats/dataset/dataset.h: the layouts a dataset can have. To add one: its
 * file here, one line in the table, a test that reads it back.
 */
#ifndef WX_FORMATS_DATASET_H
#define WX_FORMATS_DATASET_H

#include "dataset/writer.h"

#define WX_DATASET_FORMATS(X) X(edge_impulse)

#define WX_DATASET_DECLARE(n) \
	extern const struct wx_dataset_format wx_dataset_##n;
WX_DATASET_FORMATS(WX_DATASET_DECLARE)

#endif
