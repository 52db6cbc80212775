/* SPDX-License-Identifier: MIT */
/* Profiles: what is refused and how it is said; probabilities into labels. */
#include "weather/profile.h"

#include "base/json.h"
#include "testing.h"
#include "weather/senses.h"

#define WIND "\"wind\":{\"classes\":[\"a\",\"b\"],\"limits_m_s\":[1]}"

/* rain's members, and what stands in the message; NULL: accepted */
static const struct {
	const char *rain, *refused;
} cases[] = {
	{ "\"classes\":[\"a\",\"b\",\"c\"],\"limits_mm_h\":[0.1,2.5]", NULL },
	{ "\"classes\":[\"a\",\"b\"],\"limits_mm_h\":[1],\"guard\":0,"
	  "\"min_p\":1",
	  NULL },
	{ "\"classes\":[\"dry\",\"Unknown\"],\"limits_mm_h\":[1]",
	  "/rain/classes/1: 'Unknown' is what is not known" },
	{ "\"classes\":[\"rain\",\"Rain\"],\"limits_mm_h\":[1]",
	  "/rain/classes/1: a class named 'Rain' is already there" },
	{ "\"classes\":[\"a\",\"b\",\"c\"],\"limits_mm_h\":[2.5,0.1]",
	  "/rain/limits_mm_h/1: limits must rise: expected more than 2.5, "
	  "found 0.1" },
	{ "\"classes\":[\"a\",\"b\",\"c\"],\"limits_mm_h\":[1,1]",
	  "expected more than 1, found 1" },
	{ "\"classes\":[\"a\",\"b\",\"c\"],\"limits_mm_h\":[1]",
	  "expected 2 limits between 3 classes, found 1" },
	{ "\"classes\":[\"a\",\"b\"],\"limits_mm_h\":[1,2]",
	  "expected 1 limits between 2 classes, found 2" },
	{ "\"classes\":[\"a\",\"a\"],\"limits_mm_h\":[1]",
	  "a class named 'a' is already there" },
	{ "\"classes\":[\"a\"],\"limits_mm_h\":[]", "/rain/classes" },
	{ "\"classes\":[\"a\",\"b/c\"],\"limits_mm_h\":[1]",
	  "/rain/classes/1" },
	{ "\"classes\":[\"a\",\"b\"],\"limits_mm_h\":[NaN]", "profile:" },
	{ "\"classes\":[\"a\",\"b\"],\"limits_mm_h\":[\"NaN\"]",
	  "/rain/limits_mm_h/0" },
	{ "\"classes\":[\"a\",\"b\"],\"limits_mm_h\":[1e999]", "profile:" },
	{ "\"classes\":[\"a\",\"b\"],\"limits_mm_h\":[0]",
	  "/rain/limits_mm_h/0" },
	{ "\"classes\":[\"a\",\"b\"],\"limits_mm_h\":[-1]",
	  "/rain/limits_mm_h/0" },
	{ "\"classes\":[\"a\",\"b\"]", "limits_mm_h" },
	{ "\"classes\":[\"a\",\"b\"],\"limits_mm_h\":[1],\"min_p\":1.5",
	  "/rain/min_p" },
	{ "\"classes\":[\"a\",\"b\"],\"limits_mm_h\":[1],\"gaurd\":0.1",
	  "gaurd" },
	{ "\"classes\":[\"a\",\"b\"],\"limits_mm_h\":[1],"
	  "\"evidence\":[\"humidity\"]",
	  NULL },
	{ "\"classes\":[\"a\",\"b\"],\"limits_mm_h\":[1],"
	  "\"evidence\":[\"smell\"]",
	  "/rain/evidence/0" },
	{ "\"classes\":[\"a\",\"b\"],\"limits_mm_h\":[1],"
	  "\"evidence\":\"sound\"",
	  "/rain/evidence" },
	{ "\"classes\":["
	  "\"1\",\"2\",\"3\",\"4\",\"5\",\"6\","
	  "\"7\",\"8\",\"9\",\"10\",\"11\",\"12\","
	  "\"13\",\"14\",\"15\",\"16\",\"17\",\"18\","
	  "\"19\",\"20\",\"21\",\"22\",\"23\",\"24\""
	  "],\"limits_mm_h\":["
	  "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23]",
	  NULL },
	{ "\"classes\":["
	  "\"1\",\"2\",\"3\",\"4\",\"5\",\"6\","
	  "\"7\",\"8\",\"9\",\"10\",\"11\",\"12\","
	  "\"13\",\"14\",\"15\",\"16\",\"17\",\"18\","
	  "\"19\",\"20\",\"21\",\"22\",\"23\",\"24\","
	  "\"25\""
	  "],\"limits_mm_h\":["
	  "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24]",
	  "/rain/classes" },
};

