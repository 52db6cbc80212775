/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/layout.h: which files of a recorder's card are worth having.
 *
 *     AudioMoth      20250619_030030.WAV, or 20250619/..., CONFIG.TXT, GPS.TXT;
 *                    GPS-Sync: 20250619_030030.CSV beside the WAV, PPS.CSV
 *                    while it records
 *     Song Meter     Data/S4A03895_20190522_060000.wav, S4A03895_Summary.txt
 *     Frontier Labs  20190522_STUDY_[lat+lon]/20190522T060000+1000_Rec1.flac,
 *                    GPS_log.csv; "data", without an extension, is what it
 *                    still recorded when its power went
 *     CSEM Aurora    data_seq_1_run_2_hour_3.pcm, packets
 *     Edge Impulse   *.cbor, acquisitions
 *
 * and the litter of the computers that a card has been in.
 */
#ifndef WX_CAPTURE_LAYOUT_H
#define WX_CAPTURE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

enum wx_layout {
	WX_LAYOUT_NONE,   /* not of a recording; passed over without a word */
	WX_LAYOUT_LITTER, /* of macOS or Windows; the same */
	WX_LAYOUT_RECORDING, /* sound that we read, damaged or not */
	WX_LAYOUT_HOLDS,     /* recordings lie in it */
	WX_LAYOUT_SIDE,      /* its clock, its position, its air */
	WX_LAYOUT_BESIDE,    /* that too, if a recording has its stem */
	WX_LAYOUT_FOREIGN,   /* sound that we cannot read; wx_layout_advice */
};

/* name: below the card's root, '/' between folders; any case. */
enum wx_layout wx_layout_of(const char *name);

/*
 * What a FOREIGN file is and what to do, "WAC (Wildlife Acoustics, ...): ...".
 * The same text for the same kind, so that they can be counted.
 */
const char *wx_layout_advice(const char *name);

#endif
