/* SPDX-License-Identifier: MIT */
/* formats/dataset/upload.c: see upload.h. */
#include "dataset/upload.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/text.h"
#include "dataset/upload_in.h"

enum {
	MAX_OPEN = 64,              /* batches being filled at a time */
	MAX_BATCH_BYTES = 64 << 20, /* of more than one sample */
	STEP_MS = 200,              /* how soon a stop is seen */
};

/* The first pause, and the longest: what is down for a minute mostly is for
 * longer, and then a person has to look. */
#define FIRST_PAUSE_S   0.5
#define LONGEST_PAUSE_S 60.0
/* How old a line of the ledger may get unsynced. */
#define SYNC_NS (WX_NS_PER_S / 4)

const char *wx_upload_end_name(enum wx_upload_end end)
{
	static const char *const names[] = {
		"sent",        "there", "refused", "failed",
		"other_label", "moved", "left",
	};

	return names[end];
}

static void tell(struct wx_uploading *up, enum wx_upload_end end,
		 const char *category, const char *path, int64_t sample,
		 const char *why)
{
	const struct wx_upload_opts *opts = up->opts;
	struct wx_upload_verdict v = { end, path, category, why, sample };
	uint64_t done = 0;

	up->stats->n[end]++;
	if (opts->verdict)
		opts->verdict(opts->ctx, &v);
	for (int i = 0; i < WX_UPLOAD_N_ENDS; i++)
		done += up->stats->n[i];
	if (opts->progress)
		opts->progress(opts->ctx, done, up->stats->n_samples);
}

/* The first failure ends it all. */
static void give_up(struct wx_uploading *up, int rc, const char *text)
{
	if (up->rc)
		return;
	up->rc = rc;
	wx_fail(&up->err, rc, "%s", text);
}

/* ---- queues ---- */

static void push(struct wx_upload_batch **queue, struct wx_upload_batch *b)
{
	while (*queue)
		queue = &(*queue)->next;
	b->next = NULL;
	*queue = b;
}

static void take_out(struct wx_upload_batch **queue, struct wx_upload_batch *b)
{
	while (*queue && *queue != b)
		queue = &(*queue)->next;
	if (*queue)
		*queue = b->next;
	b->next = NULL;
}

static void start(struct wx_uploading *up, struct wx_upload_batch *b);

static void start_ready(struct wx_uploading *up)
{
	while (!up->rc && up->ready && up->n_live < up->opts->connections) {
		struct wx_upload_batch *b = up->ready;

		take_out(&up->ready, b);
		up->n_ready--;
		start(up, b);
	}
}

static void on_timer(struct wx_timer *t)
{
	struct wx_upload_batch *b =
		(struct wx_upload_batch *)((char *)t -
					   offsetof(struct wx_upload_batch,
						    timer));
	struct wx_uploading *up = b->up;

	take_out(&up->waiting, b);
	up->n_waiting--;
	push(&up->ready, b);
	up->n_ready++;
	start_ready(up);
}

static void wait_for(struct wx_uploading *up, struct wx_upload_batch *b,
		     double seconds)
{
	struct wx_error why = { 0 };

	push(&up->waiting, b);
	up->n_waiting++;
	b->timer.fire = on_timer;
	if (wx_loop_timer(up->loop, &b->timer, seconds, &why))
		give_up(up, why.code, why.text);
}

/* ---- what became of a request ---- */

static void keep(struct wx_uploading *up, const struct wx_upload_batch *b,
		 const struct wx_upload_sample *s,
		 const struct wx_ingest_verdict *v)
{
	struct wx_ledger_line line = { .category = b->category,
				       .label = s->label_key,
				       .path = s->path,
				       .start_utc = s->start_utc,
				       .sample = v->sample };
	struct wx_error why = { 0 };

	if (v->project && v->project != up->project) {
		char *text = wx_strf("the service put %s into project %" PRId64
				     ", expected %" PRId64
				     ": is the key of another project?",
				     s->path, v->project, up->project);

		give_up(up, WX_ERR_RANGE, text ? text : "out of memory");
		free(text);
		return;
	}
	memcpy(line.sha256, s->sha256, sizeof(line.sha256));
	if (wx_ledger_add(up->ledger, &line, false, &why))
		give_up(up, why.code, why.text);
	tell(up, v->end == WX_INGEST_SENT ? WX_UPLOAD_SENT : WX_UPLOAD_THERE,
	     b->category, s->path, v->sample, v->why);
}

