/* SPDX-License-Identifier: MIT */
/*
 * formats/node/dir.c: a node that is a folder: its SD card, or recordings.
 *
 * With index.jsl at its root it was written by a node and is read like one.
 * Without, it is a recorder's card: what capture/layout.h knows below it is
 * wanted. Times are in names, in the zone that site.json declares, and in the
 * files. Damaged ones are taken as they are. There is no clock to ask.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "capture/filename.h"
#include "capture/layout.h"
#include "capture/says.h"
#include "node/node.h"

enum {
	CHUNK = 256 << 10,
	MAX_FOLDERS = 8, /* cards nest a folder a day, or a hundred files */
};

struct dir_node {
	const struct wx_site_node *site;
	char *root;
	char *real_root; /* without links */
	struct wx_log *log;
	char *buf; /* CHUNK bytes */
};

static void node_close(void *node)
{
	struct dir_node *n = node;

	free(n->root);
	free(n->real_root);
	free(n->buf);
	free(n);
}

static int node_open(struct wx_node_loop *loop, const struct wx_site_node *site,
		     const struct wx_node_opts *opts, void **node,
		     struct wx_error *err)
{
	struct dir_node *n = calloc(1, sizeof(*n));
	struct stat st;
	int rc = WX_OK;

	(void)loop;
	*node = NULL;
	if (!n)
		return wx_fail_nomem(err);
	n->site = site;
	n->log = opts->log;
	n->root = strdup(site->source + strlen("dir:"));
	n->buf = malloc(CHUNK);
	if (!n->root || !n->buf)
		rc = wx_fail_nomem(err);
	else if (stat(n->root, &st) != 0)
		rc = wx_fail_errno(
			err,
			"%s: is the card in? Put it in and pull again; a card "
			"that is brought by hand wants \"by_hand\": true in "
			"site.json, and wx-pull --from dir:PATH NODE",
			n->root);
	else if (!S_ISDIR(st.st_mode))
		rc = wx_fail(err, WX_ERR_IO, "%s: expected a folder", n->root);
	else if (!(n->real_root = realpath(n->root, NULL)))
		rc = wx_fail_errno(err, "%s: cannot look at it", n->root);
	if (rc)
		node_close(n);
	else
		*node = n;
	return rc;
}

static bool has_index(void *node)
{
	struct dir_node *n = node;
	char *path = wx_strf("%s/index.jsl", n->root);
	bool has = path && access(path, F_OK) == 0;

	free(path);
	return has;
}

static const char *folder(void *node)
{
	return ((struct dir_node *)node)->root;
}

/* ---- requests: done before start returns ---- */

/*
 * A link may lead anywhere, and whoever wrote the card is a stranger: it must
 * not bring in this host's own files. What is not there is below.
 */
static bool is_below(const struct dir_node *n, const char *path)
{
	size_t len = strlen(n->real_root);
	char *real = realpath(path, NULL);
	bool is = real ? !strncmp(real, n->real_root, len) &&
				  (real[len] == '/' || len == 1)
		       : errno == ENOENT || errno == ENOTDIR;

	free(real);
	return is;
}

static void done(struct wx_node_req *req, enum wx_node_end end,
		 const char *what)
{
	struct wx_error why = { 0 };

	if (what)
		wx_fail_errno(&why, "%s", what);
	req->done(req, end, &why);
}

/* A file system with shared blocks copies without copying. */
static bool clone_file(int from, struct wx_node_req *req)
{
	req->cloned =
		req->clone_fd >= 0 && ioctl(req->clone_fd, FICLONE, from) == 0;
	return req->cloned;
}

static enum wx_node_end send_file(struct dir_node *n, int fd, int64_t size,
				  struct wx_node_req *req)
{
	struct wx_node_head head = { .start = req->from, .total = size };
	off_t at = req->from;

	if (req->head(req, &head) != WX_OK)
		return WX_NODE_STOPPED;
	if (size > 0 && clone_file(fd, req))
		return WX_NODE_DONE;
	posix_fadvise(fd, at, 0, POSIX_FADV_SEQUENTIAL);
	for (;;) {
		ssize_t got = pread(fd, n->buf, CHUNK, at);

		if (got == 0)
			return WX_NODE_DONE;
		if (got < 0) /* a card pulled out, or worn out */
			return WX_NODE_CUT;
		if (req->data(req, n->buf, (size_t)got) != WX_OK)
			return WX_NODE_STOPPED;
		at += got;
	}
}

/* Why the file at path is none to send; NULL: it may be one. */
static const char *refusal(const struct dir_node *n, const char *path)
{
	struct stat st;

	if (!is_below(n, path))
		return "a link that leads out of the card";
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return "not a file"; /* to open a FIFO is to wait */
	return NULL;
}

