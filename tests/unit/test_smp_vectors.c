/* SPDX-License-Identifier: MIT */
/*
 * SMP as others speak it: packets from the standard's text, and, given their
 * file (scripts/smp-vectors.sh), those that were captured from newtmgr and
 * Zephyr. What they sent is read; what we would have sent is the same.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "base/json.h"
#include "node/smp_ask.h"
#include "node/smp_frame.h"
#include "node/smp_message.h"
#include "testing.h"

enum { MAX_PACKET = 8192, MAX_FRAMES = 16384 };

struct got {
	uint8_t packet[MAX_PACKET];
	size_t n;
	int n_packets;
};

static void on_packet(void *ctx, const uint8_t *packet, size_t n,
		      struct wx_time at)
{
	struct got *g = ctx;

	(void)at;
	g->n_packets++;
	g->n = n < MAX_PACKET ? n : 0;
	memcpy(g->packet, packet, g->n);
}

/* Read frames in pieces of `step` bytes, with or without text around them. */
static void check_frames(const char *label, const uint8_t *frames, size_t n,
			 size_t step, bool text, const uint8_t *packet,
			 size_t n_packet)
{
	static const char log[] =
		"[00:00:01.250] <inf> mic: \x1b[0mlevel 6\t9\n";
	struct got g = { .n = 0 };
	struct wx_smp_reader *r = calloc(1, sizeof(*r));

	r->packet = on_packet;
	r->ctx = &g;
	for (size_t i = 0; i < n; i += step) {
		if (text && (i == 0 || frames[i - 1] == '\n'))
			wx_smp_read(r, log, sizeof(log) - 1, WX_TIME_NONE);
		wx_smp_read(r, frames + i, step < n - i ? step : n - i,
			    WX_TIME_NONE);
	}
	CHECK_INT(label, g.n_packets, 1);
	CHECK_INT(label, g.n, n_packet);
	CHECK(label, memcmp(g.packet, packet, n_packet) == 0);
	CHECK_INT(label, r->n_bad, 0);
	free(r);
}

static void check_reads(const char *label, const uint8_t *frames, size_t n,
			const uint8_t *packet, size_t n_packet)
{
	check_frames(label, frames, n, n, false, packet, n_packet);
	check_frames(label, frames, n, 1, false, packet, n_packet);
	check_frames(label, frames, n, 1, true, packet, n_packet);
}

static void check_layouts(const char *label, const uint8_t *packet, size_t n)
{
	uint8_t out[MAX_FRAMES];
	enum wx_smp_layout layout[] = { WX_SMP_FULL, WX_SMP_ZEPHYR };

	CHECK(label, wx_smp_frames_size(n) <= sizeof(out));
	for (size_t i = 0; i < WX_COUNT(layout); i++) {
		size_t k = wx_smp_frames(packet, n, layout[i], out);

		CHECK(label, k <= wx_smp_frames_size(n));
		check_reads(label, out, k, packet, n);
	}
}

/* {"hex":"..."} stands for bytes. */
static void put_payload(struct wx_smp_out *o, const json_t *payload)
{
	const char *key, *hex;
	json_t *v;

	json_object_foreach((json_t *)payload, key, v)
	{
		hex = wx_json_str(v, "hex", NULL);
		if (hex) {
			uint8_t b[MAX_PACKET];
			size_t n = strlen(hex) / 2;

			CHECK(key, wx_hex_parse(hex, 2 * n, b, n));
			wx_smp_put_bytes(o, key, b, n);
		} else {
			json_t *one = json_pack("{s:O}", key, v);

			wx_smp_put_json(o, one);
			json_decref(one);
		}
	}
}

