/* SPDX-License-Identifier: MIT */
/*
 * What comes on a line that carries SMP: whatever it is, every packet found has
 * its CRC-16, and one that can be read says the same when it is composed anew.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "node/smp_frame.h"
#include "node/smp_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t buf[4 * 65536], frames[2 * 4 * 65536];

static void check_message(const uint8_t *packet, size_t n)
{
	/* Its own block, so that the sanitizer sees its end. */
	uint8_t *own = malloc(n);
	struct wx_smp_msg m, again;
	struct wx_smp_out o = { .indefinite = n & 1 };
	json_t *says, *said;
	int group;
	int64_t rc;
	size_t k;

	memcpy(own, packet, n);
	if (wx_smp_parse(own, n, &m, NULL) == WX_OK) {
		wx_smp_error(&m, &group, &rc);
		says = wx_smp_json(&m);
		wx_smp_begin(&o, buf, sizeof(buf), m.head);
		wx_smp_put_json(&o, says);
		k = wx_smp_end(&o);
		/* Bytes became {"hex":...}: one map deeper, perhaps too deep. */
		if (k && wx_smp_parse(buf, k, &again, NULL) == WX_OK) {
			said = wx_smp_json(&again);
			if (!json_equal(says, said) ||
			    memcmp(&m.head, &again.head, sizeof(m.head)) != 0)
				abort();
			json_decref(said);
		}
		json_decref(says);
	}
	free(own);
}

struct found {
	const uint8_t *want; /* NULL: any */
	size_t n_want;
	int n;
};

static void on_packet(void *ctx, const uint8_t *packet, size_t n,
		      struct wx_time at)
{
	struct found *f = ctx;

	(void)at;
	f->n++;
	if (f->want &&
	    (n != f->n_want || (n && memcmp(packet, f->want, n) != 0)))
		abort();
	if (!f->want) {
		if (n < WX_SMP_HEADER || n > WX_SMP_PACKET_MAX)
			abort();
		check_message(packet, n);
	}
}

static void read_all(struct found *f, const uint8_t *data, size_t n,
		     size_t step)
{
	struct wx_smp_reader *r = calloc(1, sizeof(*r));

	r->packet = on_packet;
	r->ctx = f;
	for (size_t i = 0; i < n; i += step)
		wx_smp_read(r, data + i, step < n - i ? step : n - i,
			    WX_TIME_NONE);
	free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct found whole = { 0 }, pieces = { 0 };
	struct found back = { .want = data, .n_want = size };
	size_t n;

	if (size > WX_SMP_PACKET_MAX)
		return 0;
	/* As a line, in one piece and in many. */
	read_all(&whole, data, size, size ? size : 1);
	read_all(&pieces, data, size, 3);
	if (whole.n != pieces.n)
		abort();
	/* As a packet, out and in again. */
	check_message(data, size);
	if (size >= WX_SMP_HEADER) {
		n = wx_smp_frames(data, size,
				  size & 1 ? WX_SMP_ZEPHYR : WX_SMP_FULL,
				  frames);
		if (n > wx_smp_frames_size(size))
			abort();
		read_all(&back, frames, n, n);
		if (back.n != 1)
			abort();
	}
	return 0;
}
