/* SPDX-License-Identifier: MIT */
/* lib/dataset/output.c: see output.h. */
#include "dataset/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"

/* A line of the old provenance.jsonl, and what it is sorted by. */
struct old_line {
	char *text; /* as it stands, with its line break */
	size_t room;
	json_t *obj; /* NULL at the end */
};

struct wx_output {
	char *dir;
	const struct wx_dataset_format *format;
	bool lines;
	struct wx_log *log;
	struct wx_file *list, *provenance;
	FILE *old_in; /* NULL: there was none */
	struct old_line old;
	int unfinished; /* -1: not begun */
	size_t n;
	bool changed;
	char path[4096];
};

static char *in_dir(const struct wx_output *o, const char *name)
{
	return wx_strf("%s/%s", o->dir, name);
}

/* Only what we could have made: "training/x.wav" and no farther. */
static bool is_sample(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash && !strchr(slash + 1, '/') &&
	       wx_name_check(path, NULL) == WX_OK &&
	       (strncmp(path, "training/", 9) == 0 ||
		strncmp(path, "testing/", 8) == 0);
}

static int remove_sample(struct wx_output *o, const char *path,
			 struct wx_error *err)
{
	char *full;
	int rc = WX_OK;

	if (!is_sample(path))
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: lists '%.100s', which is no sample of "
			       "ours; remove the dataset and export anew",
			       o->dir, path);
	full = in_dir(o, path);
	if (!full)
		return wx_fail_nomem(err);
	if (unlink(full) == 0)
		o->changed = true;
	else if (errno != ENOENT)
		rc = wx_fail_errno(err, "%s: cannot remove", full);
	free(full);
	return rc;
}

/* An interrupted run left .unfinished: its samples are made again. */
static int tidy_up(struct wx_output *o, struct wx_error *err)
{
	char *path = in_dir(o, ".unfinished");
	FILE *in = path ? fopen(path, "re") : NULL;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int rc = path ? WX_OK : wx_fail_nomem(err);

	while (!rc && in && (n = getline(&line, &room, in)) > 0) {
		if (line[n - 1] != '\n')
			break; /* torn, hence before its file was made */
		line[n - 1] = '\0';
		rc = remove_sample(o, line, err);
		if (!rc) {
			char *part = wx_strf("%s.part", line);

			rc = part ? remove_sample(o, part, err)
				  : wx_fail_nomem(err);
			free(part);
		}
	}
	free(line);
	if (in)
		fclose(in);
	if (!rc && in && unlink(path) != 0)
		rc = wx_fail_errno(err, "%s: cannot remove", path);
	free(path);
	return rc;
}

/* Is dir free to be a dataset: absent, empty, or one of ours? */
static int check_ours(const struct wx_output *o, struct wx_error *err)
{
	DIR *dir = opendir(o->dir);
	struct dirent *e;
	bool ours = false, empty = true;

	if (!dir)
		return errno == ENOENT
			       ? WX_OK
			       : wx_fail_errno(err, "%s: cannot open", o->dir);
	while ((e = readdir(dir))) {
		const char *n = e->d_name;

		if (strcmp(n, ".") == 0 || strcmp(n, "..") == 0)
			continue;
		empty = false;
		ours = ours || strcmp(n, "provenance.jsonl") == 0 ||
		       strcmp(n, "provenance.jsonl.part") == 0 ||
		       strcmp(n, ".unfinished") == 0;
	}
	closedir(dir);
	return ours || empty
		       ? WX_OK
		       : wx_fail(err, WX_ERR_RANGE,
				 "%s: holds something that is no dataset of "
				 "wx-export; give another folder",
				 o->dir);
}

/* The next line of the old provenance.jsonl; its end is obj NULL. */
static void old_next(struct wx_output *o)
{
	ssize_t n;

	json_decref(o->old.obj);
	o->old.obj = NULL;
	if (!o->old_in)
		return;
	n = getline(&o->old.text, &o->old.room, o->old_in);
	if (n > 0)
		o->old.obj = json_loadb(o->old.text, (size_t)n, 0, NULL);
	if (n > 0 && !o->old.obj)
		wx_warn(o->log,
			"%s/provenance.jsonl: a line that is no JSON; "
			"what follows it is made anew",
			o->dir);
}

