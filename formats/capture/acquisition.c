/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/acquisition.c: read Edge Impulse acquisition CBOR. See
 * acquisition.h; what is made of it is in acquisition_made.c.
 */
#include "capture/acquisition.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/text.h"
#include "capture/acquisition_in.h"

enum { KEY_SIZE = 32 };

static const struct {
	const char *name;
	int bytes;
} codes[] = {
	[WX_ACQ_CBOR] = { "", 0 },   [WX_ACQ_U8] = { "u8", 1 },
	[WX_ACQ_U16] = { "u16", 2 }, [WX_ACQ_U32] = { "u32", 4 },
	[WX_ACQ_I8] = { "i8", 1 },   [WX_ACQ_I16] = { "i16", 2 },
	[WX_ACQ_I32] = { "i32", 4 }, [WX_ACQ_F32] = { "f32", 4 },
};

/* ---- the tree ---- */

struct parse {
	struct acq_in in;
	struct wx_acquisition *out;
	struct wx_acq_sensor *sensor; /* the one being read */
	int64_t size_bytes;
	bool has_protected, has_interval, has_sensors, has_values;
	size_t width; /* of the rows */
};

/* Consumes what begins with t: ACQ_GOT, ACQ_TORN or a failure. */
typedef int key_fn(struct parse *p, const char *key, struct acq_token *t,
		   struct wx_error *err);

static int read_map(struct parse *p, const struct acq_token *map, key_fn *fn,
		    struct wx_error *err)
{
	struct acq_token t;
	int rc = ACQ_GOT;

	if (map->kind != ACQ_MAP)
		return acq_unexpected(&p->in, "a map", err);
	for (uint64_t i = 0; rc == ACQ_GOT; i++) {
		char key[KEY_SIZE];

		rc = acq_member(&p->in, map, i, &t, err);
		if (rc != ACQ_GOT)
			break;
		if (t.kind != ACQ_TEXT || t.indef)
			return acq_unexpected(&p->in, "a key", err);
		/* A longer one is none of ours, whatever it is. */
		snprintf(key, sizeof(key), "%.*s",
			 t.n < KEY_SIZE ? (int)t.n : 0, (const char *)t.text);
		rc = acq_next(&p->in, &t, err);
		if (rc == ACQ_GOT && t.kind == ACQ_BREAK)
			return acq_unexpected(&p->in, "a value", err);
		if (rc == ACQ_GOT)
			rc = fn(p, key, &t, err);
	}
	return rc == ACQ_END ? ACQ_GOT : rc;
}

/* A stranger's text, fit for messages and JSON. */
static int read_text(struct parse *p, const struct acq_token *t,
		     char out[WX_ACQ_TEXT], struct wx_error *err)
{
	char quoted[WX_QUOTE_SIZE];
	bool plain = t->kind == ACQ_TEXT && t->n < WX_ACQ_TEXT &&
		     wx_utf8_valid((const char *)t->text, (size_t)t->n);

	if (t->kind != ACQ_TEXT || t->indef)
		return acq_unexpected(&p->in, "a text", err);
	for (uint64_t i = 0; i < t->n && plain; i++)
		plain = t->text[i] >= 0x20 && t->text[i] != 0x7f;
	if (plain)
		snprintf(out, WX_ACQ_TEXT, "%.*s", (int)t->n,
			 (const char *)t->text);
	else
		snprintf(out, WX_ACQ_TEXT, "%.*s", WX_ACQ_TEXT - 1,
			 wx_quote((const char *)t->text, (size_t)t->n, quoted));
	return ACQ_GOT;
}

static int protected_key(struct parse *p, const char *key, struct acq_token *t,
			 struct wx_error *err)
{
	char text[WX_ACQ_TEXT];
	int rc;

	if (strcmp(key, "alg") == 0) {
		rc = read_text(p, t, text, err);
		p->out->is_signed = rc == ACQ_GOT && strcmp(text, "none") != 0;
		return rc;
	}
	if (strcmp(key, "ver") == 0) {
		rc = read_text(p, t, text, err);
		if (rc == ACQ_GOT && strcmp(text, "v1") != 0)
			return wx_fail(err, WX_ERR_FORMAT,
				       "%s: version '%s', expected v1",
				       p->in.name, text);
		return rc;
	}
	if (strcmp(key, "iat") == 0 && t->kind == ACQ_NUMBER)
		p->out->iat_s = t->number;
	return acq_skip(&p->in, t, 0, err);
}