/* What is used beside the tips: nothing but what is proven, unless asked. */
static void test_evidence(void)
{
	static const struct {
		const char *member;
		unsigned use;
	} of[] = {
		{ "", WX_SENSES_PROVEN },
		{ ",\"evidence\":[]", 0 },
		{ ",\"evidence\":[\"humidity\"]", WX_SENSE_HUMIDITY },
		{ ",\"evidence\":[\"sound\",\"humidity\"]",
		  WX_SENSE_HUMIDITY | WX_SENSE_SOUND },
	};

	for (size_t i = 0; i < WX_COUNT(of); i++) {
		struct wx_profile p;
		char text[400];
		int n = snprintf(text, sizeof(text),
				 "{\"profile\":\"x\",\"rain\":{\"classes\":"
				 "[\"a\",\"b\"],\"limits_mm_h\":[1]%s},%s}",
				 of[i].member, WIND);

		CHECK_INT(of[i].member,
			  wx_profile_parse(text, (size_t)n, "x", &p, NULL),
			  WX_OK);
		CHECK_INT(of[i].member, p.evidence, of[i].use);
	}
}

static void test_parse(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		struct wx_error err = { 0 };
		struct wx_profile p;
		char text[1000];
		int n = snprintf(text, sizeof(text),
				 "{\"profile\":\"x\",\"rain\":{%s},%s}",
				 cases[i].rain, WIND);
		int rc = wx_profile_parse(text, (size_t)n, "profile", &p, &err);

		CHECK_INT(cases[i].rain, rc,
			  cases[i].refused ? WX_ERR_FORMAT : WX_OK);
		if (cases[i].refused && !strstr(err.text, cases[i].refused)) {
			CHECK(cases[i].rain, 0);
			printf("  '%s' in '%s'\n", cases[i].refused, err.text);
		}
	}
}

/* No guard is so wide that nothing of a class is left to keep. */
static void check_room(const char *name, const struct wx_classes *c)
{
	for (int i = 1; i < c->n - 1; i++)
		CHECK(name, c->limit[i - 1] * (1 + c->guard) <
				    c->limit[i] * (1 - c->guard));
}

/* All that are built in, whatever their number. */
static void test_builtin(void)
{
	struct wx_profile p;
	const char *name;

	for (size_t i = 0; (name = wx_builtin_name(i)); i++) {
		char plain[64];

		if (strncmp(name, "profiles/", 9))
			continue;
		snprintf(plain, sizeof(plain), "%.*s",
			 (int)strcspn(name + 9, "."), name + 9);
		CHECK(plain, wx_profile_is_builtin(plain));
		CHECK_INT(plain, wx_profile_read(plain, &p, NULL), WX_OK);
		CHECK_STR("named as its file", p.name, plain);
		check_room(plain, &p.rain);
		check_room(plain, &p.wind);
	}
	CHECK_INT("beaufort", wx_profile_read("beaufort", &p, NULL), WX_OK);
	CHECK_INT("bft0 to bft12", p.wind.n, 13);
	CHECK_STR("the last", p.wind.name[12], "bft12");
	CHECK_INT("aurora3", wx_profile_read("aurora3", &p, NULL), WX_OK);
	CHECK_INT("classes", p.rain.n, 3);
	CHECK_F64("limit", p.rain.limit[1], 2.5, 0);
	CHECK_F64("limit", p.wind.limit[0], 1.5, 0);
	CHECK_F64("guard", p.wind.guard, .15, 0);
	CHECK("no path is built in", !wx_profile_is_builtin("../x"));
	CHECK_INT("unknown", wx_profile_read("nope", &p, NULL), WX_ERR_FORMAT);
	CHECK_INT("no file", wx_profile_read("./nope", &p, NULL), WX_ERR_IO);
}

static void test_label(void)
{
	static const struct wx_classes c = {
		3, { "a", "b", "c" }, { 1, 10 }, .1, .8
	};
	static const struct {
		const char *name;
		double value, cdf[2];
		const char *class;
		double p;
		int keep;
	} table[] = {
		{ "sure", 5, { .05, .95 }, "b", .9, 1 },
		{ "sure, but within the guard", 9.5, { .05, .95 }, "b", .9, 0 },
		{ "the guard's own edge is outside",
		  11,
		  { 0, .1 },
		  "c",
		  .9,
		  1 },
		{ "not sure", 5, { .2, .95 }, "b", .75, 0 },
		{ "told as 0.8", 5, { 0, .7996 }, "b", .7996, 1 },
		{ "told as 0.799", 5, { 0, .7994 }, "b", .7994, 0 },
		{ "sure, and of another class than its value",
		  11.5,
		  { 0, .95 },
		  "b",
		  .95,
		  0 },
		{ "a tie goes to the lower", 0, { .5, 1 }, "a", .5, 0 },
	};

	for (size_t i = 0; i < WX_COUNT(table); i++) {
		double cdf[WX_MAX_LIMITS] = { table[i].cdf[0],
					      table[i].cdf[1] };
		struct wx_class_label l;

		wx_class_label(&c, table[i].value, cdf, "tips", &l);
		CHECK_STR(table[i].name, l.name, table[i].class);
		CHECK_F64(table[i].name, l.p, table[i].p, 1e-12);
		CHECK_INT(table[i].name, l.keep, table[i].keep);
	}
}

int main(void)
{
	test_parse();
	test_evidence();
	test_builtin();
	test_label();
	return wx_test_end();
}
