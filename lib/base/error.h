/* SPDX-License-Identifier: MIT */
/*
 * lib/base/error.h: what went wrong, said once, where it was known best.
 *
 * What can fail returns WX_OK or one of four negative codes. The text for
 * the user goes into a struct wx_error, which keeps the first failure's text:
 * what fails later while cleaning up never hides the cause.
 */
#ifndef WX_BASE_ERROR_H
#define WX_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

enum {
	WX_OK = 0,
	WX_ERR_IO = -1,     /* the system or network; a retry may help */
	WX_ERR_FORMAT = -2, /* the input is not what it claims to be */
	WX_ERR_RANGE = -3,  /* well formed, but not believable */
	WX_ERR_NOMEM = -4,
};

#define WX_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define WX_COUNT(a)          (sizeof(a) / sizeof((a)[0]))

struct wx_error {
	int code; /* WX_OK until the first failure */
	char text[1000];
};

/* Record a failure; returns code. err may be NULL. The first text stays. */
int wx_fail(struct wx_error *err, int code, const char *fmt, ...)
	WX_PRINTF(3, 4);

/* The same with code WX_ERR_IO and ": " strerror(errno) at the end. */
int wx_fail_errno(struct wx_error *err, const char *fmt, ...) WX_PRINTF(2, 3);

/* WX_ERR_NOMEM with its text. */
int wx_fail_nomem(struct wx_error *err);

/*
 * Where lib/ and formats/ report what is wrong but does not stop them (a torn
 * line, a skipped row). NULL means nobody listens. They never print.
 */
struct wx_log {
	void (*write)(void *ctx, const char *text);
	void *ctx;
	unsigned n_warnings; /* counted even when write is NULL */
};

void wx_warn(struct wx_log *log, const char *fmt, ...) WX_PRINTF(2, 3);

#endif
