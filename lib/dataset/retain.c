/* SPDX-License-Identifier: MIT */
/* lib/dataset/retain.c: see retain.h. */
#include "dataset/retain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "clock/window.h"
#include "sound/wav.h"

enum { BATCH = 256 }; /* captures to one sync of the journal */

/* Tables have milliseconds. */
#define SLACK_S 0.0015

/* What is known of a capture; as the catalogue numbers them. */
struct fate {
	int64_t end_ns;     /* of its last window; INT64_MIN: no window */
	double measured_s;  /* from its start on, without a gap */
	int64_t size_bytes; /* as journalled; -1: it is not */
	uint8_t sha256[WX_SHA256_LEN];
	uint32_t crc;
	bool has_sha256, has_crc, unlabelled, bound, journalled;
};

struct job {
	const struct wx_archive *a;
	const char *node;
	const struct wx_retain *rule;
	struct wx_retained *out;
	struct wx_log *log;
	struct wx_catalog catalog;
	struct fate *fate;
	struct wx_journal *journal;
	size_t batch[BATCH], n_batch;
};

/* By its name below raw/NODE; NULL: no capture that is here. */
static struct fate *find(struct job *j, const char *name)
{
	size_t low = 0, high = j->catalog.n_captures;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = strcmp(
			wx_catalog_name(&j->catalog, &j->catalog.capture[mid]),
			name);

