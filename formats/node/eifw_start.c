/* SPDX-License-Identifier: MIT */
/*
 * formats/node/eifw_start.c: when a sample of an eifw: board began.
 *
 * The board has no clock. It prints "Sampling..." and begins, and prints "Done
 * sampling" when it has what it was told to record: so it began after the
 * first line was sent, and no later than the sample's length before the second
 * came. The start is the instant at which the first line came; how wrong that
 * may be is the way to the other bound (on either side: a busy host gets the
 * line late), and never less than what a USB serial adapter keeps bytes back
 * (16 ms, FTDI's default).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "clock/anchor.h"
#include "node/answer.h"
#include "node/eifw.h"

#define LEAST_ERROR_S 0.020

void eifw_starts_init(struct eifw *n)
{
	pthread_mutex_init(&n->mutex, NULL);
}

void eifw_starts_fini(struct eifw *n)
{
	for (size_t i = 0; i < n->n_began; i++)
		free(n->began[i].name);
	free(n->began);
	pthread_mutex_destroy(&n->mutex);
}

/* How wrong the host's own clock may be, as wx-align has it for exchanges. */
static double host_error_s(void)
{
	struct wx_exchange x = { 0 };

	wx_node_host_state(&x);
	if (!x.host_synced)
		return WX_HOST_FREE_S;
	return x.host_est_err_us < 0
		       ? 0.010
		       : fmin((double)x.host_est_err_us * 1e-6, WX_HOST_FREE_S);
}

void eifw_note_start(struct eifw *n)
{
	struct wx_time from = n->start.sampling, at = from;
	struct wx_time to =
		wx_time_add_s(n->start.over, -n->site->record.length_s);
	struct eifw_start *s;
	double error_s;

	/* The line was torn: somewhere between the command and the end. */
	if (wx_time_is_none(from)) {
		from = n->talk.sent;
		at = wx_time_add_s(from, wx_time_diff_s(to, from) / 2);
	}
	error_s = fmax(fmax(fabs(wx_time_diff_s(to, at)),
			    wx_time_is_none(n->start.sampling)
				    ? wx_time_diff_s(at, from)
				    : 0),
		       LEAST_ERROR_S) +
		  host_error_s();
	pthread_mutex_lock(&n->mutex);
	if (!WX_GROW(&n->began, &n->room_began, n->n_began + 1, NULL)) {
		s = &n->began[n->n_began];
		*s = (struct eifw_start){ strdup(n->sample.name),
					  at.utc_ns / WX_NS_PER_US,
					  ceil(error_s * 1000) };
		n->n_began += s->name != NULL;
	}
	pthread_mutex_unlock(&n->mutex);
}

/* The last sample of that name: earlier ones never came whole. */
void eifw_tell(void *node, const char *name, json_t *line)
{
	struct eifw *n = node;
	json_t *says = NULL;

	pthread_mutex_lock(&n->mutex);
	for (size_t i = n->n_began; i-- > 0;) {
		const struct eifw_start *s = &n->began[i];

		if (strcmp(s->name, name) != 0)
			continue;
		says = json_pack(
			"{s:s, s:I, s:i, s:[{s:s, s:i, s:I, s:s, s:f}]}",
			"from", "host", "r0", (json_int_t)s->r0_us, "zone_s", 0,
			"ev", "ev", "sync", "m", 0, "utc", (json_int_t)s->r0_us,
			"s", "host", "e", s->error_ms);
		break;
	}
	pthread_mutex_unlock(&n->mutex);
	if (says)
		json_object_set_new(line, "says", says);
}