static void get(struct dir_node *n, struct wx_node_req *req)
{
	char *path = wx_strf("%s/%s", n->root, req->name);
	const char *why = path ? refusal(n, path) : NULL;
	int fd = path && !why ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
			      : -1;
	enum wx_node_end end = WX_NODE_CUT;
	struct wx_error err = { 0 };
	struct stat st;

	if (why) {
		end = WX_NODE_REFUSED;
		wx_fail(&err, WX_ERR_IO, "%s: %s", path, why);
	} else if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		end = WX_NODE_GONE;
	} else if (fd < 0 || fstat(fd, &st) != 0) {
		wx_fail_errno(&err, "%s", path ? path : req->name);
	} else if (req->from > st.st_size) {
		end = WX_NODE_RANGE;
	} else {
		end = send_file(n, fd, st.st_size, req);
		if (end == WX_NODE_CUT)
			wx_fail_errno(&err, "%s", path);
	}
	if (fd >= 0)
		close(fd);
	req->done(req, end, &err);
	free(path);
}

/* Deleted only if its bytes, read again, are those that we have. */
static void release(struct dir_node *n, struct wx_node_req *req)
{
	char *path = wx_strf("%s/%s", n->root, req->name);
	enum wx_node_end end = WX_NODE_DONE;
	uint64_t size = 0;
	uint32_t crc = 0;

	if (path && access(path, F_OK) != 0 && errno == ENOENT)
		end = WX_NODE_GONE;
	else if (!path || wx_file_hash(path, &crc, NULL, &size, NULL))
		end = WX_NODE_CUT;
	else if (!req->has_crc || crc != req->crc ||
		 (int64_t)size != req->size_bytes)
		end = WX_NODE_CHANGED;
	else if (unlink(path) != 0)
		end = WX_NODE_REFUSED;
	done(req, end, path ? path : req->name);
	free(path);
}

/* All that a card can say of itself. */
static void tell_room(struct dir_node *n, struct wx_node_req *req)
{
	struct statvfs fs;
	enum wx_node_end end = WX_NODE_GONE;

	if (statvfs(n->root, &fs) == 0) {
		json_int_t block = (json_int_t)fs.f_frsize;

		end = WX_NODE_DONE;
		req->answer =
			json_pack("{s:I, s:I}", "fs_free",
				  (json_int_t)fs.f_bavail * block, "fs_total",
				  (json_int_t)fs.f_blocks * block);
	}
	done(req, end, NULL);
	json_decref(req->answer);
	req->answer = NULL;
}

static void start(void *node, struct wx_node_req *req)
{
	req->cloned = false;
	req->answer = NULL;
	if (req->op == WX_NODE_GET)
		get(node, req);
	else if (req->op == WX_NODE_INFO)
		tell_room(node, req);
	else if (req->op == WX_NODE_RELEASE)
		release(node, req);
	else
		done(req, WX_NODE_GONE, NULL);
}

static void cancel(void *node, struct wx_node_req *req)
{
	(void)node;
	(void)req; /* none is ever under way */
}

/* ---- recordings without an index ---- */

static bool is_recording(const char *name)
{
	enum wx_layout layout = wx_layout_of(name);

	return layout == WX_LAYOUT_RECORDING || layout == WX_LAYOUT_HOLDS;
}

static int fail_zone(const struct dir_node *n, const char *name,
		     struct wx_error *err)
{
	char quoted[WX_QUOTE_SIZE];

	return wx_fail(
		err, WX_ERR_FORMAT,
		"%s: is '%s' in UTC or local time? Say so in this node's "
		"entry of site.json, such as \"utc_offset\": \"+02:00\", "
		"or \"Z\" for UTC",
		n->root, wx_quote(name, strlen(name), quoted));
}

/* As wx_says_zone. */
static int zone_of(const struct dir_node *n, const char *name)
{
	char *path = wx_strf("%s/%s", n->root, name);
	int fd = path && !refusal(n, path)
			 ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
			 : -1;
	int zone = fd < 0 ? -1 : wx_says_zone(fd, name);

	if (fd >= 0)
		close(fd);
	free(path);
	return zone;
}

/*
 * Local times without a zone are refused before anything is copied. Where site
 * .json tells none, the recordings themselves may: those first on the card are
 * asked, for all of them would take too long. One further on that says nothing
 * comes without a start time.
 */
static int check_zone(const struct dir_node *n, const struct wx_names *names,
		      struct wx_error *err)
{
	enum { MANY = 64, TRIES = 1000 };
	const char *silent = NULL;
	int told = 0, tries = 0;

