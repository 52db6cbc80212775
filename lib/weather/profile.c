/* SPDX-License-Identifier: MIT */
/* lib/weather/profile.c: profiles from JSON; probabilities into labels. */
#include "weather/profile.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "weather/senses.h"

/* "profiles/NAME.json" as it is built in; NULL when NAME is none. */
static const char *builtin(const char *name)
{
	char *path;
	const char *text;

	if (!wx_id_valid(name))
		return NULL;
	path = wx_strf("profiles/%s.json", name);
	text = path ? wx_builtin_get(path) : NULL;
	free(path);
	return text;
}

bool wx_profile_is_builtin(const char *name)
{
	return builtin(name) != NULL;
}

static int limits_read(const json_t *of, const char *key, const char *where,
		       int n_classes, double *out, struct wx_error *err)
{
	const json_t *limits = json_object_get(of, key);
	size_t n = json_array_size(limits);

	if (n + 1 != (size_t)n_classes)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s/%s: expected %d limits between %d classes, "
			       "found %zu",
			       where, key, n_classes - 1, n_classes, n);
	for (size_t i = 0; i < n; i++) {
		double v = json_number_value(json_array_get(limits, i));
		double above = i ? out[i - 1] : 0;

		/* Also refuses what no JSON can hold: NAN. */
		if (!(v > above) || !isfinite(v))
			return wx_fail(err, WX_ERR_FORMAT,
				       "%s/%s/%zu: limits must rise: expected "
				       "more than %g, found %g",
				       where, key, i, above, v);
		out[i] = v;
	}
	return WX_OK;
}

static int classes_read(const json_t *doc, const char *what, const char *key,
			const char *name, struct wx_classes *out,
			struct wx_heard_levels *heard, struct wx_error *err)
{
	const json_t *of = json_object_get(doc, what);
	const json_t *names = json_object_get(of, "classes");
	char *where = wx_strf("%s: /%s", name, what);
	int rc = WX_OK;

	if (!where)
		return wx_fail_nomem(err);
	out->n = (int)json_array_size(names);
	for (int i = 0; i < out->n && rc == WX_OK; i++) {
		const char *s =
			json_string_value(json_array_get(names, (size_t)i));

		snprintf(out->name[i], sizeof(out->name[i]), "%s", s);
		/* As label tracks are read, and folders on some disks. */
		if (!strcasecmp(out->name[i], "unknown"))
			rc = wx_fail(err, WX_ERR_FORMAT,
				     "%s/classes/%d: '%s' is what is not known "
				     "and no class, expected another name",
				     where, i, s);
		for (int k = 0; k < i && rc == WX_OK; k++)
			if (!strcasecmp(out->name[k], out->name[i]))
				rc = wx_fail(err, WX_ERR_FORMAT,
					     "%s/classes/%d: a class named "
					     "'%s' is already there",
					     where, i, s);
	}
	if (rc == WX_OK)
		rc = limits_read(of, key, where, out->n, out->limit, err);
	if (rc == WX_OK && json_object_get(of, "levels")) {
		heard->n = out->n - 1;
		rc = limits_read(of, "levels", where, out->n, heard->from, err);
	}
	out->guard = wx_json_f64(of, "guard", 0.15);
	out->min_p = wx_json_f64(of, "min_p", 0.8);
	free(where);
	return rc;
}

/* What the schema let through. Without the key: what has been proven. */
static unsigned evidence_read(const json_t *rain)
{
	const json_t *list = json_object_get(rain, "evidence");
	unsigned use = 0;

	if (!list)
		return WX_SENSES_PROVEN;
	for (size_t i = 0; i < json_array_size(list); i++)
		for (int k = 0; k < WX_N_SENSES; k++)
			if (!strcmp(json_string_value(json_array_get(list, i)),
				    wx_sense_word(k)))
				use |= 1U << k;
	return use;
}

