/* SPDX-License-Identifier: MIT */
/* lib/sound/voices.c: see voices.h. */
#include "sound/voices.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

void wx_voices_fini(struct wx_voices *v)
{
	free(v->v);
	*v = (struct wx_voices){ 0 };
}

/* The next of a line's numbers. */
static bool number(const char **at, const char *end, double *out)
{
	const char *from = *at;

	while (from < end && strchr(" \t,", *from))
		from++;
	*at = from;
	while (*at < end && !strchr(" \t,\r", **at))
		++*at;
	return *at > from && wx_f64_parse(from, (size_t)(*at - from), out) &&
	       isfinite(*out);
}

static int parse_line(const char *line, const char *end, struct wx_voices *out,
		      long number_of, struct wx_error *err)
{
	struct wx_voice v;
	const char *at = line;

	while (at < end && strchr(" \t\r", *at))
		at++;
	if (at == end || *at == '#')
		return WX_OK;
	if (memchr(line, '\0', (size_t)(end - line)) ||
	    !number(&at, end, &v.from_s) || !number(&at, end, &v.to_s) ||
	    !number(&at, end, &v.p) || !(v.to_s >= v.from_s) || v.p < 0 ||
	    v.p > 1) {
		if (!out->n_bad++)
			out->bad = number_of;
		return WX_OK;
	}
	if (WX_GROW(&out->v, &out->room, out->n + 1, err))
		return WX_ERR_NOMEM;
	out->v[out->n++] = v;
	return WX_OK;
}

int wx_voices_parse(const char *text, size_t n, struct wx_voices *out,
		    struct wx_error *err)
{
	const char *end = text + n;
	int rc = WX_OK;

	*out = (struct wx_voices){ 0 };
	for (long line = 1; text < end && rc == WX_OK; line++) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		const char *stop = nl ? nl : end;

		rc = parse_line(text, stop, out, line, err);
		text = stop + (nl != NULL);
	}
	if (rc != WX_OK)
		wx_voices_fini(out);
	return rc;
}

double wx_voices_between(const struct wx_voices *v, double from_s, double to_s)
{
	double p = 0;

	for (size_t i = 0; i < v->n; i++)
		if (v->v[i].from_s < to_s &&
		    (v->v[i].to_s > from_s || v->v[i].from_s >= from_s))
			p = fmax(p, v->v[i].p);
	return p;
}
