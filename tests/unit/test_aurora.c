/* SPDX-License-Identifier: MIT */
/* tests/unit/test_aurora.c: packets, their gaps, and what cannot be believed.*/
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "capture/aurora.h"
#include "capture/holder.h"
#include "make_wav.h"
#include "testing.h"

static void test_names(void)
{
	static const struct {
		const char *name;
		bool ok;
		int seq, run, hour;
	} rows[] = {
		{ "data_seq_1_run_2_hour_3.pcm", true, 1, 2, 3 },
		{ "card/2022/DATA_SEQ_0_RUN_12_HOUR_003.PCM", true, 0, 12, 3 },
		{ "data_seq_999999_run_0_hour_0.pcm", true, 999999, 0, 0 },
		{ "data_seq_1000000_run_0_hour_0.pcm", false, 0, 0, 0 },
		{ "data_seq_1_run_2_hour_.pcm", false, 0, 0, 0 },
		{ "data_seq_-1_run_2_hour_3.pcm", false, 0, 0, 0 },
		{ "data_seq_1_run_2_hour_3.pcm~0001.wav", false, 0, 0, 0 },
		{ "data_seq_1_run_2_hour_3.pcm/x", false, 0, 0, 0 },
		{ "xdata_seq_1_run_2_hour_3.pcm", false, 0, 0, 0 },
	};

	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		struct wx_aurora_name n = { 0 };

		CHECK_INT(rows[i].name, wx_aurora_name(rows[i].name, &n),
			  rows[i].ok);
		if (!rows[i].ok)
			continue;
		CHECK_INT(rows[i].name, n.seq, rows[i].seq);
		CHECK_INT(rows[i].name, n.run, rows[i].run);
		CHECK_INT(rows[i].name, n.hour, rows[i].hour);
	}
}

/* Stamps and the parts they give: "packet:frames@m0_ms ..." */
static const struct {
	const char *label;
	int64_t hour;
	int n;
	uint32_t stamp[8];
	int torn_bytes; /* behind the last whole packet, its stamp is the last */
	const char *parts;
	int n_undated;
} cases[] = {
	{ "as they are: a gap each",
	  0,
	  3,
	  { 500, 2400, 4290 },
	  0,
	  "0:16384@500 1:16384@2400 2:16384@4290",
	  0 },
	{ "no gap, within the jitter",
	  0,
	  4,
	  { 500, 1503, 2491, 3500 },
	  0,
	  "0:65536@500",
	  0 },
	{ "a gap of 10 ms is one",
	  0,
	  3,
	  { 500, 1500, 2510 },
	  0,
	  "0:32768@500 2:16384@2510",
	  0 },
	{ "small gaps that add up",
	  0,
	  4,
	  { 0, 1004, 2008, 3012 },
	  0,
	  "0:49152@0 3:16384@3012",
	  0 },
	{ "sooner than a packet takes",
	  0,
	  2,
	  { 500, 1400 },
	  0,
	  "0:16384@500 1:16384@1400",
	  0 },
	{ "torn in the sound",
	  0,
	  2,
	  { 500, 2400, 4300 },
	  4 + 2001,
	  "0:16384@500 1:16384@2400 2:1000@4300",
	  0 },
	{ "torn in the readings",
	  0,
	  1,
	  { 500, 1500 },
	  4 + 32768 + 9,
	  "0:32768@500",
	  0 },
	{ "torn before the first frame",
	  0,
	  1,
	  { 500, 2400 },
	  5,
	  "0:16384@500",
	  0 },
	{ "nothing but a torn one", 0, 0, { 500 }, 4 + 100, "0:50@500", 0 },
	{ "one stamp far ahead",
	  0,
	  4,
	  { 500, 90000000, 2400, 4300 },
	  0,
	  "0:16384@500 1:16384@-1 2:16384@2400 3:16384@4300",
	  1 },
	{ "one stamp ahead, and less than two hours",
	  0,
	  4,
	  { 500, 5000, 2400, 4300 },
	  0,
	  "0:16384@500 1:16384@-1 2:16384@2400 3:16384@4300",
	  1 },
	{ "one stamp back",
	  0,
	  4,
	  { 500, 2400, 3, 6100 },
	  0,
	  "0:16384@500 1:16384@2400 2:16384@-1 3:16384@6100",
	  1 },
	{ "a stamp twice",
	  0,
	  3,
	  { 500, 500, 2400 },
	  0,
	  "0:16384@500 1:16384@-1 2:16384@2400",
	  1 },
	{ "the first stamp far ahead",
	  0,
	  3,
	  { 4000000000, 500, 2400 },
	  0,
	  "0:16384@-1 1:16384@500 2:16384@2400",
	  1 },
	{ "the last stamp far ahead",
	  0,
	  3,
	  { 500, 2400, 90000000 },
	  0,
	  "0:16384@500 1:16384@2400 2:16384@-1",
	  1 },
	{ "the last stamp back",
	  0,
	  3,
	  { 500, 2400, 0 },
	  0,
	  "0:16384@500 1:16384@2400 2:16384@-1",
	  1 },
	/* Later stamps are above the old ones again: of another count. */
	{ "the count begins anew",
	  0,
	  6,
	  { 500, 2400, 10, 1900, 3800, 5700 },
	  0,
	  "0:16384@500 1:16384@2400 2:16384@-1 3:16384@-1 4:16384@-1 "
	  "5:16384@-1",
	  4 },
	{ "32 bits wrap",
	  1193,
	  3,
	  { 4294966000, 600, 2500 },
	  0,
	  "0:16384@4294966000 1:16384@4294967896 2:16384@4294969796",
	  0 },
	{ "they have wrapped before",
	  1200,
	  2,
	  { 25100000, 25101900 },
	  0,
	  "0:16384@4320067296 1:16384@4320069196",
	  0 },
	{ "the hour is not the count's: no wrap",
	  3,
	  1,
	  { 4294966000 },
	  0,
	  "0:16384@4294966000",
	  0 },
	{ "nothing", 0, 0, { 0 }, 0, "", 0 },
};

