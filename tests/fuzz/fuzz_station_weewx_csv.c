/* SPDX-License-Identifier: MIT */
/* Any bytes as a log: what comes out is believable, or nothing comes. */
#include "station_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return wx_station_fuzz(&wx_station_weewx_csv, data, size);
}
