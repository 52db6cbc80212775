/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/content.h: archive/content.h, done: every recorder's file
 * that this folder knows, behind the pull engine's one seam.
 *
 * Of a file's line of the journal (schema journal-line) are made, beside it:
 *
 *     NAME~recovered.wav   a copy of a damaged recording that others can read
 *     NAME~0001.wav        ... the recordings that lie in a file of packets
 *     NAME~env.csv         readings of the air that lie in it
 */
#ifndef WX_CAPTURE_CONTENT_H
#define WX_CAPTURE_CONTENT_H

#include "archive/content.h"

extern const struct wx_content wx_capture_content;

#endif
