/* SPDX-License-Identifier: MIT */
/*
 * formats/made/claim.c: sim.json and site.json of a made site.
 *
 * sim.json comes first of all files and is the claim: a folder that holds the
 * same bytes is ours to complete, one that holds another is someone's.
 */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "made/made.h"
#include "sim/station.h"

/* Raised when the same options make other bytes than before. */
enum { GENERATOR = 2 };

static const char *zone_name(int offset_s, char buf[16])
{
	int min = abs(offset_s) / 60;

	snprintf(buf, 16, "%c%02d:%02d", offset_s < 0 ? '-' : '+',
		 min / 60 % 24, min % 60);
	return buf;
}

static void write_boot(FILE *out, const struct wx_sim_boot *b)
{
	fprintf(out, "        { \"boot\": %lld, \"on_us\": %lld,",
		(long long)b->boot, (long long)b->on_us);
	if (b->off_us != INT64_MAX)
		fprintf(out, " \"off_us\": %lld,", (long long)b->off_us);
	fputs("\n          \"rtc\": [", out);
	for (size_t i = 0; i < b->n_rtc; i++) {
		const struct wx_sim_rtc *r = &b->rtc[i];

		fprintf(out,
			"%s\n            { \"m_us\": %lld, \"r_us\": %lld, "
			"\"source\": \"%s\"",
			i ? "," : "", (long long)r->m_us, (long long)r->r_us,
			r->source);
		if (!isnan(r->err_ms))
			fprintf(out, ", \"err_ms\": %.10g", r->err_ms);
		fputs(" }", out);
	}
	fputs(" ],\n          \"drift_us\": [", out);
	for (size_t i = 0; i < b->n_drift; i++)
		fprintf(out, "%s%lld",
			i ? i % 12 ? ", " : ",\n            " : "",
			(long long)b->drift_us[i]);
	fputs("] }", out);
}

static void write_node(FILE *out, const struct wx_sim_plan *p)
{
	fprintf(out,
		"    { \"id\": \"%s\", \"kind\": \"%s\", \"crystal_ppm\": "
		"%.3f, \"crystal_ppm_k2\": %.4f, \"crystal_t0_degc\": "
		"%.1f, \"sample_ppm\": %.3f,\n"
		"      \"gain_db\": %.2f, \"noise_dbfs\": %.1f, \"knot_us\": "
		"%lld,\n"
		"      \"boots\": [\n",
		p->id, p->card ? "card" : "http", p->crystal_ppm,
		p->crystal_ppm_k2, p->crystal_t0_degc, p->sample_ppm,
		p->gain_db, p->noise_dbfs, (long long)WX_SIM_KNOT_US);
	for (size_t i = 0; i < p->clock.n_boots; i++) {
		write_boot(out, &p->clock.boot[i]);
		fputs(i + 1 < p->clock.n_boots ? ",\n" : " ] }", out);
	}
}

static void write_sim(FILE *out, const struct wx_sim_opts *o,
		      const struct wx_sim_plan *plans)
{
	struct wx_sim_cups cups = WX_SIM_CUPS_INIT;
	char start[WX_TIME_SIZE], end[WX_TIME_SIZE], zone[16];

	wx_time_format(wx_time_from_us(o->start_s * 1000000), 0, start);
	wx_time_format(wx_time_from_us(wx_sim_end_s(o) * 1000000), 0, end);
	fprintf(out,
		"{ \"made_by\": \"wx-sim\", \"generator\": %d,\n"
		"  \"seed\": %lld, \"start_utc\": \"%s\", \"end_utc\": \"%s\", "
		"\"days\": %.10g, \"climate\": \"%s\",\n"
		"  \"capture_s\": %.10g, \"every_s\": %.10g, \"rate_hz\": "
		"%d,\n",
		GENERATOR, (long long)o->seed, start, end, o->days, o->climate,
		o->capture_s, o->every_s, o->rate_hz);
	if (o->aurora)
		fputs("  \"aurora\": true,\n", out);
	fprintf(out,
		"  \"station\": { \"utc_offset\": \"%s\", \"bucket_mm\": "
		"%.10g, "
		"\"m_s_per_hz\": %.10g, \"threshold_m_s\": %.10g, "
		"\"distance_m\": %.10g },\n"
		"  \"nodes\": [\n",
		zone_name(o->utc_offset_s, zone), o->bucket_mm, cups.m_s_per_hz,
		cups.threshold_m_s, cups.distance_m);
	for (int i = 0; i < o->n_nodes; i++) {
		write_node(out, &plans[i]);
		fputs(i + 1 < o->n_nodes ? ",\n" : "\n", out);
	}
	fputs("  ] }\n", out);
}