static void tell_verdicts(struct wx_uploading *up, struct wx_upload_batch *b,
			  const struct wx_ingest_verdict *v)
{
	for (size_t i = 0; i < b->n; i++) {
		struct wx_upload_sample *s = &b->sample[i];

		if (!wx_upload_sample_same(s))
			tell(up, WX_UPLOAD_FAILED, b->category, s->path, 0,
			     "changed while it was sent");
		else if (v[i].end == WX_INGEST_REFUSED)
			tell(up, WX_UPLOAD_REFUSED, b->category, s->path, 0,
			     v[i].why);
		else
			keep(up, b, s, &v[i]);
	}
	wx_upload_batch_free(b);
}

/* A file that changed is why a request broke off: without it, then. */
static void drop_changed(struct wx_uploading *up, struct wx_upload_batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct wx_upload_sample *s = &b->sample[i];

		if (wx_upload_sample_same(s)) {
			b->sample[n++] = *s;
			continue;
		}
		tell(up, WX_UPLOAD_FAILED, b->category, s->path, 0,
		     "changed or went while it was sent");
		wx_upload_sample_fini(s);
	}
	b->n = n;
}

static void send_again(struct wx_uploading *up, struct wx_upload_batch *b,
		       double after_s, const struct wx_error *why)
{
	double pause_s =
		fmin(FIRST_PAUSE_S * pow(2, b->tries), LONGEST_PAUSE_S);

	drop_changed(up, b);
	if (!b->n) {
		wx_upload_batch_free(b);
		return;
	}
	if (++b->tries >= up->opts->tries) {
		char *text = wx_strf("%s (%s, tried %d times)", why->text,
				     b->sample[0].path, b->tries);

		give_up(up, WX_ERR_IO, text ? text : why->text);
		free(text);
		wx_upload_batch_free(b);
		return;
	}
	up->stats->n_retries++;
	pause_s *= 0.5 + arc4random_uniform(1000) / 1000.0;
	if (after_s > 0)
		up->pause_until_ns = wx_mono_ns() + (int64_t)(after_s * 1e9);
	wait_for(up, b, fmax(pause_s, after_s));
}

/* One of them is refused, and nobody says which: each alone. */
static void send_apart(struct wx_uploading *up, struct wx_upload_batch *b,
		       const struct wx_error *why)
{
	if (b->n == 1) {
		tell(up, WX_UPLOAD_REFUSED, b->category, b->sample[0].path, 0,
		     why->text);
		wx_upload_batch_free(b);
		return;
	}
	while (b->n && !up->rc) {
		struct wx_upload_batch *one = calloc(1, sizeof(*one));

		if (one) {
			one->up = up;
			one->head = strdup(b->head);
			one->category = strdup(b->category);
			one->label = b->label ? strdup(b->label) : NULL;
			one->metadata =
				b->metadata ? strdup(b->metadata) : NULL;
			one->sample = malloc(sizeof(*one->sample));
		}
		if (!one || !one->category || !one->sample) {
			give_up(up, WX_ERR_NOMEM, "out of memory");
			wx_upload_batch_free(one);
			break;
		}
		one->sample[0] = b->sample[--b->n];
		one->n = one->room = 1;
		push(&up->ready, one);
		up->n_ready++;
	}
	wx_upload_batch_free(b);
}

static void done(struct wx_transfer *t, CURLcode code)
{
	struct wx_upload_batch *b = (struct wx_upload_batch *)t;
	struct wx_uploading *up = b->up;
	struct wx_ingest_verdict *v = calloc(b->n, sizeof(*v));
	struct wx_error why = { 0 };
	enum wx_ingest_outcome outcome = WX_INGEST_STOP;
	double after_s = 0;

	if (v)
		outcome = wx_ingest_judge(b, code, v, &after_s, &why);
	else
		wx_fail_nomem(&why);
	wx_ingest_end(b);
	for (int i = 0; i < up->n_live; i++)
		if (up->live[i] == b)
			up->live[i--] = up->live[--up->n_live];
	switch (outcome) {
	case WX_INGEST_ANSWERED:
		tell_verdicts(up, b, v);
		break;
	case WX_INGEST_AGAIN:
		send_again(up, b, after_s, &why);
		break;
	case WX_INGEST_APART:
		send_apart(up, b, &why);
		break;
	case WX_INGEST_STOP:
		give_up(up, why.code, why.text);
		wx_upload_batch_free(b);
	}
	free(v);
	start_ready(up);
}

