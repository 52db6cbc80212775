/* SPDX-License-Identifier: MIT */
/*
 * lib/base/zone.h: the civil time of a place, as the system's zone data has it.
 *
 * Not libc's: that has one zone for the whole process, and answers for the
 * hour that stands twice without saying so.
 */
#ifndef WX_BASE_ZONE_H
#define WX_BASE_ZONE_H

#include <stddef.h>

#include "base/time.h"

struct wx_zone;

/*
 * "Europe/Zurich" of $TZDIR or /usr/share/zoneinfo (TZif, RFC 8536, also with
 * rules for years to come, until 2100). WX_ERR_FORMAT when there is no such.
 */
int wx_zone_read(const char *name, struct wx_zone **out, struct wx_error *err);
/* The same from memory. */
int wx_zone_parse(const void *data, size_t n, const char *name,
		  struct wx_zone **out, struct wx_error *err);
void wx_zone_free(struct wx_zone *zone);

const char *wx_zone_name(const struct wx_zone *zone);

/* Seconds ahead of UTC at an instant. */
int wx_zone_offset(const struct wx_zone *zone, struct wx_time utc);

/*
 * The instants of a civil time, earlier first: one, or two where the clock was
 * put back. Where it was put forward, none, but for the very start of the hour
 * left out, which is the instant of the change.
 */
int wx_zone_instants(const struct wx_zone *zone, const struct wx_civil *civil,
		     struct wx_time out[2]);

#endif