static int sensor_key(struct parse *p, const char *key, struct acq_token *t,
		      struct wx_error *err)
{
	if (strcmp(key, "name") == 0)
		return read_text(p, t, p->sensor->name, err);
	if (strcmp(key, "units") == 0)
		return read_text(p, t, p->sensor->units, err);
	return acq_skip(&p->in, t, 0, err);
}

static int read_sensors(struct parse *p, const struct acq_token *array,
			struct wx_error *err)
{
	struct acq_token t;
	int rc = ACQ_GOT;

	if (array->kind != ACQ_ARRAY || p->has_sensors)
		return acq_unexpected(&p->in, "one array of sensors", err);
	p->has_sensors = true;
	for (uint64_t i = 0; rc == ACQ_GOT; i++) {
		rc = acq_member(&p->in, array, i, &t, err);
		if (rc != ACQ_GOT)
			break;
		if (i >= WX_ACQ_SENSORS)
			return wx_fail(err, WX_ERR_RANGE,
				       "%s: more than %d sensors", p->in.name,
				       WX_ACQ_SENSORS);
		p->sensor = &p->out->sensor[i];
		p->out->n_sensors = (size_t)i + 1;
		rc = read_map(p, &t, sensor_key, err);
	}
	return rc == ACQ_END ? ACQ_GOT : rc;
}

/* ---- values ---- */

/* One number of a row, or null. */
static bool is_value(const struct acq_token *t)
{
	return t->kind == ACQ_NUMBER || t->kind == ACQ_NOTHING;
}

static double value_of(const struct acq_token *t)
{
	return t->kind == ACQ_NUMBER && isfinite(t->number) ? t->number : NAN;
}

/*
 * What begins with t, as a row; *width is what the row before had, 0 at
 * first. v has room for WX_ACQ_SENSORS.
 */
static int read_row(struct acq_in *in, const struct acq_token *t, size_t *width,
		    double *v, struct wx_error *err)
{
	struct acq_token m;
	size_t n = 0;
	int rc = ACQ_GOT;

	if (is_value(t)) {
		v[n++] = value_of(t);
	} else if (t->kind == ACQ_ARRAY) {
		while ((rc = acq_member(in, t, n, &m, err)) == ACQ_GOT) {
			if (!is_value(&m) || n >= WX_ACQ_SENSORS)
				return acq_unexpected(in, "a row of numbers",
						      err);
			v[n++] = value_of(&m);
		}
		if (rc != ACQ_END)
			return rc;
	} else {
		return acq_unexpected(in, "a number", err);
	}
	if (n == 0 || (*width && n != *width))
		return acq_unexpected(in, "as many numbers as in the first row",
				      err);
	*width = n;
	return ACQ_GOT;
}

/* "Ref-BINARY-i16  ", the only member. */
static int read_ref(struct parse *p, const struct acq_token *t,
		    struct wx_error *err)
{
	static const char word[] = "Ref-BINARY-";
	const char *text = (const char *)t->text;
	size_t n = (size_t)t->n, skipped = strlen(word);

	while (n && (text[n - 1] == ' ' || text[n - 1] == '\0'))
		n--;
	for (size_t i = 1; i < WX_COUNT(codes) && !t->indef; i++) {
		size_t len = strlen(codes[i].name);

		if (n == skipped + len && !strncasecmp(text, word, skipped) &&
		    !strncasecmp(text + skipped, codes[i].name, len)) {
			p->out->code = (enum wx_acq_code)i;
			return ACQ_GOT;
		}
	}
	return acq_unexpected(&p->in, "numbers or Ref-BINARY-TYPE", err);
}

static int read_values(struct parse *p, const struct acq_token *array,
		       struct wx_error *err)
{
	double v[WX_ACQ_SENSORS];
	struct acq_token t;
	int rc = ACQ_GOT;

	if (array->kind != ACQ_ARRAY || p->has_values)
		return acq_unexpected(&p->in, "one array of values", err);
	p->has_values = true;
	p->out->values_offset = acq_tell(&p->in);
	for (uint64_t i = 0; rc == ACQ_GOT; i++) {
		rc = acq_member(&p->in, array, i, &t, err);
		if (rc != ACQ_GOT)
			break;
		if (p->out->code != WX_ACQ_CBOR)
			return acq_unexpected(&p->in,
					      "nothing behind Ref-BINARY", err);
		if (i == 0 && t.kind == ACQ_TEXT)
			rc = read_ref(p, &t, err);
		else
			rc = read_row(&p->in, &t, &p->width, v, err);
		p->out->n_rows += rc == ACQ_GOT && p->out->code == WX_ACQ_CBOR;
	}
	return rc == ACQ_END ? ACQ_GOT : rc;
}

