/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/lineup_rate.c: sample clocks that are not what their captures
 * say: a wrong divider, or twice the rate. The real-time clock is another one,
 * and by that it is seen.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "clock/sanity.h"
#include "dataset/lineup_parts.h"

struct runs {
	struct wx_sample_run *run;
	size_t n, size;
};

static int by_m(const void *pa, const void *pb, void *ctx)
{
	const struct wx_sample_run *a = pa, *b = pb;

	(void)ctx;
	return (a->m0_us > b->m0_us) - (a->m0_us < b->m0_us);
}

static int judge(struct wx_lineup *l, struct runs *r, int64_t boot,
		 double rate_hz, struct wx_error *err)
{
	struct wx_sample_clock s;

	wx_sort(r->run, r->n, sizeof(*r->run), by_m, NULL);
	s = wx_sample_clock(r->run, r->n, rate_hz);
	r->n = 0;
	if (s.verdict == WX_SAMPLE_UNKNOWN)
		return WX_OK;
	if (WX_GROW(&l->rate, &l->size_rates, l->n_rates + 1, err))
		return WX_ERR_NOMEM;
	l->rate[l->n_rates++] = (struct wx_lineup_rate){
		boot, rate_hz, s,
		s.verdict == WX_SAMPLE_GOOD     ? NULL
		: s.verdict == WX_SAMPLE_DOUBLE ? "rate_suspect rate_double"
		: s.verdict == WX_SAMPLE_HALF   ? "rate_suspect rate_half"
						: "rate_suspect"
	};
	if (s.verdict == WX_SAMPLE_GOOD)
		return WX_OK;
	wx_warn(l->log,
		"%s boot %" PRId64 ": samples come at %.1f Hz, captures say "
		"%.10g: %s",
		l->node, boot, s.rate_hz, rate_hz, wx_sample_text(s.verdict));
	return WX_OK;
}

/*
 * May it tell the rate: long, or begun where another may have ended, at half
 * the rate at the latest? Of captures far apart nothing is kept.
 */
static bool tells(const struct wx_held *c, const struct wx_held *other)
{
	double length_s = (double)c->form->n_frames / c->form->rate_hz;

	return length_s >= WX_SAMPLE_MIN_S / 2 ||
	       (other && other->form->boot == c->form->boot &&
		fabs((double)(other->m0_us - c->m0_us)) <= 2.1e6 * length_s);
}

static bool is_usable(const struct wx_held *c)
{
	return wx_lineup_has_m(c) && !c->form->triggered &&
	       c->form->n_frames > 0 && c->form->rate_hz > 0;
}

/* Captures of a boot lie together, mostly: the index is sorted by name. */
int wx_lineup_judge_rates(struct wx_lineup *l, struct wx_error *err)
{
	const struct wx_held *all = l->catalog.capture;
	size_t n = l->catalog.n_captures;
	struct runs r = { 0 };
	int64_t boot = -1;
	double rate_hz = 0;
	int rc = WX_OK;

	for (size_t i = 0; i < n && rc == WX_OK; i++) {
		const struct wx_held *c = &all[i];

		if (!is_usable(c) ||
		    (!tells(c, i + 1 < n ? c + 1 : NULL) &&
		     !(i && is_usable(c - 1) && tells(c - 1, c))))
			continue;
		if (r.n &&
		    (c->form->boot != boot || c->form->rate_hz != rate_hz))
			rc = judge(l, &r, boot, rate_hz, err);
		boot = c->form->boot;
		rate_hz = c->form->rate_hz;
		if (rc == WX_OK)
			rc = WX_GROW(&r.run, &r.size, r.n + 1, err);
		if (rc == WX_OK)
			r.run[r.n++] =
				(struct wx_sample_run){ c->m0_us, c->m1_us,
							c->form->n_frames };
	}
	if (r.n && rc == WX_OK)
		rc = judge(l, &r, boot, rate_hz, err);
	free(r.run);
	return rc;
}

const struct wx_lineup_rate *wx_lineup_rate_of(const struct wx_lineup *l,
					       const struct wx_held *c)
{
	for (size_t i = 0; i < l->n_rates; i++)
		if (l->rate[i].boot == c->form->boot &&
		    l->rate[i].nominal_hz == c->form->rate_hz)
			return l->rate[i].words && wx_lineup_has_m(c)
				       ? &l->rate[i]
				       : NULL;
	return NULL;
}

void wx_lineup_tell_rates(struct wx_lineup *l)
{
	size_t at = 0;

	/* Both are by boot, mostly; one that is not goes untold. */
	for (size_t i = 0; i < l->timeline.n; i++) {
		struct wx_boot *b = &l->timeline.boot[i];

		while (at < l->n_rates && l->rate[at].boot < b->boot)
			at++;
		if (at == l->n_rates || l->rate[at].boot != b->boot)
			continue;
		b->sample = l->rate[at].sample;
		b->nominal_hz = l->rate[at].nominal_hz;
	}
}
