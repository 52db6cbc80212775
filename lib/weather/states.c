/* SPDX-License-Identifier: MIT */
/* lib/weather/states.c: the law of rain into chances of moves. */
#include "weather/states.h"

#include <math.h>
#include <string.h>

#include "weather/profile.h"

/* Rates of the lowest and highest wet state, mm/h. */
#define LOWEST_MM_H  0.03
#define HIGHEST_MM_H 200.0

typedef double matrix[WX_STATES][WX_STATES];

enum { PAUSE, DRY, WET = WX_STATES_DRY };

static double spacing(void)
{
	return log(HIGHEST_MM_H / LOWEST_MM_H) / (WX_STATES - WET - 1);
}

static double ln_rate(int i)
{
	return log(LOWEST_MM_H) + spacing() * (i - WET);
}

/* Where rain begins: a normal distribution of ln(rate), cut to the states. */
static void beginnings(const struct wx_states_law *l, double *p)
{
	double sum = 0;

	for (int i = WET; i < WX_STATES; i++) {
		double z = (ln_rate(i) - l->begin_ln_mean) / l->begin_ln_sigma;

		sum += p[i] = exp(-z * z / 2);
	}
	for (int i = WET; i < WX_STATES; i++)
		p[i] /= sum;
}

/* Moves per second; rows add up to 0. */
static void generator(const struct wx_states_law *l, matrix q)
{
	double h = spacing(), d = l->ln_sigma * l->ln_sigma / l->hold_s;
	double begin[WX_STATES] = { 0 };

	memset(q, 0, sizeof(matrix));
	beginnings(l, begin);
	for (int i = WET; i < WX_STATES; i++) {
		double x = ln_rate(i) - l->ln_mean;
		double pull = -x / l->hold_s * h / (2 * d);

		if (i + 1 < WX_STATES)
			q[i][i + 1] = d / (h * h) * exp(pull);
		if (i > WET)
			q[i][i - 1] = d / (h * h) * exp(-pull);
		q[i][PAUSE] = exp(l->end_slope * x) / l->end_s;
		q[PAUSE][i] = begin[i] / l->pause_s;
		q[DRY][i] = begin[i] / l->dry_s;
	}
	q[PAUSE][DRY] = 1 / l->leave_s;
	for (int i = 0; i < WX_STATES; i++) {
		double sum = 0;

		for (int j = 0; j < WX_STATES; j++)
			sum += q[i][j];
		q[i][i] -= sum;
	}
}

static void multiply(matrix a, matrix b, matrix out)
{
	matrix t;

	for (int i = 0; i < WX_STATES; i++)
		for (int j = 0; j < WX_STATES; j++) {
			double sum = 0;

			for (int k = 0; k < WX_STATES; k++)
				sum += a[i][k] * b[k][j];
			t[i][j] = sum;
		}
	memcpy(out, t, sizeof(matrix));
}

/* exp(q t): a series for a 2^-10th of t, squared ten times. */
static void exponential(matrix q, double t_s, matrix out)
{
	enum { HALVINGS = 10, TERMS = 8 };
	matrix x, term = { { 0 } };

	for (int i = 0; i < WX_STATES; i++)
		for (int j = 0; j < WX_STATES; j++) {
			x[i][j] = q[i][j] * t_s / (1 << HALVINGS);
			out[i][j] = term[i][j] = i == j;
		}
	for (int n = 1; n <= TERMS; n++) {
		multiply(term, x, term);
		for (int i = 0; i < WX_STATES; i++)
			for (int j = 0; j < WX_STATES; j++) {
				term[i][j] /= n;
				out[i][j] += term[i][j];
			}
	}
	for (int n = 0; n < HALVINGS; n++)
		multiply(out, out, out);
}

/* The row that every row of a long enough time becomes. */
static void shares(matrix longest, double *out)
{
	for (int n = 0; n < 20; n++) {
		multiply(longest, longest, longest);
		for (int i = 0; i < WX_STATES; i++) { /* rounding doubles */
			double sum = 0;

			for (int j = 0; j < WX_STATES; j++)
				sum += longest[i][j];
			for (int j = 0; j < WX_STATES; j++)
				longest[i][j] /= sum;
		}
	}
	memcpy(out, longest[0], WX_STATES * sizeof(*out));
}

struct wx_states_law wx_states_law_of(const struct wx_states_law *law,
				      enum wx_character character)
{
	double way = character == WX_GENTLE   ? -1
		     : character == WX_FIERCE ? 1
					      : 0;
	struct wx_states_law out = *law;

	out.ln_mean += way * law->lean_ln_mean;
	out.begin_ln_mean += way * law->lean_begin_ln_mean;
	out.hold_s *= pow(law->lean_hold, -way);
	out.end_s *= pow(law->lean_end, -way);
	return out;
}

void wx_states_init(struct wx_states *s, const struct wx_states_law *law)
{
	matrix q, p;

	memset(s, 0, sizeof(*s));
	s->law = *law;
	for (int i = WET; i < WX_STATES; i++) {
		s->rate_mm_h[i] = exp(ln_rate(i));
		s->edge_mm_h[i] = exp(ln_rate(i) + spacing() / 2);
	}
	generator(law, q);
	for (int first = 0; first < WX_STATE_STEPS_PER_OCTAVE; first++) {
		exponential(q,
			    WX_STATE_STEP_S * exp2((double)first /
						   WX_STATE_STEPS_PER_OCTAVE),
			    p);
		for (int n = first; n < WX_STATE_STEPS;
		     n += WX_STATE_STEPS_PER_OCTAVE) {
			for (int i = 0; i < WX_STATES; i++)
				for (int j = 0; j < WX_STATES; j++)
					s->move[n][i][j] = (float)p[i][j];
			multiply(p, p, p);
		}
	}
	shares(p, s->share);
}

int wx_states_step(double dt_s)
{
	double n = WX_STATE_STEPS_PER_OCTAVE * log2(dt_s / WX_STATE_STEP_S);

	return n < 0                    ? 0
	       : n > WX_STATE_STEPS - 1 ? WX_STATE_STEPS - 1
					: (int)(n + 0.5);
}

double wx_states_below(const struct wx_states *s, int i, double limit_mm_h)
{
	enum { PARTS = 16 };
	double x = log(limit_mm_h / s->rate_mm_h[i]), sum = 0;

	if (i < WET)
		return 1;
	for (int k = 0; k < PARTS; k++) {
		double in = spacing() * ((k + .5) / PARTS - .5);

		sum += wx_normal_cdf((x - in) / WX_STATES_FLICKER);
	}
	return sum / PARTS;
}
