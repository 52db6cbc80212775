/* SPDX-License-Identifier: MIT */
/* tests/unit/test_limits.c: limits of quality, built in and a site's own. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/quality.h"
#include "testing.h"

static int read_text(const char *text, struct wx_limits *out,
		     struct wx_error *err)
{
	char path[] = "/tmp/wxset-limits.XXXXXX";
	int fd = mkstemp(path), rc;

	CHECK("scratch file", fd >= 0 && write(fd, text, strlen(text)) ==
						 (ssize_t)strlen(text));
	close(fd);
	rc = wx_limits_read(path, out, err);
	unlink(path);
	return rc;
}

/* What a file says, and what it leaves alone. */
static void test_own(void)
{
	struct wx_limits l;

	CHECK_INT("own",
		  read_text("{\"tests\":{\"quiet\":{\"fail\":-70},"
			    "\"step\":{}}}",
			    &l, NULL),
		  WX_OK);
	CHECK_F64("set", l.of[WX_TEST_QUIET].fail, -70, 0);
	CHECK_F64("not set there", l.of[WX_TEST_QUIET].suspect, NAN, 0);
	CHECK_F64("switched off", l.of[WX_TEST_STEP].fail, NAN, 0);
	CHECK_F64("built in", l.of[WX_TEST_DEAD].fail, -80, 0);
}

static void test_bad(void)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"{\"tests\":[]}",
		"{\"tests\":{\"loud\":{}}}", /* no such test */
		"{\"tests\":{\"quiet\":-70}}",
		"{\"tests\":{\"quiet\":{\"fail\":\"-70\"}}}",
		"{\"tests\":{\"quiet\":{\"fail\":1e300}}}",
	};

	for (size_t i = 0; i < WX_COUNT(bad); i++) {
		struct wx_error err = { 0 };
		struct wx_limits l;

		CHECK_INT(bad[i], read_text(bad[i], &l, &err), WX_ERR_FORMAT);
		CHECK("says where", strstr(err.text, "/wxset-limits.") != NULL);
	}
}

int main(void)
{
	const struct wx_limit both = { 10, 20 }, never = { NAN, NAN };
	const struct wx_limit under = { -60, -80 };
	struct wx_limits l;

	CHECK_INT("built in", wx_limits_read(NULL, &l, NULL), WX_OK);
	for (int i = 0; i < WX_N_TESTS; i++)
		CHECK(wx_limit_name((enum wx_test)i),
		      !isnan(l.of[i].suspect) || !isnan(l.of[i].fail));
	CHECK_INT("at the limit", wx_limit_over(&both, 10), WX_QUALITY_GOOD);
	CHECK_INT("over", wx_limit_over(&both, 10.1), WX_QUALITY_SUSPECT);
	CHECK_INT("far over", wx_limit_over(&both, 20.1), WX_QUALITY_FAIL);
	CHECK_INT("from", wx_limit_from(&both, 10), WX_QUALITY_SUSPECT);
	CHECK_INT("from", wx_limit_from(&both, 20), WX_QUALITY_FAIL);
	CHECK_INT("under", wx_limit_under(&under, -61), WX_QUALITY_SUSPECT);
	CHECK_INT("far under", wx_limit_under(&under, -81), WX_QUALITY_FAIL);
	CHECK_INT("never", wx_limit_over(&never, INFINITY), WX_QUALITY_GOOD);
	CHECK_INT("not known", wx_limit_over(&both, NAN), WX_QUALITY_GOOD);
	CHECK_INT("no file", wx_limits_read("/nowhere/x", &l, NULL), WX_ERR_IO);
	test_own();
	test_bad();
	return wx_test_end();
}