static int payload_key(struct parse *p, const char *key, struct acq_token *t,
		       struct wx_error *err)
{
	if (strcmp(key, "device_name") == 0)
		return read_text(p, t, p->out->device_name, err);
	if (strcmp(key, "device_type") == 0)
		return read_text(p, t, p->out->device_type, err);
	if (strcmp(key, "sensors") == 0)
		return read_sensors(p, t, err);
	if (strcmp(key, "values") == 0)
		return read_values(p, t, err);
	if (strcmp(key, "interval_ms") == 0 && t->kind == ACQ_NUMBER) {
		p->out->interval_ms = t->number;
		p->has_interval = true;
	}
	return acq_skip(&p->in, t, 0, err);
}

static int top_key(struct parse *p, const char *key, struct acq_token *t,
		   struct wx_error *err)
{
	if (strcmp(key, "payload") == 0)
		return read_map(p, t, payload_key, err);
	if (strcmp(key, "protected") != 0)
		return acq_skip(&p->in, t, 0, err);
	p->has_protected = true;
	return read_map(p, t, protected_key, err);
}

/* ---- behind the tree ---- */

/* Where samples begin, and how many there are. */
static void count_samples(struct parse *p)
{
	struct wx_acquisition *a = p->out;
	int bytes = codes[a->code].bytes;
	int64_t at = acq_tell(&p->in), n;

	/* A closing ff is a must, but not one that closes something. */
	if (!p->in.broke && p->in.pos < p->in.n &&
	    p->in.buf[p->in.pos] == 0xff &&
	    (p->size_bytes - at) % bytes == 1 % bytes)
		at++;
	n = p->size_bytes - at;
	a->values_offset = at;
	a->n_rows = n / bytes;
	a->truncated |= n % bytes != 0;
}

/* A flash's erased bytes behind the values are nothing. */
static int count_behind(struct parse *p, struct wx_error *err)
{
	int64_t from = acq_tell(&p->in), last = from;
	int rc = ACQ_GOT;

	for (; rc == ACQ_GOT; rc = acq_refill(&p->in, err)) {
		for (; p->in.pos < p->in.n; p->in.pos++)
			if (p->in.buf[p->in.pos] != 0xff)
				last = acq_tell(&p->in) + 1;
	}
	p->out->n_behind_bytes = last - from;
	return rc;
}

static int check(const struct parse *p, struct wx_error *err)
{
	const struct wx_acquisition *a = p->out;
	const char *name = p->in.name;
	const char *missing = !p->has_sensors    ? "sensors"
			      : !p->has_interval ? "interval_ms"
			      : !p->has_values   ? "values"
						 : NULL;

	if (!p->has_protected)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: no acquisition, for it has no "
			       "\"protected\"",
			       name);
	if (missing)
		return wx_fail(err, WX_ERR_FORMAT, "%s: %s without %s", name,
			       a->truncated ? "breaks off" : "an acquisition",
			       missing);
	if (!(a->interval_ms > 0 && a->interval_ms <= WX_ACQ_MAX_INTERVAL_MS))
		return wx_fail(err, WX_ERR_RANGE,
			       "%s: interval_ms %g, expected above 0 and up to "
			       "a day",
			       name, a->interval_ms);
	if (a->n_sensors == 0)
		return wx_fail(err, WX_ERR_RANGE, "%s: no sensors", name);
	if (a->code == WX_ACQ_CBOR ? p->width && p->width != a->n_sensors
				   : a->n_sensors != 1)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: %zu sensors, but rows of %zu", name,
			       a->n_sensors, p->width ? p->width : 1);
	return WX_OK;
}

static int add_stats(void *ctx, int64_t row, const double *v,
		     struct wx_error *err)
{
	struct wx_acquisition *a = ctx;

	(void)row;
	(void)err;
	for (size_t i = 0; i < a->n_sensors; i++) {
		struct wx_acq_sensor *s = &a->sensor[i];

		if (isnan(v[i]))
			continue;
		s->min = fmin(s->min, v[i]);
		s->max = fmax(s->max, v[i]);
		s->whole &= v[i] == rint(v[i]);
	}
	return WX_OK;
}

bool wx_acquisition_looks(const void *head, size_t n)
{
	static const char *const keys[] = { "\x69protected", "\x69signature",
					    "\x67payload" };
	const uint8_t *p = head;

	/* A map of some members, and one of ours is the first. */
	if (n < 2 || !((p[0] >= 0xa2 && p[0] <= 0xb7) || p[0] == 0xbf))
		return false;
	for (size_t i = 0; i < WX_COUNT(keys); i++)
		if (n > strlen(keys[i]) &&
		    memcmp(p + 1, keys[i], strlen(keys[i])) == 0)
			return true;
	return false;
}

