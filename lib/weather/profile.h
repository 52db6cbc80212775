/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/profile.h: where one class of rain or wind ends and the next
 * begins, and how sure a label must be: see wx-profile(5).
 */
#ifndef WX_WEATHER_PROFILE_H
#define WX_WEATHER_PROFILE_H

#include <stdbool.h>

#include "weather/label.h"

enum { WX_CLASS_NAME_SIZE = 41, WX_MAX_LIMITS = WX_MAX_CLASSES - 1 };

/* Class i holds values from limit[i - 1] (the first: 0) up to limit[i]. */
struct wx_classes {
	int n; /* 2..WX_MAX_CLASSES */
	char name[WX_MAX_CLASSES][WX_CLASS_NAME_SIZE];
	double limit[WX_MAX_LIMITS]; /* n - 1, rising, above 0; mm/h or m/s */
	double guard; /* no label is kept whose value is that near a limit; */
		      /* a share of the limit, 0..0.9 */
	double min_p; /* nor one that is less probable than this, 0..1 */
};

/* Levels of loudness by ear, 0 up: class i + 1 begins at from[i]. */
struct wx_heard_levels {
	int n; /* 0: the profile does not tell */
	double from[WX_MAX_LIMITS];
};

struct wx_profile {
	char name[65];
	struct wx_classes rain; /* mm/h */
	struct wx_classes wind; /* m/s, mean over the window */
	struct wx_heard_levels rain_heard, wind_heard;
	bool smoother; /* rain by all tips around a window, not by one gap */
	unsigned evidence; /* beside the tips: bits of wx_sense */
};

/* Does the text name a profile that is built in ("aurora3"), not a file? */
bool wx_profile_is_builtin(const char *name);

/*
 * A built-in profile, or a JSON file. What the schema, the order of limits or
 * the number of names refuses is WX_ERR_FORMAT "FILE: /rain/limits_mm_h: ...";
 * an unknown name is WX_ERR_FORMAT too and names those there are.
 */
int wx_profile_read(const char *name_or_file, struct wx_profile *out,
		    struct wx_error *err);
/* The same from memory; name stands for the file in messages. */
int wx_profile_parse(const char *text, size_t n, const char *name,
		     struct wx_profile *out, struct wx_error *err);

/* Everything about a value that nobody knows: class and p empty, keep 0. */
void wx_class_unknown(struct wx_class_label *out);

/*
 * p as labels/ tell it, to 1/1000: what is told as 0.800 is not under 0.8 for
 * whoever compares it.
 */
double wx_class_p_told(double p);

/*
 * A label from cdf[i] = P(value < limit[i]), which must not fall with i: the
 * most probable class (the lower one if two are), p, probs, and keep: by min_p
 * and guard, and never where value is of another class. value is copied; the
 * name is lent by c.
 */
void wx_class_label(const struct wx_classes *c, double value,
		    const double cdf[WX_MAX_LIMITS], const char *source,
		    struct wx_class_label *out);

/* P(x < limit) of the standard normal distribution. */
double wx_normal_cdf(double x);

#endif
