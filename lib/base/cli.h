/* SPDX-License-Identifier: MIT */
/*
 * lib/base/cli.h: the manners every tool shares. Only cmd/ may use this.
 *
 * Options are declared once in a table: parsing, ranges, --help come from it,
 * and a test compares it with the man page. -h -V -q -v are every tool's.
 */
#ifndef WX_BASE_CLI_H
#define WX_BASE_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum {
	WX_EXIT_OK = 0,
	WX_EXIT_FOUND = 1, /* a check found something */
	WX_EXIT_USAGE = 2,
	WX_EXIT_INPUT = 3,  /* bad input */
	WX_EXIT_SYSTEM = 4, /* I/O, network, memory */
};

enum wx_opt_kind {
	WX_OPT_K_END,
	WX_OPT_K_FLAG,
	WX_OPT_K_INT,
	WX_OPT_K_F64,
	WX_OPT_K_STR,
	WX_OPT_K_STRS,
	WX_OPT_K_DAYS
};

struct wx_strs { /* values of an option that may be given several times */
	const char *v[64];
	int n;
};

struct wx_day_list { /* the same of UTC days, as base/time.h counts them */
	int64_t v[64];
	int n;
};

struct wx_opt {
	enum wx_opt_kind kind;
	char shrt; /* 0: none */
	const char *lng;
	void *value; /* bool, int64_t, double, const char *, struct ... */
	double min, max;
	const char *arg;  /* its name in help, "FRAMES" */
	const char *help; /* one line */
};

#define WX_OPT_FLAG(s, l, v, h)                                   \
	{                                                         \
		WX_OPT_K_FLAG, s, l, (bool *){ v }, 0, 0, NULL, h \
	}
#define WX_OPT_INT(s, l, v, lo, hi, a, h)                          \
	{                                                          \
		WX_OPT_K_INT, s, l, (int64_t *){ v }, lo, hi, a, h \
	}
#define WX_OPT_F64(s, l, v, lo, hi, a, h)                         \
	{                                                         \
		WX_OPT_K_F64, s, l, (double *){ v }, lo, hi, a, h \
	}
#define WX_OPT_STR(s, l, v, a, h)                                    \
	{                                                            \
		WX_OPT_K_STR, s, l, (const char **){ v }, 0, 0, a, h \
	}
#define WX_OPT_STRS(s, l, v, a, h)                                       \
	{                                                                \
		WX_OPT_K_STRS, s, l, (struct wx_strs *){ v }, 0, 0, a, h \
	}
#define WX_OPT_END                                            \
	{                                                     \
		WX_OPT_K_END, 0, NULL, NULL, 0, 0, NULL, NULL \
	}
/* -a DIR: the archive; default $WXSET_ARCHIVE, else the current folder. */
#define WX_OPT_ARCHIVE(v)                    \
	WX_OPT_STR('a', "archive", v, "DIR", \
		   "the archive (default $WXSET_ARCHIVE, else .)")
#define WX_OPT_NODE(v) \
	WX_OPT_STRS(0, "node", v, "ID", "only this node; may be repeated")
#define WX_OPT_DATE(v)                                                       \
	{                                                                    \
		WX_OPT_K_DAYS, 0, "date", (struct wx_day_list *){ v }, 0, 0, \
			"YYYY-MM-DD", "only this UTC day; may be repeated"   \
	}
#define WX_OPT_JSON(v) \
	WX_OPT_FLAG(0, "json", v, "report as one JSON object a line")

/*
 * Parse; exits itself after -h and -V, and with 2 on wrong usage. usage: one
 * or more lines "wx-level [-j] CAPTURE..." , then a blank line and a sentence.
 * Returns the index of the first operand (options may stand among them: argv
 * is permuted). The tool's name in messages is the first word of usage.
 */
int wx_cli_parse(int argc, char **argv, const char *usage,
		 const struct wx_opt *opts);

/* The value of -a, or its default. */
const char *wx_cli_archive(const char *given);
bool wx_strs_has(const struct wx_strs *list, const char *text); /* or empty */
bool wx_day_list_has(const struct wx_day_list *list,
		     int64_t day); /* or empty */

/* Print a failure as "wx-level: TEXT"; the exit status it stands for. */
int wx_cli_report(int rc, const struct wx_error *err);
int wx_cli_worst(int status_a, int status_b);
/* A wrong operand or combination: prints, points to -h, returns 2. */
int wx_cli_usage(const char *fmt, ...) WX_PRINTF(1, 2);
/* Warnings of lib/ and formats/, printed like failures. */
struct wx_log *wx_cli_log(void);
/* A remark: stderr, not with -q. With -v only: wx_cli_detail. */
void wx_cli_note(const char *fmt, ...) WX_PRINTF(1, 2);
void wx_cli_detail(const char *fmt, ...) WX_PRINTF(1, 2);

/*
 * One line that overwrites itself, on a terminal only and not with -q, at most
 * ten times a second: "samples 123 of 5000, 210/s, 0:24 left"; of bytes "pull
 * 12.3 of 685.4 MB, 39 MB/s, 0:17 left". total 0: unknown. Another what, or a
 * done that falls, begins anew.
 */
void wx_cli_progress(const char *what, uint64_t done, uint64_t total);
void wx_cli_progress_bytes(const char *what, uint64_t done, uint64_t total);
void wx_cli_progress_end(void);

/* Set by SIGINT and SIGTERM once wx_cli_catch_signals was called. */
void wx_cli_catch_signals(void);
bool wx_cli_stopped(void);

/* Flush stdout: a full disk shows only here. Returns the exit status. */
int wx_cli_end(int status);

#endif
