/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/ear.h: what a person heard, as classes of a window.
 *
 * A label's text is words with blanks or commas between:
 *
 *     little          a class of rain or of wind
 *     rain=little     the same, where both have one of that name
 *     rain=3  3       a level of loudness, 0 up; a bare one is of rain. Which
 *     wind=2          class it is, the profile says
 *     rain=unknown    it cannot be told, though the gauge may think so; alone,
 *     unknown  ?      of both
 *
 * A window is labelled by ear where a person told of half of it or more: its
 * probabilities are the shares of the classes in what was told of. Where one
 * label contradicts another nothing is told.
 */
#ifndef WX_WEATHER_EAR_H
#define WX_WEATHER_EAR_H

#include "weather/profile.h"
#include "weather/track.h"

enum { WX_EAR_NOTHING = -1, WX_EAR_UNKNOWN = -2 }; /* instead of a class */

/* A window that less than this share was told of is not labelled by ear. */
#define WX_EAR_MIN_SHARE 0.5

/*
 * Classes of a label's text; WX_EAR_NOTHING where it says nothing. False, and
 * *word is what is no class: both are then WX_EAR_NOTHING.
 */
bool wx_ear_parse(const struct wx_profile *p, const char *text, int *rain,
		  int *wind, char word[WX_CLASS_NAME_SIZE]);

struct wx_heard {
	int64_t from_ns, to_ns;
	int class;        /* or WX_EAR_UNKNOWN */
	const char *file; /* lent */
	long line;
};

/* One quantity on one time line; {0} to start. */
struct wx_ear {
	struct wx_heard *v; /* sorted and disjoint once finished */
	size_t n, room, at;
};

void wx_ear_fini(struct wx_ear *e);
int wx_ear_add(struct wx_ear *e, const struct wx_heard *h,
	       struct wx_error *err);
/* Sort and make disjoint; contradictions are warned of, and unknown. */
int wx_ear_finish(struct wx_ear *e, struct wx_log *log, struct wx_error *err);

/*
 * Label [from, to), which may be off by sigma_ns: out keeps its value and gets
 * class, p, probs, keep and source "track". *by is the label with the largest
 * share, *mixed whether there was more than one class. False, and out is as it
 * was, where too little was told of.
 */
bool wx_ear_label(struct wx_ear *e, const struct wx_classes *c, int64_t from_ns,
		  int64_t to_ns, int64_t sigma_ns, struct wx_class_label *out,
		  const struct wx_heard **by, bool *mixed);

#endif
