/* SPDX-License-Identifier: MIT */
/* lib/sim/judge_print.c: what the judge found, for people and for scripts. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "sim/judge.h"

static const char *const set_names[WX_JUDGE_N_SETS] = {
	"all windows",
	"within 30 min of rain",
	"kept",
	"kept, within 30 min of rain",
};

static const char *const set_keys[WX_JUDGE_N_SETS] = { "all", "near_rain",
						       "kept",
						       "kept_near_rain" };

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : NAN;
}

/* A share as a percentage in 9 columns; "-" when it is of nothing. */
static void print_share(FILE *out, double v)
{
	if (isnan(v))
		fprintf(out, " %8s", "-");
	else
		fprintf(out, " %6.1f %%", 100 * v);
}

static void print_ms(FILE *out, double s)
{
	if (isnan(s))
		fprintf(out, " %9s", "-");
	else
		fprintf(out, " %9.1f", 1000 * s);
}

static const char *node_name(const struct wx_judge_node *n)
{
	return n->id ? n->id : "all";
}

static void print_captures(const struct wx_judge *j, FILE *out)
{
	fprintf(out, "%-30s %8s %8s %8s\n", "captures", "made", "pulled",
		"verified");
	for (size_t i = 0; i <= j->n_nodes; i++) {
		const struct wx_judge_node *n = &j->node[i];

		fprintf(out, "  %-28s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "\n",
			node_name(n), n->made, n->pulled, n->verified);
	}
}

static void print_clocks(struct wx_judge *j, FILE *out)
{
	fprintf(out, "\n%-30s %8s %9s %9s %9s %8s\n", "clock error, ms",
		"windows", "p50", "p95", "max", "in bound");
	for (size_t i = 0; i <= j->n_nodes; i++) {
		struct wx_judge_node *n = &j->node[i];

		fprintf(out, "  %-28s %8" PRIu64, node_name(n), n->windows);
		print_ms(out, wx_errors_quantile(&n->error_s, 0.5));
		print_ms(out, wx_errors_quantile(&n->error_s, 0.95));
		print_ms(out, wx_errors_quantile(&n->error_s, 1));
		print_share(out, share(n->within, n->error_s.n));
		if (n->undated)
			fprintf(out, "  %" PRIu64 " undated", n->undated);
		if (n->unknown)
			fprintf(out, "  %" PRIu64 " never made", n->unknown);
		fputc('\n', out);
	}
}

static void print_scores(const char *what, const struct wx_judge_classes *k,
			 const struct wx_confusion sets[WX_JUDGE_N_SETS],
			 FILE *out)
{
	fprintf(out, "\n%-30s %8s %8s %7d cl %8s %7s %8s\n", what, "labelled",
		"of all", k->n, "balanced", "2 cl", "balanced");
	for (int i = 0; i < WX_JUDGE_N_SETS; i++) {
		struct wx_confusion two = wx_confusion_last(&sets[i]);
		uint64_t n = wx_confusion_labelled(&sets[i]);

		fprintf(out, "  %-28s %8" PRIu64, set_names[i], n);
		print_share(out, share(n, wx_confusion_total(&sets[i])));
		fprintf(out, " ");
		print_share(out, wx_confusion_accuracy(&sets[i]));
		print_share(out, wx_confusion_balanced(&sets[i]));
		print_share(out, wx_confusion_accuracy(&two));
		print_share(out, wx_confusion_balanced(&two));
		fputc('\n', out);
	}
	fprintf(out, "  2 cl: %s against the rest\n", k->name[k->n - 1]);
}

static void print_dataset(const struct wx_judge *j, FILE *out)
{
	uint64_t training = 0, testing = 0;

	fprintf(out, "\n%-30s %8s %8s\n", "dataset", "training", "testing");
	for (size_t i = 0; i < j->n_counts; i++) {
		const struct wx_judge_count *c = &j->count[i];

		fprintf(out, "  %-28s %8" PRIu64 " %8" PRIu64 "\n", c->label,
			c->training, c->testing);
		training += c->training;
		testing += c->testing;
	}
	fprintf(out, "  %-28s %8" PRIu64 " %8" PRIu64 "\n", "all", training,
		testing);
	fprintf(out,
		"  leaks: %" PRIu64 " testing samples within 10 min of a "
		"training one\n",
		j->leaks);
	if (j->untimed)
		fprintf(out, "  %" PRIu64 " samples do not tell their time\n",
			j->untimed);
}

