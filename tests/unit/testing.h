/* SPDX-License-Identifier: MIT */
/* tests/unit/testing.h: checks for table-driven unit tests. */
#ifndef WX_TESTING_H
#define WX_TESTING_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

static int wx_test_failed, wx_test_passed;

static inline void wx_check(int ok, const char *file, int line,
			    const char *label)
{
	if (ok) {
		wx_test_passed++;
		return;
	}
	wx_test_failed++;
	printf("%s:%d: %s: failed\n", file, line, label);
}

#define CHECK(label, cond) wx_check((cond) ? 1 : 0, __FILE__, __LINE__, label)

#define CHECK_INT(label, found, expected)                                      \
	do {                                                                   \
		int64_t f_ = (int64_t)(found), e_ = (int64_t)(expected);       \
		wx_check(f_ == e_, __FILE__, __LINE__, label);                 \
		if (f_ != e_)                                                  \
			printf("  found %lld, expected %lld\n", (long long)f_, \
			       (long long)e_);                                 \
	} while (0)

/* Equal within tol; NAN equals NAN. */
#define CHECK_F64(label, found, expected, tol)                            \
	do {                                                              \
		double f_ = (found), e_ = (expected);                     \
		int ok_ = isnan(e_) ? isnan(f_) : fabs(f_ - e_) <= (tol); \
		wx_check(ok_, __FILE__, __LINE__, label);                 \
		if (!ok_)                                                 \
			printf("  found %.9g, expected %.9g\n", f_, e_);  \
	} while (0)

#define CHECK_STR(label, found, expected)                               \
	do {                                                            \
		const char *f_ = (found), *e_ = (expected);             \
		int ok_ = f_ && e_ ? !strcmp(f_, e_) : f_ == e_;        \
		wx_check(ok_, __FILE__, __LINE__, label);               \
		if (!ok_)                                               \
			printf("  found '%s', expected '%s'\n",         \
			       f_ ? f_ : "(null)", e_ ? e_ : "(null)"); \
	} while (0)

/* The exit status; also says when a test asserted nothing. */
static inline int wx_test_end(void)
{
	if (!wx_test_failed && !wx_test_passed)
		printf("no check ran\n");
	return wx_test_failed || !wx_test_passed;
}

#endif
