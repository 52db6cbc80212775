/* SPDX-License-Identifier: MIT */
/*
 * formats/node/serve_smp_answer.c: what a Zephyr node answers to SMP requests.
 *
 * Held to what Zephyr 4.4 sends: subsys/mgmt/mcumgr, grp/fs_mgmt and
 * grp/os_mgmt, and captures of it.
 */
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/time.h"
#include "node/serve_smp_in.h"
#include "node/smp_message.h"

#define ROOT "/sd"

enum {
	OVERHEAD = 44,   /* of a response with data, as Zephyr reckons */
	BLOCK = 1 << 16, /* of hashing */
	FORGET_S = 1,    /* an unused file is closed */
	WRONG_BY = 1000, /* bytes that a wrong offset is off */
	ROOM = 64        /* that an answer may be longer than buf_size */
};

/* A request and its answer in the making. */
struct asked {
	struct smp_node *h;
	const struct wx_smp_msg *m;
	struct wx_smp_out *o;
};

/* ---- errors ---- */

static int fail_rc(struct asked *q, int rc)
{
	wx_smp_put_i64(q->o, "rc", rc);
	return 0;
}

/* Of group 8: as it is to version 1, as the nearest common one to 0. */
static int fail_fs(struct asked *q, int rc)
{
	if (q->m->head.version > 0) {
		wx_smp_put_map(q->o, "err");
		wx_smp_put_i64(q->o, "group", WX_SMP_FS);
		wx_smp_put_i64(q->o, "rc", rc);
		wx_smp_put_end(q->o);
		return 0;
	}
	switch (rc) {
	case WX_SMP_FS_NAME:
	case WX_SMP_FS_NO_HASH:
		return fail_rc(q, WX_SMP_INVAL);
	case WX_SMP_FS_NOT_FOUND:
		return fail_rc(q, WX_SMP_NOENT);
	default:
		return fail_rc(q, WX_SMP_UNKNOWN);
	}
}

/* ---- files ---- */

void smp_node_forget(struct smp_node *h)
{
	if (h->file.fd >= 0)
		close(h->file.fd);
	h->file.fd = -1;
	h->name[0] = '\0';
}

/* The name below ROOT that a request gives; 0, or an error of group 8. */
static int name_of(const struct asked *q, char name[WX_STORE_NAME_SIZE])
{
	char path[sizeof(ROOT) + WX_STORE_NAME_SIZE];

	if (!wx_smp_text(q->m, "name", path, sizeof(path)) || !*path)
		return -1;
	if (!strcmp(path, ROOT))
		return WX_SMP_FS_IS_DIR;
	if (strncmp(path, ROOT "/", strlen(ROOT "/")) != 0)
		return WX_SMP_FS_NOT_FOUND;
	memcpy(name, path + strlen(ROOT "/"),
	       strlen(path) - strlen(ROOT "/") + 1);
	return 0;
}

/*
 * The file that a request names, left in h->file: the one under way, or
 * (fresh) as it is now.
 */
static int file_of(struct asked *q, bool fresh)
{
	struct smp_node *h = q->h;
	char name[WX_STORE_NAME_SIZE];
	int rc = name_of(q, name);

	if (rc != 0)
		return rc;
	fresh = fresh || wx_mono_ns() - h->used_ns > FORGET_S * WX_NS_PER_S;
	if (h->file.fd < 0 || fresh || strcmp(name, h->name) != 0) {
		smp_node_forget(h);
		if (wx_served_file(h->served, name, false, &h->file, NULL) !=
		    WX_OK)
			return WX_SMP_FS_OPEN;
		strcpy(h->name, name);
	}
	h->used_ns = wx_mono_ns();
	return h->file.fd < 0 ? WX_SMP_FS_NOT_FOUND : 0;
}

static int fail_name(struct asked *q, int rc)
{
	return rc < 0 ? fail_rc(q, WX_SMP_INVAL) : fail_fs(q, rc);
}

