/* SPDX-License-Identifier: MIT */
/* site.json: defaults, paths, and what is refused with which words. */
#include "archive/site.h"

#include <stdlib.h>
#include <unistd.h>

#include "archive/archive.h"
#include "base/text.h"
#include "testing.h"

#define SITE(nodes, stations, rest)                                     \
	"{\"site\":\"s\",\"nodes\":[" nodes "],\"stations\":[" stations \
	"]" rest "}"
#define N1 "{\"id\":\"n1\",\"source\":\"dir:card\"}"

static const struct {
	const char *label, *in;
	const char *text; /* behind the path */
} refused[] = {
	{ "empty", "", ":1:0: unexpected token near end of file" },
	{ "rest behind", SITE("", "", "") "\nx",
	  ":2:1: end of file expected near 'x'" },
	{ "byte-order mark", "\xef\xbb\xbf" SITE("", "", ""),
	  ":1:1: starts with a byte-order mark, expected JSON in plain UTF-8: "
	  "save it without the mark" },
	{ "no object", "[]", ": expected an object, found array" },
	{ "wrong type",
	  SITE(N1 ",{\"id\":\"n2\",\"source\":\"dir:x\"},"
		  "{\"id\":\"n3\",\"source\":7}",
	       "", ""),
	  ": /nodes/2/source: expected a string, found number" },
	{ "unknown key", SITE("{\"id\":\"n1\",\"sorce\":\"dir:x\"}", "", ""),
	  ": /nodes/0: unknown key 'sorce'; known are id, source, release, "
	  "by_hand, order, min_battery_v, utc_offset, oscillator, clock_pairs, "
	  "token_file, record, pin" },
	{ "missing", SITE("{\"source\":\"dir:x\"}", "", ""),
	  ": /nodes/0: missing 'id'" },
	{ "id with a slash",
	  SITE("{\"id\":\"n/1\",\"source\":\"dir:x\"}", "", ""),
	  ": /nodes/0/id: expected letters, digits, '.', '_', '-', not "
	  "starting "
	  "with '.' or '-' (^[A-Za-z0-9_][A-Za-z0-9._-]*$), found 'n/1'" },
	{ "node twice",
	  SITE(N1 ",{\"id\":\"n1\",\"source\":\"dir:other\"}", "", ""),
	  ": /nodes/1/id: 'n1' is the id of /nodes/0 already, expected "
	  "another" },
	{ "one source for two",
	  SITE(N1 ",{\"id\":\"n2\",\"source\":\"dir:card\"}", "", ""),
	  ": /nodes/1/source: 'dir:card' is the source of /nodes/0 already, "
	  "expected another" },
	{ "station twice", SITE("", "{\"id\":\"a\"},{\"id\":\"a\"}", ""),
	  ": /stations/1/id: 'a' is the id of /stations/0 already, expected "
	  "another" },
	{ "zone",
	  SITE("{\"id\":\"n1\",\"source\":\"dir:x\","
	       "\"utc_offset\":\"+19:00\"}",
	       "", ""),
	  ": /nodes/0/utc_offset: found '+19:00', expected Z or +hh:mm within "
	  "18 hours of UTC" },
	{ "zone of a station",
	  SITE("", "{\"id\":\"a\",\"utc_offset\":\"+01:75\"}", ""),
	  ": /stations/0/utc_offset: found '+01:75', expected Z or +hh:mm "
	  "within 18 hours of UTC" },
	{ "two zones",
	  SITE("",
	       "{\"id\":\"a\",\"utc_offset\":\"Z\",\"zone\":\"Asia/Tokyo\"}",
	       ""),
	  ": /stations/0: has utc_offset and zone, expected one of them" },
	{ "no such gauge", SITE("", "{\"id\":\"a\",\"gauge\":\"te52\"}", ""),
	  ": /stations/0/gauge: found 'te52', expected one of cs700, "
	  "davis-metric, davis-us, rainwise, rg3, rg3-m, sparkfun, tb3, te525, "
	  "te525mm, wh1080, wh40" },
	{ "maintenance that ends before it begins",
	  SITE("",
	       "{\"id\":\"a\",\"maintenance\":[\"2026-06-01T12:00Z/"
	       "2026-06-01T13:00Z\",\"2026-06-01T12:00Z/2026-06-01T11:00Z\"]}",
	       ""),
	  ": /stations/0/maintenance/1: '2026-06-01T12:00Z/2026-06-01T11:00Z' "
	  "does not end after it begins" },
	{ "no such cups",
	  SITE("", "{\"id\":\"a\",\"anemometer\":\"cups\"}", ""),
	  ": /stations/0/anemometer: found 'cups', expected one of davis-6410, "
	  "metone-014a, nrg-40, sparkfun, thies-4.3351, vector-a100l2, "
	  "vector-a100m, vector-a100r, young-05103" },
	{ "password",
	  SITE("{\"id\":\"n1\",\"source\":\"http://me:pw@host/cap/\"}", "", ""),
	  ": /nodes/0/source: holds a user or password, expected none: put a "
	  "token into token_file" },
	{ "hop", SITE("", "", ",\"windows\":{\"length_s\":10,\"hop_s\":0.5}"),
	  ": /windows/hop_s: found 0.5, expected at least a tenth of length_s "
	  "(10)" },
	{ "part of a millisecond",
	  SITE("", "", ",\"windows\":{\"length_s\":0.33333}"),
	  ": /windows: found 0.33333 s every 0.33333 s, expected whole "
	  "milliseconds" },
};

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