	for (size_t i = 0; i < names->n && !n->site->has_offset; i++) {
		const char *name = names->name[i];
		struct wx_filename f;
		int zone;

		wx_filename_read(name, &f);
		if (!is_recording(name) || f.has_zone ||
		    (f.kind != WX_FILENAME_LOCAL &&
		     f.kind != WX_FILENAME_TRIGGERED))
			continue;
		zone = told < MANY && tries++ < TRIES ? zone_of(n, name) : 1;
		if (zone == 0)
			return fail_zone(n, name, err);
		told += zone == 1;
		if (zone < 0 && !silent)
			silent = name;
	}
	return silent && !told ? fail_zone(n, silent, err) : WX_OK;
}

static int name_compare(const void *key, const void *name)
{
	return strcmp(key, *(char *const *)name);
}

/* x.CSV is wanted beside x.WAV. */
static bool has_recording(const struct wx_names *names, const char *name)
{
	static const char *const ext[] = { "WAV", "wav" };
	char *other = strdup(name);
	bool has = false;

	for (size_t i = 0; other && !has && i < WX_COUNT(ext); i++) {
		memcpy(other + strlen(other) - 3, ext[i], 3);
		has = bsearch(other, names->name, names->n,
			      sizeof(*names->name), name_compare);
	}
	free(other);
	return has;
}

/* What is left on the card, a line for each kind. */
struct left {
	const char *advice, *first;
	size_t n;
};

enum { MAX_LEFT = 8 };

static void leave(struct left *left, const char *name)
{
	const char *advice = wx_layout_advice(name);
	size_t i = 0;

	while (i < MAX_LEFT - 1 && left[i].n && left[i].advice != advice)
		i++;
	left[i].advice = advice;
	if (!left[i].n++)
		left[i].first = name;
}

static void tell_left(struct dir_node *n, const struct left *left)
{
	char quoted[WX_QUOTE_SIZE];

	for (size_t i = 0; i < MAX_LEFT && left[i].n; i++)
		wx_warn(n->log, "%zu left on the card, '%s'%s: %s", left[i].n,
			wx_quote(left[i].first, strlen(left[i].first), quoted),
			left[i].n > 1 ? " first" : "", left[i].advice);
}

static int list_file(struct dir_node *n, const char *name, bool stays,
		     wx_node_file_fn *fn, void *ctx, struct wx_error *err)
{
	char quoted[WX_QUOTE_SIZE];
	char *path = wx_strf("%s/%s", n->root, name);
	struct stat st;
	int rc = WX_OK;

	if (!path)
		rc = wx_fail_nomem(err);
	else if (!is_below(n, path))
		wx_warn(n->log,
			"'%s': a link that leads out of the card; passed over",
			wx_quote(name, strlen(name), quoted));
	else if (stat(path, &st) == 0)
		rc = fn(ctx, name, st.st_size,
			(int64_t)st.st_mtim.tv_sec * WX_NS_PER_S +
				st.st_mtim.tv_nsec,
			stays, err);
	free(path);
	return rc;
}

static int list(void *node, wx_node_file_fn *fn, void *ctx,
		struct wx_error *err)
{
	struct dir_node *n = node;
	struct left left[MAX_LEFT] = { 0 };
	struct wx_names names;
	size_t n_recordings = 0;
	int rc = wx_names_read(n->root, MAX_FOLDERS + 1, &names, err);

	if (!rc)
		rc = check_zone(n, &names, err);
	for (size_t i = 0; i < names.n && !rc; i++) {
		const char *name = names.name[i];
		enum wx_layout layout = wx_layout_of(name);

		if (layout == WX_LAYOUT_FOREIGN) {
			rc = list_file(n, name, true, fn, ctx, err);
			if (!rc)
				leave(left, name);
			rc = rc == WX_NODE_TOLD ? WX_OK : rc;
		}
		if (layout == WX_LAYOUT_BESIDE && has_recording(&names, name))
			layout = WX_LAYOUT_SIDE;
		if (is_recording(name) || layout == WX_LAYOUT_SIDE)
			rc = list_file(n, name, false, fn, ctx, err);
		n_recordings += is_recording(name);
	}
	if (!rc)
		tell_left(n, left);
	if (!rc && names.too_deep)
		wx_warn(n->log,
			"%s: what lies more than %d folders deep is left out",
			n->root, MAX_FOLDERS);
	if (!rc && !n_recordings)
		wx_warn(n->log, "%s: no recordings below it", n->root);
	wx_names_fini(&names);
	return rc;
}

const struct wx_node_driver wx_node_dir = {
	.scheme = "dir:",
	.desc = "a folder or SD card",
	.in_flight = 1,
	.open = node_open,
	.close = node_close,
	.start = start,
	.cancel = cancel,
	.has_index = has_index,
	.list = list,
	.folder = folder,
};