/* How far faults let a host have the file from off on. */
static void spoil_data(struct asked *q, uint64_t *off, size_t *n)
{
	struct wx_faults *f = wx_served_faults(q->h->served);

	if (*n > 0 && wx_fault_hits(f, WX_FAULT_SHORT))
		*n = 0;
	if (*n > WRONG_BY && wx_fault_hits(f, WX_FAULT_WRONG_RANGE)) {
		*off = *off >= WRONG_BY ? *off - WRONG_BY : *off + WRONG_BY;
		*n -= WRONG_BY;
	}
	if (*n > 0 && wx_fault_hits(f, WX_FAULT_RESET))
		q->h->break_off = true;
}

static int download(struct asked *q)
{
	struct smp_node *h = q->h;
	int64_t asked = wx_smp_i64(q->m, "off", -1);
	uint64_t off = (uint64_t)asked, size, damage;
	uint8_t data[UINT16_MAX];
	size_t n = h->buf_size - OVERHEAD;
	int rc;

	if (asked < 0)
		return fail_rc(q, WX_SMP_INVAL);
	rc = file_of(q, asked == 0);
	if (rc != 0)
		return fail_name(q, rc);
	size = h->file.size_bytes;
	if (off >= size)
		n = 0;
	else if (size - off < n)
		n = (size_t)(size - off);
	damage = wx_served_damage(h->served, h->name, size);
	if (n > 0 && off + n > damage)
		n = damage > off ? (size_t)(damage - off) : 0;
	if (n == 0 && off >= damage && off < size)
		return fail_fs(q, WX_SMP_FS_READ);
	spoil_data(q, &off, &n);
	if (wx_file_read_at(h->file.fd, h->name, data, n, (int64_t)off, NULL) !=
	    WX_OK)
		return fail_fs(q, WX_SMP_FS_READ);
	wx_smp_put_i64(q->o, "off", (int64_t)off);
	wx_smp_put_bytes(q->o, "data", data, n);
	if (off == 0)
		wx_smp_put_i64(q->o, "len", (int64_t)size);
	wx_served_trace(h->served, "get %s %lld +%zu", h->name, (long long)off,
			n);
	if (wx_served_reach(h->served, h->name, off + n, size))
		smp_node_forget(h);
	return 0;
}

static int stat_file(struct asked *q)
{
	int rc = file_of(q, true);

	if (rc != 0)
		return fail_name(q, rc);
	wx_smp_put_i64(q->o, "len", (int64_t)q->h->file.size_bytes);
	wx_served_trace(q->h->served, "stat %s", q->h->name);
	return 0;
}

/* CRC-32 and, if h is given, SHA-256 of n bytes from off on. */
static int hash_part(const struct smp_node *h, uint64_t off, uint64_t n,
		     uint32_t *crc, struct wx_sha256 *sha)
{
	uint8_t buf[BLOCK];

	*crc = 0;
	for (uint64_t at = 0; at < n;) {
		size_t some = n - at < BLOCK ? (size_t)(n - at) : BLOCK;

		if (wx_file_read_at(h->file.fd, h->name, buf, some,
				    (int64_t)(off + at), NULL) != WX_OK)
			return WX_SMP_FS_READ;
		if (sha)
			wx_sha256_add(sha, buf, some);
		else
			*crc = wx_crc32(*crc, buf, some);
		at += some;
	}
	return 0;
}

/* Which part is to be hashed; 0, or an error of group 8, -1 a bad request. */
static int part_of(const struct asked *q, uint64_t *off, uint64_t *n)
{
	uint64_t size = q->h->file.size_bytes;
	int64_t from = wx_smp_i64(q->m, "off", 0),
		len = wx_smp_i64(q->m, "len", INT64_MAX);

	if (from < 0 || len <= 0)
		return -1;
	if (size == 0)
		return WX_SMP_FS_EMPTY;
	if ((uint64_t)from >= size)
		return WX_SMP_FS_PAST_END;
	*off = (uint64_t)from;
	*n = size - *off < (uint64_t)len ? size - *off : (uint64_t)len;
	if (*off + *n > wx_served_damage(q->h->served, q->h->name, size))
		return WX_SMP_FS_READ;
	return 0;
}

