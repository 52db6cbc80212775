/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/indexline.c: see indexline.h.
 *
 *     {"n":"b0017/000123.wav","l":480044,"c":"9ae0daaf","q":123,"b":17,
 *      "m0":81234567,"m1":96234560,"r0":1732258800123456,"ns":240000,
 *      "fs":16000,"st":"closed","T":21.4}
 *     {"ev":"sync","b":17,"m":120345,"r":1732258800123456,
 *      "utc":1732258800125000,"s":"sntp","e":12}
 *
 * Lines as nodes write them (flat, plain ASCII, no escapes) are scanned in
 * place, several times faster than jansson builds and frees its objects; every
 * other line goes through jansson, which has the last word on what is JSON.
 */
#include "archive/indexline.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

/* The largest integer that every reader of JSON keeps exactly. */
#define MAX_INT INT64_C(9007199254740991)
/* Unix microseconds of 2255; sums of such stay in 64 bits. */
#define MAX_UTC_US INT64_C(9000000000000000)
/* No microphone is sampled faster; a wrong one still must be positive. */
#define MAX_RATE_HZ 10e6

/* A value as the scanner or jansson found it. */
struct value {
	enum { V_OTHER, V_TEXT, V_INT, V_REAL } kind;
	const char *text; /* V_TEXT; not NUL-terminated */
	size_t n;
	int64_t i;
	double f; /* V_INT as well */
};

enum key {
	K_N,
	K_L,
	K_C,
	K_H,
	K_Q,
	K_B,
	K_M0,
	K_M1,
	K_R0,
	K_NS,
	K_FS,
	K_ST,
	K_T,
	K_BY,
	K_GAP,
	K_EV,
	K_M,
	K_R,
	K_UTC,
	K_S,
	K_E,
	K_COUNT
};

static const struct rule {
	const char *name;
	int kind; /* V_INT, V_TEXT; V_REAL takes integers as well */
	double min, max;
} rules[K_COUNT] = {
	[K_N] = { "n", V_TEXT, 0, 0 },
	[K_L] = { "l", V_INT, 0, MAX_INT },
	[K_C] = { "c", V_TEXT, 0, 0 },
	[K_H] = { "h", V_TEXT, 0, 0 },
	[K_Q] = { "q", V_INT, 0, MAX_INT },
	[K_B] = { "b", V_INT, 0, MAX_INT },
	[K_M0] = { "m0", V_INT, 0, MAX_INT },
	[K_M1] = { "m1", V_INT, 0, MAX_INT },
	[K_R0] = { "r0", V_INT, 0, MAX_UTC_US },
	[K_NS] = { "ns", V_INT, 0, MAX_INT },
	[K_FS] = { "fs", V_REAL, 1, MAX_RATE_HZ },
	[K_ST] = { "st", V_TEXT, 0, 0 },
	[K_T] = { "T", V_REAL, -100, 150 },
	[K_BY] = { "by", V_TEXT, 0, 0 },
	[K_GAP] = { "gap", V_TEXT, 0, 0 },
	[K_EV] = { "ev", V_TEXT, 0, 0 },
	[K_M] = { "m", V_INT, 0, MAX_INT },
	[K_R] = { "r", V_INT, 0, MAX_UTC_US },
	[K_UTC] = { "utc", V_INT, 0, MAX_UTC_US },
	[K_S] = { "s", V_TEXT, 0, 0 },
	[K_E] = { "e", V_REAL, 0, 1e12 },
};

struct fields {
	struct value v[K_COUNT];
	bool has[K_COUNT];
};

/* The key's number, or K_COUNT for one that is ignored. */
static enum key key_find(const char *text, size_t n)
{
	int k = 0;

	if (n == 0 || n > 3)
		return K_COUNT;
	while (k < K_COUNT &&
	       (strncmp(rules[k].name, text, n) != 0 || rules[k].name[n]))
		k++;
	return (enum key)k;
}

/* --- the short way ------------------------------------------------------ */

