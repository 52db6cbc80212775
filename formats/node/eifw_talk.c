/* SPDX-License-Identifier: MIT */
/* formats/node/eifw_talk.c: see eifw_talk.h. */
#include "node/eifw_talk.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/time.h"
#include "node/eifw_text.h"

enum { PACE_BYTES = 5 };
#define PACE_S 0.020
#define CALM_S 0.050 /* a prompt of before, and more comes within it */

#define TALK_OF(p, member)                                                 \
	((struct wx_eifw_talk *)((char *)(p)-offsetof(struct wx_eifw_talk, \
						      member)))

static double since_s(int64_t ns)
{
	return (double)(wx_mono_ns() - ns) / 1e9;
}

static void finish(struct wx_eifw_talk *t, enum wx_eifw_end end)
{
	wx_eifw_talk_stop(t);
	t->done(t->ctx, end);
}

/* ---- is it all there? ---- */

static bool has_ok(const struct wx_eifw_talk *t)
{
	char echo[WX_EIFW_COMMAND];
	const char *text;
	size_t n;

	snprintf(echo, sizeof(echo), "%.*s", (int)t->n_command - 1, t->command);
	if (!wx_eifw_body(t->in, t->n, echo, &text, &n))
		return false;
	return memmem(text, n, "\nOK", 3) != NULL;
}

static bool ends_with(const struct wx_eifw_talk *t, const char *end)
{
	size_t n = strlen(end);

	return t->n >= n && memcmp(t->in + t->n - n, end, n) == 0;
}

static bool is_all(const struct wx_eifw_talk *t)
{
	bool prompt = t->n && wx_eifw_has_prompt(t->in, t->n);

	switch (t->ask.until) {
	case WX_EIFW_PROMPT:
		return prompt;
	case WX_EIFW_CALM:
		return prompt && since_s(t->last_ns) >= CALM_S;
	case WX_EIFW_OK:
		return prompt || (t->n && has_ok(t));
	default:
		return ends_with(t, "\nOK") || ends_with(t, "\nOK\n") ||
		       ends_with(t, "\nOK\r\n");
	}
}

/* ---- time ---- */

static void set_limit(struct wx_eifw_talk *t)
{
	double left = t->ask.silence_s - since_s(t->last_ns);
	double total = t->ask.total_s - since_s(t->sent_ns);

	if (total < left)
		left = total;
	if (t->ask.until == WX_EIFW_CALM &&
	    wx_eifw_has_prompt(t->in ? t->in : "", t->n))
		left = CALM_S - since_s(t->last_ns);
	wx_loop_timer(t->loop, &t->limit, left > 0.001 ? left : 0.001, NULL);
}

static void on_limit(struct wx_timer *timer)
{
	struct wx_eifw_talk *t = TALK_OF(timer, limit);

	if (is_all(t))
		finish(t, WX_EIFW_CAME);
	else if (since_s(t->last_ns) >= t->ask.silence_s ||
		 since_s(t->sent_ns) >= t->ask.total_s)
		finish(t, WX_EIFW_SILENT);
	else
		set_limit(t);
}

/* ---- out ---- */

static void send_some(struct wx_eifw_talk *t)
{
	size_t left = t->n_command - t->at;
	size_t n = left < PACE_BYTES ? left : PACE_BYTES;

	/* What goes wrong comes by lost. */
	if (n)
		wx_link_send(t->link, t->command + t->at, n, NULL);
	t->at += n;
	t->sent = wx_time_now();
	t->sent_ns = t->last_ns = wx_mono_ns();
	if (t->at < t->n_command)
		wx_loop_timer(t->loop, &t->pace, PACE_S, NULL);
	else
		set_limit(t);
}

static void on_pace(struct wx_timer *timer)
{
	send_some(TALK_OF(timer, pace));
}

/* ---- in ---- */

static void on_data(void *ctx, const void *data, size_t n, struct wx_time at)
{
	struct wx_eifw_talk *t = ctx;

	if (!t->busy)
		return;
	if (t->n + n > t->ask.most ||
	    WX_GROW(&t->in, &t->room, t->n + n, NULL)) {
		finish(t, WX_EIFW_LONG);
		return;
	}
	memcpy(t->in + t->n, data, n);
	t->n += n;
	t->last_ns = wx_mono_ns();
	if (t->came)
		t->came(t->ctx, at);
	if (t->at < t->n_command)
		return; /* still speaking: so far it is the echo */
	if (is_all(t))
		finish(t, WX_EIFW_CAME);
	else
		set_limit(t);
}

static void on_lost(void *ctx, const struct wx_error *why)
{
	struct wx_eifw_talk *t = ctx;

	wx_eifw_talk_close(t);
	t->lost(t->ctx, why);
}

/* ---- for the owner ---- */

void wx_eifw_talk_init(struct wx_eifw_talk *t, struct wx_node_loop *loop)
{
	t->loop = loop;
	t->pace.fire = on_pace;
	t->limit.fire = on_limit;
}

int wx_eifw_talk_open(struct wx_eifw_talk *t, const char *address, int baud,
		      struct wx_error *err)
{
	const struct wx_link_calls calls = { .data = on_data,
					     .lost = on_lost,
					     .ctx = t };

	return wx_link_open(t->loop, address, baud, &calls, &t->link, err);
}

void wx_eifw_talk_ask(struct wx_eifw_talk *t, const struct wx_eifw_ask *ask)
{
	wx_eifw_talk_stop(t);
	t->ask = *ask;
	t->ask.command = NULL; /* the caller's, and copied below */
	t->n = t->at = t->n_command = 0;
	if (ask->command) {
		snprintf(t->command, sizeof(t->command), "%s\r", ask->command);
		t->n_command = strlen(t->command);
	}
	t->busy = true;
	send_some(t);
}

void wx_eifw_talk_stop(struct wx_eifw_talk *t)
{
	t->busy = false;
	wx_loop_untimer(t->loop, &t->pace);
	wx_loop_untimer(t->loop, &t->limit);
}

void wx_eifw_talk_close(struct wx_eifw_talk *t)
{
	wx_eifw_talk_stop(t);
	wx_link_close(t->link);
	t->link = NULL;
	free(t->in);
	t->in = NULL;
	t->n = t->room = 0;
}