/* Order of two lines: node, start, capture, offset. */
static int compare(const json_t *a, const json_t *b)
{
	static const char *const keys[] = { "node", "start_utc", "capture" };
	double x, y;

	for (size_t i = 0; i < WX_COUNT(keys); i++) {
		int c = strcmp(wx_json_str(a, keys[i], ""),
			       wx_json_str(b, keys[i], ""));

		if (c)
			return c;
	}
	x = wx_json_f64(a, "offset_s", 0);
	y = wx_json_f64(b, "offset_s", 0);
	return x < y ? -1 : x > y;
}

int wx_output_open(const char *dir, const struct wx_dataset_format *format,
		   bool lines, struct wx_log *log, struct wx_output **out,
		   struct wx_error *err)
{
	static const char *const folders[] = { "training/x", "testing/x" };
	struct wx_output *o = calloc(1, sizeof(*o));
	char *path = NULL;
	int rc;

	*out = NULL;
	if (!o || !(o->dir = strdup(dir))) {
		free(o);
		return wx_fail_nomem(err);
	}
	o->format = format;
	o->lines = lines;
	o->log = log;
	o->unfinished = -1;
	rc = check_ours(o, err);
	if (!rc)
		rc = tidy_up(o, err);
	/* First of all: it marks the folder as ours. */
	path = in_dir(o, "provenance.jsonl");
	if (!rc && !path)
		rc = wx_fail_nomem(err);
	if (!rc) {
		o->old_in = fopen(path, "re");
		old_next(o);
		rc = wx_file_create(path, &o->provenance, err);
	}
	free(path);
	for (size_t i = 0; !rc && i < WX_COUNT(folders); i++) {
		path = in_dir(o, folders[i]);
		rc = path ? wx_mkdirs_above(path, err) : wx_fail_nomem(err);
		free(path);
	}
	path = in_dir(o, format->list_file);
	if (!rc)
		rc = path ? wx_file_create(path, &o->list, err)
			  : wx_fail_nomem(err);
	free(path);
	if (!rc)
		format->begin(wx_file_get(o->list), lines);
	if (rc)
		wx_output_close(o);
	else
		*out = o;
	return rc;
}

/* Write down what is about to be made, before it is. */
static int note_unfinished(struct wx_output *o, const char *path,
			   struct wx_error *err)
{
	char line[1100];
	int n = snprintf(line, sizeof(line), "%s\n", path);

	if (o->unfinished < 0) {
		char *file = in_dir(o, ".unfinished");

		if (!file)
			return wx_fail_nomem(err);
		o->unfinished = open(
			file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
		free(file);
	}
	if (o->unfinished < 0 || write(o->unfinished, line, (size_t)n) != n)
		return wx_fail_errno(err, "%s/.unfinished: cannot write",
				     o->dir);
	o->changed = true;
	return WX_OK;
}

/* Samples that are listed no more, up to where obj stands (NULL: all). */
static int drop_older(struct wx_output *o, const json_t *obj,
		      struct wx_error *err)
{
	int rc = WX_OK;