static void start(struct wx_uploading *up, struct wx_upload_batch *b)
{
	struct wx_error why = { 0 };
	int64_t left_ns = up->pause_until_ns - wx_mono_ns();

	if (left_ns > 0) {
		wait_for(up, b, (double)left_ns / 1e9);
		return;
	}
	b->t.done = done;
	if (wx_ingest_start(b, &why)) {
		give_up(up, why.code, why.text);
		wx_ingest_end(b);
		wx_upload_batch_free(b);
		return;
	}
	up->live[up->n_live++] = b;
	up->stats->n_requests++;
	up->stats->n_bytes += (uint64_t)b->size_bytes;
}

/* ---- filling ---- */

static void step(struct wx_uploading *up)
{
	int64_t now = wx_mono_ns();
	struct wx_error why = { 0 };

	up->loop->step(up->loop, STEP_MS);
	if (now - up->synced_ns > SYNC_NS) {
		up->synced_ns = now;
		if (wx_ledger_sync(up->ledger, &why))
			give_up(up, why.code, why.text);
	}
	if (up->opts->stopped && up->opts->stopped())
		give_up(up, WX_ERR_IO, "stopped; run again to send the rest");
}

/*
 * Away with a batch, once there is room for it: while the service is down, only
 * so many wait for their next try, and nothing new is begun.
 */
static void submit(struct wx_uploading *up, struct wx_upload_batch *b)
{
	int most = 2 * up->opts->connections;

	while (!up->rc && up->n_live + up->n_waiting + up->n_ready >= most)
		step(up);
	take_out(&up->open, b);
	up->n_open--;
	push(&up->ready, b);
	up->n_ready++;
	start_ready(up);
}

/* The service knows the files of a request by their names. */
static bool has_name(const struct wx_upload_batch *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->sample[i].name, name) == 0)
			return true;
	return false;
}

static struct wx_upload_batch *batch_for(struct wx_uploading *up,
					 const struct wx_info_item *item,
					 const struct wx_upload_sample *s)
{
	char *head = wx_upload_head(item);
	struct wx_upload_batch *b = up->open;

	while (b && head && strcmp(b->head, head) != 0)
		b = b->next;
	free(head);
	if (b && (b->size_bytes + s->size_bytes > MAX_BATCH_BYTES ||
		  has_name(b, s->name))) {
		submit(up, b);
		b = NULL;
	}
	if (b)
		return b;
	if (up->n_open == MAX_OPEN)
		submit(up, up->open);
	b = wx_upload_batch_new(up, item);
	if (b) {
		push(&up->open, b);
		up->n_open++;
	}
	return b;
}

static int put(struct wx_uploading *up, const struct wx_info_item *item,
	       struct wx_upload_sample *s, struct wx_error *err)
{
	struct wx_upload_batch *b = batch_for(up, item, s);

	if (!b || WX_GROW(&b->sample, &b->room, b->n + 1, err)) {
		wx_upload_sample_fini(s);
		return wx_fail_nomem(err);
	}
	b->sample[b->n++] = *s;
	b->size_bytes += s->size_bytes;
	/* One with metadata mostly stays alone: no use to wait for company while
	 * a connection is idle. */
	if (b->n == (size_t)up->opts->batch ||
	    (b->metadata && up->n_live + up->n_ready < up->opts->connections))
		submit(up, b);
	return up->rc ? wx_fail(err, up->rc, "%s", up->err.text) : WX_OK;
}

