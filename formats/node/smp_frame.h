/* SPDX-License-Identifier: MIT */
/*
 * formats/node/smp_frame.h: SMP packets on a line that they share with text.
 *
 * A serial line, or a TCP stream that carries one, also brings what the node
 * logs. A packet goes into frames of up to 127 bytes that text cannot be taken
 * for; both ends of the wire read and write them with this. Datagrams need no
 * frames.
 */
#ifndef WX_NODE_SMP_FRAME_H
#define WX_NODE_SMP_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

/* The first frame tells length + 2 in 16 bits. */
enum { WX_SMP_PACKET_MAX = 65533, WX_SMP_HEADER = 8 };

/*
 * How a sender cuts a packet. The reader takes any: it joins decoded bytes.
 */
enum wx_smp_layout {
	WX_SMP_FULL,  /* 127 bytes each, as newtmgr and most others */
	WX_SMP_ZEPHYR /* 127, then up to 123, the CRC never cut in two */
};

/* Room that the frames of a packet of n bytes need at most. */
size_t wx_smp_frames_size(size_t n);
/* Returns how many bytes; n is up to WX_SMP_PACKET_MAX. */
size_t wx_smp_frames(const void *packet, size_t n, enum wx_smp_layout layout,
		     uint8_t *out);

/* Finds packets in what comes; all 0 at first but for packet and ctx. */
struct wx_smp_reader {
	/* Lent. at: when its first frame began, as told to wx_smp_read. */
	void (*packet)(void *ctx, const uint8_t *packet, size_t n,
		       struct wx_time at);
	void *ctx;
	uint64_t n_bad; /* begun but not whole, or of another CRC */

	/* private */
	int state;
	uint8_t marker;    /* first byte of one, or 0 */
	uint8_t n_quantum; /* characters of the base64 quantum under way */
	uint8_t n_pad;
	uint32_t quantum;
	size_t n;
	struct wx_time at;
	uint8_t buf[2 + WX_SMP_PACKET_MAX + 2];
};

/*
 * More bytes, that came at at. packet is called for each whole packet; it may
 * not free the reader.
 */
void wx_smp_read(struct wx_smp_reader *r, const void *data, size_t n,
		 struct wx_time at);

#endif
