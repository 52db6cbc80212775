/* SPDX-License-Identifier: MIT */
/* lib/clock/anchor.c: anchors from exchanges and from a node's own events. */
#include "clock/anchor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "clock/step.h"

/* Of a repeated exchange on a quiet network, measured: some 0.1 ms. */
#define EXCHANGE_JITTER_S 0.0003
/* Past it nanoseconds leave 64 bits. */
#define MAX_US INT64_C(9000000000000000)

bool wx_clock_unset(int64_t utc_us)
{
	/* 1970: Unix. 1980: FAT, GPS. 2000: DS1307, DS3231. 2010: Frontier. */
	static const int years[] = { 1970, 1980, 2000, 2010 };
	struct wx_civil c;

	if (utc_us < 0 || utc_us > MAX_US)
		return utc_us < 0;
	c = wx_time_to_civil(wx_time_from_us(utc_us), 0);
	for (size_t i = 0; i < WX_COUNT(years); i++)
		if (c.year == years[i])
			return true;
	return false;
}

static int add(struct wx_anchors *list, const struct wx_anchor *a,
	       struct wx_error *err)
{
	if (WX_GROW(&list->anchor, &list->size, list->n + 1, err))
		return WX_ERR_NOMEM;
	list->anchor[list->n++] = *a;
	return WX_OK;
}

static const char *fault_of(const struct wx_anchor *a, struct wx_time latest)
{
	if (a->boot < 0 || a->m_us < 0 || a->m_us > WX_CLOCK_MAX_M_US)
		return "no boot or no m that could be";
	if (a->utc_us > latest.utc_ns / WX_NS_PER_US)
		return "in the future";
	if (wx_clock_unset(a->utc_us))
		return "a clock that was not set";
	return NULL;
}

static double event_sigma(bool set, const char *source, double error_ms)
{
	bool gps = !strcmp(source, "gps") || !strcmp(source, "pps");

	/* An error of some years is no knowledge: keep the squares finite. */
	if (error_ms >= 0)
		return fmin(fmax(error_ms * 1e-3, 0.001), 1e8);
	return set ? 2.0 : gps ? 0.010 : 0.100;
}

int wx_anchors_add_event(struct wx_anchors *list, const char *kind,
			 const char *source, int64_t boot, int64_t m_us,
			 int64_t utc_us, double error_ms, struct wx_time latest,
			 struct wx_error *err)
{
	bool set = !strcmp(kind, "set");
	struct wx_anchor a = {
		.boot = boot,
		.m_us = m_us,
		.utc_us = utc_us,
		.sigma_s = event_sigma(set, source, error_ms),
		.kind = set ? WX_ANCHOR_SET : WX_ANCHOR_SYNC,
		.delay_s = NAN,
		.resid_s = NAN,
	};

	if ((!set && strcmp(kind, "sync") != 0) || utc_us == INT64_MIN)
		return WX_OK;
	/* One server by one way; but a person sets a clock anew each time. */
	a.common_s = set ? 0 : a.sigma_s / 2;
	if (strlen(source) < sizeof(a.source))
		memcpy(a.source, source, strlen(source) + 1);
	a.fault = fault_of(&a, latest);
	a.invalid = a.fault;
	return add(list, &a, err);
}

int wx_anchors_add(struct wx_anchors *list, const struct wx_anchor *anchor,
		   struct wx_time latest, struct wx_error *err)
{
	struct wx_anchor a = *anchor;

	a.delay_s = a.resid_s = NAN;
	a.fault = fault_of(&a, latest);
	a.invalid = a.fault;
	return add(list, &a, err);
}

static int64_t delay_us(const struct wx_exchange *x)
{
	return (x->t4_us - x->t1_us) - (x->m3_us - x->m2_us);
}

/* Twice the offset, so that halves stay whole. */
static int64_t offset2_us(const struct wx_exchange *x)
{
	return (x->t1_us + x->t4_us) - (x->m2_us + x->m3_us);
}

