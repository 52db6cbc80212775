/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/says.h: what a recording says of itself, from its chunks
 * into its line of the journal and back.
 *
 *     "says": {"from":"comment","r0":1612213260000000,"zone_s":36000,
 *              "T":17.3,"bat_v":4.1,"dev":"24F3190361DA3578","trig":true}
 *
 * from: whose word r0 is. Without a zone, at is the wall clock as it stands
 * ("2021-02-01T21:01:00"), and r0 is not there: the card's index, which knows
 * site.json, makes it UTC. What is not said has no key.
 */
#ifndef WX_CAPTURE_SAYS_H
#define WX_CAPTURE_SAYS_H

#include <jansson.h>

#include "capture/recorder.h"

/*
 * May this recording's start be told without site.json's utc_offset? 1: yes;
 * 0: no, for it says no zone; -1: it says nothing at all, damaged as it is.
 */
int wx_says_zone(int fd, const char *name);

/* Add to obj the keys above. */
void wx_says_put(const struct wx_recording_says *says, json_t *obj);
/* As far as a start needs it. obj NULL: it says nothing. */
void wx_says_get(const json_t *obj, struct wx_recording_says *out);

#endif