void wx_judge_print(struct wx_judge *j, const struct wx_judge_opts *opts,
		    FILE *out)
{
	print_captures(j, out);
	print_clocks(j, out);
	print_scores("rain", &opts->rain, j->rain, out);
	print_scores("wind", &opts->wind, j->wind, out);
	if (j->has_dataset)
		print_dataset(j, out);
	fprintf(out, "\nwhere\n  site     %s\n  archive  %s\n", opts->site,
		opts->archive);
	if (j->has_dataset && opts->dataset)
		fprintf(out, "  dataset  %s\n", opts->dataset);
	else if (j->has_dataset)
		fprintf(out, "  dataset  %s/dataset\n", opts->archive);
}

/* ---- JSON ---- */

/* What is not known is left out. */
static void set_f64(json_t *obj, const char *key, double v)
{
	if (!isnan(v))
		json_object_set_new(obj, key, json_real(v));
}

static void set_int(json_t *obj, const char *key, uint64_t v)
{
	json_object_set_new(obj, key, json_integer((json_int_t)v));
}

static json_t *node_json(struct wx_judge_node *n)
{
	json_t *o = json_object();

	set_int(o, "made", n->made);
	set_int(o, "pulled", n->pulled);
	set_int(o, "verified", n->verified);
	set_int(o, "windows", n->windows);
	set_int(o, "undated", n->undated);
	set_int(o, "never_made", n->unknown);
	set_f64(o, "error_p50_s", wx_errors_quantile(&n->error_s, 0.5));
	set_f64(o, "error_p95_s", wx_errors_quantile(&n->error_s, 0.95));
	set_f64(o, "error_max_s", wx_errors_quantile(&n->error_s, 1));
	set_f64(o, "within_bound", share(n->within, n->error_s.n));
	return o;
}

static json_t *confusion_json(const struct wx_confusion *c)
{
	json_t *rows = json_array();

	for (int t = 0; t < c->n; t++) {
		json_t *row = json_array();

		for (int l = 0; l < c->n; l++)
			json_array_append_new(
				row, json_integer((json_int_t)c->count[t][l]));
		json_array_append_new(rows, row);
	}
	return rows;
}

static json_t *scores_json(const struct wx_judge_classes *k,
			   const struct wx_confusion sets[WX_JUDGE_N_SETS])
{
	json_t *o = json_object(), *names = json_array();

	for (int i = 0; i < k->n; i++)
		json_array_append_new(names, json_string(k->name[i]));
	json_object_set_new(o, "classes", names);
	for (int i = 0; i < WX_JUDGE_N_SETS; i++) {
		struct wx_confusion two = wx_confusion_last(&sets[i]);
		uint64_t n = wx_confusion_labelled(&sets[i]);
		json_t *s = json_object();

		set_int(s, "labelled", n);
		set_f64(s, "coverage", share(n, wx_confusion_total(&sets[i])));
		set_f64(s, "accuracy", wx_confusion_accuracy(&sets[i]));
		set_f64(s, "balanced", wx_confusion_balanced(&sets[i]));
		set_f64(s, "accuracy_last", wx_confusion_accuracy(&two));
		set_f64(s, "balanced_last", wx_confusion_balanced(&two));
		/* rows: truth; columns: label */
		json_object_set_new(s, "confusion", confusion_json(&sets[i]));
		json_object_set_new(o, set_keys[i], s);
	}
	return o;
}

static json_t *dataset_json(const struct wx_judge *j)
{
	json_t *o = json_object(), *labels = json_object();

	for (size_t i = 0; i < j->n_counts; i++) {
		json_t *c = json_object();

		set_int(c, "training", j->count[i].training);
		set_int(c, "testing", j->count[i].testing);
		json_object_set_new(labels, j->count[i].label, c);
	}
	json_object_set_new(o, "labels", labels);
	set_int(o, "leaks", j->leaks);
	set_int(o, "untimed", j->untimed);
	return o;
}

json_t *wx_judge_json(struct wx_judge *j, const struct wx_judge_opts *opts)
{
	json_t *o = json_object(), *nodes = json_object();

	for (size_t i = 0; i < j->n_nodes; i++)
		json_object_set_new(nodes, j->node[i].id,
				    node_json(&j->node[i]));
	json_object_set_new(o, "site", json_string(opts->site));
	json_object_set_new(o, "archive", json_string(opts->archive));
	json_object_set_new(o, "nodes", nodes);
	json_object_set_new(o, "all", node_json(&j->node[j->n_nodes]));
	json_object_set_new(o, "rain", scores_json(&opts->rain, j->rain));
	json_object_set_new(o, "wind", scores_json(&opts->wind, j->wind));
	if (j->has_dataset)
		json_object_set_new(o, "dataset", dataset_json(j));
	return o;
}
