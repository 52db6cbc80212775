/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a table of observations and, after a line "%", one of windows:
 * each window gets a label whose probabilities are probabilities, with what the
 * node sensed in them and without.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weather/labeller.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct wx_class_label *c)
{
	double sum = 0;

	for (int i = 0; i < c->n_probs; i++) {
		if (!(c->probs[i] >= 0 && c->probs[i] <= 1 + 1e-9))
			abort();
		sum += c->probs[i];
	}
	if (c->n_probs && (fabs(sum - 1) > 1e-6 || !(c->value >= 0)))
		abort();
	if (!c->n_probs && (*c->name || c->keep))
		abort();
}

static struct wx_csv *open_table(const uint8_t *data, size_t size, FILE **in)
{
	struct wx_csv *csv = NULL;

	*in = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	if (*in)
		wx_csv_open_stream(*in, "fuzz", NULL, &csv, NULL);
	return csv;
}

static void close_table(struct wx_csv *csv, FILE *in)
{
	wx_csv_close(csv);
	if (in)
		fclose(in);
}

static void read_obs(struct wx_csv *csv, struct wx_evidence *e)
{
	struct wx_obs_cols cols;
	struct wx_obs obs;

	if (wx_obs_cols(csv, &cols, NULL) != WX_OK)
		return;
	while (wx_csv_next(csv, NULL) > 0)
		if (wx_obs_get(csv, &cols, &obs, NULL) == WX_OK)
			wx_evidence_add(e, &obs, NULL);
}

static void read_windows(struct wx_csv *csv, struct wx_labeller *l)
{
	struct wx_window_cols cols;
	struct wx_window w;
	struct wx_label label;

	if (wx_window_cols(csv, &cols, NULL) != WX_OK)
		return;
	while (wx_csv_next(csv, NULL) > 0) {
		if (wx_window_get(csv, &cols, &w, NULL) != WX_OK)
			continue;
		wx_labeller_window(l, &w, &label);
		check(&label.rain);
		check(&label.wind);
	}
}

/* All windows as those of the first one's day. */
static struct wx_senses *sense(struct wx_csv *csv, const struct wx_gauge *g)
{
	struct wx_senses *s = NULL;
	struct wx_window_cols cols;
	struct wx_window w;
	bool begun = false;

	if (wx_window_cols(csv, &cols, NULL) != WX_OK ||
	    wx_senses_new(WX_SENSE_HUMIDITY | WX_SENSE_SOUND, &s, NULL) !=
		    WX_OK)
		return NULL;
	while (wx_csv_next(csv, NULL) > 0) {
		if (wx_window_get(csv, &cols, &w, NULL) != WX_OK)
			continue;
		if (!begun && !wx_time_is_none(w.start_utc)) {
			wx_senses_begin(s, wx_time_day(w.start_utc));
			begun = true;
		}
		if (begun)
			wx_senses_add(s, &w, NULL);
	}
	if (begun)
		wx_senses_learn(s, g);
	return s;
}

/* Label the table of windows, with what it tells of the node or without. */
static void label(struct wx_labeller *l, const struct wx_gauge *g,
		  const uint8_t *data, size_t size, bool with)
{
	struct wx_senses *s = NULL;
	FILE *in;
	struct wx_csv *csv = open_table(data, size, &in);

	if (csv && with) {
		s = sense(csv, g);
		close_table(csv, in);
		csv = open_table(data, size, &in);
	}
	wx_labeller_senses(l, s);
	if (csv)
		read_windows(csv, l);
	close_table(csv, in);
	wx_labeller_senses(l, NULL);
	wx_senses_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct wx_profile profile;
	const uint8_t *cut = memmem(data, size, "\n%\n", 3);
	size_t n_obs = cut ? (size_t)(cut - data) : size;
	struct wx_evidence e, *all[] = { &e };
	struct wx_labeller l;
	struct wx_csv *csv;
	FILE *in;

	if (!profile.rain.n && wx_profile_read("aurora3", &profile, NULL))
		abort();
	/* The bucket known or not, a siphon or not, by bits of the input. */
	wx_evidence_init(&e, size & 1 ? .2 : NAN, .6667, 0, .5);
	e.gauge.siphon = size & 2;
	/* ... and somebody at it, a minute of the seeds' day. */
	if (size & 4)
		wx_gauge_close(&e.gauge,
			       (struct wx_time){ INT64_C(1780315260000000000) },
			       (struct wx_time){ INT64_C(1780315320000000000) },
			       NULL);
	csv = open_table(data, n_obs, &in);
	if (csv)
		read_obs(csv, &e);
	close_table(csv, in);
	if (wx_evidence_finish(&e, NULL) == WX_OK && cut) {
		wx_labeller_init(&l, &profile, all, 1);
		label(&l, &e.gauge, cut + 3, size - n_obs - 3, false);
		label(&l, &e.gauge, cut + 3, size - n_obs - 3, true);
	}
	wx_evidence_fini(&e);
	return 0;
}