static void test_refused(const char *path)
{
	for (size_t i = 0; i < WX_COUNT(refused); i++) {
		struct wx_error err = { 0 };
		struct wx_site *s = NULL;

		put(path, refused[i].in);
		CHECK_INT(refused[i].label, wx_site_read(path, &s, &err),
			  WX_ERR_FORMAT);
		CHECK(refused[i].label, !s);
		CHECK(refused[i].label, !strncmp(err.text, path, strlen(path)));
		CHECK_STR(refused[i].label, err.text + strlen(path),
			  refused[i].text);
		CHECK_INT("nobody to tell", wx_site_read(path, &s, NULL),
			  WX_ERR_FORMAT);
	}
}

static void test_huge(const char *path)
{
	struct wx_error err = { 0 };
	struct wx_site *s = NULL;

	put(path, "{");
	CHECK_INT("grow", truncate(path, 100 << 20), 0);
	CHECK_INT("100 MB", wx_site_read(path, &s, &err), WX_ERR_RANGE);
	CHECK_STR("100 MB", err.text + strlen(path),
		  ": over 4194304 bytes, not read");
	CHECK_INT("small again", truncate(path, 0), 0);
}

static void test_defaults(const char *path)
{
	struct wx_site *s = NULL;

	put(path, SITE(N1, "{\"id\":\"mast\"}", ""));
	CHECK_INT("read", wx_site_read(path, &s, NULL), WX_OK);
	CHECK_STR("name", s->name, "s");
	CHECK_F64("latitude", s->latitude_deg, NAN, 0);
	CHECK_F64("length", s->window_length_s, 10, 0);
	CHECK_F64("hop", s->window_hop_s, 10, 0);
	CHECK_STR("profile", s->profile, "aurora3");
	CHECK_STR("target", s->target, "rain");
	CHECK_F64("test share", s->test_share, 0.2, 0);
	CHECK_INT("seed", s->seed, 1);
	CHECK("node", !s->nodes[0].release && !s->nodes[0].has_offset &&
			      !s->nodes[0].token_file && !s->nodes[0].pin);
	CHECK("station", !s->stations[0].format && !s->stations[0].source &&
				 !s->stations[0].has_offset &&
				 !s->stations[0].stamp_start &&
				 !s->stations[0].rain_kind &&
				 !s->stations[0].columns);
	CHECK_F64("bucket", s->stations[0].bucket_mm, NAN, 0);
	CHECK_F64("interval", s->stations[0].interval_s, NAN, 0);
	CHECK_F64("slope", s->stations[0].cup.m_s_per_hz, NAN, 0);
	CHECK_F64("offset", s->stations[0].cup.offset_m_s, 0, 0);
	CHECK("found", wx_site_node(s, "n1") == &s->nodes[0]);
	CHECK("found", wx_site_station(s, "mast") == &s->stations[0]);
	CHECK("not found", !wx_site_node(s, "mast"));
	CHECK("not found", !wx_site_station(s, "n1"));
	wx_site_free(s);
}

