/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/test_judge.c: the judge on a site and an archive small enough to
 * be judged by hand: two hours of weather, two nodes, five captures.
 */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "sim/judge.h"
#include "testing.h"

static char top[] = "/tmp/wx-judge.XXXXXX";

/* A file below top, with its folders. */
static FILE *start(const char *name)
{
	char *path = wx_strf("%s/%s", top, name);
	FILE *f;

	if (!path || wx_mkdirs_above(path, NULL) != WX_OK ||
	    !(f = fopen(path, "w")))
		abort();
	free(path);
	return f;
}

static void put(const char *name, const char *text)
{
	FILE *f = start(name);

	fputs(text, f);
	fclose(f);
}

/* From 2026-06-01T00:00:00Z: dry, 3600..3699 s 5 mm/h, 3700..3799 s 1 mm/h;
 * wind 1 m/s in the first hour, then 8 m/s. */
static void put_weather(void)
{
	FILE *f = start("site/truth/weather.csv");

	fputs("utc,rain_mm_h,wind_m_s\n", f);
	for (int s = 0; s < 7200; s++)
		fprintf(f, "2026-06-01T%02d:%02d:%02dZ,%d,%d\n", s / 3600,
			s / 60 % 60, s % 60,
			s < 3600 || s >= 3800 ? 0
			: s < 3700            ? 5
					      : 1,
			s < 3600 ? 1 : 8);
	fclose(f);
}

static void put_site(void)
{
	put_weather();
	put("site/truth/captures.csv",
	    "node,capture,start_utc,end_utc,n_frames\n"
	    /* its clock runs 100 ppm slow: 1000 s last 1000.1 */
	    "n1,b1/a.wav,2026-06-01T00:00:00.000000Z,"
	    "2026-06-01T00:16:40.100000Z,16000000\n"
	    "n1,b1/b.wav,2026-06-01T01:00:00Z,2026-06-01T01:03:20Z,3200000\n"
	    "n1,b1/open.wav,2026-06-01T01:30:00Z,2026-06-01T01:30:10Z,160000\n"
	    "n2,x.wav,2026-06-01T00:00:00Z,2026-06-01T00:00:10Z,160000\n"
	    "n2,lost.wav,2026-06-01T00:10:00Z,2026-06-01T00:10:10Z,160000\n");
	put("site/nodes/n1/index.jsl",
	    "{\"ev\":\"boot\",\"b\":1,\"m\":0}\n"
	    "{\"n\":\"b1/a.wav\",\"l\":9,\"c\":\"cbf43926\",\"fs\":16000,"
	    "\"st\":\"closed\"}\n"
	    "{\"n\":\"b1/b.wav\",\"l\":9,\"c\":\"cbf43926\",\"fs\":16000,"
	    "\"st\":\"closed\"}\n"
	    "{\"n\":\"b1/open.wav\",\"l\":9,\"st\":\"open\"}\n");
	put("site/nodes/n2/x.wav", "card"); /* no index: a recorder's card */
	put("site/nodes/n2/lost.wav", "lost");
}

