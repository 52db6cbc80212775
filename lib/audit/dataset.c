/* SPDX-License-Identifier: MIT */
/*
 * lib/audit/dataset.c: a dataset: its lists against each other and against
 * its files. samples.c looks into the files and at the split.
 */
#include "audit/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/text.h"

#define AGAIN "run wx-export, which makes the dataset again"

static int add_text(struct audit_set *s, const char *text, uint32_t *at,
		    struct wx_error *err)
{
	size_t n = strlen(text) + 1;
	int rc = WX_GROW(&s->texts, &s->room_texts, s->n_texts + n, err);

	if (rc != WX_OK)
		return rc;
	if (s->n_texts + n > UINT32_MAX)
		return wx_fail(err, WX_ERR_RANGE, "names of over 4 GB");
	memcpy(s->texts + s->n_texts, text, n);
	*at = (uint32_t)s->n_texts;
	s->n_texts += n;
	return WX_OK;
}

/* ---- provenance.jsonl ---- */

static int take(void *ctx, json_t *obj, long line, struct wx_error *err)
{
	struct audit_set *s = ctx;
	const char *capture = wx_json_str(obj, "capture", "");
	struct audit_sample e = {
		.line = line,
		.testing = !strcmp(wx_json_str(obj, "category", ""), "testing"),
		.length_s = wx_json_f64(obj, "length_s", 0),
		.first_frame = wx_json_i64(obj, "first_frame", -1),
		.n_frames = wx_json_i64(obj, "n_frames", -1),
		.rate_hz = wx_json_f64(obj, "rate_hz", 0),
	};
	double converted_hz = wx_json_f64(obj, "converted_hz", 0);
	int rc = wx_time_parse(wx_json_str(obj, "start_utc", ""), &e.start,
			       NULL);

	if (converted_hz > 0) {
		e.n_frames = -1; /* other ones than the capture's */
		e.rate_hz = converted_hz;
	}

	if (rc != WX_OK)
		audit_found(s->au, WX_AUDIT_FAULT, "table", "provenance.jsonl",
			    AGAIN, "line %ld: start_utc is no instant", line);
	rc = add_text(s, wx_json_str(obj, "path", ""), &e.path_at, err);
	if (rc == WX_OK)
		rc = add_text(s, wx_json_str(obj, "label", ""), &e.label_at,
			      err);
	/* Samples of one capture mostly follow each other. */
	if (rc == WX_OK && s->n &&
	    !strcmp(s->texts + s->sample[s->n - 1].capture_at, capture))
		e.capture_at = s->sample[s->n - 1].capture_at;
	else if (rc == WX_OK)
		rc = add_text(s, capture, &e.capture_at, err);
	if (rc == WX_OK)
		rc = WX_GROW(&s->sample, &s->room, s->n + 1, err);
	if (rc == WX_OK)
		s->sample[s->n++] = e;
	return rc;
}

static int read_provenance(struct audit_set *s, struct wx_error *err)
{
	struct audit *au = s->au;
	struct wx_seen_value seen = { 0 };
	struct wx_log log =
		audit_log(au, "provenance", "provenance.jsonl", AGAIN);
	char *full = wx_strf("%s/provenance.jsonl", au->root);
	struct stat st;
	bool good;
	int rc = full ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK && !audit_stat(au, "provenance.jsonl", &st)) {
		audit_found(au, WX_AUDIT_FAULT, "missing", "provenance.jsonl",
			    AGAIN,
			    "is not here: nothing says where samples are from");
	} else if (rc == WX_OK) {
		good = wx_seen_get(au->seen, "provenance.jsonl", &st, &seen);
		rc = wx_jsonl_read(full, good ? NULL : "provenance-line", take,
				   s, &log, err);
		if (rc == WX_OK && !good && !au->n_logged)
			rc = wx_seen_put(au->seen, "provenance.jsonl", &st,
					 &seen, err);
	}
	free(full);
	return rc;
}

/* ---- info.labels ---- */