static void put_be(struct bytes *b, uint64_t v, int n_bytes)
{
	while (n_bytes--) {
		uint8_t byte = (uint8_t)(v >> 8 * n_bytes);

		put(b, &byte, 1);
	}
}

static void put_f64(struct bytes *b, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	put_int(b, bits, 8);
}

/* Sample i of packet k: never twice the same within a packet, zeros too. */
static int16_t sample(int k, int i)
{
	return (int16_t)(i % 7 ? i * 4 + k * 1000 : 0);
}

static void put_packet(struct bytes *b, int k, uint32_t stamp,
		       const double env[3])
{
	put_be(b, stamp, 4);
	for (int i = 0; i < WX_AURORA_FRAMES; i++)
		put_be(b, (uint16_t)sample(k, i), 2);
	for (int i = 0; i < 3; i++)
		put_f64(b, env[i]);
}

static FILE *save(struct bytes *b)
{
	FILE *f = tmpfile();

	CHECK("tmpfile",
	      f && (!b->n || fwrite(b->p, 1, b->n, f) == b->n) && !fflush(f));
	if (!f)
		exit(1);
	free(b->p);
	*b = (struct bytes){ 0 };
	return f;
}

/* A part's WAV file: the header's size, then every sample of its packets. */
static void check_wav(const char *label, FILE *f, const struct wx_aurora *a,
		      size_t part)
{
	const struct wx_aurora_part *p = &a->part[part];
	char *text = NULL;
	size_t n = 0;
	FILE *mem = open_memstream(&text, &n);
	int64_t wrong = 0;

	CHECK_INT(label,
		  wx_aurora_write_wav(fileno(f), "x", a, part, mem, NULL),
		  WX_OK);
	fclose(mem);
	CHECK_INT(label, n, 44 + 2 * p->n_frames);
	CHECK(label, !memcmp(text, "RIFF", 4));
	for (int64_t i = 0; i < p->n_frames; i++) {
		const uint8_t *s = (uint8_t *)text + 44 + 2 * i;
		int k = (int)(p->packet + i / WX_AURORA_FRAMES);

		wrong += (int16_t)(s[0] | s[1] << 8) !=
			 sample(k, (int)(i % WX_AURORA_FRAMES));
	}
	CHECK_INT(label, wrong, 0);
	free(text);
}

