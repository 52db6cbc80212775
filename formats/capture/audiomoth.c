/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/audiomoth.c: see audiomoth.h.
 *
 * The time is read strictly; of the rest each fact is looked for by the words
 * before it, so that a wording of tomorrow loses no more than what it words
 * anew.
 */
#include "capture/audiomoth.h"

#include <math.h>
#include <string.h>

#include "capture/scan.h"

/* " (UTC-3:30)", or nothing at all. */
static bool take_zone(struct wx_scan *s, int *zone_s, bool *printed)
{
	*zone_s = 0;
	*printed = wx_scan_text(s, " (");
	return !*printed || (wx_scan_utc(s, zone_s) && wx_scan_text(s, ")"));
}

static bool take_time(struct wx_scan *s, struct wx_civil *c)
{
	*c = (struct wx_civil){ 0 };
	return wx_scan_text(s, "Recorded at ") &&
	       wx_scan_digits(s, 2, &c->hour) && wx_scan_text(s, ":") &&
	       wx_scan_digits(s, 2, &c->minute) && wx_scan_text(s, ":") &&
	       wx_scan_digits(s, 2, &c->second) && wx_scan_text(s, " ") &&
	       wx_scan_digits(s, 2, &c->day) && wx_scan_text(s, "/") &&
	       wx_scan_digits(s, 2, &c->month) && wx_scan_text(s, "/") &&
	       wx_scan_digits(s, 4, &c->year) &&
	       wx_civil_check(c, NULL) == WX_OK;
}

/* The word behind these words. */
static void take_word(struct wx_scan s, const char *words, char *out,
		      size_t size)
{
	struct wx_scan word;

	if (!wx_scan_find(&s, words))
		return;
	word = wx_scan_until(&s, " ");
	wx_scan_trim(&word);
	wx_scan_copy(&word, out, size);
}

static void take_gain(struct wx_scan s, struct wx_audiomoth *out)
{
	struct wx_scan word;

	if (wx_scan_find(&s, " at gain setting ")) {
		word = wx_scan_until(&s, " ");
	} else {
		if (!wx_scan_find(&s, " at "))
			return;
		word = wx_scan_until(&s, " gain");
		if (s.p == s.end ||
		    memchr(word.p, ' ', (size_t)(word.end - word.p)))
			return;
		out->era = wx_scan_text(&s, " gain setting") ? WX_AUDIOMOTH_1_4
							     : WX_AUDIOMOTH_1_6;
	}
	wx_scan_copy(&word, out->gain, sizeof(out->gain));
}

static void take_battery(struct wx_scan s, struct wx_audiomoth *out)
{
	struct wx_scan at = s;

	if (!wx_scan_find(&at, "battery was ")) {
		at = s;
		if (!wx_scan_find(&at, "battery state was "))
			return;
	}
	if (wx_scan_text(&at, "less than ") || wx_scan_text(&at, "<"))
		out->battery_bound = -1;
	else if (wx_scan_text(&at, "greater than ") || wx_scan_text(&at, ">"))
		out->battery_bound = 1;
	wx_scan_text(&at, " ");
	if (!wx_scan_f64(&at, &out->battery_v) || !wx_scan_text(&at, "V")) {
		out->battery_v = NAN;
		out->battery_bound = 0;
	} else if (out->era == WX_AUDIOMOTH_1_0_1 && wx_scan_text(&at, ".")) {
		out->era = WX_AUDIOMOTH_1_2;
	}
}

static void take_temp(struct wx_scan s, struct wx_audiomoth *out)
{
	double t;

	if (wx_scan_find(&s, "temperature was ") && wx_scan_f64(&s, &t) &&
	    wx_scan_text(&s, "C") && t > -100 && t < 150)
		out->temp_degc = t;
}

/* "... threshold was 0.5% with 1s minimum", or "was 160." at the end. */
static void take_trigger(struct wx_scan s, struct wx_audiomoth *out)
{
	struct wx_scan at = s, sentence, word;
	double khz;

	if (wx_scan_find(&at, "Frequency trigger (")) {
		if (wx_scan_f64(&at, &khz) && wx_scan_text(&at, "kHz"))
			out->trigger_hz = khz * 1000;
	} else {
		at = s;
		if (!wx_scan_find(&at, "Amplitude threshold"))
			return;
	}
	out->triggered = true;
	s = at;
	if (out->trigger_hz > 0 ? !wx_scan_find(&s, "threshold was ")
				: !wx_scan_text(&s, " was "))
		return;
	sentence = wx_scan_until(&s, ". ");
	word = wx_scan_until(&sentence, " with ");
	if (word.end > word.p && word.end[-1] == '.')
		word.end--; /* 1.4: the sentence is over */
	wx_scan_copy(&word, out->threshold, sizeof(out->threshold));
}