int wx_profile_parse(const char *text, size_t n, const char *name,
		     struct wx_profile *out, struct wx_error *err)
{
	json_t *doc = NULL;
	int rc = wx_json_parse(text, n, name, "profile", &doc, err);

	memset(out, 0, sizeof(*out));
	if (rc == WX_OK)
		rc = classes_read(doc, "rain", "limits_mm_h", name, &out->rain,
				  &out->rain_heard, err);
	if (rc == WX_OK)
		rc = classes_read(doc, "wind", "limits_m_s", name, &out->wind,
				  &out->wind_heard, err);
	out->evidence = evidence_read(json_object_get(doc, "rain"));
	out->smoother =
		wx_json_bool(json_object_get(doc, "rain"), "smoother", true);
	if (rc == WX_OK)
		snprintf(out->name, sizeof(out->name), "%s",
			 wx_json_str(doc, "profile", ""));
	json_decref(doc);
	return rc;
}

/* "aurora3, wmo4" */
static char *builtin_list(void)
{
	char *list = wx_strf("%s", "");
	const char *name;

	for (size_t i = 0; list && (name = wx_builtin_name(i)); i++) {
		char *more;

		if (strncmp(name, "profiles/", 9))
			continue;
		name += 9;
		more = wx_strf("%s%s%.*s", list, *list ? ", " : "",
			       (int)strcspn(name, "."), name);
		free(list);
		list = more;
	}
	return list;
}

int wx_profile_read(const char *name_or_file, struct wx_profile *out,
		    struct wx_error *err)
{
	const char *known = builtin(name_or_file);
	char *text = NULL, *list = NULL;
	char quoted[WX_QUOTE_SIZE];
	size_t n;
	int rc;

	wx_quote(name_or_file, strlen(name_or_file), quoted);
	if (known)
		return wx_profile_parse(known, strlen(known), name_or_file, out,
					err);
	if (!strpbrk(name_or_file, "/.")) {
		list = builtin_list();
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "no profile is named '%s': expected a file or one "
			     "of %s",
			     quoted, list ? list : "");
		free(list);
		return rc;
	}
	rc = wx_file_read(name_or_file, 1 << 20, &text, &n, err);
	if (rc == WX_OK)
		rc = wx_profile_parse(text, n, quoted, out, err);
	free(text);
	return rc;
}

void wx_class_unknown(struct wx_class_label *out)
{
	/* Not the whole struct: the probabilities are many, and unread. */
	out->value = NAN;
	out->name = "";
	out->p = NAN;
	out->n_probs = 0;
	out->keep = 0;
	out->source = "none";
	out->track = "";
}

/* Is value within the guard band of a limit? */
static bool is_guarded(const struct wx_classes *c, double value)
{
	for (int i = 0; i < c->n - 1; i++)
		if (fabs(value - c->limit[i]) < c->guard * c->limit[i])
			return true;
	return false;
}

static bool is_of(const struct wx_classes *c, int i, double value)
{
	return (i == 0 || value >= c->limit[i - 1]) &&
	       (i == c->n - 1 || value < c->limit[i]);
}

double wx_class_p_told(double p)
{
	return round(p * 1000) / 1000;
}

void wx_class_label(const struct wx_classes *c, double value,
		    const double cdf[WX_MAX_LIMITS], const char *source,
		    struct wx_class_label *out)
{
	double below = 0;
	int best = 0;

	for (int i = 0; i < c->n; i++) {
		double upto = i < c->n - 1 ? cdf[i] : 1;

		out->probs[i] = fmax(upto - below, 0);
		below = upto;
		if (out->probs[i] > out->probs[best])
			best = i;
	}
	out->value = value;
	out->name = c->name[best];
	out->p = out->probs[best];
	out->n_probs = c->n;
	out->keep = wx_class_p_told(out->p) >= c->min_p &&
		    is_of(c, best, value) && !is_guarded(c, value);
	out->source = source;
	out->track = "";
}

double wx_normal_cdf(double x)
{
	return 0.5 * erfc(-x * M_SQRT1_2);
}