static const char full[] = SITE(
	"{\"id\":\"n1\",\"source\":\"http://[::1]:80/cap/?a=@\","
	"\"release\":true,\"token_file\":\"n1.token\",\"pin\":"
	"\"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"},"
	"{\"id\":\"n2\",\"source\":\"dir:card\",\"utc_offset\":\"-03:30\"},"
	"{\"id\":\"n3\",\"source\":\"dir:/media/card\","
	"\"token_file\":\"/etc/t\"}",
	"{\"id\":\"a\",\"source\":\"file:logs/*.dat\",\"stamp\":\"start\","
	"\"format\":\"campbell-toa5\",\"utc_offset\":\"Z\",\"interval_s\":10,"
	"\"date_order\":\"dmy\",\"bucket_mm\":0.254,\"rain_kind\":\"tips\","
	"\"cup\":{\"m_s_per_hz\":0."
	"7,"
	"\"offset_m_s\":0.3},\"columns\":{\"time\":\"T\"}},"
	"{\"id\":\"b\",\"source\":\"file:/logs/*.dat\"}",
	",\"windows\":{\"length_s\":5},\"labels\":{\"profile\":\"mine.json\"},"
	"\"export\":{\"target\":\"both\",\"test_share\":0,\"seed\":7.0},"
	"\"location\":{\"latitude_deg\":-46}");

/* dir is the archive's as the tool was told; glob is dir as a pattern. */
static void check_full(const char *dir, const char *glob,
		       const struct wx_site *s)
{
	struct {
		const char *found;
		char *expected;
	} paths[] = {
		{ s->nodes[0].source, strdup("http://[::1]:80/cap/?a=@") },
		{ s->nodes[0].token_file, wx_strf("%sn1.token", dir) },
		{ s->nodes[1].source, wx_strf("dir:%scard", dir) },
		{ s->nodes[2].source, strdup("dir:/media/card") },
		{ s->nodes[2].token_file, strdup("/etc/t") },
		{ s->stations[0].source, wx_strf("file:%slogs/*.dat", glob) },
		{ s->stations[1].source, strdup("file:/logs/*.dat") },
		{ s->profile, wx_strf("%smine.json", dir) },
	};

	for (size_t i = 0; i < WX_COUNT(paths); i++) {
		CHECK_STR("path", paths[i].found, paths[i].expected);
		free(paths[i].expected);
	}
	CHECK("release", s->nodes[0].release && !s->nodes[1].release);
	CHECK("pin", s->nodes[0].pin != NULL);
	CHECK_INT("offset", s->nodes[1].offset_s, -12600);
	CHECK("offset", s->nodes[1].has_offset && !s->nodes[0].has_offset);
	CHECK("Z", s->stations[0].has_offset && !s->stations[0].offset_s);
	CHECK("start", s->stations[0].stamp_start);
	CHECK_F64("bucket", s->stations[0].bucket_mm, 0.254, 0);
	CHECK_F64("interval", s->stations[0].interval_s, 10, 0);
	CHECK_F64("threshold", s->stations[0].cup.threshold_m_s, 0.3, 0);
	CHECK_STR("order", s->stations[0].date_order, "dmy");
	CHECK_STR("kind", s->stations[0].rain_kind, "tips");
	CHECK_STR("column",
		  json_string_value(
			  json_object_get(s->stations[0].columns, "time")),
		  "T");
	CHECK_F64("hop", s->window_hop_s, 5, 0);
	CHECK_F64("share", s->test_share, 0, 0);
	CHECK_INT("seed", s->seed, 7);
	CHECK_F64("latitude", s->latitude_deg, -46, 0);
}

/* The same site, seen from elsewhere and from its own folder. */
static void test_paths(const char *dir)
{
	char *path = wx_strf("%s/site.json", dir);
	char *slash = wx_strf("%s/", dir);
	char *glob = wx_strf("%.*s\\[1]\\*/", (int)strlen(dir) - 4, dir);
	struct wx_site *s = NULL;

	put(path, full);
	CHECK_INT("elsewhere", wx_site_read(path, &s, NULL), WX_OK);
	check_full(slash, glob, s);
	wx_site_free(s);
	CHECK_INT("chdir", chdir(dir), 0);
	CHECK_INT("here", wx_site_read("site.json", &s, NULL), WX_OK);
	check_full("", "", s);
	wx_site_free(s);
	unlink("site.json");
	free(path);
	free(slash);
	free(glob);
}

int main(void)
{
	char base[] = "/tmp/wx-test-site-XXXXXX";
	char *dir = wx_strf("%s/[1]*", mkdtemp(base));
	char *path = wx_strf("%s/site.json", dir);

	CHECK_INT("folder", wx_mkdirs(dir, NULL), WX_OK);
	test_refused(path);
	test_huge(path);
	test_defaults(path);
	test_paths(dir);
	rmdir(dir);
	rmdir(base);
	free(path);
	free(dir);
	return wx_test_end();
}