static void check_says(const char *label, const uint8_t *packet, size_t n,
		       const struct wx_smp_head *head, const json_t *payload)
{
	struct wx_smp_msg m;
	struct wx_error err = { 0 };
	json_t *says;

	CHECK_INT(label, wx_smp_parse(packet, n, &m, &err), WX_OK);
	if (err.code) {
		printf("  %s\n", err.text);
		return;
	}
	CHECK(label, memcmp(&m.head, head, sizeof(*head)) == 0);
	says = wx_smp_json(&m);
	CHECK(label, says && json_equal(says, payload));
	json_decref(says);
}

/* The payload in both forms of map, in both layouts. */
static void check_forms(const char *label, const struct wx_smp_head *head,
			const json_t *payload, bool indefinite,
			const uint8_t *packet, size_t n_packet)
{
	for (int i = 0; i < 2; i++) {
		uint8_t buf[MAX_PACKET];
		struct wx_smp_out o = { .indefinite = i == 1 };
		size_t n;

		wx_smp_begin(&o, buf, sizeof(buf), *head);
		put_payload(&o, payload);
		n = wx_smp_end(&o);
		CHECK(label, n > 0);
		check_says(label, buf, n, head, payload);
		check_layouts(label, buf, n);
		if (o.indefinite == indefinite)
			CHECK_INT(label, n, n_packet);
	}
	check_layouts(label, packet, n_packet);
}

/* What we ask where they asked this; 0: we never do. */
static size_t ask(uint8_t *buf, size_t size, const struct wx_smp_head *h,
		  const json_t *p)
{
	const char *name = wx_json_str(p, "name", NULL);
	int64_t off = wx_json_i64(p, "off", -1);

	if (h->op != WX_SMP_READ)
		return 0;
	if (h->group == WX_SMP_OS && h->cmd == WX_SMP_PARAMS)
		return wx_smp_ask_params(buf, size, h->seq);
	if (h->group == WX_SMP_NODE && h->cmd == WX_SMP_CLOCK)
		return wx_smp_ask_clock(buf, size, h->seq,
					wx_json_i64(p, "t1", -1));
	if (h->group != WX_SMP_FS || !name)
		return 0;
	if (h->cmd == WX_SMP_FILE)
		return wx_smp_ask_file(buf, size, h->seq, name, off);
	if (h->cmd == WX_SMP_STAT)
		return wx_smp_ask_stat(buf, size, h->seq, name);
	if (h->cmd == WX_SMP_HASH && off >= 0)
		return wx_smp_ask_hash(buf, size, h->seq, name,
				       wx_json_str(p, "type", ""), off,
				       wx_json_i64(p, "len", -1));
	return 0;
}

static bool check_asked(const char *label, const struct wx_smp_head *head,
			const json_t *payload)
{
	uint8_t buf[WX_SMP_ASK_SIZE];
	struct wx_smp_head ours = *head;
	size_t n = ask(buf, sizeof(buf), head, payload);

	ours.version = 1;
	if (n)
		check_says(label, buf, n, &ours, payload);
	return n > 0;
}

/* ---- one line of the file ---- */

struct counts {
	int n, asked;
};

static size_t unhex(const char *hex, uint8_t *out, size_t size)
{
	size_t n = strlen(hex) / 2;

	CHECK("hex", n <= size && wx_hex_parse(hex, 2 * n, out, n));
	return n;
}

static struct wx_smp_head head_of(const json_t *h)
{
	return (struct wx_smp_head){
		.op = (uint8_t)wx_json_i64(h, "op", 255),
		.version = (uint8_t)wx_json_i64(h, "version", 255),
		.group = (uint16_t)wx_json_i64(h, "group", 65535),
		.seq = (uint8_t)wx_json_i64(h, "seq", 255),
		.cmd = (uint8_t)wx_json_i64(h, "cmd", 255),
	};
}