static const char *blanks(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* A plain string at p ('"'); NULL: none, or one that needs jansson. */
static const char *scan_text(const char *p, const char **text, size_t *n)
{
	const char *q = p + 1;

	if (*p != '"')
		return NULL;
	while (*q >= 0x20 && *q < 0x7f && *q != '"' && *q != '\\')
		q++;
	if (*q != '"')
		return NULL;
	*text = p + 1;
	*n = (size_t)(q - p - 1);
	return q + 1;
}

static const char *digits(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

static const char *scan_number(const char *p, struct value *v)
{
	const char *start = p, *whole, *q;
	bool ok;

	whole = p += *p == '-';
	q = digits(p);
	if (q == p || (*p == '0' && q - p > 1))
		return NULL;
	v->kind = V_INT;
	if (*q == '.') {
		v->kind = V_REAL;
		p = q + 1;
		q = digits(p);
		if (q == p)
			return NULL;
	}
	if (*q == 'e' || *q == 'E' || q - whole > 18)
		return NULL;
	if (v->kind == V_REAL)
		ok = wx_f64_parse(start, (size_t)(q - start), &v->f);
	else
		ok = wx_i64_parse(start, (size_t)(q - start), &v->i);
	if (v->kind == V_INT)
		v->f = (double)v->i;
	return ok ? q : NULL;
}

static const char *scan_value(const char *p, struct value *v)
{
	if (*p == '"') {
		v->kind = V_TEXT;
		return scan_text(p, &v->text, &v->n);
	}
	return scan_number(p, v);
}

/* Keys that we do not know still must not stand twice. */
struct unknown {
	struct {
		const char *text;
		size_t n;
	} key[8];
	size_t n;
};

static bool is_new(struct unknown *u, const char *text, size_t n)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->key[i].n == n && !memcmp(u->key[i].text, text, n))
			return false;
	if (u->n == WX_COUNT(u->key))
		return false;
	u->key[u->n].text = text;
	u->key[u->n++].n = n;
	return true;
}

/* False: not of the simple kind; nothing is known of the line then. */
static bool scan(const char *p, const char *end, struct fields *f)
{
	struct unknown unknown = { .n = 0 };

	p = blanks(p);
	if (*p++ != '{')
		return false;
	for (;;) {
		struct value v = { V_OTHER, NULL, 0, 0, 0 };
		const char *key = NULL;
		size_t n = 0;
		enum key k;

		p = scan_text(blanks(p), &key, &n);
		if (!p || *(p = blanks(p)) != ':')
			return false;
		p = scan_value(blanks(p + 1), &v);
		if (!p)
			return false;
		k = key_find(key, n);
		if (k < K_COUNT ? f->has[k] : !is_new(&unknown, key, n))
			return false; /* twice: jansson refuses it */
		if (k < K_COUNT) {
			f->has[k] = true;
			f->v[k] = v;
		}
		p = blanks(p);
		if (*p == '}')
			break;
		if (*p++ != ',')
			return false;
	}
	return blanks(p + 1) == end;
}

/* --- the long way ------------------------------------------------------- */

static int load(const char *text, size_t n, struct fields *f, json_t **doc,
		struct wx_error *err)
{
	const char *key;
	json_t *j;
	int rc = wx_json_parse(text, n, "index", NULL, doc, NULL);

	if (rc == WX_ERR_NOMEM)
		return wx_fail_nomem(err);
	if (rc || !json_is_object(*doc))
		return wx_fail(err, WX_ERR_FORMAT,
			       "expected a JSON object; line passed over");
	json_object_foreach(*doc, key, j)
	{
		enum key k = key_find(key, strlen(key));

		if (k == K_COUNT)
			continue;
		f->has[k] = true;
		f->v[k].kind = json_is_string(j)    ? V_TEXT
			       : json_is_integer(j) ? V_INT
			       : json_is_real(j)    ? V_REAL
						    : V_OTHER;
		f->v[k].text = json_string_value(j);
		f->v[k].n = json_string_length(j);
		f->v[k].i = json_integer_value(j);
		f->v[k].f = json_number_value(j);
	}
	return WX_OK;
}

/* --- what the values say ------------------------------------------------ */