static int compare_i64(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_boot_and_m(const void *pa, const void *pb)
{
	const struct wx_exchange *a = pa, *b = pb;
	int c = compare_i64(a->boot, b->boot);

	c = c ? c : compare_i64(a->m2_us, b->m2_us);
	return c ? c : compare_i64(a->t1_us, b->t1_us);
}

static int by_delay(const void *pa, const void *pb)
{
	int c = compare_i64(delay_us(pa), delay_us(pb));

	return c ? c : by_boot_and_m(pa, pb);
}

static int by_offset(const void *pa, const void *pb)
{
	int c = compare_i64(offset2_us(pa), offset2_us(pb));

	return c ? c : by_boot_and_m(pa, pb);
}

static double host_sigma(const struct wx_exchange *x)
{
	double est_s = (double)x->host_est_err_us * 1e-6;

	if (!x->host_synced)
		return WX_HOST_FREE_S;
	/* An estimate past the maximum a kernel believes in (16 s) is none. */
	return x->host_est_err_us < 0 ? 0.010 : fmin(est_s, WX_HOST_FREE_S);
}

/*
 * One burst: of the quartile with the least delay, the exchange in the middle.
 * Not the mean: the host's clock may have been stepped between two bursts.
 */
static struct wx_anchor burst_anchor(struct wx_exchange *x, size_t n)
{
	const struct wx_exchange *mid;
	struct wx_anchor a = { .kind = WX_ANCHOR_EXCHANGE };
	size_t quartile = (n + 3) / 4;

	qsort(x, n, sizeof(*x), by_delay);
	qsort(x, quartile, sizeof(*x), by_offset);
	mid = &x[(quartile - 1) / 2];
	a.boot = mid->boot;
	a.m_us = mid->m2_us + (mid->m3_us - mid->m2_us) / 2;
	a.utc_us = mid->t1_us + (mid->t4_us - mid->t1_us) / 2;
	a.delay_s = (double)delay_us(mid) * 1e-6;
	a.n_exchanges = (int)n;
	a.host_synced = mid->host_synced;
	a.jitter_s = EXCHANGE_JITTER_S;
	/* Half the delay bounds the error: call that 2 sigma. */
	a.sigma_s = wx_step_up(fmax(WX_EXCHANGE_FLOOR_S,
				    hypot(a.delay_s / 4, host_sigma(mid))));
	a.common_s = a.sigma_s;
	a.resid_s = NAN;
	return a;
}

int wx_anchors_add_exchanges(struct wx_anchors *list, struct wx_exchange *x,
			     size_t n, struct wx_time latest,
			     struct wx_error *err)
{
	size_t from = 0;
	int rc = WX_OK;

	if (n)
		qsort(x, n, sizeof(*x), by_boot_and_m);
	while (from < n && rc == WX_OK) {
		struct wx_anchor a;
		size_t to = from + 1;

		while (to < n && x[to].boot == x[from].boot &&
		       x[to].m2_us - x[from].m2_us <= WX_BURST_US)
			to++;
		a = burst_anchor(x + from, to - from);
		a.fault = fault_of(&a, latest);
		a.invalid = a.fault;
		rc = add(list, &a, err);
		from = to;
	}
	return rc;
}

static int by_place(const void *pa, const void *pb)
{
	const struct wx_anchor *a = pa, *b = pb;
	int c = compare_i64(a->boot, b->boot);

	c = c ? c : compare_i64(a->m_us, b->m_us);
	c = c ? c : compare_i64(a->utc_us, b->utc_us);
	c = c ? c : (int)a->kind - (int)b->kind;
	return c ? c : (a->sigma_s > b->sigma_s) - (a->sigma_s < b->sigma_s);
}

void wx_anchors_sort(struct wx_anchors *list)
{
	size_t n = 0;

	if (list->n)
		qsort(list->anchor, list->n, sizeof(*list->anchor), by_place);
	for (size_t i = 0; i < list->n; i++) {
		const struct wx_anchor *a = &list->anchor[i];
		const struct wx_anchor *last = n ? &list->anchor[n - 1] : NULL;

		if (!last || last->boot != a->boot || last->m_us != a->m_us ||
		    last->utc_us != a->utc_us || last->kind != a->kind)
			list->anchor[n++] = *a;
	}
	list->n = n;
}

struct wx_anchor *wx_anchors_of_boot(const struct wx_anchors *list,
				     int64_t boot, size_t *n)
{
	size_t lo = 0, hi = list->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (list->anchor[mid].boot < boot)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (hi < list->n && list->anchor[hi].boot == boot)
		hi++;
	*n = hi - lo;
	return *n ? list->anchor + lo : NULL;
}

void wx_anchors_fini(struct wx_anchors *list)
{
	free(list->anchor);
	*list = (struct wx_anchors){ 0 };
}