/* What the service would refuse; "" if it would not. */
static void look(const char *dir, const struct wx_info_item *item,
		 char why[256], enum wx_upload_end *end)
{
	char *file = wx_strf("%s/%s", dir, item->path);
	struct stat st;

	*end = WX_UPLOAD_FAILED;
	why[0] = '\0';
	if (!file || stat(file, &st) != 0)
		snprintf(why, 256, "cannot open it: %s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		snprintf(why, 256, "is no file");
	*end = *why ? WX_UPLOAD_FAILED : WX_UPLOAD_REFUSED;
	if (!*why && st.st_size == 0)
		snprintf(why, 256, "is empty");
	else if (!*why && st.st_size >= WX_UPLOAD_MAX_BYTES)
		snprintf(why, 256,
			 "has %lld bytes; the service takes less than %d",
			 (long long)st.st_size, WX_UPLOAD_MAX_BYTES);
	free(file);
}

/* The first walk: nothing is sent before all have been looked at. */
static int look_first(void *ctx, const struct wx_info_item *item,
		      struct wx_error *err)
{
	struct wx_uploading *up = ctx;
	enum wx_upload_end end;
	char why[256];

	(void)err;
	up->stats->n_samples++;
	look(up->dir, item, why, &end);
	if (*why)
		tell(up, end, item->category, item->path, 0, why);
	return WX_OK;
}

static enum wx_upload_end by_ledger(const struct wx_uploading *up,
				    const struct wx_info_item *item,
				    const struct wx_upload_sample *s,
				    const char **why)
{
	*why = "";
	switch (wx_ledger_find(up->ledger, s->sha256, item->category,
			       s->label_key)) {
	case WX_LEDGER_THERE:
		return WX_UPLOAD_THERE;
	case WX_LEDGER_OTHER_LABEL:
		*why = "the project has it with another label: change it "
		       "there, or delete it there and use --verify";
		return WX_UPLOAD_OTHER_LABEL;
	case WX_LEDGER_OTHER_CATEGORY:
		*why = "the project has it in another category: move it there, "
		       "or delete it there and use --verify";
		return WX_UPLOAD_MOVED;
	case WX_LEDGER_UNKNOWN:
		break;
	}
	return WX_UPLOAD_LEFT;
}

static int add(void *ctx, const struct wx_info_item *item, struct wx_error *err)
{
	struct wx_uploading *up = ctx;
	struct wx_upload_sample s;
	struct wx_error bad = { 0 };
	enum wx_upload_end end;
	char text[256];
	const char *why;

	look(up->dir, item, text, &end);
	if (*text)
		return WX_OK; /* told of before */
	if (wx_upload_sample_read(up->dir, item, &s, &bad)) {
		wx_upload_sample_fini(&s);
		if (bad.code == WX_ERR_NOMEM)
			return wx_fail_nomem(err);
		tell(up, WX_UPLOAD_FAILED, item->category, item->path, 0,
		     bad.text);
		return WX_OK;
	}
	end = by_ledger(up, item, &s, &why);
	if (end == WX_UPLOAD_LEFT && !up->opts->dry_run)
		return put(up, item, &s, err);
	tell(up, end, item->category, item->path, 0, why);
	wx_upload_sample_fini(&s);
	if (up->opts->stopped && up->opts->stopped())
		return wx_fail(err, WX_ERR_IO,
			       "stopped; run again to send the rest");
	return WX_OK;
}

static void drop_all(struct wx_uploading *up)
{
	struct wx_upload_batch **queue[] = { &up->open, &up->waiting,
					     &up->ready };

	for (int i = 0; i < up->n_live; i++) {
		wx_ingest_end(up->live[i]);
		wx_upload_batch_free(up->live[i]);
	}
	for (size_t i = 0; i < WX_COUNT(queue); i++)
		while (*queue[i]) {
			struct wx_upload_batch *b = *queue[i];

			take_out(queue[i], b);
			wx_loop_untimer(up->loop, &b->timer);
			wx_upload_batch_free(b);
		}
}

/* Samples of which nothing was told are left for another run. */
static void count_left(struct wx_upload_stats *stats)
{
	uint64_t told = 0;

	for (int i = 0; i < WX_UPLOAD_N_ENDS; i++)
		told += stats->n[i];
	if (told < stats->n_samples)
		stats->n[WX_UPLOAD_LEFT] += stats->n_samples - told;
}

int wx_upload(const char *dir, struct wx_ledger *ledger, int64_t project,
	      const struct wx_upload_opts *opts, struct wx_upload_stats *stats,
	      struct wx_error *err)
{
	struct wx_uploading up = { .dir = dir,
				   .ledger = ledger,
				   .project = project,
				   .opts = opts,
				   .stats = stats };
	char *path = wx_strf("%s/info.labels", dir);
	double began_s = wx_mono_s();
	struct wx_info *info = NULL;
	int rc = path ? wx_info_open(path, &info, err) : wx_fail_nomem(err);

	*stats = (struct wx_upload_stats){ 0 };
	if (!rc)
		rc = wx_node_loop_new(&up.loop, err);
	if (!rc)
		rc = wx_info_each(info, look_first, &up, err);
	if (!rc)
		rc = wx_info_each(info, add, &up, err);
	while (!rc && !up.rc && up.open)
		submit(&up, up.open);
	while (!rc && !up.rc && (up.n_live || up.waiting || up.ready)) {
		start_ready(&up);
		step(&up);
	}
	if (!rc && up.rc)
		rc = wx_fail(err, up.rc, "%s", up.err.text);
	if (up.loop) {
		drop_all(&up);
		up.loop->free(up.loop);
	}
	count_left(stats);
	stats->seconds = wx_mono_s() - began_s;
	wx_info_close(info);
	free(path);
	return rc;
}