static bool fits(struct value *v, const struct rule *r)
{
	if (r->kind == V_TEXT)
		return v->kind == V_TEXT;
	if (v->kind != V_INT && v->kind != V_REAL)
		return false;
	if (!(v->f >= r->min && v->f <= r->max))
		return false;
	if (r->kind == V_INT && v->kind == V_REAL) { /* 44.0 is whole, too */
		v->i = (int64_t)v->f;
		return (double)v->i == v->f;
	}
	return true;
}

static int wrong(struct wx_error *err, const struct value *v, enum key k,
		 const char *then)
{
	char quoted[WX_QUOTE_SIZE] = "";

	if (v->kind == V_TEXT)
		wx_quote(v->text, v->n, quoted);
	else if (v->kind == V_OTHER)
		strcpy(quoted, "another type");
	else
		snprintf(quoted, sizeof(quoted), "%.15g", v->f);
	if (rules[k].kind == V_TEXT)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: found '%s', expected what the node "
			       "protocol lists; %s",
			       rules[k].name, quoted, then);
	return wx_fail(err, WX_ERR_FORMAT,
		       "%s: found '%s', expected a%s number %g to %g; %s",
		       rules[k].name, quoted,
		       rules[k].kind == V_INT ? " whole" : "", rules[k].min,
		       rules[k].max, then);
}

static const char ignored[] = "value ignored";
static const char passed_over[] = "line passed over";

/* A value that is wrong reads as one that is not there. */
static void drop_wrong(struct fields *f, struct wx_error *err)
{
	for (int k = 0; k < K_COUNT; k++)
		if (f->has[k] && !fits(&f->v[k], &rules[k])) {
			wrong(err, &f->v[k], (enum key)k, ignored);
			f->has[k] = false;
		}
}

static bool is_text(const struct fields *f, enum key k, const char *text)
{
	return f->has[k] && f->v[k].n == strlen(text) &&
	       !memcmp(f->v[k].text, text, f->v[k].n);
}

static int64_t integer(const struct fields *f, enum key k, int64_t dflt)
{
	return f->has[k] ? f->v[k].i : dflt;
}

static double real(const struct fields *f, enum key k)
{
	return f->has[k] ? f->v[k].f : NAN;
}

/* Files that the archive itself keeps in raw/NODE, and its unfinished ones. */
static bool is_reserved(const char *name)
{
	static const char *const ours[] = { "index.jsl", "clock.jsonl",
					    "journal.jsonl" };
	size_t n = strlen(name), first = strcspn(name, "/");

	for (size_t i = 0; i < WX_COUNT(ours); i++)
		if (strlen(ours[i]) == first && !memcmp(name, ours[i], first))
			return true;
	return !strncmp(name, "index~", 6) ||
	       (n >= 5 && !strcmp(name + n - 5, ".part"));
}

static int check_name(const struct value *v, struct wx_error *err)
{
	char name[1002], quoted[WX_QUOTE_SIZE];
	struct wx_error why = { 0 };

	if (v->n >= sizeof(name)) {
		wx_fail(&why, WX_ERR_FORMAT, "is over 1000 bytes");
	} else {
		memcpy(name, v->text, v->n);
		name[v->n] = '\0';
		if (!wx_name_check(name, &why) && is_reserved(name))
			wx_fail(&why, WX_ERR_FORMAT,
				"is a name that the archive keeps for itself");
	}
	if (!why.code)
		return WX_OK;
	return wx_fail(err, WX_ERR_FORMAT, "name '%s' %s; %s",
		       wx_quote(v->text, v->n, quoted), why.text, passed_over);
}

