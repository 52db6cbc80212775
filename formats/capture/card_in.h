/* SPDX-License-Identifier: MIT */
/* formats/capture/card_in.h: what card*.c share; nobody else includes it. */
#ifndef WX_CAPTURE_CARD_IN_H
#define WX_CAPTURE_CARD_IN_H

#include "base/hash.h"
#include "capture/card.h"
#include "capture/recorder.h"

/* A file of the card: 100,000 of them must fit into memory. */
struct card_file {
	char *name;             /* as it lies here */
	json_t *says;           /* of those with parts or events; NULL */
	int64_t r0_us;          /* INT64_MIN: not dated */
	int64_t size_bytes, ns; /* ns -1: not told */
	double fs;              /* NAN */
	float temp_degc;        /* NAN */
	uint32_t order;
	int32_t zone_s;  /* of its wall clock; NO_ZONE */
	uint16_t damage; /* bits of sound/rescue.h */
	uint8_t from;    /* enum wx_says_from */
	uint8_t kind;    /* enum wx_kind, of what is no recording */
	bool is_new, is_recording, holds_packets, triggered, unset,
		needs_offset;
	char crc[WX_CRC32_HEX];
};

enum { CARD_NO_ZONE = INT32_MIN };

/* The recorder's clock, running by itself from where it shows from_us on. */
struct card_stretch {
	int64_t from_us, boot;
};

/* A remark on one file or on many of them. */
struct card_remark {
	char key[100];
	const char *first; /* its name; lent */
	char text[400];
	size_t n;
};

/* A dated name that a file had, besides the one that it lies here under. */
struct card_alias {
	char *name, *of;
};

enum { CARD_MAX_REMARKS = 24 };

struct card {
	const struct wx_site_node *site;
	const char *dir;
	struct wx_log *log;
	struct card_file *file;
	size_t n, room;
	struct card_alias *alias;
	size_t n_aliases, room_aliases;
	struct card_remark remark[CARD_MAX_REMARKS];
	size_t n_remarks;
	char recorder[40]; /* the first that says who it is; "" */
	int64_t next_boot;
	bool wall; /* m is a wall clock's: a Song Meter's */
	struct card_stretch *stretch;
	size_t n_stretches, room_stretches;
};

/* Readings of the air lie in it. */
bool card_has_env(const struct card_file *f);
/* The file of that name, once they are sorted; NULL. */
struct card_file *card_find(const struct card *c, const char *name);

/* ---- card_clock.c: the recorder's own clock, where something is known of it ---- */

/* Of a capture; -1: nothing is known. */
struct card_clock {
	int64_t boot, m0_us, m1_us;
};

/* What the card's files say of its clock as a whole; writes its events. */
int card_clock_begin(struct card *c, FILE *out, struct wx_error *err);
/* Of one file; writes the events that are its own. */
int card_clock_of(struct card *c, const struct card_file *f,
		  struct card_clock *k, FILE *out, struct wx_error *err);

/* ---- card_tell.c: remarks, a line for each kind ---- */

void card_tell_file(struct card *c, const struct card_file *f);
/* key: what kind; name of the first is lent until card_tell_all. */
void card_tell(struct card *c, const char *key, const char *name,
	       const char *fmt, ...) WX_PRINTF(4, 5);
void card_tell_all(struct card *c);

#endif
