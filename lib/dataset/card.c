/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/card.c: the README.md of a dataset, a datasheet for whoever
 * trains on it and was not there. It tells what is known, and what is not.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "dataset/export.h"

static void origin(FILE *out, const struct wx_archive *a,
		   const struct wx_export_stats *st)
{
	const struct wx_site *site = a->site;
	char first[WX_TIME_SIZE], last[WX_TIME_SIZE];

	wx_time_format(st->first, 0, first);
	wx_time_format(st->last, 0, last);
	fprintf(out, "## Where and when\n\n- Site: %s", site->name);
	if (!isnan(site->latitude_deg) && !isnan(site->longitude_deg))
		fprintf(out, ", %.4f deg N, %.4f deg E", site->latitude_deg,
			site->longitude_deg);
	if (!isnan(site->elevation_m))
		fprintf(out, ", %.0f m", site->elevation_m);
	fprintf(out,
		"\n- Time: %s to %s, UTC (starts of the first and the "
		"last window)\n- Nodes:",
		*first ? first : "-", *last ? last : "-");
	for (size_t i = 0; i < site->n_nodes; i++)
		fprintf(out, "%s %s", i ? "," : "", site->nodes[i].id);
	fprintf(out, "\n- Reference:");
	for (size_t i = 0; i < site->n_stations; i++) {
		const struct wx_site_station *s = &site->stations[i];

		fprintf(out, "%s station %s", i ? "," : "", s->id);
		if (!isnan(s->bucket_mm))
			fprintf(out, ", tipping bucket of %g mm%s",
				s->bucket_mm,
				s->siphon ? " with a siphon" : "");
		if (!isnan(s->cup.m_s_per_hz))
			fprintf(out, ", cups of %g m/s per Hz",
				s->cup.m_s_per_hz);
	}
	fprintf(out, "\n\n");
}

static void limits(FILE *out, const struct wx_classes *c, const char *what,
		   const char *unit)
{
	fprintf(out, "- %s:", what);
	for (int i = 0; i < c->n; i++) {
		fprintf(out, "%s `%s`", i ? "," : "", c->name[i]);
		if (i == 0)
			fprintf(out, " below %g %s", c->limit[0], unit);
		else if (i < c->n - 1)
			fprintf(out, " to %g", c->limit[i]);
		else
			fprintf(out, " from %g", c->limit[i - 1]);
	}
	fprintf(out,
		"; kept from a probability of %g, and farther than %g %% "
		"from a limit\n",
		c->min_p, c->guard * 100);
}

static void classes(FILE *out, const struct wx_export_opts *opts)
{
	const struct wx_profile *p = opts->profile;

	fprintf(out, "## Classes\n\n");
	if (!p) {
		fprintf(out, "The profile is not known.\n\n");
		return;
	}
	fprintf(out, "Profile `%s`%s%s.\n\n", p->name,
		*opts->profile_sha256 ? ", SHA-256 " : "",
		opts->profile_sha256);
	if (opts->target != WX_TARGET_WIND)
		limits(out, &p->rain, "Rain", "mm/h");
	if (opts->target != WX_TARGET_RAIN)
		limits(out, &p->wind, "Wind (mean of the window)", "m/s");
	fprintf(out, "\n");
}

static void counts(FILE *out, const struct wx_export_opts *opts,
		   const struct wx_export_stats *st)
{
	size_t n[2] = { 0 };

	fprintf(out, "## What is in it\n\n"
		     "| class | training | testing | blocks to train on | "
		     "blocks to test on |\n|---|---:|---:|---:|---:|\n");
	for (int i = 0; i < WX_MAX_SAMPLE_CLASSES; i++) {
		if (!st->class[i][0])
			continue;
		fprintf(out, "| %s | %zu | %zu | %d | %d |\n", st->class[i],
			st -> n_samples[0][i], st -> n_samples[1][i],
			st -> n_groups[0][i], st -> n_groups[1][i]);
		n[0] += st->n_samples[0][i];
		n[1] += st->n_samples[1][i];
	}
	fprintf(out, "| all | %zu | %zu | %d | %d |\n\n", n[0], n[1],
		st->n_blocks[0], st->n_blocks[1]);
	fprintf(out,
		"%.2f hours of sound. A class in under 5 blocks is known from "
		"too few occasions to trust a score of it.",
		st->seconds / 3600);
	if (isfinite(opts->balance))
		fprintf(out,
			" The classes to train on are at most about %g times "
			"as frequent as the rarest: whole blocks of the others "
			"were left out at random.",
			opts->balance);
	if (opts->limit)
		fprintf(out, " Of each class about %lld samples train.",
			(long long)opts->limit);
	if (!isfinite(opts->balance) && !opts->limit)
		fprintf(out, " The classes are as frequent as the weather made "
			     "them.");
	fprintf(out, " Those to test on always are.\n\n");
}

