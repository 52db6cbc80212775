/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/card.h: the index of a card that keeps none, made of the
 * journal's lines, of what names tell and of site.json's utc_offset. These are
 * the functions of struct wx_card_index, archive/content.h.
 */
#ifndef WX_CAPTURE_CARD_H
#define WX_CAPTURE_CARD_H

#include "archive/content.h"

/* 2000-01-01T00:00:00Z: the m of a recorder's clock counts from it. */
#define WX_CARD_M_EPOCH_US INT64_C(946684800000000)

int wx_card_begin(const struct wx_site_node *site, const char *dir,
		  struct wx_log *log, void **card, struct wx_error *err);
int wx_card_add(void *card, const json_t *line, bool is_new,
		struct wx_error *err);
int wx_card_write(void *card, FILE *out, struct wx_error *err);
void wx_card_end(void *card);

#endif
