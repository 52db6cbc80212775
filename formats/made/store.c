/* SPDX-License-Identifier: MIT */
/*
 * formats/made/store.c: a made node's card, as the node protocol draws it.
 *
 * The index is written last and in order. One that is there from an earlier
 * run tells the CRC of each capture: a file that still has it is not made
 * again. A capture that was cut short (power, or still being recorded) has the
 * header that its recorder began with: sizes of an empty file.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "made/made.h"
#include "sim/sound.h"

struct store {
	const struct wx_sim_plan *plan;
	const char *dir; /* nodes/ID */
	uint8_t *wav;    /* one capture: header and frames */
	int16_t *frames; /* in wav */
	double *rain, *wind;
	struct wx_sim_sample *sample;
	size_t max_s;
	struct wx_sha256 *sha;
	FILE *old;  /* the index of an earlier run, or NULL */
	char *line; /* its line for the item at hand, or NULL at its end */
	size_t line_size;
	FILE *out; /* the index */
};

/* What the index says of a file's bytes. */
struct sums {
	uint64_t size;
	uint32_t crc;
	char sha256[WX_SHA256_HEX]; /* "": none */
};

static void put_le(uint8_t *at, uint32_t v, int n)
{
	for (int i = 0; i < n; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

/* Canonical 44-byte header: PCM, mono, 16 bit. */
static void put_header(uint8_t *w, int rate_hz, uint32_t n_bytes)
{
	memcpy(w, "RIFF----WAVEfmt ", 16);
	put_le(w + 4, 36 + n_bytes, 4);
	put_le(w + 16, 16, 4);
	put_le(w + 20, 1, 2);
	put_le(w + 22, 1, 2);
	put_le(w + 24, (uint32_t)rate_hz, 4);
	put_le(w + 28, (uint32_t)rate_hz * 2, 4);
	put_le(w + 32, 2, 2);
	put_le(w + 34, 16, 2);
	memcpy(w + 36, "data", 4);
	put_le(w + 40, n_bytes, 4);
}

/* The sound of a capture into s->wav. */
static void make_capture(struct store *s, const struct wx_sim_item *it)
{
	const struct wx_sim_plan *p = s->plan;
	int64_t first = it->start_us / 1000000;
	size_t n_s = (size_t)(it->end_us / 1000000 - first) + 2;
	double hour =
		(double)((first + p->weather.solar_offset_s) % 86400) / 3600;
	struct wx_sim_mic mic = { p->gain_db, p->noise_dbfs, p->dc };
	struct wx_sim_scene scene = { s->rain, s->wind, n_s,
				      (double)(it->start_us % 1000000) * 1e-6,
				      hour };
	bool closed = it->state == WX_SIM_CLOSED;

	wx_sim_weather_get(&p->weather, first, n_s, s->sample);
	for (size_t i = 0; i < n_s; i++) {
		s->rain[i] = s->sample[i].rain_mm_h;
		s->wind[i] = s->sample[i].wind_m_s;
	}
	wx_sim_sound(&mic, &scene, wx_sim_split(p->key, "sound", it->seq),
		     p->opts.rate_hz, (size_t)it->n_frames, s->frames);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (int64_t i = 0; i < it->n_frames; i++)
		put_le((uint8_t *)&s->frames[i], (uint16_t)s->frames[i], 2);
#endif
	put_header(s->wav, p->opts.rate_hz,
		   closed ? (uint32_t)it->n_frames * 2 : 0);
}

/* Has path exactly these bytes? */
static bool has_bytes(const char *path, const uint8_t *data, size_t n)
{
	struct stat st;
	char *old = NULL;
	size_t n_old;
	bool same;

	if (stat(path, &st) || (uint64_t)st.st_size != n ||
	    wx_file_read(path, n, &old, &n_old, NULL))
		return false;
	same = n_old == n && !memcmp(old, data, n);
	free(old);
	return same;
}

/*
 * Like wx_file_commit, but not synced: thousands of syncs would take minutes,
 * and what a power cut spoils is found by its CRC and made again.
 */
static int put_file(const char *path, const uint8_t *data, size_t n,
		    struct wx_error *err)
{
	char *part = wx_strf("%s.part", path);
	size_t done = 0;
	int fd = -1;
	int rc = WX_OK;

	if (!part)
		return wx_fail_nomem(err);
	if (has_bytes(path, data, n))
		goto out;
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	while (fd >= 0 && done < n) {
		ssize_t got = write(fd, data + done, n - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		done += (size_t)got;
	}
	if (fd < 0 || done < n)
		rc = wx_fail_errno(err, "%s: cannot write", part);
	if (fd >= 0 && close(fd) != 0)
		rc = wx_fail_errno(err, "%s: cannot write", part);
	if (!rc && rename(part, path) != 0)
		rc = wx_fail_errno(err, "%s: cannot rename to %s", part, path);
	if (rc && fd >= 0)
		unlink(part);
out:
	free(part);
	return rc;
}

/* Does the earlier index tell this capture's sums, and does the file agree? */
static bool known(const struct store *s, const char *path,
		  const struct wx_sim_item *it, struct sums *out)
{
	char head[128];
	int n = snprintf(head, sizeof(head),
			 "{\"n\":\"%s\",\"l\":%llu,\"c\":\"", it->name,
			 (unsigned long long)out->size);
	const char *h;
	uint32_t crc;
	uint64_t size;

	if (!s->line || strncmp(s->line, head, (size_t)n) ||
	    strlen(s->line) < (size_t)n + 9)
		return false;
	if (access(path, R_OK) || wx_file_hash(path, &crc, NULL, &size, NULL))
		return false;
	if (!wx_crc32_parse(s->line + n, 8, &out->crc) || crc != out->crc ||
	    size != out->size)
		return false;
	h = strstr(s->line, "\"h\":\"");
	if (h && strlen(h) > 5 + WX_SHA256_HEX)
		memcpy(out->sha256, h + 5, WX_SHA256_HEX - 1);
	return true;
}

static int store_capture(struct store *s, const struct wx_sim_item *it,
			 struct sums *out, struct wx_error *err)
{
	char *path = wx_strf("%s/%s", s->dir, it->name);
	uint8_t digest[WX_SHA256_LEN];
	int rc = WX_OK;

	if (!path)
		return wx_fail_nomem(err);
	*out = (struct sums){ .size = wx_made_capture_size(it->n_frames) };
	if (known(s, path, it, out))
		goto out;
	make_capture(s, it);
	out->crc = wx_crc32(0, s->wav, out->size);
	if (s->plan->sha256) {
		wx_sha256(s->wav, out->size, digest);
		wx_hex(digest, sizeof(digest), out->sha256);
	}
	rc = put_file(path, s->wav, out->size, err);
out:
	free(path);
	return rc;
}

/* A boot's readings: one a minute from its fifth second. */
static void write_env(FILE *out, const struct wx_sim_plan *p,
		      const struct wx_sim_boot *b, bool torn)
{
	int64_t end_s = wx_sim_end_s(&p->opts);
	int64_t end_us =
		b->off_us < end_s * 1000000 ? b->off_us : end_s * 1000000;
	int64_t m_end = wx_sim_boot_m_us(b, end_us);

	fputs("m,air_temp_degc,rel_hum_pct,pressure_hpa\n", out);
	for (int64_t m = 5000000; m < m_end; m += 60000000) {
		struct wx_time t = wx_sim_clock_utc(&p->clock, b->boot, m);
		struct wx_sim_env e =
			wx_sim_plan_env(p, (double)t.utc_ns * 1e-9);

		fprintf(out, "%lld,%.2f,%.1f,%.2f\n", (long long)m,
			e.air_temp_degc, e.rel_hum_pct, e.pressure_hpa);
	}
	/* The power went as this row was written. */
	if (torn)
		fprintf(out, "%lld,1", (long long)m_end);
}

static const struct wx_sim_boot *boot_of(const struct wx_sim_plan *p,
					 int64_t boot)
{
	const struct wx_sim_clock *c = &p->clock;
	size_t i = 0;

	while (i + 1 < c->n_boots && c->boot[i].boot != boot)
		i++;
	return &c->boot[i];
}

static int store_env(struct store *s, const struct wx_sim_item *it,
		     struct sums *out, struct wx_error *err)
{
	char *path = wx_strf("%s/%s", s->dir, it->name);
	char *text = NULL;
	size_t n = 0;
	FILE *mem = open_memstream(&text, &n);
	int rc = WX_OK;

	if (!path || !mem) {
		rc = wx_fail_nomem(err);
		goto out;
	}
	write_env(mem, s->plan, boot_of(s->plan, it->boot),
		  it->state == WX_SIM_RECOVERED);
	if (fflush(mem) != 0) {
		rc = wx_fail_nomem(err);
		goto out;
	}
	*out = (struct sums){ .size = n,
			      .crc = wx_crc32(0, (uint8_t *)text, n) };
	rc = put_file(path, (uint8_t *)text, n, err);
out:
	if (mem)
		fclose(mem);
	free(text);
	free(path);
	return rc;
}

static void write_event(FILE *out, const struct wx_sim_item *it)
{
	fprintf(out, "{\"ev\":\"%s\",\"b\":%lld,\"m\":%lld,\"r\":%lld",
		it->event, (long long)it->boot, (long long)it->m0_us,
		(long long)it->r0_us);
	if (it->utc_us != INT64_MIN)
		fprintf(out, ",\"utc\":%lld,\"s\":\"%s\"",
			(long long)it->utc_us, it->source);
	if (!isnan(it->err_ms))
		fprintf(out, ",\"e\":%.10g", it->err_ms);
	fputs("}\n", out);
}

static void write_file_line(FILE *out, const struct wx_sim_plan *p,
			    const struct wx_sim_item *it,
			    const struct sums *sums)
{
	static const char *const states[] = { "closed", "open", "recovered" };

	/* The card was taken out as the node wrote its last line. */
	if (p->card && it->state == WX_SIM_OPEN) {
		fprintf(out, "{\"n\":\"%s\",\"l\":", it->name);
		return;
	}
	fprintf(out, "{\"n\":\"%s\",\"l\":%llu", it->name,
		(unsigned long long)sums->size);
	if (it->state != WX_SIM_OPEN) {
		fprintf(out, ",\"c\":\"%08x\"", (unsigned)sums->crc);
		if (sums->sha256[0])
			fprintf(out, ",\"h\":\"%s\"", sums->sha256);
	}
	fprintf(out, ",\"q\":%lld,\"b\":%lld", (long long)it->seq,
		(long long)it->boot);
	if (it->kind == WX_SIM_CAPTURE) {
		fprintf(out, ",\"m0\":%lld", (long long)it->m0_us);
		if (it->state == WX_SIM_CLOSED)
			fprintf(out, ",\"m1\":%lld", (long long)it->m1_us);
		fprintf(out, ",\"r0\":%lld", (long long)it->r0_us);
		if (it->state == WX_SIM_CLOSED)
			fprintf(out, ",\"ns\":%lld", (long long)it->n_frames);
		fprintf(out, ",\"fs\":%d", p->opts.rate_hz);
	}
	fprintf(out, ",\"st\":\"%s\"", states[it->state]);
	if (it->kind == WX_SIM_CAPTURE)
		fprintf(out, ",\"T\":%.1f", it->temp_degc);
	fputs("}\n", out);
}

static int store_item(struct store *s, const struct wx_sim_item *it,
		      struct wx_error *err)
{
	struct sums sums = { 0 };
	int rc = WX_OK;

	if (s->old && getline(&s->line, &s->line_size, s->old) < 0) {
		fclose(s->old);
		s->old = NULL;
		free(s->line);
		s->line = NULL;
	}
	if (it->kind == WX_SIM_EVENT) {
		write_event(s->out, it);
		return WX_OK;
	}
	rc = it->kind == WX_SIM_ENV ? store_env(s, it, &sums, err)
				    : store_capture(s, it, &sums, err);
	if (!rc)
		write_file_line(s->out, s->plan, it, &sums);
	return rc;
}

static int store_init(struct store *s, struct wx_error *err)
{
	const struct wx_sim_opts *o = &s->plan->opts;
	size_t n = (size_t)llround(o->capture_s * o->rate_hz);

	s->max_s = (size_t)o->capture_s + 4;
	s->wav = malloc(44 + 2 * n);
	s->rain = calloc(s->max_s, sizeof(*s->rain));
	s->wind = calloc(s->max_s, sizeof(*s->wind));
	s->sample = calloc(s->max_s, sizeof(*s->sample));
	if (!s->wav || !s->rain || !s->wind || !s->sample)
		return wx_fail_nomem(err);
	s->frames = (int16_t *)(void *)(s->wav + 44);
	for (size_t i = 0; i < s->plan->clock.n_boots; i++) {
		char *path = wx_strf("%s/b%04lld", s->dir,
				     (long long)s->plan->clock.boot[i].boot);
		int rc = path ? wx_mkdirs(path, err) : wx_fail_nomem(err);

		free(path);
		if (rc)
			return rc;
	}
	return WX_OK;
}

static void store_fini(struct store *s)
{
	if (s->old)
		fclose(s->old);
	free(s->line);
	free(s->wav);
	free(s->rain);
	free(s->wind);
	free(s->sample);
}

int wx_made_store(const char *dir, const struct wx_sim_plan *p,
		  struct wx_made_tick *tick, struct wx_error *err)
{
	struct store s = { .plan = p };
	char *folder = wx_strf("%s/nodes/%s", dir, p->id);
	char *path = wx_strf("%s/nodes/%s/index.jsl", dir, p->id);
	struct wx_file *f = NULL;
	struct wx_sim_cursor c;
	struct wx_sim_item it;
	bool changed;
	int rc;

	s.dir = folder;
	rc = folder && path ? store_init(&s, err) : wx_fail_nomem(err);
	if (!rc)
		rc = wx_file_create(path, &f, err);
	if (rc)
		goto out;
	s.out = wx_file_get(f);
	s.old = fopen(path, "re");
	wx_sim_cursor_init(&c, p);
	while (!rc && wx_sim_cursor_next(&c, &it)) {
		rc = store_item(&s, &it, err);
		tick->done += it.kind == WX_SIM_CAPTURE;
		if (!rc && tick->stop)
			rc = WX_ERR_IO;
	}
	if (!rc) {
		rc = wx_file_commit(f, &changed, err);
		f = NULL;
	}
out:
	wx_file_abort(f);
	store_fini(&s);
	free(folder);
	free(path);
	return rc;
}
