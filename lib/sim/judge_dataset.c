/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/judge_dataset.c: samples of a dataset by label and side, as its
 * info.labels tells them; and those of the testing side that training has all
 * but seen, by the times of provenance.jsonl.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "sim/judge.h"

/* When a sample is: all nodes share the weather, so only time counts. */
struct span {
	double start_s, end_s; /* Unix */
};

struct spans {
	struct span *v;
	size_t n, room;
};

struct samples {
	struct wx_judge *judge;
	size_t n;
	struct spans training, testing; /* of those that tell their time */
};

static int spans_add(struct spans *s, struct span span, struct wx_error *err)
{
	if (WX_GROW(&s->v, &s->room, s->n + 1, err))
		return WX_ERR_NOMEM;
	s->v[s->n++] = span;
	return WX_OK;
}

static int by_label(const void *a, const void *b)
{
	const struct wx_judge_count *x = a, *y = b;

	return strcmp(x->label, y->label);
}

/* "rain", or "rain=little wind=calm" for several; the caller frees. */
static char *label_text(const json_t *label)
{
	const json_t *all = json_object_get(label, "labels");
	const char *one = wx_json_str(label, "label", NULL), *key;
	char *text = strdup(one ? one : json_is_object(all) ? "" : "(none)");
	const json_t *value;

	json_object_foreach((json_t *)all, key, value)
	{
		char *longer =
			text ? wx_strf("%s%s%s=%s", text, *text ? " " : "", key,
				       json_string_value(value))
			     : NULL;

		free(text);
		text = longer;
	}
	return text;
}

static int count_sample(struct wx_judge *j, const json_t *label, bool testing,
			struct wx_error *err)
{
	struct wx_judge_count *c = NULL, *more;
	char *text = label_text(label);

	if (!text)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < j->n_counts && !c; i++)
		if (!strcmp(j->count[i].label, text))
			c = &j->count[i];
	if (!c) {
		more = realloc(j->count, (j->n_counts + 1) * sizeof(*more));
		if (!more) {
			free(text);
			return wx_fail_nomem(err);
		}
		j->count = more;
		c = &j->count[j->n_counts++];
		*c = (struct wx_judge_count){ .label = text };
	} else {
		free(text);
	}
	*(testing ? &c->testing : &c->training) += 1;
	return WX_OK;
}

static int sample(void *ctx, const json_t *file, struct wx_error *err)
{
	struct samples *s = ctx;
	bool testing = !strcmp(wx_json_str(file, "category", ""), "testing");

	s->n++;
	return count_sample(s->judge, json_object_get(file, "label"), testing,
			    err);
}

/* A line of provenance.jsonl. */
static int provenance(void *ctx, json_t *line, long number,
		      struct wx_error *err)
{
	struct samples *s = ctx;
	const char *category = wx_json_str(line, "category", "");
	double length_s = wx_json_f64(line, "length_s", NAN), start_s;
	struct wx_time t;

	(void)number;
	if (wx_time_parse(wx_json_str(line, "start_utc", ""), &t, NULL) !=
		    WX_OK ||
	    isnan(length_s))
		return WX_OK;
	start_s = wx_time_diff_s(t, (struct wx_time){ 0 });
	return spans_add(!strcmp(category, "testing") ? &s->testing
						      : &s->training,
			 (struct span){ start_s, start_s + length_s }, err);
}

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->start_s > y->start_s) - (x->start_s < y->start_s);
}

/* Testing spans that come closer than gap_s to a training one. */
static uint64_t leaks(struct spans *training, struct spans *testing,
		      double gap_s)
{
	uint64_t n = 0;
	size_t next = 0; /* first training span not before the test one */
	double end = -INFINITY; /* latest end of those before it */

	if (training->n)
		qsort(training->v, training->n, sizeof(*training->v), by_start);
	if (testing->n)
		qsort(testing->v, testing->n, sizeof(*testing->v), by_start);
	for (size_t i = 0; i < testing->n; i++) {
		const struct span *t = &testing->v[i];

		for (; next < training->n &&
		       training->v[next].start_s <= t->start_s;
		     next++)
			end = fmax(end, training->v[next].end_s);
		n += t->start_s - end < gap_s ||
		     (next < training->n &&
		      training->v[next].start_s - t->end_s < gap_s);
	}
	return n;
}

/* The two spellings of info.labels: one object, or JSON Lines. */
static int on_line(void *ctx, json_t *line, long number, struct wx_error *err)
{
	const json_t *item = json_object_get(line, "__item");

	(void)number;
	return item ? sample(ctx, item, err) : WX_OK;
}

static int read_samples(const char *path, struct samples *s,
			struct wx_error *err)
{
	static const char lines[] = "{\"__ndjson\":true";
	char head[sizeof(lines)] = { 0 };
	FILE *f = fopen(path, "r");
	json_t *doc = NULL;
	const json_t *file;
	size_t i;
	int rc;

	if (!f)
		return wx_fail_errno(err, "%s", path);
	if (fread(head, 1, sizeof(head) - 1, f) && !strcmp(head, lines)) {
		fclose(f);
		return wx_jsonl_read(path, NULL, on_line, s, NULL, err);
	}
	fclose(f);
	rc = wx_json_read(path, NULL, &doc, err);
	json_array_foreach(json_object_get(doc, "files"), i,
			   file) if (rc == WX_OK) rc = sample(s, file, err);
	json_decref(doc);
	return rc;
}

int wx_judge_dataset(const struct wx_judge_opts *opts, struct wx_judge *j,
		     struct wx_error *err)
{
	struct samples s = { .judge = j };
	char *dir = opts->dataset ? strdup(opts->dataset)
				  : wx_strf("%s/dataset", opts->archive);
	char *info = dir ? wx_strf("%s/info.labels", dir) : NULL;
	char *lines = dir ? wx_strf("%s/provenance.jsonl", dir) : NULL;
	int rc = info && lines ? WX_OK : wx_fail_nomem(err);

	if (rc != WX_OK || (!opts->dataset && access(info, F_OK) != 0))
		goto out; /* none was made */
	rc = read_samples(info, &s, err);
	if (rc == WX_OK)
		rc = wx_jsonl_read(lines, NULL, provenance, &s, NULL, err);
	if (rc != WX_OK)
		goto out;
	j->has_dataset = true;
	j->leaks = leaks(&s.training, &s.testing, WX_JUDGE_LEAK_S);
	if (s.n > s.training.n + s.testing.n)
		j->untimed = s.n - s.training.n - s.testing.n;
	if (j->n_counts)
		qsort(j->count, j->n_counts, sizeof(*j->count), by_label);
out:
	free(s.training.v);
	free(s.testing.v);
	free(dir);
	free(info);
	free(lines);
	return rc;
}
