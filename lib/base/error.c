/* SPDX-License-Identifier: MIT */
/* lib/base/error.c: see error.h. */
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

WX_PRINTF(3, 0)
static void fail_text(struct wx_error *err, int code, const char *fmt,
		      va_list args)
{
	if (!err || err->code)
		return;
	err->code = code;
	vsnprintf(err->text, sizeof(err->text), fmt, args);
}

int wx_fail(struct wx_error *err, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fail_text(err, code, fmt, args);
	va_end(args);
	return code;
}

int wx_fail_errno(struct wx_error *err, const char *fmt, ...)
{
	int saved = errno;
	int first = err && !err->code;
	va_list args;

	va_start(args, fmt);
	fail_text(err, WX_ERR_IO, fmt, args);
	va_end(args);
	if (first) {
		size_t n = strlen(err->text);

		snprintf(err->text + n, sizeof(err->text) - n, ": %s",
			 strerror(saved));
	}
	return WX_ERR_IO;
}

int wx_fail_nomem(struct wx_error *err)
{
	return wx_fail(err, WX_ERR_NOMEM, "out of memory");
}

void wx_warn(struct wx_log *log, const char *fmt, ...)
{
	char text[1000];
	va_list args;

	if (!log)
		return;
	log->n_warnings++;
	if (!log->write)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log->write(log->ctx, text);
}
