/* SPDX-License-Identifier: MIT */
/*
 * formats/node/eifw_read.c: a sample out of a board's buffer, in pieces of some
 * seconds of wire, or out of its file, which comes in one.
 *
 * A piece that is no base64, or not as long as asked for, is asked for once
 * more. At another speed a board answers OK, waits 100 ms, sends the data and
 * an OK at that speed, waits 100 ms more, and is back at the speed of commands.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "node/eifw.h"

enum { FILE_MOST = 12 << 20 }; /* of a reply that cannot be had in pieces */

#define DATA_S   3.0   /* data never pauses */
#define SETTLE_S 0.020 /* the rest of a line OK, before the speed changes */

/* ---- bytes ---- */

static bool tell_head(struct eifw *n, int64_t start, int64_t total)
{
	struct wx_node_head head = { .start = start, .total = total };

	if (n->sample.head_told)
		return true;
	n->sample.head_told = true;
	if (n->req->head(n->req, &head) == WX_OK)
		return true;
	eifw_end(n, WX_NODE_STOPPED, NULL);
	return false;
}

/* The reply's bytes, in whatever form; why says what is wrong with them. */
static int decode(struct eifw *n, const char *body, size_t n_body, int64_t want,
		  uint8_t **bytes, size_t *got, struct wx_error *why)
{
	bool hex = want < 0 && !wx_eifw_config_has(&n->config, 1, 2);
	int rc = wx_eifw_bytes(body, n_body, hex, want, bytes, got, why);

	if (!rc &&
	    (!*got || (want < 0 && (int64_t)*got < n->sample.at.n_collected)))
		rc = wx_fail(why, WX_ERR_FORMAT, "the file breaks off");
	return rc;
}

/* Bytes of the sample, as they follow. False: the request is over. */
static bool take(struct eifw *n, const char *body, size_t n_body, int64_t want)
{
	struct wx_error why = { 0 };
	uint8_t *bytes;
	size_t got;
	bool on;

	if (decode(n, body, n_body, want, &bytes, &got, &why)) {
		free(bytes);
		eifw_again(n, WX_NODE_CUT, &why);
		return false;
	}
	if (want < 0)
		n->sample.size_bytes = (int64_t)got;
	on = tell_head(n, n->sample.done, n->sample.size_bytes);
	if (on && n->req->data(n->req, bytes, got) != WX_OK) {
		eifw_end(n, WX_NODE_STOPPED, NULL);
		on = false;
	}
	free(bytes);
	if (!on)
		return false;
	n->sample.done += (int64_t)got;
	n->tries = 0;
	return true;
}

static bool is_read(struct eifw *n, const char **body, size_t *n_body,
		    enum wx_eifw_end how)
{
	const char *line;
	size_t n_line;

	if (!eifw_body_of(n, how, "to a read", body, n_body))
		return false;
	line = wx_eifw_complaint(*body, *n_body, &n_line);
	if (line)
		eifw_refused(n, "a read with", line, n_line);
	return !line;
}

static void chunk_came(struct eifw *n, enum wx_eifw_end how)
{
	const char *body;
	size_t n_body;

	if (is_read(n, &body, &n_body, how) && take(n, body, n_body, n->want))
		eifw_advance(n);
}

static void file_came(struct eifw *n, enum wx_eifw_end how)
{
	const char *body;
	size_t n_body;

	if (is_read(n, &body, &n_body, how) && take(n, body, n_body, -1))
		eifw_advance(n);
}

/* ---- reading fast ---- */

static bool is_fast(const struct eifw *n)
{
	return wx_link_is_serial(n->talk.link) && n->slow_baud != 0 &&
	       n->config.data_baud != 0 && n->config.data_baud != EIFW_BAUD &&
	       n->config.data_baud != n->slow_baud && n->n_fast_failed < 2 &&
	       wx_eifw_config_has(&n->config, 1, 6);
}

static void fast_failed(struct eifw *n, const char *what)
{
	struct wx_error why = { 0 };

	if (++n->n_fast_failed == 2)
		wx_warn(n->log, "data at %d baud fails; read at %d from now on",
			n->config.data_baud, n->slow_baud);
	wx_link_set_baud(n->talk.link, n->slow_baud, NULL);
	wx_fail(&why, WX_ERR_IO, "%s", what);
	eifw_again(n, WX_NODE_CUT, &why);
}

