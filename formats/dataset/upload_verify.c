/* SPDX-License-Identifier: MIT */
/*
 * formats/dataset/upload_verify.c: what the project says it has.
 *
 *     GET {studio}/v1/api/projects
 *     {"success":true,"projects":[{"id":12,"name":"ridge"}]}
 *
 *     GET {studio}/v1/api/12/raw-data?category=training&limit=1000&offset=0
 *     {"success":true,"totalCount":2,"samples":[{"id":7,"filename":"rain.n1-..",
 *      "sha256Hash":"..","category":"training","label":"rain",...}, ...]}
 *
 * Failures are "success":false inside a 200.
 *
 * Source: docs.edgeimpulse.com, "Studio API"; the uploader's source, 1.39.2.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/text.h"
#include "dataset/upload_in.h"

enum { PAGE = 1000, MAX_ANSWER = 16 << 20, MAX_SAMPLES = 10000000 };

struct answer {
	char *text;
	size_t n, room;
};

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct answer *a = ctx;

	n *= size;
	if (a->n + n > MAX_ANSWER ||
	    WX_GROW(&a->text, &a->room, a->n + n, NULL))
		return CURL_WRITEFUNC_ERROR;
	memcpy(a->text + a->n, data, n);
	a->n += n;
	return n;
}

static int read_answer(CURL *easy, const struct answer *a, json_t **out,
		       struct wx_error *err)
{
	long status = 0;
	char quoted[WX_QUOTE_SIZE];
	const char *error;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (status == 401 || status == 403)
		return wx_fail(err, WX_ERR_RANGE,
			       "the Studio API answered %ld: it does not take "
			       "this key; copy the project's API key from its "
			       "dashboard anew",
			       status);
	if (status != 200)
		return wx_fail(err, WX_ERR_IO, "the Studio API answered %ld",
			       status);
	*out = a->n ? json_loadb(a->text, a->n, 0, NULL) : NULL;
	if (!json_is_boolean(json_object_get(*out, "success")))
		return wx_fail(err, WX_ERR_IO,
			       "the Studio API answered '%s', expected JSON "
			       "with \"success\": is its host right?",
			       wx_quote(a->n ? a->text : "", a->n, quoted));
	error = wx_json_str(*out, "error", "no reason given");
	return wx_json_bool(*out, "success", 0)
		       ? WX_OK
		       : wx_fail(err, WX_ERR_RANGE, "the Studio API: %s",
				 wx_quote(error, strlen(error), quoted));
}

/* One GET, waited for; *out is the caller's to json_decref, on failure too. */
static int get_once(CURL *easy, const struct wx_upload_opts *opts,
		    const char *url, json_t **out, struct wx_error *err)
{
	struct answer a = { 0 };
	struct curl_slist *fields = NULL;
	struct wx_transfer t = { .easy = easy };
	CURLcode code;
	int rc;

	curl_easy_reset(easy);
	rc = wx_ingest_common(easy, opts, &fields, url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t.error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &a);
	code = rc ? CURLE_OUT_OF_MEMORY : curl_easy_perform(easy);
	if (code == CURLE_OK)
		rc = read_answer(easy, &a, out, err);
	else
		rc = wx_ingest_by_curl(&t, code, err) ? WX_ERR_RANGE
						      : WX_ERR_IO;
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	curl_slist_free_all(fields);
	free(a.text);
	return rc;
}

/* WX_ERR_IO is tried again. */
static int get(CURL *easy, const struct wx_upload_opts *opts, const char *url,
	       json_t **out, struct wx_error *err)
{
	struct wx_error why = { 0 };
	int rc = WX_ERR_IO;

	*out = NULL;
	for (int i = 0; i < opts->tries && rc == WX_ERR_IO; i++) {
		struct timespec pause = { .tv_sec = i < 5 ? 1 << i : 32 };

		if (i && opts->stopped && opts->stopped())
			break;
		if (i)
			nanosleep(&pause, NULL);
		json_decref(*out);
		*out = NULL;
		why = (struct wx_error){ 0 };
		rc = get_once(easy, opts, url, out, &why);
	}
	if (rc) {
		json_decref(*out);
		*out = NULL;
		return wx_fail(err, WX_ERR_IO, "%s: %s", opts->studio,
			       why.text);
	}
	return WX_OK;
}

