/* SPDX-License-Identifier: MIT */
/* lib/report/page.h: what the sections of the page share. */
#ifndef WX_REPORT_PAGE_H
#define WX_REPORT_PAGE_H

#include "dataset/review.h"
#include "report/chart.h"
#include "report/html.h"
#include "report/report.h"
#include "report/season.h"

struct page {
	FILE *out;
	const struct wx_archive *a;
	const struct wx_report_opts *o;
	const struct wx_season *s;
	struct wx_picker *picker;
	int n_picks;
	struct wx_site_time time;
	struct wx_log *log;
	bool plain_months;
};

/* "1,234,567". */
const char *page_count(uint64_t n, char buf[32]);
/* UTC day of the season's i-th day. */
void page_day(const struct page *p, size_t i, char buf[WX_DAY_SIZE]);
/* Begin, rows, end of the table behind a chart. head: markup of ours. */
void page_table_begin(const struct page *p, const char *caption,
		      const char *const *head, size_t n);
void page_table_end(const struct page *p);

/* The sections, in their order. */
void page_glance(struct page *p);
void page_weather(struct page *p);
void page_labels(struct page *p);
int page_clocks(struct page *p, struct wx_error *err);
void page_sound(struct page *p);
void page_balance(struct page *p);
void page_dropped(struct page *p);
int page_review(struct page *p, struct wx_error *err);

#endif
