/* SPDX-License-Identifier: MIT */
/* Packets out of what comes on a line: text, halves, damage, any sizes. */
#include <stdlib.h>

#include "node/smp_frame.h"
#include "testing.h"

/* The packet is always this one: an echo of "hi". */
static const uint8_t packet[] = { 0x0a, 0,    0,    6,    0,    0,   1,
				  0,    0xa1, 0x61, 0x64, 0x62, 'h', 'i' };

#define FIRST "\x06\x09"
#define NEXT  "\x04\x14"
#define WHOLE FIRST "ABAKAAAGAAABAKFhZGJoaaWv\n"

static const struct {
	const char *what, *in;
	int n_packets, n_bad;
} cases[] = {
	{ "one frame", WHOLE, 1, 0 },
	{ "two packets", WHOLE WHOLE, 2, 0 },
	{ "text before, between, behind",
	  "boot: v3\n" WHOLE "adc 17\r\n" WHOLE "bye", 2, 0 },
	{ "text without a line break before it", "level 6" WHOLE, 1, 0 },
	{ "a line break of a terminal", FIRST "ABAKAAAGAAABAKFhZGJoaaWv\r\n", 1,
	  0 },
	{ "three frames",
	  FIRST "ABAKAAAG\n" NEXT "AAABAKFh\n" NEXT "ZGJoaaWv\n", 1, 0 },
	{ "text between its frames",
	  FIRST "ABAKAAAG\nlow battery\n" NEXT "AAABAKFhZGJoaaWv\n", 1, 0 },
	{ "padding within it", FIRST "ABA=\n" NEXT "CgAABgAAAQChYWRiaGmlrw==\n",
	  1, 0 },
	{ "a length cut in two",
	  FIRST "AA==\n" NEXT "EAoAAAYAAAEAoWFkYmhppa8=\n", 1, 0 },
	{ "an empty frame", FIRST "\n" NEXT "ABAKAAAGAAABAKFhZGJoaaWv\n", 1,
	  0 },
	/* Its end is lost, the next one's beginning is not. */
	{ "half, then another", FIRST "ABAKAAAGAAAB" WHOLE, 1, 1 },
	{ "half a quantum, then another", FIRST "ABAKAAAGA" WHOLE, 1, 1 },
	{ "only the next frame", NEXT "ABAKAAAGAAABAKFhZGJoaaWv\n", 0, 0 },
	{ "a frame is missing", FIRST "ABAKAAAG\n" NEXT "ZGJoaaWv\n" WHOLE, 1,
	  1 },
	{ "another CRC", FIRST "ABAKAAAGAAABAKFhZGJoaaWw\n", 0, 1 },
	{ "a bit of it", FIRST "ABAKAAAGAAABAKFhZGJpaaWv\n", 0, 1 },
	{ "longer than it tells", FIRST "AA8KAAAGAAABAKFhZGJoaaWv\n", 0, 1 },
	{ "shorter than a header", FIRST "AAIAAA==\n", 0, 1 },
	{ "length 0", FIRST "AAAA\n", 0, 1 },
	{ "no base64", FIRST "AB*K\n", 0, 1 },
	{ "padding in the midst", FIRST "A=AKAAAG\n", 0, 1 },
	{ "a digit behind padding", FIRST "AA=A\n", 0, 1 },
	{ "an empty frame alone", FIRST "\n", 0, 0 },
	{ "not whole yet", FIRST "ABAKAAAGAAABAKFhZGJoaaWv", 0, 0 },
	{ "half a marker", "\x06" WHOLE "\x04\x06" WHOLE, 2, 0 },
};

struct got {
	int n, n_same;
	struct wx_time at;
};

static void on_packet(void *ctx, const uint8_t *p, size_t n, struct wx_time at)
{
	struct got *g = ctx;

	g->n++;
	g->n_same += n == sizeof(packet) && memcmp(p, packet, n) == 0;
	g->at = at;
}

static void check(const char *what, const char *in, size_t step, int n_packets,
		  int n_bad)
{
	struct got g = { 0 };
	struct wx_smp_reader *r = calloc(1, sizeof(*r));
	size_t n = strlen(in);

	r->packet = on_packet;
	r->ctx = &g;
	for (size_t i = 0; i < n; i += step)
		wx_smp_read(r, in + i, step < n - i ? step : n - i,
			    (struct wx_time){ (int64_t)i });
	CHECK_INT(what, g.n, n_packets);
	CHECK_INT(what, g.n_same, n_packets);
	CHECK_INT(what, (int64_t)r->n_bad, n_bad);
	free(r);
}

/* The time is that of the first frame's marker, whatever came before. */
static void check_time(void)
{
	static const char *const in[] = { "text\n", FIRST "ABAKAAAG\n", "text",
					  NEXT "AAABAKFhZGJoaaWv\n" };
	struct got g = { 0 };
	struct wx_smp_reader *r = calloc(1, sizeof(*r));

	r->packet = on_packet;
	r->ctx = &g;
	for (size_t i = 0; i < WX_COUNT(in); i++)
		wx_smp_read(r, in[i], strlen(in[i]),
			    (struct wx_time){ (int64_t)i });
	CHECK_INT("packets", g.n, 1);
	CHECK_INT("time", g.at.utc_ns, 1);
	free(r);
}

static struct {
	uint8_t p[WX_SMP_PACKET_MAX];
	size_t n;
} last;

static void keep(void *ctx, const uint8_t *p, size_t n, struct wx_time at)
{
	(void)ctx;
	(void)at;
	memcpy(last.p, p, n);
	last.n = n;
}

/* Every length up to some frames, and the longest. */
static void check_lengths(void)
{
	static uint8_t in[WX_SMP_PACKET_MAX], out[1 << 17];
	struct wx_smp_reader *r = calloc(1, sizeof(*r));

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7 + i / 251);
	r->packet = keep;
	for (size_t n = WX_SMP_HEADER; n <= sizeof(in);
	     n = n == 400 ? sizeof(in) : n + 1)
		for (int zephyr = 0; zephyr < 2; zephyr++) {
			size_t k = wx_smp_frames(
				in, n, zephyr ? WX_SMP_ZEPHYR : WX_SMP_FULL,
				out);

			CHECK("room",
			      k <= wx_smp_frames_size(n) && k <= sizeof(out));
			last.n = 0;
			wx_smp_read(r, out, k, WX_TIME_NONE);
			CHECK_INT("length", last.n, n);
			CHECK("bytes", memcmp(last.p, in, n) == 0);
		}
	CHECK_INT("bad", (int64_t)r->n_bad, 0);
	/* A packet that says it is longer than it is allowed to go on. */
	wx_smp_read(r, FIRST "//8A\n", 7, WX_TIME_NONE);
	for (int i = 0; i < 30000; i++)
		wx_smp_read(r, NEXT "AAAA\n", 7, WX_TIME_NONE);
	CHECK_INT("too long", (int64_t)r->n_bad, 1);
	free(r);
}

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++)
		for (size_t step = 1; step < 64; step = 3 * step)
			check(cases[i].what, cases[i].in, step,
			      cases[i].n_packets, cases[i].n_bad);
	check_time();
	check_lengths();
	return wx_test_end();
}