int wx_upload_project(const struct wx_upload_opts *opts, int64_t *project,
		      struct wx_error *err)
{
	char *url = wx_strf("%s/v1/api/projects", opts->studio);
	CURL *easy = curl_easy_init();
	json_t *doc = NULL;
	const json_t *projects;
	int rc = url && easy ? get(easy, opts, url, &doc, err)
			     : wx_fail_nomem(err);

	projects = json_object_get(doc, "projects");
	if (!rc && json_array_size(projects) != 1)
		rc = wx_fail(err, WX_ERR_RANGE,
			     "the key is for %zu projects, expected one: give "
			     "its number with --project",
			     json_array_size(projects));
	*project = wx_json_i64(json_array_get(projects, 0), "id", 0);
	if (!rc && *project < 1)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "the Studio API told of a project without an id");
	json_decref(doc);
	curl_easy_cleanup(easy);
	free(url);
	return rc;
}

/* ---- compare ---- */

/* A sample that the project has. */
struct theirs {
	uint8_t sha256[WX_SHA256_LEN];
	const char *category, *label; /* interned, mostly equal */
	int64_t id;
};

struct verify {
	struct wx_uploading up;
	struct theirs *theirs; /* sorted by sha256 */
	size_t n, room;
	json_t *texts; /* of categories and labels, once each */
};

static int by_hash(const void *a, const void *b)
{
	return memcmp(a, b, WX_SHA256_LEN);
}

static const char *intern(json_t *texts, const char *text)
{
	void *at = NULL;

	if (!json_object_get(texts, text))
		json_object_set_new(texts, text, json_true());
	at = json_object_iter_at(texts, text);
	return at ? json_object_iter_key(at) : "";
}

static int take(struct verify *v, const json_t *sample, const char *category,
		struct wx_error *err)
{
	const char *hex = wx_json_str(sample, "sha256Hash", "");
	struct theirs *t;
	int rc = WX_GROW(&v->theirs, &v->room, v->n + 1, err);

	if (rc)
		return rc;
	t = &v->theirs[v->n];
	if (!wx_hex_parse(hex, strlen(hex), t->sha256, WX_SHA256_LEN))
		return WX_OK; /* made there: it has no file */
	t->category = category;
	t->label = intern(v->texts, wx_json_str(sample, "label", ""));
	t->id = wx_json_i64(sample, "id", 0);
	v->n++;
	return WX_OK;
}

static int list(struct verify *v, CURL *easy, const char *category,
		struct wx_error *err)
{
	const struct wx_upload_opts *opts = v->up.opts;
	int64_t from = 0;
	size_t n = 1, i;
	int rc = WX_OK;

	while (!rc && n) {
		char *url = wx_strf("%s/v1/api/%" PRId64 "/raw-data?category=%s"
				    "&limit=%d&offset=%" PRId64,
				    opts->studio, v->up.project, category, PAGE,
				    from);
		json_t *doc = NULL, *sample;
		const json_t *samples;

		rc = url ? get(easy, opts, url, &doc, err) : wx_fail_nomem(err);
		samples = json_object_get(doc, "samples");
		if (!rc && !json_is_array(samples))
			rc = wx_fail(err, WX_ERR_FORMAT,
				     "%s: answered without \"samples\"",
				     opts->studio);
		n = json_array_size(samples);
		from += (int64_t)n;
		if (from > MAX_SAMPLES)
			rc = wx_fail(err, WX_ERR_FORMAT,
				     "%s: lists over %d samples, the same ones "
				     "again and again?",
				     opts->studio, MAX_SAMPLES);
		json_array_foreach(samples, i, sample) if (!rc) rc =
			take(v, sample, category, err);
		json_decref(doc);
		free(url);
	}
	return rc;
}

static const struct theirs *find(const struct verify *v,
				 const struct wx_upload_sample *s,
				 const char *category)
{
	size_t a = 0, b = v->n;
	const struct theirs *other = NULL;

	while (a < b) {
		size_t m = (a + b) / 2;

		if (memcmp(v->theirs[m].sha256, s->sha256, WX_SHA256_LEN) < 0)
			a = m + 1;
		else
			b = m;
	}
	for (; a < v->n &&
	       memcmp(v->theirs[a].sha256, s->sha256, WX_SHA256_LEN) == 0;
	     a++) {
		if (strcmp(v->theirs[a].category, category) == 0)
			return &v->theirs[a];
		other = &v->theirs[a];
	}
	return other;
}