static void put_archive(void)
{
	put("archive/raw/n1/b1/a.wav", "123456789"); /* CRC-32 cbf43926 */
	put("archive/raw/n1/b1/b.wav", "123456780"); /* one byte is not */
	put("archive/raw/n2/x.wav", "card");
	put("archive/windows/n1/2026-06-01.csv",
	    "node,capture,offset_s,start_utc,length_s,max_err_s\n"
	    /* 20 ms early; in the middle of a slow capture, 50 ms late */
	    "n1,raw/n1/b1/a.wav,0,2026-05-31T23:59:59.980Z,10,0.030\n"
	    "n1,raw/n1/b1/a.wav,500,2026-06-01T00:08:20.100Z,10,0.030\n"
	    "n1,raw/n1/b1/b.wav,0,2026-06-01T01:00:00.001Z,10,0.030\n"
	    "n1,raw/n1/b1/b.wav,95,2026-06-01T01:01:35.002Z,10,\n");
	put("archive/windows/n1/undated.csv",
	    "node,capture,offset_s,start_utc,length_s,max_err_s\n"
	    "n1,raw/n1/b1/b.wav,100,,10,\n"
	    "n1,raw/n1/b1/ghost.wav,0,2026-06-01T00:00:00Z,10,1\n");
	put("archive/labels/n1/2026-06-01.csv",
	    "node,capture,offset_s,start_utc,length_s,rain_class,rain_keep,"
	    "wind_class,wind_keep\n"
	    /* truth: none/calm, over 30 min before the rain */
	    "n1,raw/n1/b1/a.wav,0,,10,none,1,calm,1\n"
	    /* none/calm, wrong twice, but not sure of the rain */
	    "n1,raw/n1/b1/a.wav,500,,10,little,0,wind,1\n"
	    /* rain/wind */
	    "n1,raw/n1/b1/b.wav,0,,10,rain,1,wind,1\n"
	    /* half of 5 and half of 1 mm/h: 3, so rain; label: little */
	    "n1,raw/n1/b1/b.wav,95,,10,little,1,,\n"
	    /* little/wind */
	    "n1,raw/n1/b1/b.wav,150,,10,little,1,wind,0\n");
	put("archive/dataset/info.labels",
	    "{\"version\":1,\"files\":["
	    "{\"path\":\"training/1.wav\",\"category\":\"training\","
	    "\"label\":{\"type\":\"label\",\"label\":\"none\"}},"
	    "{\"path\":\"testing/2.wav\",\"category\":\"testing\","
	    "\"label\":{\"type\":\"label\",\"label\":\"rain\"}},"
	    "{\"path\":\"testing/3.wav\",\"category\":\"testing\","
	    "\"label\":{\"type\":\"label\",\"label\":\"none\"}},"
	    "{\"path\":\"testing/4.wav\",\"category\":\"testing\","
	    "\"label\":{\"type\":\"keyvalue-labels\",\"labels\":"
	    "{\"rain\":\"none\",\"wind\":\"calm\"}}}]}\n");
	put("archive/dataset/provenance.jsonl",
	    "{\"category\":\"training\",\"length_s\":10,"
	    "\"start_utc\":\"2026-06-01T00:00:00.000Z\"}\n"
	    /* 599 s after the training one's end; 600 s: no leak */
	    "{\"category\":\"testing\",\"length_s\":10,"
	    "\"start_utc\":\"2026-06-01T00:10:09.000Z\"}\n"
	    "{\"category\":\"testing\",\"length_s\":10,"
	    "\"start_utc\":\"2026-06-01T00:10:10.000Z\"}\n");
	/* info.labels in lines; the testing one ends 599 s before. */
	put("archive/lines/info.labels",
	    "{\"__ndjson\":true,\"version\":1}\n"
	    "{\"__key\":\"files\",\"__item\":{\"category\":\"training\","
	    "\"label\":{\"type\":\"label\",\"label\":\"none\"}}}\n"
	    "{\"__key\":\"files\",\"__item\":{\"category\":\"testing\","
	    "\"label\":{\"type\":\"label\",\"label\":\"none\"}}}\n");
	put("archive/lines/provenance.jsonl",
	    "{\"category\":\"training\",\"length_s\":10,"
	    "\"start_utc\":\"2026-06-01T01:00:00Z\"}\n"
	    "{\"category\":\"testing\",\"length_s\":10,"
	    "\"start_utc\":\"2026-06-01T00:49:51Z\"}\n");
}

