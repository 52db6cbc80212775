/* SPDX-License-Identifier: MIT */
/* lib/report/png.h: a picture of up to 256 colours, in memory. */
#ifndef WX_REPORT_PNG_H
#define WX_REPORT_PNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A PNG (ISO/IEC 15948: 8 bits, colour type 3) of width x height pixels, row by
 * row from the top, each an index into palette, 256 colours of 3 bytes (red,
 * green, blue). *out is malloc'd, the caller's. WX_ERR_NOMEM only.
 */
int wx_png(const uint8_t *pixel, uint32_t width, uint32_t height,
	   const uint8_t palette[256][3], uint8_t **out, size_t *n,
	   struct wx_error *err);

#endif