	while (!rc && o->old.obj && (!obj || compare(o->old.obj, obj) < 0)) {
		rc = remove_sample(o, wx_json_str(o->old.obj, "path", ""), err);
		old_next(o);
	}
	return rc;
}

/* Was the sample of the old line cut from the same frames? */
static bool same_frames(const json_t *old, const json_t *obj)
{
	/* From layout on, of samples that are made of more than frames. */
	static const char *const keys[] = {
		"path",         "capture",       "first_frame", "n_frames",
		"converted_hz", "layout",        "env",         "iat",
		"key_id",       "air_temp_degc", "rel_hum_pct", "pressure_hpa",
	};
	size_t n =
		json_object_get(obj, "layout") || json_object_get(old, "layout")
			? WX_COUNT(keys)
			: 5;

	for (size_t i = 0; i < n; i++) {
		const json_t *a = json_object_get(old, keys[i]);
		const json_t *b = json_object_get(obj, keys[i]);

		if (a != b && !json_equal(a, b)) /* NULL equals nothing */
			return false;
	}
	return true;
}

/*
 * Is the file there already? A capture never changes, so that its name and the
 * frames say what the bytes are, whatever else the line says anew. Samples are
 * not synced one by one; one that a power cut left behind is too short.
 */
static bool stands(const struct wx_output *o, const json_t *obj,
		   int64_t size_bytes)
{
	struct stat st;

	return same_frames(o->old.obj, obj) && stat(o->path, &st) == 0 &&
	       (size_bytes < 0 ? st.st_size > 0 : st.st_size == size_bytes);
}

int wx_output_add(struct wx_output *o, const struct wx_sample *s,
		  const char **path, struct wx_error *err)
{
	json_t *obj = wx_sample_provenance(s);
	/* 15 digits give back a table's decimals as they were: 1.1, 0.99. */
	char *text =
		obj ? json_dumps(obj, JSON_COMPACT | JSON_REAL_PRECISION(15))
		    : NULL;
	char *line = text ? wx_strf("%s\n", text) : NULL;
	const char *rel = wx_json_str(obj, "path", "");
	int rc = line ? drop_older(o, obj, err) : wx_fail_nomem(err);
	bool known, same;

	*path = NULL;
	if (rc)
		goto out;
	if (snprintf(o->path, sizeof(o->path), "%s/%s", o->dir, rel) >=
	    (int)sizeof(o->path)) {
		rc = wx_fail(err, WX_ERR_RANGE, "%s: too long a path", o->dir);
		goto out;
	}
	known = o->old.obj && compare(o->old.obj, obj) == 0;
	same = known && stands(o, obj, s->size_bytes);
	if (known && !same) {
		const char *was = wx_json_str(o->old.obj, "path", "");

		if (strcmp(was, rel) != 0)
			wx_warn(o->log, "%s: %s is now %s", o->dir, was, rel);
		rc = remove_sample(o, was, err);
	}
	if (known)
		old_next(o);
	if (!rc && !same) {
		rc = note_unfinished(o, rel, err);
		*path = o->path;
	}
	if (!rc) {
		fputs(line, wx_file_get(o->provenance));
		rc = o->format->add(wx_file_get(o->list), s, o->n++, o->lines,
				    err);
	}
out:
	free(line);
	free(text);
	json_decref(obj);
	return rc;
}

static int commit_file(struct wx_output *o, struct wx_file **f,
		       struct wx_error *err)
{
	bool changed = false;
	int rc = wx_file_commit(*f, &changed, err);

	*f = NULL;
	o->changed = o->changed || changed;
	return rc;
}

int wx_output_commit(struct wx_output *o, const char *readme, bool *changed,
		     struct wx_error *err)
{
	char *path = in_dir(o, "README.md");
	struct wx_file *card = NULL;
	int rc = path ? drop_older(o, NULL, err) : wx_fail_nomem(err);

	if (!rc)
		rc = wx_file_create(path, &card, err);
	if (!rc) {
		fputs(readme, wx_file_get(card));
		rc = commit_file(o, &card, err);
	}
	if (!rc) {
		o->format->end(wx_file_get(o->list), o->lines);
		rc = commit_file(o, &o->list, err);
	}
	if (!rc)
		rc = commit_file(o, &o->provenance, err);
	free(path);
	path = in_dir(o, ".unfinished");
	if (!rc && o->unfinished >= 0 && path && unlink(path) != 0)
		rc = wx_fail_errno(err, "%s: cannot remove", path);
	free(path);
	*changed = o->changed;
	wx_output_close(o);
	return rc;
}

void wx_output_close(struct wx_output *o)
{
	if (!o)
		return;
	wx_file_abort(o->list);
	wx_file_abort(o->provenance);
	if (o->old_in)
		fclose(o->old_in);
	if (o->unfinished >= 0)
		close(o->unfinished);
	json_decref(o->old.obj);
	free(o->old.text);
	free(o->dir);
	free(o);
}