static void test_stamps(void)
{
	static const double env[3] = { 50, 96000, 20 };

	for (size_t c = 0; c < WX_COUNT(cases); c++) {
		char name[64], parts[512] = "";
		struct bytes b = { 0 };
		struct wx_aurora a;
		int64_t n_frames = 0;
		FILE *f;

		for (int k = 0; k < cases[c].n; k++)
			put_packet(&b, k, cases[c].stamp[k], env);
		if (cases[c].torn_bytes) {
			size_t n = b.n + (size_t)cases[c].torn_bytes;

			put_packet(&b, cases[c].n, cases[c].stamp[cases[c].n],
				   env);
			b.n = n;
		}
		f = save(&b);
		snprintf(name, sizeof(name), "data_seq_4_run_7_hour_%lld.pcm",
			 (long long)cases[c].hour);
		CHECK_INT(cases[c].label,
			  wx_aurora_read(fileno(f), name, &a, NULL), WX_OK);
		for (size_t i = 0; i < a.n_parts; i++) {
			const struct wx_aurora_part *p = &a.part[i];
			size_t n = strlen(parts);

			snprintf(parts + n, sizeof(parts) - n,
				 "%s%lld:%lld@%lld", i ? " " : "",
				 (long long)p->packet, (long long)p->n_frames,
				 (long long)(p->m0_us < 0 ? -1
							  : p->m0_us / 1000));
			n_frames += p->n_frames;
			check_wav(cases[c].label, f, &a, i);
		}
		CHECK_STR(cases[c].label, parts, cases[c].parts);
		CHECK_INT(cases[c].label, a.n_undated, cases[c].n_undated);
		CHECK_INT(cases[c].label, a.torn, cases[c].torn_bytes > 0);
		CHECK_INT(cases[c].label, a.boot, 4000007);
		CHECK_INT(cases[c].label, a.n_frames, n_frames);
		wx_aurora_fini(&a);
		fclose(f);
	}
}

/* Humidity, pressure, temperature as they come; Pa and hPa; what is none. */
static void test_env(void)
{
	static const double env[][3] = {
		{ 50.25, 96123.4, -3.75 },  { 51, 961.25, 20 },
		{ NAN, 1e300, INFINITY },   { -1, NAN, 21.5 },
		{ 5e-324, 29999, -273.15 }, { 100, 20, 300 },
		{ 99.9999, 110000, 90 },
	};
	static const char expected[] =
		"m,air_temp_degc,rel_hum_pct,pressure_hpa\n"
		"0,-3.750,50.250,961.234\n"
		"2000000,20.000,51.000,961.250\n"
		"6000000,21.500,,\n"
		"8000000,,0.000,\n"
		"10000000,,100.000,\n"
		"12000000,90.000,100.000,1100.000\n";
	struct bytes b = { 0 };
	struct wx_aurora a;
	char *text = NULL;
	size_t n = 0;
	FILE *f, *mem = open_memstream(&text, &n);

	for (size_t k = 0; k < WX_COUNT(env); k++)
		put_packet(&b, 0, (uint32_t)k * 2000, env[k]);
	f = save(&b);
	CHECK_INT("env",
		  wx_aurora_read(fileno(f), "data_seq_0_run_0_hour_0.pcm", &a,
				 NULL),
		  WX_OK);
	CHECK_INT("env", a.n_env, 6);
	CHECK_INT("env", wx_aurora_write_env(fileno(f), "x", &a, mem, NULL),
		  WX_OK);
	fclose(mem);
	CHECK_STR("env", text, expected);
	free(text);
	wx_aurora_fini(&a);
	fclose(f);
}

