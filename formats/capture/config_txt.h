/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/config_txt.h: CONFIG.TXT, an AudioMoth's settings, which it
 * writes at the root of its card.
 *
 *     Device ID                       : 24F31901603712F8
 *     Firmware                        : AudioMoth-Firmware-Basic (1.8.0)
 *
 *     Deployment ID                   : 0123456789ABCDEF
 *
 *     Time zone                       : UTC+10
 *
 *     Sample rate (Hz)                : 48000
 *     ...
 *
 * The zone is that of all names and comments of the card, from when the file
 * was written: what site.json's utc_offset ought to be, where nobody said.
 * Spelt UTC, UTC+10, UTC-3:30, UTC+0:30. The file is written anew with each
 * start of a schedule; recordings of an earlier one may be of another zone.
 *
 * Source: AudioMoth-Firmware-Basic 1.11.1 src/main.c writeConfigurationToFile.
 */
#ifndef WX_CAPTURE_CONFIG_TXT_H
#define WX_CAPTURE_CONFIG_TXT_H

#include <stdbool.h>
#include <stddef.h>

struct wx_config_txt {
	char device[33], deployment[33], firmware[64]; /* "" */
	bool has_zone;
	int zone_s;     /* ahead of UTC */
	int rate_hz;    /* 0: not said */
	bool gps;       /* Enable GPS time setting */
	bool triggered; /* a trigger is set */
};

/* False: no such file (it begins with Device ID). */
bool wx_config_txt_parse(const char *text, size_t n, struct wx_config_txt *out);

#endif
