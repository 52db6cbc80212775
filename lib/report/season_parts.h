/* SPDX-License-Identifier: MIT */
/* lib/report/season_parts.h: what season.c and season_sound.c share. */
#ifndef WX_REPORT_SEASON_PARTS_H
#define WX_REPORT_SEASON_PARTS_H

#include "report/season.h"

/* Which class a stretch of sound holds. */
struct season_heard {
	uint64_t key; /* of its capture */
	float offset_s, length_s;
	int8_t rain, wind; /* -1: not known */
};

/*
 * A sample of the season's windows: all of those captures whose key has none
 * of the bits of mask, more of which are set as it fills.
 */
struct season_heards {
	struct season_heard *v;
	size_t n, room;
	uint64_t mask;
};

int season_hear(struct season_heards *h, const struct wx_label *l, int rain,
		int wind, struct wx_error *err);
/* Levels of sound/ by those classes, into s. */
int season_sound(struct wx_season *s, struct season_heards *h,
		 struct wx_log *log, struct wx_error *err);

#endif
