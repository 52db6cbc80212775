/* SPDX-License-Identifier: MIT */
/* Numbers to text and back against the C library; names from outside. */
#include "base/text.h"

#include <float.h>
#include <inttypes.h>
#include <stdlib.h>

#include "testing.h"

static const struct {
	const char *in;
	bool ok;
	double v;
} f64_cases[] = {
	{ "0", true, 0 },
	{ "-0.25", true, -0.25 },
	{ "+1.5", true, 1.5 },
	{ ".5", true, 0.5 },
	{ "5.", true, 5 },
	{ "1e3", true, 1000 },
	{ "1.7976931348623157e308", true, 1.7976931348623157e308 },
	{ "123456789012345678901234567890", true,
	  123456789012345678901234567890.0 },
	{ "", false, 0 },
	{ ".", false, 0 },
	{ "-", false, 0 },
	{ "1.2.3", false, 0 },
	{ "1,5", false, 0 },
	{ " 1", false, 0 },
	{ "nan", false, 0 },
	{ "inf", false, 0 },
	{ "0x10", false, 0 },
	{ "1e", false, 0 },
	{ "--1", false, 0 },
};

static const struct {
	const char *in;
	bool ok;
	int64_t v;
} i64_cases[] = {
	{ "0", true, 0 },
	{ "-9223372036854775808", true, INT64_MIN },
	{ "9223372036854775807", true, INT64_MAX },
	{ "9223372036854775808", false, 0 },
	{ "-9223372036854775809", false, 0 },
	{ "+7", true, 7 },
	{ "7.0", false, 0 },
	{ "", false, 0 },
	{ "-", false, 0 },
};

static const struct {
	const char *name;
	int rc;
} name_cases[] = {
	{ "b0017/000123.wav", WX_OK },
	{ "20190508T [x] +1:00.wav", WX_OK }, /* odd, but harmless */
	{ "\xc3\xa9t\xc3\xa9.wav", WX_OK },
	{ "", WX_ERR_FORMAT },
	{ "../x", WX_ERR_FORMAT },
	{ "a/../x", WX_ERR_FORMAT },
	{ "a/./x", WX_ERR_FORMAT },
	{ "a//x", WX_ERR_FORMAT },
	{ "a/", WX_ERR_FORMAT },
	{ "/etc/passwd", WX_ERR_FORMAT },
	{ ".hidden", WX_ERR_FORMAT },
	{ "a\\b", WX_ERR_FORMAT },
	{ "a\nb", WX_ERR_FORMAT },
	{ "\xff\xfe", WX_ERR_FORMAT },
	{ "\xc0\xaf", WX_ERR_FORMAT },     /* overlong '/' */
	{ "\xed\xa0\x80", WX_ERR_FORMAT }, /* a surrogate */
};

static void round_trips(void)
{
	char a[WX_NUM_SIZE], b[WX_NUM_SIZE];

	srand(2);
	for (int i = 0; i < 200000; i++) {
		int decimals = rand() % 10;
		double v = (rand() - RAND_MAX / 2.0) / (1 << rand() % 31);
		double back = 0, want, ulp = 4e-16 * fabs(v);
		int n = wx_f64_format(v, decimals, a);

		snprintf(b, sizeof(b), "%.*f", decimals, v);
		CHECK_INT("length", n, strlen(a));
		CHECK("parses", wx_f64_parse(a, strlen(a), &back));
		want = strtod(a, NULL);
		CHECK_F64("as strtod", back, want, 0);
		/* printf rounds the exact value, we round its product */
		CHECK_F64("as printf", back, strtod(b, NULL),
			  1.0000001 * pow(10, -decimals) + ulp);
		CHECK("near",
		      fabs(back - v) <= 0.5000001 * pow(10, -decimals) + ulp);
	}
}

/* As wx_f64_format says it, by the C library's numbers. */
static void plain_f64(double v, int decimals, char *out)
{
	double scaled = fabs(v) * pow(10, decimals);
	uint64_t unit = (uint64_t)pow(10, decimals);
	uint64_t u;

	if (!isfinite(v) || scaled >= 9e15) {
		sprintf(out, "%.*f", decimals, v);
		if (!isfinite(v))
			*out = '\0';
		return;
	}
	u = (uint64_t)(scaled + 0.5);
	out += sprintf(out, "%s%" PRIu64, v < 0 && u ? "-" : "", u / unit);
	if (decimals)
		sprintf(out, ".%0*" PRIu64, decimals, u % unit);
}

