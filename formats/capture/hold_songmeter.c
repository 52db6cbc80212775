/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/hold_songmeter.c: a Song Meter's notes as an env table.
 *
 * The notes tell the recorder's wall clock and no zone; so does m here: it
 * counts from 2000-01-01 00:00:00 of that clock, as it does for the captures of
 * such a card.
 */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "capture/card.h"
#include "capture/holder.h"
#include "capture/songmeter.h"

/* A column of clock errors is told by so many of its rows at most. */
enum { MAX_RTC = 200 };

struct notes {
	struct wx_songmeter sm;
	size_t n_rows, n_temps;
	json_t *rtc; /* describe */
	FILE *out;   /* make */
	int64_t last_m_us;
};

static bool is(const char *name, const void *head, size_t n)
{
	(void)head;
	(void)n;
	return wx_songmeter_name(name);
}

static int64_t m_of(const struct wx_songmeter_row *row)
{
	return wx_civil_to_time(&row->civil, 0).utc_ns / WX_NS_PER_US -
	       WX_CARD_M_EPOCH_US;
}

static bool count_line(void *ctx, const char *text, size_t n)
{
	struct notes *s = ctx;
	struct wx_songmeter_row row;

	if (wx_songmeter_line(&s->sm, text, n, &row) != WX_SONGMETER_ROW)
		return true;
	s->n_rows++;
	s->n_temps += isfinite(row.temp_degc) && m_of(&row) >= 0;
	if (isfinite(row.rtc_ahead_s) && json_array_size(s->rtc) < MAX_RTC)
		json_array_append_new(s->rtc, json_pack("[I, f]",
							(json_int_t)m_of(&row),
							row.rtc_ahead_s));
	return true;
}

static void describe(int fd, const char *name, json_t *says)
{
	struct notes s = { .rtc = json_array() };

	(void)name;
	wx_holder_lines(fd, count_line, &s);
	if (s.n_temps)
		wx_holder_add_part(says, WX_HOLDER_ENV, -1, 0, INT64_MIN);
	if (json_array_size(s.rtc))
		json_object_set(says, "rtc", s.rtc);
	json_decref(s.rtc);
}

/* A clock that was set back writes its minutes again: m only goes on. */
static bool write_row(void *ctx, const char *text, size_t n)
{
	struct notes *s = ctx;
	struct wx_songmeter_row row;
	char number[WX_NUM_SIZE];

	if (wx_songmeter_line(&s->sm, text, n, &row) != WX_SONGMETER_ROW ||
	    !isfinite(row.temp_degc) || m_of(&row) <= s->last_m_us)
		return true;
	s->last_m_us = m_of(&row);
	wx_f64_format(row.temp_degc, 2, number);
	fprintf(s->out, "%lld,%s\n", (long long)s->last_m_us, number);
	return true;
}

static int make(int fd, const char *name, const json_t *says, const char *w,
		const char *to, struct wx_error *err)
{
	struct notes s = { .last_m_us = -1 };
	struct wx_file *f = NULL;
	bool changed;
	int rc = wx_file_create(to, &f, err);

	(void)name;
	(void)says;
	(void)w;
	if (rc)
		return rc;
	s.out = wx_file_get(f);
	fputs("m,air_temp_degc\n", s.out);
	wx_holder_lines(fd, write_row, &s);
	return wx_file_commit(f, &changed, err);
}

const struct wx_holder wx_holder_songmeter = {
	.kind = "songmeter",
	.grows = true,
	.is = is,
	.describe = describe,
	.make = make,
};