static void left_out(FILE *out, const struct wx_export_stats *st)
{
	fprintf(out,
		"## What is not\n\n%zu windows were looked at. Left out "
		"were:\n\n",
		st->n_windows);
	for (int i = 0; i < WX_N_DROPS; i++)
		fprintf(out, "- %zu: %s\n", st->n_dropped[i],
			wx_drop_text((enum wx_drop)i));
	fprintf(out, "\n");
}

static void trust(FILE *out, const struct wx_export_opts *opts,
		  const struct wx_export_stats *st)
{
	fprintf(out, "## How far to trust it\n\n");
	if (st->n_err)
		fprintf(out,
			"- Clocks: a window's start is wrong by %.3f s on "
			"average and %.3f s at most (bounds of about 2 "
			"sigma; `max_err_s` of each sample).\n",
			st->sum_err_s / (double)st->n_err, st->max_err_s);
	if (st->n_p)
		fprintf(out,
			"- Labels: by their own probabilities, given the "
			"station, %.1f %% of the classes are wrong.\n",
			100 * (1 - st->sum_p / (double)st->n_p));
	if (st->n_by_sound)
		fprintf(out,
			"- By sound: of %zu samples their own sound told when "
			"between two tips it rained (`sound_used` in "
			"provenance.jsonl), so that a score on them is kinder "
			"than one by the station alone; wx-label --evidence "
			"none labels without.\n",
			st->n_by_sound);
	if (st->n_hours)
		fprintf(out,
			"- Gaps: of %d hours between the first and the last "
			"window, %d hold none that could be used.\n",
			st->n_hours, st->n_empty_hours);
	fprintf(out,
		"- Each sample's `rain_p` and `wind_p` say how probable its "
		"class is, given the station; provenance.jsonl has all "
		"probabilities and where they came from.\n"
		"- Split: whole blocks of time of at least an hour, all nodes "
		"together, joined where a rain event crosses the hour; "
		"training windows within %g min of a test block are left "
		"out. Test share asked for: %g, seed %lld.",
		opts->purge_s / 60, opts->test_share, (long long)opts->seed);
	for (size_t i = 0; i < opts->n_test_nodes; i++)
		fprintf(out, "%s%s",
			i ? ", " : " Tested on, and never trained on: ",
			opts->test_node[i]);
	fprintf(out, "%s\n", opts->n_test_nodes ? "." : "");
	fprintf(out,
		"- Leak, measured: %zu of %zu test windows have a training "
		"window within %g min. Were the same windows dealt out one by "
		"one at random, it would be %zu of %zu.\n",
		st->leak.n_leaking, st->leak.n_testing, opts->purge_s / 60,
		st->leak.n_random_leaking, st->leak.n_random_testing);
	fprintf(out, "- Score on balanced accuracy, and on the test set as it "
		     "is.\n\n");
}

static void privacy(FILE *out, const struct wx_archive *a,
		    const struct wx_export_stats *st)
{
	const json_t *export = json_object_get(a->site->doc, "export");
	const char *license = wx_json_str(export, "license", NULL);
	const char *creator = wx_json_str(export, "creator", NULL);

	fprintf(out,
		"## Privacy and licence\n\n"
		"Voices: a screen looked for them (the pace of syllables in "
		"the sound's envelope; good from 5 dB over the noise, no "
		"promise below). %zu captures that may hold speech are left "
		"out whole, and %zu captures before or behind them.",
		st->n_speech, st->n_near);
	if (st->n_cleared)
		fprintf(out,
			" %zu captures were cleared by a person who listened.",
			st->n_cleared);
	if (st->n_unscreened)
		fprintf(out, " %zu samples were not screened.",
			st->n_unscreened);
	fprintf(out, " Fainter voices may still be in it.\n\n");
	if (license)
		fprintf(out, "Licence: %s%s%s.\n", license,
			creator ? ", by " : "", creator ? creator : "");
	else
		fprintf(out, "State a licence before you pass this on; none "
			     "is stated here (`license` in the `export` part "
			     "of site.json).\n");
}

char *wx_card_text(const struct wx_archive *a,
		   const struct wx_export_opts *opts,
		   const struct wx_export_stats *stats)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (!out)
		return NULL;
	fprintf(out,
		"# %s: sound labelled with %s\n\nMade by wxset " WX_VERSION
		" (wx-export) from field recordings and a mechanical weather "
		"station beside them. The sound is as the nodes recorded it, "
		"not encoded anew.\n\n",
		a->site->name,
		opts->target == WX_TARGET_BOTH ? "rain and wind"
					       : wx_target_name(opts->target));
	origin(out, a, stats);
	classes(out, opts);
	counts(out, opts, stats);
	left_out(out, stats);
	trust(out, opts, stats);
	fprintf(out,
		"## Files\n\n"
		"- `%s`: the samples with their labels and metadata; give it "
		"to the uploader (`--info-file`)\n"
		"- `training/`, `testing/`: %s, named CLASS.NODE-UTC%s\n"
		"- `provenance.jsonl`: for each sample where it came from and "
		"why it is labelled so\n\n",
		opts->format->list_file, opts->format->desc, opts->format->ext);
	privacy(out, a, stats);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
