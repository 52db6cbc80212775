/* SPDX-License-Identifier: MIT */
/*
 * formats/dataset/dataset.h: the layouts a dataset can have. To add one: its
 * file here, one line in the table, a test that reads it back.
 */
#ifndef WX_FORMATS_DATASET_H
#define WX_FORMATS_DATASET_H

#include "dataset/writer.h"

#define WX_DATASET_FORMATS(X) \
	X(wav)                \
	X(json)               \
	X(cbor)               \
	X(frames_csv)         \
	X(frames_cbor)        \
	X(captures)

#define WX_DATASET_DECLARE(n) \
	extern const struct wx_dataset_format wx_dataset_##n;
WX_DATASET_FORMATS(WX_DATASET_DECLARE)

/* NULL: there is none of that name. With i from 0 on, all of them. */
const struct wx_dataset_format *wx_dataset_find(const char *name);
const struct wx_dataset_format *wx_dataset_at(size_t i);

#endif