static int on_vector(void *ctx, json_t *v, long line, struct wx_error *err)
{
	struct counts *c = ctx;
	const char *what = wx_json_str(v, "what", "?");
	const json_t *payload = json_object_get(v, "json_payload");
	const json_t *lines = json_object_get(v, "console_frames");
	struct wx_smp_head head = head_of(json_object_get(v, "header"));
	uint8_t packet[MAX_PACKET], frames[MAX_FRAMES], ours[MAX_FRAMES];
	size_t n = unhex(wx_json_str(v, "packet_hex", ""), packet, MAX_PACKET);
	size_t n_frames = 0;
	bool by_zephyr =
		strncmp(wx_json_str(v, "made_by", ""), "zephyr", 6) == 0;

	(void)line;
	(void)err;
	c->n++;
	for (size_t i = 0; i < json_array_size(lines); i++)
		n_frames += unhex(json_string_value(json_array_get(lines, i)),
				  frames + n_frames, MAX_FRAMES - n_frames);
	check_reads(what, frames, n_frames, packet, n);
	check_says(what, packet, n, &head, payload);
	check_forms(what, &head, payload,
		    !strcmp(wx_json_str(v, "map_encoding", ""), "indefinite"),
		    packet, n);
	CHECK_INT(what,
		  wx_smp_frames(packet, n,
				by_zephyr ? WX_SMP_ZEPHYR : WX_SMP_FULL, ours),
		  n_frames);
	CHECK(what, memcmp(ours, frames, n_frames) == 0);
	c->asked += check_asked(what, &head, payload);
	return WX_OK;
}

/* ---- the standard's own ---- */

static const struct {
	const char *what, *packet, *frame, *payload;
} own[] = {
	{ "echo", "0a00000600000100a161646268 69",
	  "\x06\x09"
	  "ABAKAAAGAAABAKFhZGJoaaWv\n",
	  "{\"d\":\"hi\"}" },
	{ "stat", "0800001400080201a1646e616d656d2f73642f696e6465782e6a736c",
	  "\x06\x09"
	  "AB4IAAAUAAgCAaFkbmFtZW0vc2QvaW5kZXguanNsgvs=\n",
	  "{\"name\":\"/sd/index.jsl\"}" },
	{ "its answer", "0900000a00080201a1636c656e1a0007532c",
	  "\x06\x09"
	  "ABQJAAAKAAgCAaFjbGVuGgAHUywpSQ==\n",
	  "{\"len\":480044}" },
};

static void check_own(void)
{
	for (size_t i = 0; i < WX_COUNT(own); i++) {
		char hex[256] = "";
		uint8_t packet[128], frames[256];
		struct wx_smp_msg m;
		json_t *payload = json_loads(own[i].payload, 0, NULL);
		size_t n, k = 0;

		for (const char *p = own[i].packet; *p; p++)
			if (*p != ' ')
				hex[k++] = *p;
		n = unhex(hex, packet, sizeof(packet));
		check_reads(own[i].what, (const uint8_t *)own[i].frame,
			    strlen(own[i].frame), packet, n);
		CHECK_INT(own[i].what,
			  wx_smp_frames(packet, n, WX_SMP_FULL, frames),
			  strlen(own[i].frame));
		CHECK(own[i].what,
		      memcmp(frames, own[i].frame, strlen(own[i].frame)) == 0);
		if (wx_smp_parse(packet, n, &m, NULL) == WX_OK) {
			check_forms(own[i].what, &m.head, payload, false,
				    packet, n);
			check_asked(own[i].what, &m.head, payload);
		}
		json_decref(payload);
	}
}

int main(int argc, char *argv[])
{
	struct counts c = { 0 };
	struct wx_log log = { 0 };
	struct wx_error err = { 0 };

	check_own();
	if (argc > 1) {
		CHECK_INT(
			argv[1],
			wx_jsonl_read(argv[1], NULL, on_vector, &c, &log, &err),
			WX_OK);
		CHECK_INT("lines passed over", log.n_warnings, 0);
		printf("%d vectors, %d of them requests of ours\n", c.n,
		       c.asked);
	}
	return wx_test_end();
}
