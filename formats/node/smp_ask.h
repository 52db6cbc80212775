/* SPDX-License-Identifier: MIT */
/*
 * formats/node/smp_ask.h: what is asked of a node over SMP.
 *
 * Each composes one request into buf and returns its length; 0: no room. The
 * answers are maps: smp_message.h.
 */
#ifndef WX_NODE_SMP_ASK_H
#define WX_NODE_SMP_ASK_H

#include <stddef.h>
#include <stdint.h>

/* The longest request: a name of 1000 bytes, its root, a length, a CRC. */
enum { WX_SMP_ASK_SIZE = 1200 };

/* {} -> {"buf_size","buf_count"} */
size_t wx_smp_ask_params(void *buf, size_t size, uint8_t seq);
/* {"off","name"} -> {"off","data"} and "len" where off is 0 */
size_t wx_smp_ask_file(void *buf, size_t size, uint8_t seq, const char *name,
		       int64_t off);
/* {"name"} -> {"len"} */
size_t wx_smp_ask_stat(void *buf, size_t size, uint8_t seq, const char *name);
/*
 * {"name","type","off","len"} -> {"type","off","len","output"}; type "crc32"
 * or "sha256", of len bytes from off on; len below 0: to the end.
 */
size_t wx_smp_ask_hash(void *buf, size_t size, uint8_t seq, const char *name,
		       const char *type, int64_t off, int64_t len);
/* {"t1"} -> {"t1","b","m2","m3","r","s","e"} */
size_t wx_smp_ask_clock(void *buf, size_t size, uint8_t seq, int64_t t1_us);
/* {"name","len","crc"} -> {} */
size_t wx_smp_ask_release(void *buf, size_t size, uint8_t seq, const char *name,
			  int64_t len, uint32_t crc);
/* {} -> {"id","fw",...} */
size_t wx_smp_ask_info(void *buf, size_t size, uint8_t seq);

#endif
