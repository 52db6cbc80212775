/* SPDX-License-Identifier: MIT */
/*
 * lib/audit/gaps.c: what did not come, by numbers and by days; clocks and
 * sound that are worse than they should be.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/parts.h"
#include "base/text.h"
#include "base/time.h"

/* A day between the first and the last with less than this share of the
 * captures of a usual one has a gap. */
#define USUAL_SHARE 0.9
/* A day of which more than this share of the sound failed its checks. */
#define FAIL_SHARE 0.1

static int by_seq(const void *va, const void *vb)
{
	const struct audit_seq *a = va, *b = vb;

	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static bool is_wanted(const struct audit *au, int64_t day)
{
	return day >= au->o->since_day;
}

/* The numbers lost on one day of a node, as they are told. */
struct lost {
	int64_t day; /* INT64_MIN: not known */
	int64_t n;
	char numbers[400]; /* "369, 416, 501 to 503" */
	size_t n_text;
};

static void lost_add(struct lost *l, int64_t from, int64_t to)
{
	size_t room = sizeof(l->numbers) - l->n_text;
	const char *comma = l->n ? ", " : "";
	int n;

	l->n += to - from + 1;
	if (room < 60)
		n = l->n_text && l->numbers[l->n_text - 1] == '.'
			    ? 0
			    : snprintf(l->numbers + l->n_text, room, ", ...");
	else if (from == to)
		n = snprintf(l->numbers + l->n_text, room, "%s%" PRId64, comma,
			     from);
	else
		n = snprintf(l->numbers + l->n_text, room,
			     "%s%" PRId64 " to %" PRId64, comma, from, to);
	l->n_text += (size_t)n;
}

static void lost_tell(struct audit *au, const char *node, struct lost *l)
{
	char *path = wx_strf("raw/%s/index.jsl", node);
	char date[16] = "day unknown";

	if (l->day != INT64_MIN)
		wx_day_format(l->day, date);
	if (path && l->n && (l->day == INT64_MIN || is_wanted(au, l->day)))
		audit_found(au, WX_AUDIT_LOSS, "gap", path,
			    "look after the node's battery and card at that "
			    "time",
			    "%s: %" PRId64 " files of node %s that no line "
			    "tells, by their numbers %s",
			    date, l->n, node, l->numbers);
	free(path);
	*l = (struct lost){ .day = INT64_MIN };
}

void audit_seq_gaps(struct audit *au, const char *node, struct audit_seq *seq,
		    size_t n)
{
	struct lost l = { .day = INT64_MIN };

	if (n)
		qsort(seq, n, sizeof(*seq), by_seq);
	for (size_t i = 1; i < n; i++) {
		int64_t day =
			seq[i].r0_us == INT64_MIN
				? l.day
				: wx_time_day(wx_time_from_us(seq[i].r0_us));

		if (seq[i].seq - seq[i - 1].seq < 2)
			continue;
		if (day != l.day)
			lost_tell(au, node, &l);
		l.day = day;
		lost_add(&l, seq[i - 1].seq + 1, seq[i].seq - 1);
	}
	lost_tell(au, node, &l);
}

static int by_count(const void *va, const void *vb)
{
	const uint32_t *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

/* Captures on a usual day: the median of those between first and last. */
static uint32_t usual(const struct audit_day *d, size_t n)
{
	uint32_t *count = calloc(n + 1, sizeof(*count));
	uint32_t m = 0;

	if (!count)
		return 0;
	for (size_t i = 0; i < n; i++)
		count[i] = d[i].n_captures;
	qsort(count, n, sizeof(*count), by_count);
	m = n ? count[n / 2] : 0;
	free(count);
	return m;
}

static void no_days(struct audit *au, const char *node, int64_t from,
		    int64_t to)
{
	char a[WX_DAY_SIZE], b[WX_DAY_SIZE];
	char *path = wx_strf("windows/%s", node);

	wx_day_format(from, a);
	wx_day_format(to, b);
	if (path && is_wanted(au, to))
		audit_found(au, WX_AUDIT_LOSS, "gap", path,
			    "look whether the node ran then, and whether its "
			    "clock was right",
			    "no capture of node %s from %s to %s", node, a, b);
	free(path);
}

static void judge_day(struct audit *au, const char *path,
		      const struct audit_day *d, bool inner, uint32_t median)
{
	if (inner && d->n_captures < USUAL_SHARE * median)
		audit_found(au, WX_AUDIT_LOSS, "gap", path,
			    "look whether the node ran all day",
			    "%" PRIu32 " captures, expected about %" PRIu32
			    " as on a usual day",
			    d->n_captures, median);
	if (d->n_fail > FAIL_SHARE * d->n_rows)
		audit_found(au, WX_AUDIT_LOSS, "quality", path,
			    "look after the node's microphone; the flags in "
			    "its sound table say what is wrong",
			    "the sound of %" PRIu32 " of %" PRIu32
			    " windows failed its checks",
			    d->n_fail, d->n_rows);
	if (d->max_err_s > d->length_s / 2)
		audit_found(au, WX_AUDIT_LOSS, "clock", path,
			    "let the node sync its clock, or pull more often; "
			    "wx-align --explain shows its anchors",
			    "a start may be wrong by %.1f s, expected less "
			    "than half a window of %g s",
			    (double)d->max_err_s, (double)d->length_s);
}

void audit_days(struct audit *au, const char *node, const int64_t *day,
		const struct audit_day *d, size_t n)
{
	uint32_t median = n > 2 ? usual(d + 1, n - 2) : 0;

	for (size_t i = 0; i < n; i++) {
		char date[WX_DAY_SIZE];
		char *path;

		if (i && day[i] > day[i - 1] + 1)
			no_days(au, node, day[i - 1] + 1, day[i] - 1);
		if (!is_wanted(au, day[i]))
			continue;
		wx_day_format(day[i], date);
		path = wx_strf("windows/%s/%s.csv", node, date);
		if (path)
			judge_day(au, path, &d[i], i > 0 && i + 1 < n, median);
		free(path);
	}
}
