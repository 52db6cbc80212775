/* SPDX-License-Identifier: MIT */
/*
 * tests/bench/labels_wind.c: how right wind labels are by the pulses of cups.
 *
 *     labels_wind [SERIES.csv...]
 *
 * True wind (epoch_s,m_per_s, straight lines between; and four days of
 * wx-sim's) turns cups that follow it over 2.5 m of air; a turn is a pulse,
 * 2/3 m/s a turn a second. Windows of 10 s are judged by limits of 2 and
 * 6 m/s, with a guard of 15 %. Beside them: counting pulses in the window.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "labels_series.h"
#include "sim/weather.h"
#include "weather/wind.h"

#define M_S_PER_HZ 0.6667
#define FOLLOWS_M  2.5
#define STEP_S     0.05
#define NS         INT64_C(1000000000)

static const struct wx_classes classes = { .n = 3,
					   .name = { "calm", "breeze", "wind" },
					   .limit = { 2, 6 },
					   .guard = .15,
					   .min_p = .8 };

struct wind { /* at times t_s, from 0 */
	double *t_s, *m_s;
	size_t n, room_t, room_v;
};

struct sums {
	size_t n, right, counted, kept, kept_right;
};

static void add(struct wind *w, double t_s, double m_s)
{
	if (WX_GROW(&w->t_s, &w->room_t, w->n + 1, NULL) != WX_OK ||
	    WX_GROW(&w->m_s, &w->room_v, w->n + 1, NULL) != WX_OK)
		exit(1);
	w->t_s[w->n] = t_s;
	w->m_s[w->n++] = m_s;
}

static void wind_read(const char *path, struct wind *w)
{
	FILE *f = fopen(path, "r");
	double t, v, t0 = NAN;
	char line[200];

	if (!f) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lf,%lf", &t, &v) == 2 && v >= 0) {
			t0 = isnan(t0) ? t : t0;
			add(w, t - t0, v);
		}
	fclose(f);
}

static void wind_made(struct wind *w)
{
	static struct wx_sim_sample day[86400];
	struct wx_sim_weather sim = { .key = 5,
				      .climate =
					      wx_sim_climate_get("showery") };

	for (int d = 0; d < 4; d++) {
		wx_sim_weather_get(&sim, INT64_C(1767225600) + d * 86400, 86400,
				   day);
		for (int i = 0; i < 86400; i++)
			add(w, d * 86400.0 + i, day[i].wind_m_s);
	}
}

static double at(const struct wind *w, size_t *i, double t_s)
{
	double f;

	while (*i + 2 < w->n && w->t_s[*i + 1] <= t_s)
		++*i;
	f = (t_s - w->t_s[*i]) / (w->t_s[*i + 1] - w->t_s[*i]);
	return w->m_s[*i] + (w->m_s[*i + 1] - w->m_s[*i]) * fmin(fmax(f, 0), 1);
}

static int class_of(double m_s)
{
	return (m_s >= classes.limit[0]) + (m_s >= classes.limit[1]);
}

/* Cups and windows in one go: means of the true wind, and pulses. */
static size_t turn(const struct wind *w, struct wx_wind *wind, double *mean,
		   int *pulses)
{
	double end = w->t_s[w->n - 1], cup = w->m_s[0], phase = .5;
	size_t n = (size_t)(end / WINDOW_S), i = 0;

	for (double t = 0; t < end; t += STEP_S) {
		double v = at(w, &i, t);
		size_t k = (size_t)(t / WINDOW_S);

		cup += (v - cup) * (1 - exp(-cup * STEP_S / FOLLOWS_M));
		cup = fmax(cup, .05);
		phase += cup / M_S_PER_HZ * STEP_S;
		if (k < n)
			mean[k] += v * STEP_S / WINDOW_S;
		if (phase >= 1) {
			struct wx_obs o;

			phase -= 1;
			wx_obs_init(&o);
			o.utc.utc_ns = (int64_t)(t * 1e9);
			o.interval_s = 0;
			o.cup_turns = 1;
			if (wx_wind_add(wind, &o, NULL) != WX_OK)
				exit(1);
			if (k < n)
				pulses[k]++;
		}
	}
	return n;
}

static void judge(const struct wind *w, struct sums *s)
{
	size_t most = (size_t)(w->t_s[w->n - 1] / WINDOW_S) + 1, n;
	double *mean = calloc(most, sizeof(*mean));
	int *pulses = calloc(most, sizeof(*pulses));
	struct wx_wind wind;

	if (!mean || !pulses)
		exit(1);
	wx_wind_init(&wind, M_S_PER_HZ, 0, 0);
	n = turn(w, &wind, mean, pulses);
	if (wx_wind_finish(&wind, NULL) != WX_OK)
		exit(1);
	for (size_t k = 1; k + 1 < n; k++) {
		struct wx_class_label l;
		struct wx_wind_why why;
		double gust;
		int truth = class_of(mean[k]);
		bool right;

		wx_class_unknown(&l);
		wx_wind_label(&wind, &classes,
			      (struct wx_time){ (int64_t)k * WINDOW_S * NS },
			      WINDOW_S, 0, &l, &gust, &why);
		right = l.n_probs && !strcmp(l.name, classes.name[truth]);
		s->n++;
		s->right += right;
		s->counted +=
			class_of(pulses[k] * M_S_PER_HZ / WINDOW_S) == truth;
		s->kept += l.keep;
		s->kept_right += l.keep && right;
	}
	wx_wind_fini(&wind);
	free(mean);
	free(pulses);
}

static void row(const char *name, const struct sums *s)
{
	double n = (double)s->n;

	printf("%-34.34s %7zu right %.4f  kept %.2f, of it right %.4f  by "
	       "counts %.4f\n",
	       name, s->n, (double)s->right / n, (double)s->kept / n,
	       (double)s->kept_right / (double)s->kept, (double)s->counted / n);
}

int main(int argc, char *argv[])
{
	struct sums all = { 0 };

	for (int i = 0; i < argc; i++) {
		const char *base = i ? strrchr(argv[i], '/') : NULL;
		struct wind w = { 0 };
		struct sums one = { 0 };

		if (i)
			wind_read(argv[i], &w);
		else
			wind_made(&w);
		judge(&w, &one);
		row(base ? base + 1 : i ? argv[i] : "wx-sim", &one);
		all.n += one.n;
		all.right += one.right;
		all.counted += one.counted;
		all.kept += one.kept;
		all.kept_right += one.kept_right;
		free(w.t_s);
		free(w.m_s);
	}
	row("all", &all);
	return 0;
}
