/* SPDX-License-Identifier: MIT */
/* formats/capture/recorder.c: see recorder.h. */
#include "capture/recorder.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/json.h"
#include "capture/filename.h"
#include "capture/scan.h"

void wx_recorder_init(struct wx_recorder *r)
{
	memset(r, 0, sizeof(*r));
}

/* ---- chunks ---- */

/* OpenSoundscape: {"comment": ICMT, "recording_start_time": ..., ...} */
static void take_opso(struct wx_recorder *r, struct wx_scan s)
{
	json_t *doc = json_loadb(s.p, (size_t)(s.end - s.p),
				 JSON_DISABLE_EOF_CHECK, NULL);
	const char *comment = wx_json_str(doc, "comment", "");
	const char *artist = wx_json_str(doc, "artist", "");
	const char *start = wx_json_str(doc, "recording_start_time", "");
	struct wx_scan t = wx_scan_of(start, strlen(start));

	r->has_opso = doc != NULL;
	if (!r->has_comment)
		r->has_comment = wx_audiomoth_parse(comment, strlen(comment),
						    &r->comment);
	if (!r->artist[0])
		wx_audiomoth_artist(artist, strlen(artist), r->artist);
	r->opso_dated = wx_scan_civil(&t, &r->opso_civil) &&
			wx_scan_zone(&t, &r->opso_zone_s) && t.p == t.end;
	json_decref(doc);
}

static void take_info(struct wx_recorder *r, const char *id, const char *body,
		      size_t n)
{
	struct wx_scan s = wx_scan_of(body, n);

	if (memcmp(id, "IART", 4) == 0 && !r->artist[0])
		wx_audiomoth_artist(body, n, r->artist);
	if (memcmp(id, "ICMT", 4) != 0)
		return;
	if (wx_scan_text(&s, "opso_metadata"))
		take_opso(r, s);
	else if (!r->has_comment)
		r->has_comment = wx_audiomoth_parse(body, n, &r->comment);
}

static void take_list(struct wx_recorder *r, const char *p, size_t n)
{
	size_t at = 4;

	if (n < 4 || memcmp(p, "INFO", 4) != 0)
		return;
	while (n - at >= 8) {
		size_t size = wx_le32(p + at + 4);

		size = size < n - at - 8 ? size : n - at - 8;
		take_info(r, p + at, p + at + 8, size);
		at += 8 + size;
		/* The pad, unless the writer left it out. */
		if (size % 2 && at < n && p[at] == '\0')
			at++;
	}
}

void wx_recorder_chunk(struct wx_recorder *r, const char id[4],
		       const void *body, size_t n)
{
	if (memcmp(id, "LIST", 4) == 0)
		take_list(r, body, n);
	else if (memcmp(id, "guan", 4) == 0 && !r->has_guano)
		r->has_guano = wx_guano_parse(body, n, &r->guano);
	else if (memcmp(id, "wamd", 4) == 0 && !r->has_wamd)
		r->has_wamd = wx_wamd_parse(body, n, &r->wamd);
}

/* ---- what they say together ---- */

static void set_start(struct wx_recording_says *out, enum wx_says_from from,
		      const struct wx_civil *civil, bool has_zone, int zone_s)
{
	if (out->has_civil && (out->has_zone || !has_zone))
		return;
	out->from = from;
	out->has_civil = true;
	out->civil = *civil;
	out->has_zone = has_zone;
	out->zone_s = has_zone ? zone_s : 0;
}

static void set_text(char *out, const char *text)
{
	if (!out[0])
		snprintf(out, WX_SAYS_TEXT, "%s", text);
}

static void set_f64(double *out, double v)
{
	if (isnan(*out))
		*out = v;
}

static void add_guano(const struct wx_guano *g, struct wx_recording_says *out)
{
	if (g->has_civil)
		set_start(out, WX_SAYS_GUANO, &g->civil, g->has_zone,
			  g->zone_s);
	set_text(out->device, g->serial);
	set_text(out->deployment, g->deployment);
	set_text(out->make, g->make);
	set_text(out->model, g->model);
	set_text(out->firmware, g->firmware);
	set_f64(&out->battery_v, g->battery_v);
	set_f64(&out->temp_degc, g->temp_int_degc);
	set_f64(&out->temp_ext_degc, g->temp_ext_degc);
	set_f64(&out->rel_hum_pct, g->rel_hum_pct);
	if (isnan(out->lat_deg)) {
		out->lat_deg = g->lat_deg;
		out->lon_deg = g->lon_deg;
	}
	out->triggered |= g->triggered;
}

