/* SPDX-License-Identifier: MIT */
/* formats/dataset/dataset.c: the table of layouts. */
#include "dataset/dataset.h"

#include <string.h>

#define ROW(n) &wx_dataset_##n,
static const struct wx_dataset_format *const formats[] = { WX_DATASET_FORMATS(
	ROW) };

const struct wx_dataset_format *wx_dataset_at(size_t i)
{
	return i < WX_COUNT(formats) ? formats[i] : NULL;
}

const struct wx_dataset_format *wx_dataset_find(const char *name)
{
	for (size_t i = 0; i < WX_COUNT(formats); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}