static void check_nodes(const struct wx_judge *j)
{
	struct wx_judge_node *n1 = &j->node[0], *n2 = &j->node[1],
			     *all = &j->node[2];

	CHECK_INT("nodes", j->n_nodes, 2);
	CHECK_STR("id", n2->id, "n2");
	CHECK_INT("n1 made, without the open one", n1->made, 2);
	CHECK_INT("n1 pulled", n1->pulled, 2);
	CHECK_INT("n1 verified", n1->verified, 1);
	CHECK_INT("n2 made", n2->made, 2);
	CHECK_INT("n2 pulled", n2->pulled, 1);
	CHECK_INT("n2 verified, by the card's own bytes", n2->verified, 1);
	CHECK_INT("all", all->made, 4);
	CHECK_INT("windows", all->windows, 6);
	CHECK_INT("undated", all->undated, 1);
	CHECK_INT("never made", all->unknown, 1);
	CHECK_INT("within, of an unknown bound not", all->within, 2);
	CHECK_F64("p50", wx_errors_quantile(&all->error_s, 0.5), 0.002, 1e-9);
	CHECK_F64("p95", wx_errors_quantile(&all->error_s, 0.95), 0.05, 1e-9);
	CHECK_F64("max", wx_errors_quantile(&all->error_s, 1), 0.05, 1e-9);
	CHECK_F64("of none", wx_errors_quantile(&n2->error_s, 0.5), NAN, 0);
}

static void check_scores(const struct wx_judge *j)
{
	const struct wx_confusion *r = j->rain, *w = j->wind;
	struct wx_confusion last = wx_confusion_last(&r[WX_JUDGE_ALL]);

	CHECK_INT("rain, labelled", wx_confusion_labelled(r), 5);
	CHECK_F64("rain", wx_confusion_accuracy(&r[WX_JUDGE_ALL]), 0.6, 1e-9);
	/* none 1/2, little 1/1, rain 1/2 */
	CHECK_F64("rain, balanced", wx_confusion_balanced(r), 2.0 / 3, 1e-9);
	CHECK_F64("rain, last", wx_confusion_accuracy(&last), 0.8, 1e-9);
	CHECK_F64("rain, last, balanced", wx_confusion_balanced(&last), 0.75,
		  1e-9);
	CHECK_INT("near rain", wx_confusion_total(&r[WX_JUDGE_NEAR]), 3);
	CHECK_INT("kept", wx_confusion_labelled(&r[WX_JUDGE_KEPT]), 4);
	CHECK_INT("kept of", wx_confusion_total(&r[WX_JUDGE_KEPT]), 5);
	CHECK_F64("rain, kept", wx_confusion_accuracy(&r[WX_JUDGE_KEPT]), 0.75,
		  1e-9);
	CHECK_INT("wind, labelled", wx_confusion_labelled(w), 4);
	CHECK_INT("wind, unknown counts", wx_confusion_total(w), 5);
	CHECK_F64("wind", wx_confusion_accuracy(w), 0.75, 1e-9);
	CHECK_F64("breeze does not occur", wx_confusion_balanced(w), 0.75,
		  1e-9);
	CHECK_F64("wind, kept", wx_confusion_accuracy(&w[WX_JUDGE_KEPT]),
		  2.0 / 3, 1e-9);
}

