/* SPDX-License-Identifier: MIT */
/* formats/node/smp_ask.c: see smp_ask.h. */
#include "node/smp_ask.h"

#include "node/smp_message.h"

/* Version 1 lets a node say more of what went wrong; older ones ignore it. */
static struct wx_smp_out begin(void *buf, size_t size, uint8_t seq,
			       enum wx_smp_op op, uint16_t group, uint8_t cmd)
{
	struct wx_smp_out o = { 0 };
	struct wx_smp_head head = { .op = (uint8_t)op,
				    .version = 1,
				    .group = group,
				    .seq = seq,
				    .cmd = cmd };

	wx_smp_begin(&o, buf, size, head);
	return o;
}

size_t wx_smp_ask_params(void *buf, size_t size, uint8_t seq)
{
	struct wx_smp_out o =
		begin(buf, size, seq, WX_SMP_READ, WX_SMP_OS, WX_SMP_PARAMS);

	return wx_smp_end(&o);
}

size_t wx_smp_ask_file(void *buf, size_t size, uint8_t seq, const char *name,
		       int64_t off)
{
	struct wx_smp_out o =
		begin(buf, size, seq, WX_SMP_READ, WX_SMP_FS, WX_SMP_FILE);

	wx_smp_put_i64(&o, "off", off);
	wx_smp_put_text(&o, "name", name);
	return wx_smp_end(&o);
}

size_t wx_smp_ask_stat(void *buf, size_t size, uint8_t seq, const char *name)
{
	struct wx_smp_out o =
		begin(buf, size, seq, WX_SMP_READ, WX_SMP_FS, WX_SMP_STAT);

	wx_smp_put_text(&o, "name", name);
	return wx_smp_end(&o);
}

size_t wx_smp_ask_hash(void *buf, size_t size, uint8_t seq, const char *name,
		       const char *type, int64_t off, int64_t len)
{
	struct wx_smp_out o =
		begin(buf, size, seq, WX_SMP_READ, WX_SMP_FS, WX_SMP_HASH);

	wx_smp_put_text(&o, "name", name);
	wx_smp_put_text(&o, "type", type);
	wx_smp_put_i64(&o, "off", off);
	if (len >= 0)
		wx_smp_put_i64(&o, "len", len);
	return wx_smp_end(&o);
}

size_t wx_smp_ask_clock(void *buf, size_t size, uint8_t seq, int64_t t1_us)
{
	struct wx_smp_out o =
		begin(buf, size, seq, WX_SMP_READ, WX_SMP_NODE, WX_SMP_CLOCK);

	wx_smp_put_i64(&o, "t1", t1_us);
	return wx_smp_end(&o);
}

size_t wx_smp_ask_release(void *buf, size_t size, uint8_t seq, const char *name,
			  int64_t len, uint32_t crc)
{
	struct wx_smp_out o = begin(buf, size, seq, WX_SMP_WRITE, WX_SMP_NODE,
				    WX_SMP_RELEASE);

	wx_smp_put_text(&o, "name", name);
	wx_smp_put_i64(&o, "len", len);
	wx_smp_put_i64(&o, "crc", crc);
	return wx_smp_end(&o);
}

size_t wx_smp_ask_info(void *buf, size_t size, uint8_t seq)
{
	struct wx_smp_out o =
		begin(buf, size, seq, WX_SMP_READ, WX_SMP_NODE, WX_SMP_INFO);

	return wx_smp_end(&o);
}