static double take_khz(struct wx_scan *s)
{
	double khz;

	return wx_scan_f64(s, &khz) && wx_scan_text(s, "kHz") ? khz * 1000
							      : NAN;
}

static void take_filter(struct wx_scan s, struct wx_audiomoth *out)
{
	struct wx_scan at = s;
	bool low = wx_scan_find(&at, "Low-pass filter");
	bool high = !low && (at = s, wx_scan_find(&at, "High-pass filter"));
	bool band = !low && !high &&
		    (at = s, wx_scan_find(&at, "Band-pass filter"));

	if (!(low || high || band) ||
	    !wx_scan_find(&at, band ? "frequencies of " : "frequency of "))
		return;
	if (!low)
		out->low_hz = take_khz(&at);
	if (low || (band && wx_scan_text(&at, " and ")))
		out->high_hz = take_khz(&at);
}

static void take_stop(struct wx_scan s, struct wx_audiomoth *out)
{
	static const struct {
		const char *words;
		enum wx_audiomoth_stop stop;
	} reasons[] = {
		{ "microphone change", WX_STOP_MICROPHONE },
		{ "switch position", WX_STOP_SWITCH },
		{ "magnetic switch", WX_STOP_MAGNET },
		{ "low voltage", WX_STOP_LOW_VOLTAGE },
		{ "low battery voltage", WX_STOP_LOW_VOLTAGE },
		{ "file size limit", WX_STOP_SIZE_LIMIT },
		{ "SD card write error", WX_STOP_CARD_ERROR },
	};
	struct wx_scan at = s;

	if (!wx_scan_find(&at, "Recording stopped")) {
		at = s;
		if (!wx_scan_find(&at, "Recording cancelled"))
			return;
	}
	out->stop = WX_STOP_OTHER;
	for (size_t i = 0; i < WX_COUNT(reasons); i++) {
		struct wx_scan rest = at;

		if (wx_scan_find(&rest, reasons[i].words)) {
			out->stop = reasons[i].stop;
			return;
		}
	}
}

bool wx_audiomoth_parse(const char *text, size_t n, struct wx_audiomoth *out)
{
	struct wx_scan s = wx_scan_of(text, n);
	struct wx_scan mic;
	bool zone_printed;

	*out = (struct wx_audiomoth){ .battery_v = NAN,
				      .temp_degc = NAN,
				      .trigger_hz = NAN,
				      .low_hz = NAN,
				      .high_hz = NAN };
	if (!take_time(&s, &out->civil) ||
	    !take_zone(&s, &out->zone_s, &zone_printed))
		return false;
	/* Without a zone it must at least go on as 1.0 did. */
	mic = s;
	if (!zone_printed && !wx_scan_text(&mic, " by AudioMoth "))
		return false;
	out->era = zone_printed ? WX_AUDIOMOTH_1_0_1 : WX_AUDIOMOTH_1_0;
	take_word(s, " by AudioMoth ", out->device, sizeof(out->device));
	take_word(s, " during deployment ", out->deployment,
		  sizeof(out->deployment));
	mic = s;
	out->external_mic = wx_scan_find(&mic, "external microphone");
	take_gain(s, out);
	take_battery(s, out);
	take_temp(s, out);
	take_trigger(s, out);
	take_filter(s, out);
	take_stop(s, out);
	out->zone_fault =
		out->era == WX_AUDIOMOTH_1_2 && out->zone_s % 3600 != 0;
	return true;
}

void wx_audiomoth_artist(const char *text, size_t n, char *id)
{
	struct wx_scan s = wx_scan_of(text, n);

	id[0] = '\0';
	if (!wx_scan_text(&s, "AudioMoth "))
		return;
	wx_scan_trim(&s);
	wx_scan_copy(&s, id, 33);
}

const char *wx_audiomoth_firmware(const struct wx_audiomoth *a)
{
	switch (a->era) {
	case WX_AUDIOMOTH_1_0:
		return "1.0";
	case WX_AUDIOMOTH_1_0_1:
		return "1.0.1..1.1.0";
	case WX_AUDIOMOTH_1_2:
		return a->zone_fault ? "1.2.2..1.3.0" : "1.2.0..1.3.0";
	case WX_AUDIOMOTH_1_4:
		return "1.4.0..1.5.0";
	default:
		return "1.6.0..";
	}
}