static void fast_over(struct eifw *n, enum wx_eifw_end how)
{
	/* The data is here; without the prompt greet for one. */
	n->greeted = how == WX_EIFW_CAME;
	eifw_advance(n);
}

static void fast_came(struct eifw *n, enum wx_eifw_end how)
{
	const struct wx_eifw_ask a = { .until = WX_EIFW_PROMPT,
				       .silence_s = EIFW_NORMAL_S,
				       .total_s = EIFW_NORMAL_S,
				       .most = EIFW_SMALL };
	struct wx_error why = { 0 };

	if (how != WX_EIFW_CAME) {
		fast_failed(n, "data at the other speed breaks off");
		return;
	}
	if (wx_link_set_baud(n->talk.link, n->slow_baud, &why)) {
		eifw_end(n, WX_NODE_CUT, &why);
		return;
	}
	n->n_fast_failed = 0;
	if (take(n, n->talk.in, n->talk.n, n->want))
		eifw_ask(n, fast_over, &a);
}

void eifw_settled(struct wx_timer *timer)
{
	struct eifw *n =
		(struct eifw *)((char *)timer - offsetof(struct eifw, settle));
	const struct wx_eifw_ask a = { .until = WX_EIFW_OK_END,
				       .silence_s = DATA_S,
				       .total_s = 20 * DATA_S,
				       .most = EIFW_CHUNK * 4 / 3 +
					       EIFW_SMALL };
	struct wx_error why = { 0 };

	if (wx_link_set_baud(n->talk.link, n->config.data_baud, &why))
		eifw_end(n, WX_NODE_CUT, &why);
	else
		eifw_ask(n, fast_came, &a);
}

static void fast_begins(struct eifw *n, enum wx_eifw_end how)
{
	if (how != WX_EIFW_CAME || wx_eifw_has_prompt(n->talk.in, n->talk.n)) {
		fast_failed(n, "no OK to a read at another speed");
		return;
	}
	wx_loop_timer(n->loop, &n->settle, SETTLE_S, NULL);
}

/* ---- which read is next ---- */

void eifw_read_chunk(struct eifw *n)
{
	bool fast = is_fast(n);
	int baud = fast           ? n->config.data_baud
		   : n->slow_baud ? n->slow_baud
				  : EIFW_BAUD;
	/* Three seconds or so on the wire; base64 is 4/3, a byte ten bits. */
	int64_t chunk = (int64_t)baud * 9 / 40 / 3 * 3;
	int64_t left = n->sample.size_bytes - n->sample.done;
	struct wx_eifw_ask a = { .command = n->command,
				 .until = fast ? WX_EIFW_OK : WX_EIFW_PROMPT,
				 .silence_s = fast ? EIFW_NORMAL_S : DATA_S,
				 .total_s = 20 * DATA_S,
				 .most = EIFW_CHUNK * 4 / 3 + EIFW_SMALL };

	if (chunk < 3072 || chunk > EIFW_CHUNK)
		chunk = chunk < 3072 ? 3072 : EIFW_CHUNK;
	n->want = left < chunk ? left : chunk;
	snprintf(n->command, sizeof(n->command),
		 "AT+READBUFFER=%" PRId64 ",%" PRId64 "%s",
		 n->sample.at.from + n->sample.done, n->want,
		 !wx_eifw_config_has(&n->config, 1, 6) ? ""
		 : fast                                ? ",y"
						       : ",n");
	eifw_ask(n, fast ? fast_begins : chunk_came, &a);
}

void eifw_read_file(struct eifw *n)
{
	const struct wx_eifw_ask a = { .command = n->command,
				       .until = WX_EIFW_PROMPT,
				       .silence_s = DATA_S,
				       .total_s = 3600,
				       .most = FILE_MOST };

	snprintf(n->command, sizeof(n->command), "AT+READFILE=%s%s",
		 n->sample.at.file,
		 wx_eifw_config_has(&n->config, 1, 6) ? ",n" : "");
	eifw_ask(n, file_came, &a);
}
