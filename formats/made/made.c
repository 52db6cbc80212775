/* SPDX-License-Identifier: MIT */
/* formats/made/made.c: the parts of a made site, on as many threads. */
#include "made/made.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/text.h"

/* Part 0 is the mast, part i node i, and behind them the Aurora node. */
struct work {
	const char *dir;
	const struct wx_made_opts *opts;
	struct wx_sim_plan *plans;
	struct wx_made_tick tick;
	atomic_int next_part, n_running;
	struct wx_error *errors; /* of each part */
};

static int n_parts(const struct wx_sim_opts *o)
{
	return 1 + o->n_nodes + o->aurora;
}

static int make_part(struct work *w, int part)
{
	const struct wx_sim_opts *o = &w->opts->sim;
	struct wx_error *err = &w->errors[part];

	if (part == 0)
		return wx_made_mast(w->dir, o, &w->tick, err);
	if (part > o->n_nodes)
		return wx_made_aurora(w->dir, o, &w->tick, err);
	return wx_made_store(w->dir, &w->plans[part - 1], &w->tick, err);
}

static void *worker(void *ctx)
{
	struct work *w = ctx;
	int part;

	while ((part = w->next_part++) < n_parts(&w->opts->sim)) {
		if (make_part(w, part))
			w->tick.stop = true;
	}
	w->n_running--;
	return NULL;
}

/* How many captures a node leaves, and their bytes. */
static uint64_t count_captures(const struct wx_sim_opts *o)
{
	double span_s = (double)(wx_sim_end_s(o) - o->start_s);

	return (uint64_t)(span_s / o->every_s) + 1;
}

static uint64_t total_ticks(const struct wx_sim_opts *o)
{
	return (uint64_t)(wx_sim_end_s(o) - o->start_s + 3599) / 3600 +
	       count_captures(o) * (uint64_t)o->n_nodes;
}

/* Bytes of what lies in the folder of the nodes already. */
static double bytes_there(const char *dir)
{
	char *nodes = wx_strf("%s/nodes", dir);
	struct wx_names names = { 0 };
	double sum = 0;

	if (nodes && wx_names_read(nodes, 3, &names, NULL) == WX_OK)
		for (size_t i = 0; i < names.n; i++) {
			char *path = wx_strf("%s/%s", nodes, names.name[i]);
			struct stat st;

			if (path && stat(path, &st) == 0)
				sum += (double)st.st_size;
			free(path);
		}
	wx_names_fini(&names);
	free(nodes);
	return sum;
}

/* The file system of dir, or of the nearest folder above it that is there. */
static int stat_above(const char *dir, struct statvfs *fs)
{
	char *path = strdup(dir);
	int rc = -1;

	while (path && (rc = statvfs(path, fs)) != 0 && errno == ENOENT) {
		char *slash = strrchr(path, '/');

		if (!slash || slash == path) {
			rc = statvfs(slash ? "/" : ".", fs);
			break;
		}
		*slash = '\0';
	}
	free(path);
	return rc;
}

/*
 * Room for it all? A second of weather takes 55 bytes of truth and 17 of logs;
 * 2 % go for names and index lines.
 */
static int check_room(const char *dir, const struct wx_sim_opts *o,
		      struct wx_error *err)
{
	int64_t frames = (int64_t)(o->capture_s * o->rate_hz);
	double need = 72.0 * (double)(wx_sim_end_s(o) - o->start_s) +
		      1.02 * (double)(count_captures(o) * (uint64_t)o->n_nodes *
				      wx_made_capture_size(frames)) +
		      (o->aurora ? WX_MADE_AURORA_S * 32796.0 : 0) + 1e6;
	struct statvfs fs;
	double room;

	if (stat_above(dir, &fs) != 0)
		return wx_fail_errno(err, "%s: cannot tell the free space",
				     dir);
	room = (double)fs.f_bavail * (double)fs.f_frsize;
	if (need < room || need - bytes_there(dir) < room)
		return WX_OK;
	return wx_fail(err, WX_ERR_IO,
		       "%s: the site needs %.0f MB, %.0f MB are free: make "
		       "room, or ask for fewer days, nodes or captures",
		       dir, need / 1e6, room / 1e6);
}

