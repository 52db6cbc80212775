/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_order.c: which files come first, and which do not come now:
 * those that the disk has no room for, and all of a node whose battery is at
 * its limit. By then its index, its tables and its clock are here: they are
 * small, and say most for it.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "archive/pull_in.h"
#include "base/json.h"

enum { ASK_EVERY_S = 30, MAX_FAILED = 3 };

/* Below its knee a lithium cell loses the next 0.1 V within minutes of load. */
#define LOW_MARGIN_V 0.1

/* ---- battery ---- */

bool pull_battery_due(const struct pull_node *n)
{
	return !isnan(n->site->min_battery_v) && !n->battery.none &&
	       wx_mono_s() >= n->battery.ask_s;
}

static void judge(struct pull_node *n, double battery_v)
{
	struct wx_error why = { 0 };
	double min_v = n->site->min_battery_v;

	n->report.battery_v = battery_v;
	n->battery.low = battery_v < min_v + LOW_MARGIN_V;
	if (battery_v >= min_v)
		return;
	wx_fail(&why, WX_ERR_IO,
		"its battery is at %.2f V, below the %.2f V that site.json "
		"asks for; its files wait",
		battery_v, min_v);
	pull_fail_node(n, WX_ERR_IO, &why);
}

static void ended(struct pull_slot *s, enum wx_node_end end,
		  const struct wx_error *why)
{
	struct pull_node *n = s->node;
	struct pull_battery *b = &n->battery;
	double v = wx_json_f64(s->req.answer, "vbat", NAN);

	(void)why;
	s->state = SLOT_FREE;
	b->ask_s = wx_mono_s() + ASK_EVERY_S;
	if (n->failed || pull_stopped(n))
		return;
	if (end == WX_NODE_DONE && !isnan(v)) {
		b->failed = 0;
		judge(n, v);
		return;
	}
	if ((end == WX_NODE_CUT || end == WX_NODE_SILENT) &&
	    ++b->failed < MAX_FAILED) {
		b->ask_s = 0; /* once more */
		return;
	}
	b->none = true;
	pull_warn(n, "it does not tell its battery: \"min_battery_v\" of "
		     "site.json cannot be held");
}

void pull_battery_ask(struct pull_node *n)
{
	struct pull_slot *s = &n->slot[0];

	s->item = NULL;
	s->then = ended;
	s->again_s = 0;
	s->req = (struct wx_node_req){
		.op = WX_NODE_INFO, .name = "info", .etag = "", .clone_fd = -1
	};
	pull_slot_start(s);
}

/* ---- order ---- */

static int by_size(const void *a, const void *b)
{
	const struct pull_item *x = a, *y = b;

	if (x->size_bytes != y->size_bytes)
		return x->size_bytes < y->size_bytes ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* They came as the index has them: oldest first. */
static void sort(struct pull_node *n)
{
	enum wx_site_order order =
		n->battery.low ? WX_ORDER_SMALLEST : n->site->order;

	free(n->by_name); /* it tells items by their place */
	n->by_name = NULL;
	n->n_by_name = 0;
	if (order == WX_ORDER_SMALLEST && n->n_items)
		qsort(n->item, n->n_items, sizeof(*n->item), by_size);
	for (size_t i = 0; order == WX_ORDER_NEWEST && i < n->n_items / 2;
	     i++) {
		struct pull_item *last = &n->item[n->n_items - 1 - i];
		struct pull_item first = n->item[i];

		n->item[i] = *last;
		*last = first;
	}
}

/* ---- room ---- */

/* What this run may still write, of all nodes; below 0: the disk is full. */
static int64_t room_left(struct pull_node *n)
{
	/*
	 * Levels, windows and labels take a hundredth of the sound they are
	 * made of; journals and what a desk needs to work, some MB.
	 */
	enum { KEEP_SHARE = 50, KEEP_BYTES = 64 << 20 };
	struct pull_run *run = n->group->run;
	unsigned long long done = atomic_load(&run->done_bytes);
	unsigned long long total = atomic_load(&run->total_bytes);
	struct statvfs fs;
	int64_t room;

	if (statvfs(n->dir, &fs) != 0)
		return INT64_MAX; /* the write will tell */
	room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	room -= room / KEEP_SHARE + KEEP_BYTES;
	return total > done ? room - (int64_t)(total - done) : room;
}

/* Take what fits, in order: a card that is half here is worth more than none. */
static void fit(struct pull_node *n)
{
	struct pull_run *run = n->group->run;
	struct wx_pull_report *r = &n->report;
	int64_t room, taken = 0, first_room;

	pthread_mutex_lock(&run->mutex); /* other nodes want room, too */
	first_room = room = room_left(n);
	for (size_t i = 0; i < n->n_items; i++) {
		struct pull_item *item = &n->item[i];

		if ((item->kind != PULL_FILE && item->kind != PULL_TWIN) ||
		    item->size_bytes < 0)
			continue;
		if (item->size_bytes <= room) {
			room -= item->size_bytes;
			taken += item->size_bytes;
			continue;
		}
		item->kind = PULL_NO_ROOM;
		r->n_no_room++;
		r->no_room_bytes += (uint64_t)item->size_bytes;
	}
	atomic_fetch_add(&run->total_bytes, (unsigned long long)taken);
	pthread_mutex_unlock(&run->mutex);
	if (r->n_no_room)
		pull_warn(n,
			  "%" PRIu64 " files of %.1f MB do not fit on this "
			  "disk, which has room for %.1f MB: free %.1f MB "
			  "more for them",
			  r->n_no_room, (double)r->no_room_bytes / 1e6,
			  first_room > 0 ? (double)first_room / 1e6 : 0.0,
			  ((double)r->no_room_bytes - (double)room) / 1e6);
}

bool pull_order(struct pull_node *n)
{
	bool any = false;

	if (n->slot[0].state == SLOT_RUNNING)
		return true;
	for (size_t i = 0; i < n->n_items && !any; i++)
		any = n->item[i].kind == PULL_FILE ||
		      n->item[i].kind == PULL_TWIN;
	if (n->failed || pull_stopped(n) || !any)
		return false;
	if (pull_battery_due(n)) {
		if (pull_slot_room(&n->slot[0]))
			pull_battery_ask(n);
		return true;
	}
	sort(n);
	fit(n);
	return false;
}
