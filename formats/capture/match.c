/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/match.c: a header's time against the file name's: see
 * recorder.h. Both are read off the same clock a moment apart, so that they
 * agree to the second unless somebody or some firmware came between.
 */
#include <math.h>
#include <stdio.h>

#include "capture/filename.h"
#include "capture/recorder.h"

/* All zones there are lie a multiple of this apart, seconds. */
#define ZONE_STEP_S 900.0
/* From UTC-12 to UTC+14. */
#define ZONE_SPAN_S (26 * 3600.0)

static enum wx_says_match match(double diff_s, bool zone_fault)
{
	double steps = round(diff_s / ZONE_STEP_S);

	if (fabs(diff_s) <= WX_MATCH_TOLERANCE_S)
		return WX_MATCH_AGREE;
	if (zone_fault && fabs(diff_s) <= 3600 + WX_MATCH_TOLERANCE_S)
		return WX_MATCH_FAULT;
	if (fabs(diff_s) <= ZONE_SPAN_S &&
	    fabs(diff_s - steps * ZONE_STEP_S) <= WX_MATCH_TOLERANCE_S)
		return WX_MATCH_ZONE;
	return WX_MATCH_OFF;
}

/* Both zones known: as instants. Else as the hands of two clocks. */
static double diff_s(const struct wx_recording_says *says,
		     const struct wx_filename *name)
{
	bool zones = says->has_zone && name->has_zone;

	return wx_time_diff_s(
		wx_civil_to_time(&says->civil, zones ? says->zone_s : 0),
		wx_civil_to_time(&name->civil, zones ? name->zone_s : 0));
}

/* civil, in the first zone there is: its own, the name's, the site's. */
static void set_start(struct wx_says_start *out, const struct wx_civil *civil,
		      bool has_zone, int zone_s, bool has_offset, int offset_s)
{
	if (has_zone) {
		out->start = wx_civil_to_time(civil, zone_s);
	} else if (has_offset) {
		out->start = wx_civil_to_time(civil, offset_s);
		out->by_site_offset = true;
	} else {
		out->needs_offset = true;
	}
}

void wx_says_start(const struct wx_recording_says *says, const char *name,
		   bool has_offset, int offset_s, struct wx_says_start *out)
{
	bool header = says->has_civil && !says->unset;
	struct wx_filename f;
	bool named;

	*out = (struct wx_says_start){ .start = WX_TIME_NONE };
	wx_filename_read(name, &f);
	named = f.has_civil && f.kind != WX_FILENAME_UNSET;
	if (header && named) {
		out->diff_s = diff_s(says, &f);
		out->match = match(out->diff_s, says->zone_fault);
	}
	if (header && out->match != WX_MATCH_FAULT) {
		bool zone_of_name = !says->has_zone && f.has_zone &&
				    out->match == WX_MATCH_AGREE;

		out->from = says->from;
		set_start(out, &says->civil, says->has_zone || zone_of_name,
			  zone_of_name ? f.zone_s : says->zone_s, has_offset,
			  offset_s);
	} else if (named) {
		bool zone_of_header =
			out->match == WX_MATCH_FAULT && !f.has_zone;

		out->from = WX_SAYS_NAME;
		set_start(out, &f.civil, f.has_zone || zone_of_header,
			  zone_of_header ? says->zone_s : f.zone_s, has_offset,
			  offset_s);
	}
}

const char *wx_says_remark(const struct wx_says_start *s,
			   char buf[WX_SAYS_REMARK])
{
	double off = fabs(s->diff_s);
	const char *side = s->diff_s > 0 ? "later" : "earlier";

	buf[0] = '\0';
	if (s->match == WX_MATCH_FAULT)
		snprintf(buf, WX_SAYS_REMARK,
			 "its header is %.0f s %s than its name, a known fault "
			 "of AudioMoth 1.2.2 to 1.3.0 where the zone has "
			 "minutes; its name is taken",
			 off, side);
	else if (s->match == WX_MATCH_ZONE)
		snprintf(buf, WX_SAYS_REMARK,
			 "its header is %.2f h %s than its name, as between "
			 "two zones; its header is taken",
			 off / 3600, side);
	else if (s->match == WX_MATCH_OFF)
		snprintf(buf, WX_SAYS_REMARK,
			 "its header is %.0f s %s than its name; was it "
			 "renamed? Its header is taken",
			 off, side);
	return buf;
}