static int read_tree(struct parse *p, struct wx_error *err)
{
	struct acq_token t;
	int rc = acq_next(&p->in, &t, err);

	if (rc == ACQ_GOT)
		rc = read_map(p, &t, top_key, err);
	if (rc < 0)
		return rc;
	p->out->truncated = rc == ACQ_TORN;
	if (p->out->code != WX_ACQ_CBOR)
		count_samples(p);
	else if (rc == ACQ_GOT)
		rc = count_behind(p, err);
	return rc < 0 ? rc : check(p, err);
}

int wx_acquisition_read(int fd, const char *name, struct wx_acquisition *out,
			struct wx_error *err)
{
	struct parse *p = calloc(1, sizeof(*p));
	struct stat st;
	int rc;

	*out = (struct wx_acquisition){ .iat_s = NAN };
	for (size_t i = 0; i < WX_ACQ_SENSORS; i++) {
		out->sensor[i].min = out->sensor[i].max = NAN;
		out->sensor[i].whole = true;
	}
	if (!p)
		return wx_fail_nomem(err);
	p->in.fd = fd;
	p->in.name = name;
	p->out = out;
	if (fstat(fd, &st) != 0) {
		rc = wx_fail_errno(err, "%s: cannot look at it", name);
	} else {
		p->size_bytes = st.st_size;
		rc = read_tree(p, err);
	}
	free(p);
	return rc ? rc
		  : wx_acquisition_rows(fd, name, out, add_stats, out, err);
}

/* ---- rows ---- */

static double sample(enum wx_acq_code code, const uint8_t *p)
{
	uint32_t u = p[0];
	float f;

	for (int i = 1; i < codes[code].bytes; i++)
		u |= (uint32_t)p[i] << 8 * i;
	switch (code) {
	case WX_ACQ_I8:
		return (int8_t)u;
	case WX_ACQ_I16:
		return (int16_t)u;
	case WX_ACQ_I32:
		return (int32_t)u;
	case WX_ACQ_F32:
		memcpy(&f, &u, sizeof(f));
		return isfinite(f) ? f : (double)NAN;
	default:
		return u;
	}
}

static int gone(const struct acq_in *in, struct wx_error *err)
{
	return wx_fail(err, WX_ERR_IO, "%s: changed under our hands", in->name);
}

static int binary_rows(struct acq_in *in, const struct wx_acquisition *a,
		       wx_acq_row_fn *fn, void *ctx, struct wx_error *err)
{
	size_t bytes = (size_t)codes[a->code].bytes;
	int rc = WX_OK;

	for (int64_t i = 0; i < a->n_rows && !rc; i++) {
		double v;

		while (in->n - in->pos < bytes &&
		       (rc = acq_refill(in, err)) == ACQ_GOT)
			;
		if (in->n - in->pos < bytes)
			return rc < 0 ? rc : gone(in, err);
		v = sample(a->code, in->buf + in->pos);
		in->pos += bytes;
		rc = fn(ctx, i, &v, err);
	}
	return rc;
}

static int cbor_rows(struct acq_in *in, const struct wx_acquisition *a,
		     wx_acq_row_fn *fn, void *ctx, struct wx_error *err)
{
	double v[WX_ACQ_SENSORS];
	size_t width = 0;
	struct acq_token t;
	int rc;

	for (int64_t i = 0; i < a->n_rows; i++) {
		rc = acq_next(in, &t, err);
		if (rc == ACQ_GOT)
			rc = read_row(in, &t, &width, v, err);
		if (rc != ACQ_GOT || width != a->n_sensors)
			return rc < 0 ? rc : gone(in, err);
		rc = fn(ctx, i, v, err);
		if (rc)
			return rc;
	}
	return WX_OK;
}

int wx_acquisition_rows(int fd, const char *name,
			const struct wx_acquisition *a, wx_acq_row_fn *fn,
			void *ctx, struct wx_error *err)
{
	struct acq_in *in = calloc(1, sizeof(*in));
	int rc;

	if (!in)
		return wx_fail_nomem(err);
	in->fd = fd;
	in->name = name;
	in->at = a->values_offset;
	rc = a->code == WX_ACQ_CBOR ? cbor_rows(in, a, fn, ctx, err)
				    : binary_rows(in, a, fn, ctx, err);
	free(in);
	return rc;
}
