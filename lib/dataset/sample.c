/* SPDX-License-Identifier: MIT */
/* lib/dataset/sample.c: see sample.h. */
#include "dataset/sample.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "weather/senses.h"

int wx_class_index(const struct wx_class_label *c)
{
	int best = 0;

	for (int i = 1; i < c->n_probs; i++)
		if (c->probs[i] > c->probs[best])
			best = i;
	return best;
}

void wx_sample_class(const struct wx_label *label, enum wx_target target,
		     char class[WX_SAMPLE_LABEL_SIZE], int *index, int *keep)
{
	const struct wx_class_label *r = &label->rain, *w = &label->wind;
	char text[WX_SAMPLE_LABEL_SIZE];
	int i = target == WX_TARGET_RAIN ? wx_class_index(r)
		: target == WX_TARGET_WIND
			? wx_class_index(w)
			: wx_class_index(r) * WX_MAX_CLASSES +
				  wx_class_index(w);
	int k = target == WX_TARGET_RAIN   ? r->keep
		: target == WX_TARGET_WIND ? w->keep
					   : r->keep && w->keep;

	snprintf(text, sizeof(text), "%.70s%s%.70s",
		 target == WX_TARGET_WIND ? "" : r->name,
		 target == WX_TARGET_BOTH ? "_" : "",
		 target == WX_TARGET_RAIN ? "" : w->name);
	if (target == WX_TARGET_BOTH && (!*r->name || !*w->name))
		text[0] = '\0';
	if (class)
		strcpy(class, text);
	if (index)
		*index = i;
	if (keep)
		*keep = k && text[0];
}

const char *wx_side_name(enum wx_side side)
{
	return side == WX_SIDE_TESTING ? "testing" : "training";
}

const char *wx_target_name(enum wx_target target)
{
	static const char *const names[] = { "rain", "wind", "both" };

	return names[target];
}