static int hash_file(struct asked *q)
{
	bool has_type = wx_smp_get(q->m, "type"),
	     is_sha = wx_smp_is(q->m, "type", "sha256");
	struct wx_sha256 *sha = NULL;
	uint8_t digest[WX_SHA256_LEN];
	uint64_t off = 0, n = 0;
	uint32_t crc = 0;
	int rc = file_of(q, true);

	if (rc == 0 && has_type && !is_sha && !wx_smp_is(q->m, "type", "crc32"))
		rc = WX_SMP_FS_NO_HASH;
	if (rc == 0)
		rc = part_of(q, &off, &n);
	if (rc == 0 && is_sha && !(sha = wx_sha256_new()))
		return fail_rc(q, WX_SMP_NOMEM);
	if (rc == 0)
		rc = hash_part(q->h, off, n, &crc, sha);
	if (rc == 0) {
		wx_smp_put_text(q->o, "type", is_sha ? "sha256" : "crc32");
		if (off)
			wx_smp_put_i64(q->o, "off", (int64_t)off);
		wx_smp_put_i64(q->o, "len", (int64_t)n);
		if (sha)
			wx_sha256_get(sha, digest);
		if (is_sha)
			wx_smp_put_bytes(q->o, "output", digest,
					 sizeof(digest));
		else
			wx_smp_put_i64(q->o, "output", crc);
		wx_served_trace(q->h->served, "hash %s %lld +%lld", q->h->name,
				(long long)off, (long long)n);
	}
	wx_sha256_free(sha);
	return rc == 0 ? 0 : fail_name(q, rc);
}

/* ---- the node itself ---- */

static int echo(struct asked *q)
{
	const struct wx_smp_field *d = wx_smp_get(q->m, "d");
	char text[UINT16_MAX];

	if (!d || d->type != WX_SMP_TEXT ||
	    !wx_smp_text(q->m, "d", text, sizeof(text)))
		return fail_rc(q, WX_SMP_INVAL);
	wx_smp_put_text(q->o, "r", text);
	return 0;
}

static int params(struct asked *q)
{
	wx_smp_put_i64(q->o, "buf_size", (int64_t)q->h->buf_size);
	wx_smp_put_i64(q->o, "buf_count", 4);
	return 0;
}

static int put_doc(struct asked *q, json_t *doc)
{
	if (!doc)
		return -1;
	wx_smp_put_json(q->o, doc);
	json_decref(doc);
	return 0;
}

static int read_clock(struct asked *q)
{
	const struct wx_smp_field *t1 = wx_smp_get(q->m, "t1");
	bool told = t1 && t1->type == WX_SMP_INT;

	wx_served_trace(q->h->served, "clock");
	return put_doc(q, wx_served_clock(q->h->served, told ? &t1->i : NULL,
					  wx_time_now()));
}

static int write_clock(struct asked *q)
{
	const struct wx_smp_field *utc = wx_smp_get(q->m, "utc");
	bool power;

	if (!utc || utc->type != WX_SMP_INT)
		return fail_rc(q, WX_SMP_INVAL);
	if (wx_served_set_clock(q->h->served, utc->i, wx_time_now(), &power,
				NULL) != WX_OK)
		return fail_rc(q, WX_SMP_UNKNOWN);
	return power ? 0 : -1;
}

static int info(struct asked *q)
{
	json_t *doc = wx_served_info(q->h->served);

	return doc ? put_doc(q, doc) : fail_rc(q, WX_SMP_UNKNOWN);
}

