/* SPDX-License-Identifier: MIT */
/*
 * Whatever a live station or a Davis console sends: nothing breaks, and the log
 * holds whole lines or whole records only.
 *
 * The first byte chooses who it is; then come pieces as the wire has them: a
 * length, and so many bytes, where a length of 0 lets time pass.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "station/live_in.h"
#include "station/station.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct live_kind kinds[] = {
	{ &wx_station_tips, &live_lines, 0, true, true },
	{ &wx_station_csv, &live_lines, 0, false, false },
	{ &wx_station_davis_loop, &live_davis_loop, 0, true, false },
	{ &wx_station_davis_archive, &live_davis_archive, 0, false, false },
};

static char dir[] = "/dev/shm/fuzz-live-XXXXXX";

static void clean(void)
{
	char path[80];

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/live-2026-06-01.%s", dir,
			 i ? "dmp" : "log");
		unlink(path);
	}
}

static void at_end(void)
{
	clean();
	rmdir(dir);
}

static void on_data(void *ctx, const void *data, size_t n, struct wx_time at)
{
	(void)ctx;
	(void)data;
	(void)n;
	(void)at;
}

static void on_lost(void *ctx, const struct wx_error *why)
{
	(void)ctx;
	(void)why;
}

static void fired(struct wx_timer *t)
{
	(void)t;
}

/* Datagrams to nobody: what is asked goes nowhere. */
static void link_up(struct live *v)
{
	const struct wx_link_calls calls = { .data = on_data, .lost = on_lost };

	if (!v->link && wx_link_open(v->loop, "udp://127.0.0.1:9", 0, &calls,
				     &v->link, NULL))
		abort();
	if (v->kind->talk->up)
		v->kind->talk->up(v);
}

static void feed(struct live *v, const uint8_t *p, size_t n)
{
	const struct wx_time at = { 1780315200250 * 1000000 };

	while (n) {
		size_t part = p[0] < n ? p[0] : n - 1;

		if (!v->link)
			link_up(v);
		if (p[0])
			v->kind->talk->data(v, p + 1, part, at);
		else
			v->kind->talk->timer(v);
		p += 1 + part;
		n -= 1 + part;
	}
}

/* Every byte in the log is of a whole line or record. */
static void check_log(const struct live_talk *talk)
{
	char path[80];
	struct stat st;
	FILE *f;

	snprintf(path, sizeof(path), "%s/live-2026-06-01.%s", dir,
		 talk->extension);
	f = fopen(path, "re");
	if (!f)
		return;
	if (talk->record &&
	    (fstat(fileno(f), &st) != 0 || st.st_size % (off_t)talk->record))
		abort();
	if (!talk->record && (fseek(f, -1, SEEK_END) || fgetc(f) != '\n'))
		abort();
	fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wx_live_opts opts = { .port = "fuzz", .dir = dir };
	struct live v = { .opts = &opts, .wait_s = 1 };

	if (!size)
		return 0;
	if (strchr(dir, 'X')) {
		if (!mkdtemp(dir))
			abort();
		atexit(at_end);
	}
	v.kind = &kinds[data[0] % WX_COUNT(kinds)];
	v.watch.fd = -1;
	v.timer.fire = v.retry.fire = fired;
	if (wx_node_loop_new(&v.loop, NULL) ||
	    wx_livelog_new(dir, v.kind->talk->extension, v.kind->talk->record,
			   NULL, &v.log, NULL) ||
	    v.kind->talk->open(&v, NULL))
		abort();
	feed(&v, data + 1, size - 1);
	wx_link_close(v.link);
	wx_loop_untimer(v.loop, &v.timer);
	wx_loop_untimer(v.loop, &v.retry);
	v.kind->talk->close(&v);
	v.loop->free(v.loop);
	if (v.failure.code || wx_livelog_free(v.log, NULL))
		abort();
	check_log(v.kind->talk);
	clean();
	return 0;
}