/* What the list says of sample i, against what provenance.jsonl says. */
static void check_listed(struct audit_set *s, const json_t *file, size_t i,
			 long line)
{
	const struct audit_sample *e = i < s->n ? &s->sample[i] : NULL;
	const char *path = wx_json_str(file, "path", "");
	/* NULL: several labels; provenance.jsonl names the main one. */
	const char *label =
		wx_json_str(json_object_get(file, "label"), "label", NULL);
	const char *category = wx_json_str(file, "category", "");

	if (s->parted)
		return;
	s->parted = !e || strcmp(s->texts + e->path_at, path) != 0;
	if (s->parted)
		audit_found(s->au, WX_AUDIT_FAULT, "list", "info.labels", AGAIN,
			    "line %ld: '%.100s', expected '%.100s' as in "
			    "provenance.jsonl",
			    line, path, e ? s->texts + e->path_at : "the end");
	else if (label && strcmp(s->texts + e->label_at, label) != 0)
		audit_found(s->au, WX_AUDIT_FAULT, "label", path, AGAIN,
			    "is labelled '%.60s' in info.labels, '%.60s' in "
			    "provenance.jsonl",
			    label, s->texts + e->label_at);
	else if (strcmp(category, e->testing ? "testing" : "training") != 0 ||
		 strncmp(path, category, strlen(category)) != 0)
		audit_found(s->au, WX_AUDIT_FAULT, "list", path, AGAIN,
			    "is of category '%.20s' in info.labels, and not so "
			    "in provenance.jsonl or by its folder",
			    category);
}

/* One file of the list as a list of its own, for the schema. */
static int check_entry(struct audit_set *s, struct wx_schema *schema,
		       const char *text, size_t n, size_t i, long line,
		       struct wx_error *err)
{
	struct wx_error why = { 0 };
	json_t *entry = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	json_t *item = json_object_get(entry, "__item"); /* of the lines form */
	json_t *file = item ? item : entry;
	json_t *doc =
		file ? json_pack("{s:i, s:[O]}", "version", 1, "files", file)
		     : NULL;
	int rc = WX_OK;

	if (!doc)
		audit_found(s->au, WX_AUDIT_FAULT, "list", "info.labels", AGAIN,
			    "line %ld: is no JSON object", line);
	else if (!schema || wx_schema_run(schema, doc, "", &why) == WX_OK)
		check_listed(s, file, i, line);
	else if (why.code == WX_ERR_NOMEM)
		rc = wx_fail_nomem(err);
	else
		audit_found(s->au, WX_AUDIT_FAULT, "list", "info.labels", AGAIN,
			    "line %ld: %s", line, why.text);
	json_decref(doc);
	json_decref(entry);
	return rc;
}

/*
 * As wx-export writes it: a line a file, so that a large one streams; in one
 * document or, with a head of its own and no end, as JSON Lines.
 */
static int read_list(struct audit_set *s, struct wx_lines *in,
		     struct wx_schema *schema, struct wx_error *err)
{
	struct wx_line line;
	size_t n = 0;
	bool ended = false;
	int rc = wx_lines_next(in, &line, err);

	if (rc == 1 && !strcmp(line.text, "{\"__ndjson\":true,\"version\":1}"))
		ended = true;
	else if (rc == 1 &&
		 strncmp(line.text, "{\"version\":1,\"files\":[", 22))
		audit_found(s->au, WX_AUDIT_FAULT, "list", "info.labels", AGAIN,
			    "line 1: expected {\"version\":1,\"files\":[");
	while (rc >= 0 && (rc = wx_lines_next(in, &line, err)) == 1) {
		size_t len = line.n;

		if (!strcmp(line.text, "]}")) {
			ended = true;
			continue;
		}
		if (len && line.text[len - 1] == ',')
			len--;
		rc = check_entry(s, schema, line.text, len, n++, line.number,
				 err);
	}
	if (rc == WX_OK && !ended)
		audit_found(s->au, WX_AUDIT_FAULT, "list", "info.labels", AGAIN,
			    "ends without ]}");
	if (rc == WX_OK && n < s->n && !s->parted)
		audit_found(s->au, WX_AUDIT_FAULT, "list", "info.labels", AGAIN,
			    "%zu samples, expected %zu as in provenance.jsonl",
			    n, s->n);
	return rc;
}