/* Only what is closed, and what the host can name by its bytes. */
static int release(struct asked *q)
{
	int64_t len = wx_smp_i64(q->m, "len", -1),
		crc = wx_smp_i64(q->m, "crc", -1);
	struct wx_store_file f;
	char name[WX_STORE_NAME_SIZE];
	bool gone = false, is_open;
	int rc = name_of(q, name);

	if (rc < 0 || len < 0 || crc < 0 || crc > UINT32_MAX)
		return fail_rc(q, WX_SMP_INVAL);
	if (rc > 0 || !strcmp(name, "index.jsl"))
		return fail_rc(q, rc == WX_SMP_FS_NOT_FOUND ? WX_SMP_NOENT
							    : WX_SMP_DENIED);
	smp_node_forget(q->h);
	if (wx_served_file(q->h->served, name, false, &f, NULL) != WX_OK)
		return fail_rc(q, WX_SMP_UNKNOWN);
	if (f.fd < 0)
		return fail_rc(q, WX_SMP_NOENT);
	close(f.fd);
	is_open = f.is_open;
	if (!is_open && wx_served_remove(q->h->served, name, (uint64_t)len,
					 (uint32_t)crc, &gone, NULL) != WX_OK)
		return fail_rc(q, WX_SMP_UNKNOWN);
	wx_served_trace(q->h->served, "release %s %s", name,
			gone ? "done" : "refused");
	return gone ? 0 : fail_rc(q, WX_SMP_BADSTATE);
}

/* ---- which is which ---- */

static const struct command {
	uint8_t op;
	uint16_t group;
	uint8_t cmd;
	/* Fill the answer's map; not 0: there is no answer. */
	int (*answer)(struct asked *q);
} commands[] = {
	{ WX_SMP_READ, WX_SMP_OS, WX_SMP_ECHO, echo },
	{ WX_SMP_WRITE, WX_SMP_OS, WX_SMP_ECHO, echo },
	{ WX_SMP_READ, WX_SMP_OS, WX_SMP_PARAMS, params },
	{ WX_SMP_READ, WX_SMP_FS, WX_SMP_FILE, download },
	{ WX_SMP_READ, WX_SMP_FS, WX_SMP_STAT, stat_file },
	{ WX_SMP_READ, WX_SMP_FS, WX_SMP_HASH, hash_file },
	{ WX_SMP_READ, WX_SMP_NODE, WX_SMP_CLOCK, read_clock },
	{ WX_SMP_WRITE, WX_SMP_NODE, WX_SMP_CLOCK, write_clock },
	{ WX_SMP_WRITE, WX_SMP_NODE, WX_SMP_RELEASE, release },
	{ WX_SMP_READ, WX_SMP_NODE, WX_SMP_INFO, info },
};

static const struct command *command_of(const struct wx_smp_head *head)
{
	for (size_t i = 0; i < WX_COUNT(commands); i++)
		if (commands[i].op == head->op &&
		    commands[i].group == head->group &&
		    commands[i].cmd == head->cmd)
			return &commands[i];
	return NULL;
}

/* The head of a packet whose map may be anything. */
static bool head_of(const uint8_t *p, size_t n, struct wx_smp_head *out)
{
	if (n < WX_SMP_HEADER || wx_be16(p + 2) + (size_t)WX_SMP_HEADER != n)
		return false;
	*out = wx_smp_head_of(p);
	return out->op == WX_SMP_READ || out->op == WX_SMP_WRITE;
}

size_t smp_node_answer(struct smp_node *h, const uint8_t *packet, size_t n,
		       uint8_t *out, size_t size)
{
	struct wx_smp_out o = { .indefinite = true };
	struct wx_smp_head head;
	struct wx_smp_msg m;
	struct asked q = { h, &m, &o };
	const struct command *command;
	int none = 0;

	h->break_off = false;
	if (n > h->buf_size || !head_of(packet, n, &head))
		return 0;
	command = command_of(&head);
	head.op++;
	wx_smp_begin(&o, out,
		     size < h->buf_size + ROOM ? size : h->buf_size + ROOM,
		     head);
	if (!command)
		fail_rc(&q, WX_SMP_NOTSUP);
	else if (wx_smp_parse(packet, n, &m, NULL) != WX_OK)
		fail_rc(&q, WX_SMP_INVAL);
	else
		none = command->answer(&q);
	return none ? 0 : wx_smp_end(&o);
}