void wx_sample_set_name(struct wx_sample *s, int twin)
{
	char utc[WX_TIME_SIZE], number[16] = "";
	char *to = utc;

	/* RFC 3339's basic form: no ':' in names, FAT has none. */
	wx_time_format(s->window.start_utc, 3, utc);
	for (const char *p = utc; *p; p++)
		if (*p != '-' && *p != ':')
			*to++ = *p;
	*to = '\0';
	if (twin)
		snprintf(number, sizeof(number), "-%d", twin + 1);
	snprintf(s->name, sizeof(s->name), "%.100s.%.64s-%s%s", s->class,
		 s->window.node, utc, number);
	for (char *p = s->name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
			*p = '_';
}

/* Rounded as the tables have it, so that no digits are made up. */
static double rounded(double v, double steps)
{
	return round(v * steps) / steps;
}

static void set_f64(json_t *obj, const char *key, double v, double steps)
{
	if (isfinite(v))
		json_object_set_new(obj, key, json_real(rounded(v, steps)));
}

static void set_text(json_t *obj, const char *key, const char *text)
{
	if (*text)
		json_object_set_new(obj, key, json_string(text));
}

/* What of the node's senses bears on its class: the flags say so. */
static void set_evidence(json_t *rain, const struct wx_label *l)
{
	json_t *used = json_array();

	for (int i = 0; i < WX_N_SENSES; i++) {
		char flag[32];

		snprintf(flag, sizeof(flag), "%s_used", wx_sense_word(i));
		if (wx_words_have(l->flags, flag))
			json_array_append_new(used,
					      json_string(wx_sense_word(i)));
	}
	if (json_array_size(used) && strcmp(l->rain.source, "track") != 0)
		json_object_set(rain, "evidence", used);
	json_decref(used);
}

/* The tips that bound the window's gap, and how they were judged. */
static void set_why(json_t *rain, const struct wx_label *l)
{
	char utc[WX_TIME_SIZE];

	wx_time_format(l->rain_tip_before, 3, utc);
	set_text(rain, "tip_before", utc);
	wx_time_format(l->rain_tip_after, 3, utc);
	set_text(rain, "tip_after", utc);
	if (!wx_time_is_none(l->rain_tip_before) &&
	    !wx_time_is_none(l->rain_tip_after))
		set_f64(rain, "gap_s",
			wx_time_diff_s(l->rain_tip_after, l->rain_tip_before),
			1000);
	set_f64(rain, "sigma_ln", l->rain_sigma_ln, 1000);
	if (l->rain_smoothed)
		json_object_set_new(rain, "smoothed", json_true());
	set_evidence(rain, l);
}

static json_t *class_json(const struct wx_class_label *c, const char *key)
{
	json_t *obj = json_object();

	set_f64(obj, key, c->value, 100);
	if (*c->name) {
		json_t *probs = json_array();

		json_object_set_new(obj, "class", json_string(c->name));
		set_f64(obj, "p", c->p, 1000);
		for (int i = 0; i < c->n_probs; i++)
			json_array_append_new(
				probs, json_real(rounded(c->probs[i], 1000)));
		json_object_set_new(obj, "probs", probs);
	}
	json_object_set_new(obj, "source", json_string(c->source));
	set_text(obj, "track", c->track);
	return obj;
}

/* What a plain WAV with one label has no need of. */
static void set_layout(json_t *obj, const struct wx_sample *s)
{
	json_t *segments;

	if (s->convert_hz > 0)
		set_f64(obj, "converted_hz", s->convert_hz, 1);
	if (strcmp(s->layout, "wav") == 0)
		return;
	json_object_set_new(obj, "layout", json_string(s->layout));
	if (s->with_env)
		json_object_set_new(obj, "env", json_true());
	if (s->iat_s)
		json_object_set_new(obj, "iat", json_integer(s->iat_s));
	set_text(obj, "key_id", s->key_id);
	if (!s->n_segments)
		return;
	segments = json_array();
	for (size_t i = 0; i < s->n_segments; i++)
		json_array_append_new(segments,
				      json_pack("[I, I, s]",
						(json_int_t)s->segment[i].first,
						(json_int_t)s->segment[i].last,
						s->segment[i].class));
	json_object_set_new(obj, "segments", segments);
}

json_t *wx_sample_provenance(const struct wx_sample *s)
{
	const struct wx_window *w = &s->window;
	char utc[WX_TIME_SIZE], block[WX_TIME_SIZE];
	json_t *obj;

	wx_time_format(w->start_utc, 3, utc);
	wx_time_format(s->block, 0, block);
	obj = json_pack("{s:s+++, s:s, s:s, s:s, s:s, s:s}", "path",
			wx_side_name(s->side), "/", s->name, s->ext, "category",
			wx_side_name(s->side), "label", s->class, "target",
			wx_target_name(s->target), "site", s->site, "node",
			w->node);
	if (!obj)
		return NULL;
	json_object_set_new(obj, "start_utc", json_string(utc));
	set_f64(obj, "length_s", w->length_s, 1000);
	set_f64(obj, "max_err_s", w->max_err_s, 1000);
	json_object_set_new(obj, "capture", json_string(w->capture));
	set_text(obj, "capture_sha256", s->capture_sha256);
	set_text(obj, "capture_crc32", s->capture_crc32);
	set_f64(obj, "offset_s", w->offset_s, 1000);
	json_object_set_new(obj, "first_frame", json_integer(s->first_frame));
	json_object_set_new(obj, "n_frames", json_integer(s->n_frames));
	set_f64(obj, "rate_hz", s->rate_hz, 1000);
	set_f64(obj, "air_temp_degc", w->air_temp_degc, 100);
	set_f64(obj, "rel_hum_pct", w->rel_hum_pct, 10);
	set_f64(obj, "pressure_hpa", w->pressure_hpa, 100);
	json_object_set_new(obj, "quality", json_integer(w->quality));
	set_text(obj, "window_flags", w->flags);
	json_object_set_new(obj, "rain", class_json(&s->label.rain, "mm_h"));
	set_why(json_object_get(obj, "rain"), &s->label);
	json_object_set_new(obj, "wind", class_json(&s->label.wind, "m_s"));
	set_f64(json_object_get(obj, "wind"), "gust_m_s",
		s->label.wind_gust_m_s, 100);
	set_text(obj, "label_flags", s->label.flags);
	set_text(obj, "profile", s->profile);
	set_text(obj, "profile_sha256", s->profile_sha256);
	json_object_set_new(obj, "block", json_string(block));
	set_layout(obj, s);
	json_object_set_new(obj, "tool", json_string("wxset " WX_VERSION));
	return obj;
}