static void read_capture(const struct fields *f, struct wx_capture *c,
			 struct wx_error *err)
{
	c->size_bytes = integer(f, K_L, 0);
	c->boot = integer(f, K_B, -1);
	c->seq = integer(f, K_Q, -1);
	c->m0_us = integer(f, K_M0, -1);
	c->m1_us = integer(f, K_M1, -1);
	c->r0_us = integer(f, K_R0, INT64_MIN);
	c->n_frames = integer(f, K_NS, -1);
	c->rate_hz = real(f, K_FS);
	c->temp_degc = real(f, K_T);
	c->recovered = is_text(f, K_ST, "recovered");
	c->by_name = is_text(f, K_BY, "name");
	c->by_header = is_text(f, K_BY, "header");
	c->triggered = is_text(f, K_GAP, "trigger");
	if (f->has[K_C]) {
		c->has_crc =
			wx_crc32_parse(f->v[K_C].text, f->v[K_C].n, &c->crc);
		if (!c->has_crc) {
			c->crc = 0;
			wrong(err, &f->v[K_C], K_C, ignored);
		}
	}
	if (c->m0_us >= 0 && c->m1_us >= 0 && c->m1_us < c->m0_us) {
		wx_fail(err, WX_ERR_FORMAT,
			"m1 (%lld) is before m0 (%lld); both ignored",
			(long long)c->m1_us, (long long)c->m0_us);
		c->m0_us = c->m1_us = -1;
	}
}

static int use_capture(const struct fields *f, struct wx_index_line *out,
		       struct wx_error *err)
{
	struct wx_error first = { 0 };
	bool open = is_text(f, K_ST, "open");
	int rc = check_name(&f->v[K_N], &first);

	if (!rc && f->has[K_ST] && !open && !is_text(f, K_ST, "closed") &&
	    !is_text(f, K_ST, "recovered"))
		rc = wrong(&first, &f->v[K_ST], K_ST, passed_over);
	if (!rc && !open && !f->has[K_L])
		rc = wx_fail(&first, WX_ERR_FORMAT,
			     "no length l that can be used; %s", passed_over);
	if (rc) { /* which matters more than a value that was ignored */
		if (err)
			*err = first;
		return rc;
	}
	out->name = f->v[K_N].text;
	out->name_len = f->v[K_N].n;
	read_capture(f, &out->capture, err);
	if (f->has[K_H]) {
		out->has_sha256 =
			wx_hex_parse(f->v[K_H].text, f->v[K_H].n, out->sha256,
				     sizeof(out->sha256));
		if (!out->has_sha256)
			wrong(err, &f->v[K_H], K_H, ignored);
	}
	if (open)
		out->capture.size_bytes = WX_INDEX_OPEN;
	out->kind = WX_INDEX_CAPTURE;
	return WX_OK;
}

static int use_event(const struct fields *f, struct wx_index_line *out,
		     struct wx_error *err)
{
	static const char *const kinds[] = { "boot", "set", "sync", "step",
					     "rtc_lost" };
	struct wx_clock_event *e = &out->event;

	for (size_t i = 0; i < WX_COUNT(kinds); i++)
		if (is_text(f, K_EV, kinds[i]))
			strcpy(e->kind, kinds[i]);
	if (!e->kind[0])
		return wrong(err, &f->v[K_EV], K_EV, passed_over);
	if (f->has[K_S] && f->v[K_S].n < sizeof(e->source))
		memcpy(e->source, f->v[K_S].text, f->v[K_S].n);
	e->boot = integer(f, K_B, INT64_MIN);
	e->m_us = integer(f, K_M, INT64_MIN);
	e->r_us = integer(f, K_R, INT64_MIN);
	e->utc_us = integer(f, K_UTC, INT64_MIN);
	e->error_ms = real(f, K_E);
	out->kind = WX_INDEX_EVENT;
	return WX_OK;
}

int wx_index_line_read(const char *text, size_t n, struct wx_index_line *out,
		       struct wx_error *err)
{
	struct fields f = { 0 };
	int rc;

	*out = (struct wx_index_line){ 0 };
	if (!scan(text, text + n, &f)) {
		memset(&f, 0, sizeof(f));
		rc = load(text, n, &f, &out->doc, err);
		if (rc)
			return rc;
	}
	drop_wrong(&f, err);
	if (f.has[K_N])
		return use_capture(&f, out, err);
	if (f.has[K_EV])
		return use_event(&f, out, err);
	return wx_fail(err, WX_ERR_FORMAT,
		       "neither a capture (n) nor an event (ev); %s",
		       passed_over);
}

void wx_index_line_fini(struct wx_index_line *line)
{
	json_decref(line->doc);
	line->doc = NULL;
}