static void check_truth(void)
{
	char *site = wx_strf("%s/site", top);
	struct wx_truth t;
	struct wx_error err = { 0 };
	const struct wx_time t0 = { 1780272000 * WX_NS_PER_S };

	CHECK_INT("truth", wx_truth_read(site, 0.1, &t, &err), WX_OK);
	CHECK_INT("first second", t.t0_s, 1780272000);
	CHECK_F64("parts of seconds",
		  wx_truth_mean(&t, t.rain_mm_h, wx_time_add_s(t0, 3599.5), 2),
		  3.75, 1e-6);
	CHECK_F64(
		"part of one second",
		wx_truth_mean(&t, t.rain_mm_h, wx_time_add_s(t0, 3600.25), 0.5),
		5, 1e-6);
	CHECK_F64("to the very end",
		  wx_truth_mean(&t, t.wind_m_s, wx_time_add_s(t0, 7190), 10), 8,
		  1e-6);
	CHECK_F64("past the end",
		  wx_truth_mean(&t, t.wind_m_s, wx_time_add_s(t0, 7191), 10),
		  NAN, 0);
	CHECK_F64("before the start",
		  wx_truth_mean(&t, t.wind_m_s, wx_time_add_s(t0, -1), 10), NAN,
		  0);
	CHECK("rain in 1800 s",
	      wx_truth_near_rain(&t, wx_time_add_s(t0, 1790.5), 10, 1800));
	CHECK("not yet",
	      !wx_truth_near_rain(&t, wx_time_add_s(t0, 1790), 10, 1800));
	CHECK("1800 s ago",
	      wx_truth_near_rain(&t, wx_time_add_s(t0, 5599), 10, 1800));
	CHECK("no more",
	      !wx_truth_near_rain(&t, wx_time_add_s(t0, 5600), 10, 1800));
	CHECK("a long margin",
	      wx_truth_near_rain(&t, wx_time_add_s(t0, 99999), 10, 1e9));
	CHECK("never made", !wx_truth_find(&t, "n1", "b1/ghost.wav"));
	CHECK("other node's", !wx_truth_find(&t, "n1", "raw/n2/x.wav"));
	CHECK("below raw/", wx_truth_find(&t, "n2", "raw/n2/x.wav") != NULL);
	wx_truth_fini(&t);

	put("site/truth/weather.csv", "utc,rain_mm_h,wind_m_s\n"
				      "2026-06-01T00:00:00Z,0,1\n"
				      "2026-06-01T00:00:02Z,0,1\n");
	CHECK_INT("a gap", wx_truth_read(site, 0.1, &t, &err), WX_ERR_FORMAT);
	CHECK("says where", strstr(err.text, "weather.csv:3: ") != NULL);
	free(site);
}

int main(void)
{
	struct wx_judge_opts o = {
		.rain = { 3, { "none", "little", "rain" }, { 0.1, 2.5 } },
		.wind = { 3, { "calm", "breeze", "wind" }, { 1.5, 5.5 } },
	};
	struct wx_error err = { 0 };
	struct wx_judge j;
	char *site, *archive, *lines, *clean;

	if (!mkdtemp(top))
		return 1;
	o.site = site = wx_strf("%s/site", top);
	o.archive = archive = wx_strf("%s/archive", top);
	put_site();
	put_archive();

	CHECK_INT("judge", wx_judge_run(&o, &j, &err), WX_OK);
	CHECK_STR("no failure", err.text, "");
	check_nodes(&j);
	check_scores(&j);
	CHECK_INT("labels", j.n_counts, 3);
	CHECK_STR("sorted", j.count[1].label, "rain");
	CHECK_STR("two targets", j.count[2].label, "rain=none wind=calm");
	CHECK_INT("none, training", j.count[0].training, 1);
	CHECK_INT("none, testing", j.count[0].testing, 1);
	CHECK_INT("leaks after", j.leaks, 1);
	CHECK_INT("untimed", j.untimed, 1);
	CHECK("found something", wx_judge_found(&j));
	wx_judge_fini(&j);

	o.dataset = lines = wx_strf("%s/lines", archive);
	CHECK_INT("lines", wx_judge_run(&o, &j, &err), WX_OK);
	CHECK_INT("leaks before", j.leaks, 1);
	CHECK_INT("samples in lines", j.count[0].training, 1);
	CHECK_INT("all timed", j.untimed, 0);
	wx_judge_fini(&j);

	put("archive/labels/n1/2026-06-02.csv",
	    "capture,offset_s,length_s,rain_class,rain_keep,wind_class,"
	    "wind_keep\nx,0,10,drizzle,1,calm,1\n");
	CHECK_INT("other classes", wx_judge_run(&o, &j, &err), WX_ERR_FORMAT);
	CHECK("says which", strstr(err.text, ":2: class 'drizzle'") != NULL);

	check_truth();
	clean = wx_strf("rm -rf %s", top);
	if (system(clean) != 0)
		return 1;
	free(site);
	free(archive);
	free(lines);
	free(clean);
	return wx_test_end();
}