static void add_wamd(const struct wx_wamd *w, struct wx_recording_says *out)
{
	if (w->has_civil)
		set_start(out, WX_SAYS_WAMD, &w->civil, w->has_zone, w->zone_s);
	set_text(out->device, w->serial);
	set_text(out->make, "Wildlife Acoustics");
	set_text(out->model, w->model);
	set_text(out->firmware, w->firmware);
	set_f64(&out->temp_degc, w->temp_int_degc);
	set_f64(&out->temp_ext_degc, w->temp_ext_degc);
	set_f64(&out->rel_hum_pct, w->rel_hum_pct);
	if (isnan(out->lat_deg)) {
		out->lat_deg = w->lat_deg;
		out->lon_deg = w->lon_deg;
	}
}

static void add_comment(const struct wx_audiomoth *a,
			struct wx_recording_says *out)
{
	set_start(out, WX_SAYS_COMMENT, &a->civil, true, a->zone_s);
	set_text(out->device, a->device);
	set_text(out->deployment, a->deployment);
	set_text(out->make, "AudioMoth");
	set_text(out->firmware, wx_audiomoth_firmware(a));
	set_text(out->gain, a->gain);
	if (!isnan(a->battery_v)) { /* it tells bounds that GUANO rounds away */
		out->battery_v = a->battery_v;
		out->battery_bound = a->battery_bound;
	}
	set_f64(&out->temp_degc, a->temp_degc);
	out->triggered |= a->triggered;
	out->stop = a->stop;
	out->zone_fault = a->zone_fault && out->from == WX_SAYS_COMMENT;
}

void wx_recorder_says(const struct wx_recorder *r, int64_t data_declared,
		      struct wx_recording_says *out)
{
	*out = (struct wx_recording_says){ .start = WX_TIME_NONE,
					   .battery_v = NAN,
					   .temp_degc = NAN,
					   .temp_ext_degc = NAN,
					   .rel_hum_pct = NAN,
					   .lat_deg = NAN,
					   .lon_deg = NAN };
	if (r->opso_dated)
		set_start(out, WX_SAYS_OPSO, &r->opso_civil, true,
			  r->opso_zone_s);
	if (r->has_guano)
		add_guano(&r->guano, out);
	if (r->has_wamd)
		add_wamd(&r->wamd, out);
	set_text(out->device, r->artist);
	if (r->has_comment)
		add_comment(&r->comment, out);
	out->unset = out->has_civil && wx_civil_unset(&out->civil);
	if (out->has_zone && !out->unset)
		out->start = wx_civil_to_time(&out->civil, out->zone_s);
	out->interrupted =
		out->stop == WX_STOP_CARD_ERROR && data_declared == 0;
}

void wx_recording_says_fd(int fd, const struct wx_wav *wav,
			  const struct wx_wav_chunks *chunks,
			  struct wx_recording_says *out)
{
	struct wx_recorder r;

	wx_recorder_init(&r);
	for (size_t i = 0; i < chunks->n; i++) {
		const struct wx_wav_chunk *c = &chunks->chunk[i];
		size_t n = c->size_bytes < WX_RECORDER_MAX_CHUNK
				   ? (size_t)c->size_bytes
				   : WX_RECORDER_MAX_CHUNK;
		char *body;

		if (memcmp(c->id, "LIST", 4) != 0 &&
		    memcmp(c->id, "guan", 4) != 0 &&
		    memcmp(c->id, "wamd", 4) != 0)
			continue;
		body = n ? malloc(n) : NULL;
		/* The walk found it whole: one that is not now is of no use. */
		if (body &&
		    !wx_file_read_at(fd, c->id, body, n, c->offset, NULL))
			wx_recorder_chunk(&r, c->id, body, n);
		free(body);
	}
	wx_recorder_says(&r, wav->data_declared, out);
}

const char *wx_says_from_word(enum wx_says_from from)
{
	static const char *const words[] = {
		[WX_SAYS_NOTHING] = "",        [WX_SAYS_OPSO] = "comment",
		[WX_SAYS_GUANO] = "guano",     [WX_SAYS_WAMD] = "wamd",
		[WX_SAYS_COMMENT] = "comment", [WX_SAYS_NAME] = "name",
	};

	return words[from];
}