static void check_f64(double v)
{
	char found[WX_NUM_SIZE], want[WX_NUM_SIZE];

	for (int decimals = 0; decimals < 10; decimals++) {
		int n = wx_f64_format(v, decimals, found);

		plain_f64(v, decimals, want);
		CHECK_STR("number", found, want);
		CHECK_INT("its length", n, strlen(want));
	}
}

static void check_i64(int64_t v)
{
	char found[24], want[24];
	int n = wx_i64_format(v, found);

	sprintf(want, "%" PRId64, v);
	CHECK_STR("whole number", found, want);
	CHECK_INT("its length", n, strlen(want));
}

static void formats_the_plain_way(void)
{
	static const double odd[] = { 0,      0.5,     1.5,       2.5,
				      0.125,  0.0005,  0.9995,    9.9995,
				      99.995, 0.0049,  8.9999e15, 9e15,
				      9e12,   1e22,    1e300,     DBL_MIN,
				      NAN,    HUGE_VAL };
	uint64_t p = 1;

	for (size_t i = 0; i < WX_COUNT(odd); i++) {
		check_f64(odd[i]);
		check_f64(-odd[i]);
	}
	for (int i = 0; i < 20; i++, p *= 10) /* a digit more, a digit less */
		for (int k = -1; k <= 1; k++) {
			check_i64((int64_t)(p + (uint64_t)k));
			check_i64(-(int64_t)(p / 10 + (uint64_t)k));
			check_f64((double)p + k);
			check_f64(((double)p + k) / 1000);
		}
	check_i64(INT64_MIN);
	check_i64(INT64_MAX);
	srand(3);
	for (int i = 0; i < 20000; i++) {
		check_f64((rand() - RAND_MAX / 2.0) / (1 << rand() % 31));
		check_f64((double)(rand() % 20001 - 10000) / 2000); /* halves */
		check_i64((int64_t)rand() * rand() * (rand() % 2 ? 1 : -1) >>
			  rand() % 62);
	}
}

static void names(void)
{
	char part[302];
	char q[WX_QUOTE_SIZE];

	for (size_t i = 0; i < WX_COUNT(name_cases); i++)
		CHECK_INT(name_cases[i].name,
			  wx_name_check(name_cases[i].name, NULL),
			  name_cases[i].rc);
	memset(part, 'x', 300);
	part[300] = '\0';
	CHECK_INT("300 characters", wx_name_check(part, NULL), WX_ERR_FORMAT);
	part[200] = '\0';
	CHECK_INT("200 characters", wx_name_check(part, NULL), WX_OK);
	CHECK("id", wx_id_valid("n1"));
	CHECK("id with a slash", !wx_id_valid("a/b"));
	CHECK("id that looks like an option", !wx_id_valid("-a"));
	CHECK("id that hides", !wx_id_valid(".."));
	CHECK_STR("quote", wx_quote("a\x1b[2J\xff", 6, q), "a\\x1B[2J\\xFF");
	memset(part, 'y', 300);
	CHECK_INT("cut", strlen(wx_quote(part, 300, q)), 83);
}

int main(void)
{
	char buf[WX_NUM_SIZE];

	for (size_t i = 0; i < WX_COUNT(f64_cases); i++) {
		double v = 0;
		const char *in = f64_cases[i].in;

		CHECK_INT(in, wx_f64_parse(in, strlen(in), &v),
			  f64_cases[i].ok);
		if (f64_cases[i].ok)
			CHECK_F64(in, v, f64_cases[i].v, 0);
	}
	for (size_t i = 0; i < WX_COUNT(i64_cases); i++) {
		int64_t v = 0;
		const char *in = i64_cases[i].in;

		CHECK_INT(in, wx_i64_parse(in, strlen(in), &v),
			  i64_cases[i].ok);
		CHECK_INT(in, v, i64_cases[i].v);
	}
	CHECK("no number ends in a NUL",
	      !wx_f64_parse("1\0", 2, &(double){ 0 }));
	wx_f64_format(-0.001, 2, buf);
	CHECK_STR("no -0", buf, "0.00");
	wx_f64_format(NAN, 2, buf);
	CHECK_STR("NAN is empty", buf, "");
	wx_f64_format(1e300, 1, buf);
	CHECK_F64("huge", strtod(buf, NULL), 1e300, 0);
	wx_i64_format(INT64_MIN, buf);
	CHECK_STR("least", buf, "-9223372036854775808");
	round_trips();
	formats_the_plain_way();
	names();
	return wx_test_end();
}