		if (!c)
			return &j->fate[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* The same by its path in tables, "raw/NODE/NAME". */
static struct fate *find_path(struct job *j, const char *path)
{
	size_t n = strlen(j->node);

	if (strncmp(path, "raw/", 4) || strncmp(path + 4, j->node, n) ||
	    path[4 + n] != '/')
		return NULL;
	return find(j, path + 5 + n);
}

/* ---- what is known ---- */

static int journal_line(void *ctx, json_t *obj, long line, struct wx_error *err)
{
	struct job *j = ctx;
	const char *name = wx_json_str(obj, "n", NULL);
	const char *sha = wx_json_str(obj, "sha256", "");
	const char *crc = wx_json_str(obj, "crc", "");
	const char *gone = wx_json_str(obj, "deleted", NULL);
	const json_t *says = json_object_get(obj, "says");
	struct fate *f;

	(void)line;
	(void)err;
	if (!name && !gone) {
		name = wx_json_str(obj, "of", NULL);
		f = name ? find(j, name) : NULL;
		if (f)
			f->bound = true;
		return WX_OK;
	}
	f = find(j, gone ? gone : wx_json_str(obj, "as", name));
	if (!f)
		return WX_OK;
	f->size_bytes = wx_json_i64(obj, "l", -1);
	f->has_sha256 =
		wx_hex_parse(sha, strlen(sha), f->sha256, sizeof(f->sha256));
	f->has_crc = wx_crc32_parse(crc, strlen(crc), &f->crc);
	f->bound |= json_array_size(json_object_get(says, "parts")) ||
		    *wx_json_str(says, "runs", "");
	f->journalled = gone != NULL; /* but for its deletion */
	return WX_OK;
}

static int read_journal(struct job *j, struct wx_error *err)
{
	char *path = wx_archive_path(j->a, "raw/%s/journal.jsonl", j->node);
	int rc = path ? wx_jsonl_read(path, NULL, journal_line, j, j->log, err)
		      : wx_fail_nomem(err);

	if (rc == WX_OK && !j->rule->dry_run)
		rc = wx_journal_open(path, &j->journal, err);
	free(path);
	return rc;
}

static int read_windows(struct job *j, const char *path, bool labelled,
			struct wx_error *err)
{
	struct wx_csv *csv = NULL;
	struct wx_window_cols cols;
	int rc = wx_csv_open(path, NULL, &csv, err);

	if (rc == WX_OK)
		rc = wx_window_cols(csv, &cols, err);
	while (rc == WX_OK && (rc = wx_csv_next(csv, err)) > 0) {
		struct wx_window w;
		struct fate *f;
		int64_t end;

		rc = wx_window_get(csv, &cols, &w, err);
		if (rc != WX_OK)
			break;
		f = find_path(j, w.capture);
		if (!f || wx_time_is_none(w.start_utc))
			continue;
		end = w.start_utc.utc_ns + (int64_t)(w.length_s * 1e9);
		f->end_ns = end > f->end_ns ? end : f->end_ns;
		f->unlabelled |= !labelled;
	}
	wx_csv_close(csv);
	return rc > 0 ? WX_OK : rc;
}

static int read_all_windows(struct job *j, struct wx_error *err)
{
	struct wx_days days;
	int rc = wx_archive_days(j->a, "windows", j->node, &days, err);

	for (size_t i = 0; rc == WX_OK && i < days.n; i++) {
		char date[WX_DAY_SIZE], *win, *lab;

		wx_day_format(days.day[i], date);
		win = wx_archive_path(j->a, "windows/%s/%s.csv", j->node, date);
		lab = wx_archive_path(j->a, "labels/%s/%s.csv", j->node, date);
		rc = win && lab
			     ? read_windows(j, win, access(lab, F_OK) == 0, err)
			     : wx_fail_nomem(err);
		free(win);
		free(lab);
	}
	wx_days_fini(&days);
	return rc;
}

static int read_sound(struct job *j, const char *path, struct wx_error *err)
{
	struct wx_csv *csv = NULL;
	int capture, offset, length, level = 0;
	int rc = wx_csv_open(path, NULL, &csv, err);

	if (rc == WX_OK)
		rc = wx_csv_need(csv, "capture", &capture, err);
	if (rc == WX_OK)
		rc = wx_csv_need(csv, "offset_s", &offset, err);
	if (rc == WX_OK)
		rc = wx_csv_need(csv, "length_s", &length, err);
	if (rc == WX_OK)
		rc = wx_csv_need(csv, "level_dbfs", &level, err);
	while (rc == WX_OK && (rc = wx_csv_next(csv, err)) > 0) {
		struct fate *f = find_path(j, wx_csv_get(csv, capture));
		double from_s, len_s;

		rc = WX_OK;
		if (f && *wx_csv_get(csv, level) &&
		    wx_csv_f64(csv, offset, &from_s, NULL) == WX_OK &&
		    wx_csv_f64(csv, length, &len_s, NULL) == WX_OK &&
		    from_s <= f->measured_s + SLACK_S)
			f->measured_s = fmax(f->measured_s, from_s + len_s);
	}
	wx_csv_close(csv);
	return rc > 0 ? WX_OK : rc;
}

/* Each table once: captures of a folder mostly follow one another. */
static int read_all_sound(struct job *j, struct wx_error *err)
{
	char *last = NULL;
	int rc = WX_OK;

	for (size_t i = 0; rc == WX_OK && i < j->catalog.n_captures; i++) {
		const char *name =
			wx_catalog_name(&j->catalog, &j->catalog.capture[i]);
		char *table = wx_sound_table(j->node, name);
		char *path = table ? wx_archive_path(j->a, "%s", table) : NULL;

		if (!path)
			rc = wx_fail_nomem(err);
		else if ((!last || strcmp(last, path)) &&
			 access(path, F_OK) == 0)
			rc = read_sound(j, path, err);
		free(table);
		free(last);
		last = path;
	}
	free(last);
	return rc;
}

/* ---- what goes ---- */

static double length_s(const char *path)
{
	struct wx_wav wav;
	struct wx_error why = { 0 };
	FILE *f = fopen(path, "re");
	int rc = f ? wx_wav_probe_fd(fileno(f), path, &wav, &why) : WX_ERR_IO;

	if (f)
		fclose(f);
	/* Codings that libsndfile reads are not counted here: they stay. */
	return rc == WX_OK && wav.n_frames > 0 && wav.rate_hz
		       ? (double)wav.n_frames / wav.rate_hz
		       : NAN;
}

/* Are these the bytes that came? What was hashed is left in f. */
static bool is_as_journalled(struct job *j, struct fate *f, const char *path)
{
	uint8_t sha256[WX_SHA256_LEN];
	uint64_t size;
	uint32_t crc;
	struct wx_error why = { 0 };

	if (f->size_bytes < 0 || (!f->has_sha256 && !f->has_crc)) {
		wx_warn(j->log, "%s: kept: the journal has no hash of it",
			path);
		return false;
	}
	if (wx_file_hash(path, &crc, sha256, &size, &why) != WX_OK) {
		wx_warn(j->log, "%s: kept: %s", path, why.text);
		return false;
	}
	if ((int64_t)size != f->size_bytes || (f->has_crc && crc != f->crc) ||
	    (f->has_sha256 && memcmp(sha256, f->sha256, sizeof(sha256)))) {
		wx_warn(j->log,
			"%s: kept: its bytes are not those that came: check "
			"the disk",
			path);
		return false;
	}
	memcpy(f->sha256, sha256, sizeof(sha256));
	f->crc = crc;
	return true;
}

static bool may_go(struct job *j, struct fate *f, const char *path)
{
	const struct wx_retain *rule = j->rule;
	struct wx_retained *out = j->out;
	struct stat st;

	if (f->end_ns == INT64_MIN ||
	    (double)(rule->now.utc_ns - f->end_ns) < rule->days * 86400e9)
		out->n_young++;
	else if (f->bound || lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		out->n_bound++;
	else if (f->unlabelled)
		out->n_unlabelled++;
	else if (!(f->measured_s >= length_s(path) - SLACK_S))
		out->n_unmeasured++;
	else if (!is_as_journalled(j, f, path))
		out->n_unknown++;
	else
		return true;
	return false;
}

static int write_line(struct job *j, size_t i, struct wx_error *err)
{
	struct fate *f = &j->fate[i];
	char crc[16], sha256[WX_SHA256_HEX], utc[WX_TIME_SIZE], *why;
	json_t *line;
	int rc;

	if (f->journalled)
		return WX_OK;
	snprintf(crc, sizeof(crc), "%08x", f->crc);
	wx_hex(f->sha256, sizeof(f->sha256), sha256);
	wx_time_format(j->rule->now, 0, utc);
	why = wx_strf("retention: raw_sound_days %g", j->rule->days);
	line = json_pack("{s:s, s:I, s:s, s:s, s:s, s:s}", "deleted",
			 wx_catalog_name(&j->catalog, &j->catalog.capture[i]),
			 "l", (json_int_t)f->size_bytes, "crc", crc, "sha256",
			 sha256, "utc", utc, "why", why ? why : "");
	rc = line && why ? wx_journal_append(j->journal, line, err)
			 : wx_fail_nomem(err);
	json_decref(line);
	free(why);
	return rc;
}

static char *path_of(struct job *j, size_t i)
{
	return wx_archive_path(
		j->a, "raw/%s/%s", j->node,
		wx_catalog_name(&j->catalog, &j->catalog.capture[i]));
}

/* First the journal, to the disk; then the files. */
static int delete_batch(struct job *j, struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t k = 0; rc == WX_OK && k < j->n_batch; k++)
		rc = write_line(j, j->batch[k], err);
	if (rc == WX_OK && j->n_batch)
		rc = wx_journal_sync(j->journal, err);
	for (size_t k = 0; rc == WX_OK && k < j->n_batch; k++) {
		char *path = path_of(j, j->batch[k]);

		if (!path)
			rc = wx_fail_nomem(err);
		else if (unlink(path) != 0)
			rc = wx_fail_errno(err, "%s: cannot delete", path);
		if (rc == WX_OK) {
			j->out->n_deleted++;
			j->out->n_bytes += j->fate[j->batch[k]].size_bytes;
		}
		free(path);
	}
	j->n_batch = 0;
	return rc;
}

static int take(struct job *j, size_t i, struct wx_error *err)
{
	char *path = path_of(j, i);
	bool go;

	if (!path)
		return wx_fail_nomem(err);
	go = may_go(j, &j->fate[i], path);
	if (go && j->rule->tell)
		j->rule->tell(j->rule->ctx, path, j->fate[i].size_bytes);
	free(path);
	if (!go)
		return WX_OK;
	if (j->rule->dry_run) {
		j->out->n_deleted++;
		j->out->n_bytes += j->fate[i].size_bytes;
		return WX_OK;
	}
	j->batch[j->n_batch++] = i;
	return j->n_batch == BATCH ? delete_batch(j, err) : WX_OK;
}

static int judge_all(struct job *j, struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; rc == WX_OK && i < j->catalog.n_captures; i++) {
		if (j->rule->stopped && j->rule->stopped())
			break;
		if (!j->catalog.capture[i].form->deleted)
			rc = take(j, i, err);
	}
	return rc == WX_OK ? delete_batch(j, err) : rc;
}

int wx_retain_node(const struct wx_archive *a, const char *node,
		   const struct wx_retain *rule, struct wx_retained *out,
		   struct wx_log *log, struct wx_error *err)
{
	struct job *j = calloc(1, sizeof(*j));
	int rc;

	*out = (struct wx_retained){ 0 };
	if (!j)
		return wx_fail_nomem(err);
	*j = (struct job){
		.a = a, .node = node, .rule = rule, .out = out, .log = log
	};
	rc = wx_catalog_read(a, node, true, &j->catalog, log, err);
	if (rc == WX_OK) {
		j->fate = calloc(j->catalog.n_captures + 1, sizeof(*j->fate));
		rc = j->fate ? WX_OK : wx_fail_nomem(err);
	}
	for (size_t i = 0; rc == WX_OK && i < j->catalog.n_captures; i++) {
		j->fate[i].end_ns = INT64_MIN;
		j->fate[i].size_bytes = -1;
	}
	if (rc == WX_OK && j->catalog.n_captures)
		rc = read_journal(j, err);
	if (rc == WX_OK)
		rc = read_all_windows(j, err);
	if (rc == WX_OK)
		rc = read_all_sound(j, err);
	if (rc == WX_OK)
		rc = judge_all(j, err);
	wx_journal_close(j->journal);
	wx_catalog_fini(&j->catalog);
	free(j->fate);
	free(j);
	return rc;
}
