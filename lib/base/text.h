/* SPDX-License-Identifier: MIT */
/* lib/base/text.h: numbers to text and back, fast and without locale; names. */
#ifndef WX_BASE_TEXT_H
#define WX_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { WX_NUM_SIZE = 340 }; /* holds any double with 9 decimals */

/* printf into fresh memory, the caller's to free; NULL when out of memory. */
char *wx_strf(const char *fmt, ...) WX_PRINTF(1, 2);

/*
 * A decimal number that fills text[0..n): sign, digits, point, exponent.
 * Correctly rounded. False if it is anything else (also "nan", "inf", hex).
 */
bool wx_f64_parse(const char *text, size_t n, double *out);
bool wx_i64_parse(const char *text, size_t n, int64_t *out);

/*
 * Fixed point with 0 to 9 decimals, halves away from zero, no trailing "-0".
 * Nothing for NAN or infinity. Returns the length; buf is NUL-terminated.
 */
int wx_f64_format(double v, int decimals, char buf[WX_NUM_SIZE]);
int wx_i64_format(int64_t v, char buf[24]);

bool wx_utf8_valid(const char *text, size_t n);

/*
 * The words of the bits that are set, blank between; "" for none. word[i]
 * stands for bit i; all n fit in buf. Returns buf.
 */
const char *wx_words(unsigned bits, const char *const *word, size_t n,
		     char *buf);

/* Is word one of words, which have blanks between them? */
bool wx_words_have(const char *words, const char *word);

/*
 * May a stranger's name be used as a path below a folder of ours? Relative,
 * '/' between parts, no empty, "." or ".." part, no part that starts with '.',
 * parts up to 200 bytes (so that our suffixes fit in 255), 1000 in all, valid
 * UTF-8 without control characters or backslash. Says what is wrong in err.
 */
int wx_name_check(const char *name, struct wx_error *err);

/* An id: 1 to 64 of [A-Za-z0-9._-], not starting with '.' or '-'. */
bool wx_id_valid(const char *id);

/*
 * A stranger's text made fit for a message: control and non-ASCII bytes as
 * \xHH, cut at 80 characters with "...". Returns buf.
 */
enum { WX_QUOTE_SIZE = 336 };
const char *wx_quote(const char *text, size_t n, char buf[WX_QUOTE_SIZE]);

#endif