static int check_list(struct audit_set *s, struct wx_error *err)
{
	struct audit *au = s->au;
	struct wx_seen_value seen = { 0 };
	struct wx_schema *schema = NULL;
	struct wx_lines *in = NULL;
	uint64_t before = au->st->n_found[WX_AUDIT_FAULT];
	char *full = wx_strf("%s/info.labels", au->root);
	struct stat st;
	bool good;
	int rc = full ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK && !audit_stat(au, "info.labels", &st)) {
		audit_found(au, WX_AUDIT_FAULT, "missing", "info.labels", AGAIN,
			    "is not here: nothing says what is in samples");
		free(full);
		return WX_OK;
	}
	good = rc == WX_OK && wx_seen_get(au->seen, "info.labels", &st, &seen);
	if (rc == WX_OK && !good)
		rc = wx_schema_new("info-labels", &schema, err);
	if (rc == WX_OK)
		rc = wx_lines_open(full, &in, err);
	if (rc == WX_OK)
		rc = read_list(s, in, schema, err);
	if (rc == WX_OK && !good && before == au->st->n_found[WX_AUDIT_FAULT])
		rc = wx_seen_put(au->seen, "info.labels", &st, &seen, err);
	wx_schema_free(schema);
	wx_lines_close(in);
	free(full);
	return rc;
}

/* ---- files ---- */

static int by_path(const void *va, const void *vb, void *texts)
{
	const struct audit_sample *a = va, *b = vb;

	return strcmp((char *)texts + a->path_at, (char *)texts + b->path_at);
}

static const struct audit_sample *find_sample(const struct audit_set *s,
					      const char *path)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(s->texts + s->sample[mid].path_at, path);

		if (c == 0)
			return &s->sample[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static void check_others(struct audit_set *s, const struct audit_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const char *name = audit_name(f, i);
		bool is_sample = !strncmp(name, "training/", 9) ||
				 !strncmp(name, "testing/", 8);

		if (audit_is_leftover(name) || !strcmp(name, ".unfinished"))
			audit_found(s->au, WX_AUDIT_FAULT, "leftover", name,
				    "run wx-export, which finishes it",
				    "is unfinished: an export was interrupted");
		else if (is_sample && !strstr(name, "/metadata.csv") &&
			 !find_sample(s, name))
			audit_found(s->au, WX_AUDIT_FAULT, "orphan", name,
				    "delete it: no list knows what is in it",
				    "no line of provenance.jsonl tells of it");
	}
}

static int check_files(struct audit_set *s, struct wx_error *err)
{
	struct audit_files f;
	int rc = audit_files_read(s->au, "", &f, err);

	if (rc != WX_OK)
		return rc;
	wx_sort(s->sample, s->n, sizeof(*s->sample), by_path, s->texts);
	if (audit_files_find(&f, "README.md") == f.n)
		audit_found(s->au, WX_AUDIT_FAULT, "missing", "README.md",
			    AGAIN, "is not here");
	for (size_t i = 0; i < s->n && rc == WX_OK; i++) {
		const char *path = s->texts + s->sample[i].path_at;
		size_t at = audit_files_find(&f, path);

		if (i && !strcmp(path, s->texts + s->sample[i - 1].path_at))
			audit_found(s->au, WX_AUDIT_FAULT, "provenance", path,
				    AGAIN, "is told of twice, line %ld",
				    s->sample[i].line);
		else if (at == f.n)
			audit_found(s->au, WX_AUDIT_FAULT, "missing", path,
				    AGAIN,
				    "is not here, provenance.jsonl has it");
		else if (!audit_stopped(s->au, &rc, err))
			rc = audit_sample_check(s, &s->sample[i],
						&f.file[at].st, err);
	}
	if (rc == WX_OK)
		check_others(s, &f);
	audit_files_fini(&f);
	return rc;
}

int wx_audit_dataset(const char *dir, const struct wx_archive *a,
		     const struct wx_audit_opts *opts,
		     struct wx_audit_stats *out, struct wx_error *err)
{
	struct audit au = { .root = dir, .a = a, .o = opts, .st = out };
	struct audit_set s = { .au = &au };
	struct wx_error save = { 0 };
	char *notes = wx_strf("%s/.check/seen", dir);
	int rc = notes ? wx_seen_open(notes, opts->full, &au.seen, err)
		       : wx_fail_nomem(err);

	*out = (struct wx_audit_stats){ 0 };
	if (rc == WX_OK)
		rc = read_provenance(&s, err);
	if (rc == WX_OK)
		rc = check_list(&s, err);
	if (rc == WX_OK)
		rc = check_files(&s, err);
	if (rc == WX_OK)
		rc = audit_leaks(&s, err);
	out->n_samples = s.n;
	if (au.seen)
		wx_seen_save(au.seen, rc != WX_OK, &save);
	wx_seen_free(au.seen);
	free(s.sample);
	free(s.texts);
	free(notes);
	return rc;
}
