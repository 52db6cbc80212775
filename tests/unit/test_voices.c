/* SPDX-License-Identifier: MIT */
/* tests/unit/test_voices.c: what a detector of speech prints. */
#include <math.h>

#include "sound/voices.h"
#include "testing.h"

static const struct {
	const char *text;
	size_t n, n_bad;
	double p; /* highest in 2 to 3 s */
} rows[] = {
	{ "", 0, 0, 0 },
	{ "\n\n# nothing\n \t\r\n", 0, 0, 0 },
	{ "1.5 2.5 0.9\n", 1, 0, 0.9 },
	{ "1.5 2.5 0.9", 1, 0, 0.9 },
	{ "1.5,2.5,0.9,speech\r\n0\t9\t0.2 x y\n", 2, 0, 0.9 },
	{ "1 2 1\n3 4 1\n", 2, 0, 0 }, /* up to it, and from behind it on */
	{ "2 2 0.7\n", 1, 0, 0.7 },    /* an instant */
	{ "-1 1e9 0.3\n", 1, 0, 0.3 },
	{ "1 2\n", 0, 1, 0 },
	{ "2 1 0.5\n", 0, 1, 0 },
	{ "1 3 1.5\n1 3 -0.1\n1 3 nan\n1 inf 1\n", 0, 4, 0 },
	{ "one three 1\n{\"start\":1}\n1 3 0.6\n", 1, 2, 0.6 },
};

int main(void)
{
	static const char nul[] = "1 3\0 1\n1 3 0.5\n";
	struct wx_voices v;

	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		CHECK_INT(rows[i].text,
			  wx_voices_parse(rows[i].text, strlen(rows[i].text),
					  &v, NULL),
			  WX_OK);
		CHECK_INT(rows[i].text, v.n, rows[i].n);
		CHECK_INT(rows[i].text, v.n_bad, rows[i].n_bad);
		CHECK_F64(rows[i].text, wx_voices_between(&v, 2, 3), rows[i].p,
			  1e-12);
		wx_voices_fini(&v);
	}
	CHECK_INT("NUL", wx_voices_parse(nul, sizeof(nul) - 1, &v, NULL),
		  WX_OK);
	CHECK_INT("NUL", v.n * 10 + v.n_bad, 11);
	wx_voices_fini(&v);
	return wx_test_end();
}