/* truth/captures.csv. */
static int write_captures(const char *dir, const struct wx_sim_plan *plans,
			  int n_plans, struct wx_error *err)
{
	char *path = wx_strf("%s/truth/captures.csv", dir);
	struct wx_row *row = malloc(sizeof(*row));
	struct wx_file *f = NULL;
	bool changed;
	int rc = path && row ? wx_file_create(path, &f, err)
			     : wx_fail_nomem(err);

	if (rc)
		goto out;
	wx_row_init(row, wx_file_get(f));
	wx_row_line(row, "node,capture,start_utc,end_utc,n_frames");
	for (int i = 0; i < n_plans; i++) {
		struct wx_sim_cursor c;
		struct wx_sim_item it;

		wx_sim_cursor_init(&c, &plans[i]);
		while (wx_sim_cursor_next(&c, &it)) {
			char name[64];

			if (it.kind != WX_SIM_CAPTURE ||
			    it.state == WX_SIM_OPEN)
				continue;
			snprintf(name, sizeof(name), "raw/%s/%s", plans[i].id,
				 it.name);
			wx_row_str(row, plans[i].id);
			wx_row_str(row, name);
			wx_row_time(row, wx_time_from_us(it.start_us), 6);
			wx_row_time(row, wx_time_from_us(it.end_us), 6);
			wx_row_i64(row, it.n_frames);
			wx_row_end(row);
		}
	}
	wx_row_flush(row);
	rc = wx_file_commit(f, &changed, err);
out:
	free(row);
	free(path);
	return rc;
}

/* Threads work; this one shows how far they are and listens for a stop. */
static int run_parts(struct work *w, struct wx_error *err)
{
	enum { MAX_THREADS = 64 };
	pthread_t thread[MAX_THREADS];
	const struct wx_made_opts *o = w->opts;
	int n = 0, want = o->n_threads;
	uint64_t total = total_ticks(&o->sim);

	if (want > n_parts(&o->sim))
		want = n_parts(&o->sim);
	if (want > MAX_THREADS)
		want = MAX_THREADS;
	while (n < want) {
		w->n_running++;
		if (pthread_create(&thread[n], NULL, worker, w) == 0) {
			n++;
			continue;
		}
		w->n_running--;
		break;
	}
	if (n == 0)
		return wx_fail(err, WX_ERR_IO, "cannot start a thread");
	while (w->n_running > 0) {
		nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
		if (o->progress && o->progress(o->ctx, w->tick.done, total))
			w->tick.stop = true;
	}
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	return WX_OK;
}

/* The first part's failure; a part that only stopped has none. */
static int gather(const struct work *w, struct wx_error *err)
{
	for (int i = 0; i < n_parts(&w->opts->sim); i++)
		if (w->errors[i].code)
			return wx_fail(err, w->errors[i].code, "%s",
				       w->errors[i].text);
	if (w->tick.stop)
		return wx_fail(err, WX_ERR_IO,
			       "%s: interrupted; the same command goes on "
			       "from here",
			       w->dir);
	return WX_OK;
}

int wx_made_write(const char *dir, const struct wx_made_opts *o,
		  struct wx_error *err)
{
	int n = o->sim.n_nodes, n_plans = 0, rc = WX_OK;
	struct work w = { .dir = dir, .opts = o };

	w.plans = calloc((size_t)n + 1, sizeof(*w.plans));
	w.errors = calloc((size_t)n_parts(&o->sim), sizeof(*w.errors));
	if (!w.plans || !w.errors)
		rc = wx_fail_nomem(err);
	if (!rc)
		rc = check_room(dir, &o->sim, err);
	for (; !rc && n_plans < n; n_plans++)
		rc = wx_sim_plan_init(&w.plans[n_plans], &o->sim, n_plans + 1,
				      err);
	if (!rc)
		rc = wx_made_claim(dir, &o->sim, w.plans, err);
	if (!rc)
		rc = run_parts(&w, err);
	if (!rc)
		rc = gather(&w, err);
	if (!rc)
		rc = write_captures(dir, w.plans, n, err);
	for (int i = 0; i < n_plans; i++)
		wx_sim_plan_fini(&w.plans[i]);
	free(w.plans);
	free(w.errors);
	return rc;
}