/* What the journal has of it, and the index that follows of that alone. */
static void test_says(void)
{
	static const double env[3] = { 50, 960, 20 };
	static const char name[] = "card/data_seq_1_run_2_hour_0.pcm";
	static const char expected[] =
		"{\"n\":\"x~1.pcm~0001.wav\",\"l\":65580,\"b\":1000002,"
		"\"m0\":500000,\"m1\":2500000,\"ns\":32768,\"fs\":16384,"
		"\"st\":\"closed\"}\n"
		"{\"n\":\"x~1.pcm~0002.wav\",\"l\":32812,\"b\":1000002,"
		"\"ns\":16384,\"fs\":16384,\"st\":\"closed\"}\n"
		"{\"n\":\"x~1.pcm~0003.wav\",\"l\":64,\"b\":1000002,"
		"\"m0\":4000000,\"m1\":4000610,\"ns\":10,\"fs\":16384,"
		"\"st\":\"recovered\"}\n"
		"{\"n\":\"x~1.pcm~env.csv\",\"l\":100,\"b\":1000002,"
		"\"st\":\"closed\"}\n";
	json_t *says = json_object();
	struct bytes b = { 0 };
	char *text = NULL;
	size_t n = 0;
	FILE *f, *mem = open_memstream(&text, &n);

	put_packet(&b, 0, 500, env);
	put_packet(&b, 1, 1500, env);
	put_packet(&b, 2, 1, env);
	n = b.n + 4 + 20;
	put_packet(&b, 3, 4000, env);
	b.n = n;
	f = save(&b);
	wx_holder_aurora.describe(fileno(f), "other.pcm", says);
	CHECK_INT("another name", json_object_size(says), 0);
	CHECK("another name", !wx_holder_aurora.is("other.pcm", "", 1));
	CHECK("its name", wx_holder_aurora.is(name, "", 1));
	wx_holder_aurora.describe(fileno(f), name, says);
	CHECK_STR("runs", wx_json_str(says, "runs", ""), "500x2 ? 4000:10");
	CHECK_INT("b", wx_json_i64(says, "b", 0), 1000002);
	CHECK_INT("index", wx_holder_aurora.index("x~1.pcm", says, mem, NULL),
		  WX_OK);
	fclose(mem);
	CHECK_STR("index", text, expected);
	free(text);
	json_decref(says);
	fclose(f);
}

/* Of a journal that somebody edited: as far as it makes sense. */
static void test_runs(void)
{
	static const struct {
		const char *runs;
		int n_lines;
	} rows[] = {
		{ "", 0 },
		{ "   ", 0 },
		{ "5  6", 2 },
		{ "5 x2", 1 },
		{ "5 7x 8", 1 },
		{ "5x0", 0 },
		{ "5x20001", 0 },
		{ "5x3:0", 0 },
		{ "5x3:49153", 0 },
		{ "9999999999999999999", 0 },
		{ "9223372036854775807", 0 },
		{ "5 ?? 6", 4 },
	};

	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		json_t *says = json_pack("{s:s, s:I}", "runs", rows[i].runs,
					 "b", (json_int_t)1);
		char *text = NULL;
		size_t n = 0;
		FILE *mem = open_memstream(&text, &n);
		int n_lines = 0;

		CHECK_INT(rows[i].runs,
			  wx_holder_aurora.index("x", says, mem, NULL), WX_OK);
		fclose(mem);
		for (size_t k = 0; k < n; k++)
			n_lines += text[k] == '\n';
		CHECK_INT(rows[i].runs, n_lines, rows[i].n_lines);
		free(text);
		json_decref(says);
	}
}

int main(void)
{
	test_names();
	test_stamps();
	test_env();
	test_says();
	test_runs();
	return wx_test_end();
}