static void write_site(FILE *out, const struct wx_sim_opts *o)
{
	struct wx_sim_cups cups = WX_SIM_CUPS_INIT;
	char zone[16];

	fputs("{\n  \"site\": \"made\",\n"
	      "  \"location\": { \"latitude_deg\": 46.5, \"longitude_deg\": 7, "
	      "\"elevation_m\": 420 },\n  \"nodes\": [",
	      out);
	for (int i = 1; i <= o->n_nodes; i++)
		fprintf(out,
			"%s\n    { \"id\": \"n%d\", \"source\": "
			"\"dir:nodes/n%d\" }",
			i > 1 ? "," : "", i, i);
	if (o->aurora)
		fprintf(out,
			"%s\n    { \"id\": \"aurora\", \"source\": "
			"\"dir:nodes/aurora\" }",
			o->n_nodes ? "," : "");
	fprintf(out,
		"\n  ],\n  \"stations\": [\n"
		"    { \"id\": \"mast\", \"format\": \"campbell-toa5\", "
		"\"source\": \"file:station/mast.dat\",\n"
		"      \"utc_offset\": \"%s\", \"stamp\": \"end\", "
		"\"interval_s\": 10, \"bucket_mm\": %.10g, "
		"\"rain_kind\": \"interval\",\n"
		"      \"cup\": { \"m_s_per_hz\": %.10g, \"offset_m_s\": 0, "
		"\"threshold_m_s\": %.10g },\n"
		"      \"columns\": { \"time\": \"TIMESTAMP\", "
		"\"rain_mm\": \"Rain_mm_Tot\", "
		"\"wind_avg_m_s\": \"WS_ms_Avg\",\n"
		"        \"wind_gust_m_s\": \"WS_ms_Max\", "
		"\"wind_dir_deg\": \"WindDir\", "
		"\"air_temp_degc\": \"AirT_C\",\n"
		"        \"rel_hum_pct\": \"RH\", "
		"\"pressure_hpa\": \"BP_hPa\" } }\n  ]\n}\n",
		zone_name(o->utc_offset_s, zone), o->bucket_mm, cups.m_s_per_hz,
		cups.threshold_m_s);
}

/* Does dir hold anything but what the first moment of a run leaves? */
static int check_empty(const char *dir, struct wx_error *err)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int rc = WX_OK;

	if (!d && errno == ENOENT)
		return WX_OK;
	if (!d)
		return wx_fail_errno(err, "%s: cannot read this folder", dir);
	while (!rc && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
		    strcmp(e->d_name, "sim.json.part"))
			rc = wx_fail(
				err, WX_ERR_FORMAT,
				"%s: this folder is not empty and holds no "
				"made site: choose another one",
				dir);
	closedir(d);
	return rc;
}

static int check_same(const char *path, const char *dir, const char *text,
		      size_t n, struct wx_error *err)
{
	char *old = NULL;
	size_t n_old;
	int rc = wx_file_read(path, 256u << 20, &old, &n_old, err);

	if (!rc && (n_old != n || memcmp(old, text, n)))
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: this folder holds a site made with other "
			     "options (see its sim.json): give the same, or "
			     "choose another folder",
			     dir);
	free(old);
	return rc;
}

static int commit_text(const char *path, const char *text, size_t n,
		       struct wx_error *err)
{
	struct wx_file *f = NULL;
	bool changed;
	int rc = wx_file_create(path, &f, err);

	if (rc)
		return rc;
	fwrite(text, 1, n, wx_file_get(f));
	return wx_file_commit(f, &changed, err);
}

int wx_made_claim(const char *dir, const struct wx_sim_opts *o,
		  const struct wx_sim_plan *plans, struct wx_error *err)
{
	char *sim = wx_strf("%s/sim.json", dir);
	char *site = wx_strf("%s/site.json", dir);
	char *text = NULL;
	size_t n = 0;
	struct stat st;
	FILE *mem = open_memstream(&text, &n);
	int rc = WX_ERR_NOMEM;

	if (!sim || !site || !mem)
		goto out;
	write_sim(mem, o, plans);
	if (fflush(mem) != 0)
		goto out;
	if (stat(sim, &st) == 0)
		rc = check_same(sim, dir, text, n, err);
	else
		rc = check_empty(dir, err);
	if (!rc)
		rc = commit_text(sim, text, n, err);
	if (rc)
		goto out;
	rewind(mem);
	write_site(mem, o);
	rc = fflush(mem) != 0 ? WX_ERR_NOMEM : commit_text(site, text, n, err);
out:
	if (rc == WX_ERR_NOMEM)
		wx_fail_nomem(err);
	if (mem)
		fclose(mem);
	free(text);
	free(sim);
	free(site);
	return rc;
}