/* "split" is dealt by the service: either side will do. */
static bool same_category(const char *ours, const char *theirs)
{
	return strcmp(ours, theirs) == 0 || strcmp(ours, "split") == 0;
}

static enum wx_upload_end compare(const struct wx_info_item *item,
				  const struct theirs *t, const char **why)
{
	*why = "";
	if (!t) {
		*why = "the project does not have it";
		return WX_UPLOAD_LEFT;
	}
	if (!same_category(item->category, t->category)) {
		*why = t->category;
		return WX_UPLOAD_MOVED;
	}
	/* Of several labels the list has another form; they are not compared. */
	if (!item->segments && !item->map &&
	    strcmp(item->label ? item->label : "", t->label) != 0) {
		*why = t->label;
		return WX_UPLOAD_OTHER_LABEL;
	}
	return WX_UPLOAD_THERE;
}

/* The ledger says what the project does, from now on. */
static int put_right(struct verify *v, const struct wx_info_item *item,
		     const struct wx_upload_sample *s, const struct theirs *t,
		     enum wx_upload_end end, struct wx_error *err)
{
	struct wx_ledger *ledger = v->up.ledger;
	enum wx_ledger_find known =
		wx_ledger_find(ledger, s->sha256, item->category, s->label_key);
	struct wx_ledger_line line = { .category = item->category,
				       .label = s->label_key,
				       .path = s->path,
				       .start_utc = s->start_utc,
				       .sample = t ? t->id : 0 };
	bool gone = end == WX_UPLOAD_LEFT || end == WX_UPLOAD_MOVED;

	memcpy(line.sha256, s->sha256, sizeof(line.sha256));
	if (end == WX_UPLOAD_OTHER_LABEL ||
	    (end == WX_UPLOAD_THERE && known == WX_LEDGER_THERE) ||
	    (gone &&
	     (known == WX_LEDGER_UNKNOWN || known == WX_LEDGER_OTHER_CATEGORY)))
		return WX_OK;
	return wx_ledger_add(ledger, &line, gone, err);
}

static int check(void *ctx, const struct wx_info_item *item,
		 struct wx_error *err)
{
	struct verify *v = ctx;
	const struct wx_upload_opts *opts = v->up.opts;
	struct wx_upload_sample s;
	struct wx_error bad = { 0 };
	struct wx_upload_verdict verdict = { .path = item->path,
					     .category = item->category };
	int rc = WX_OK;

	if (wx_upload_sample_read(v->up.dir, item, &s, &bad)) {
		verdict.end = WX_UPLOAD_FAILED;
		verdict.why = bad.text;
	} else {
		const struct theirs *t = find(v, &s, item->category);

		verdict.end = compare(item, t, &verdict.why);
		verdict.sample = t ? t->id : 0;
		rc = put_right(v, item, &s, t, verdict.end, err);
	}
	wx_upload_sample_fini(&s);
	v->up.stats->n_samples++;
	v->up.stats->n[verdict.end]++;
	if (opts->verdict)
		opts->verdict(opts->ctx, &verdict);
	return rc;
}

int wx_upload_verify(const char *dir, struct wx_ledger *ledger, int64_t project,
		     const struct wx_upload_opts *opts,
		     struct wx_upload_stats *stats, struct wx_error *err)
{
	static const char *const categories[] = { "training", "testing",
						  "validation",
						  "post-processing" };
	struct verify v = { .up = { .dir = dir,
				    .ledger = ledger,
				    .project = project,
				    .opts = opts,
				    .stats = stats } };
	char *path = wx_strf("%s/info.labels", dir);
	double began_s = wx_mono_s();
	struct wx_info *info = NULL;
	CURL *easy = curl_easy_init();
	int rc = path && easy ? wx_info_open(path, &info, err)
			      : wx_fail_nomem(err);

	*stats = (struct wx_upload_stats){ 0 };
	v.texts = json_object();
	for (size_t i = 0; !rc && i < WX_COUNT(categories); i++)
		rc = list(&v, easy, categories[i], err);
	if (v.n)
		qsort(v.theirs, v.n, sizeof(*v.theirs), by_hash);
	if (!rc)
		rc = wx_info_each(info, check, &v, err);
	stats->seconds = wx_mono_s() - began_s;
	json_decref(v.texts);
	free(v.theirs);
	wx_info_close(info);
	curl_easy_cleanup(easy);
	free(path);
	return rc;
}
