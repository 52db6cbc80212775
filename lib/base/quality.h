/* SPDX-License-Identifier: MIT */
/*
 * lib/base/quality.h: how good something is: QARTOD's codes, from bad sound to
 * the windows made of it. The greater code is the worse.
 */
#ifndef WX_BASE_QUALITY_H
#define WX_BASE_QUALITY_H

enum wx_quality {
	WX_QUALITY_GOOD = 1,
	WX_QUALITY_UNKNOWN = 2, /* not evaluated */
	WX_QUALITY_SUSPECT = 3,
	WX_QUALITY_FAIL = 4,
	WX_QUALITY_MISSING = 9,
};

#endif
