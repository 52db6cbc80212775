/* SPDX-License-Identifier: MIT */
/*
 * tests/fuzz/fuzz_eifw.c: anything that a board may print; no secret that its
 * configuration holds is in what is shown of it.
 */
#include <stdlib.h>
#include <string.h>

#include "node/eifw_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Not one that our own words hold, or that quoting could make. */
static bool counts(const char *secret)
{
	static const char ours[] = "(secret) (not shown) (set)";
	size_t n = strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				  "abcdefghijklmnopqrstuvwxyz");

	return n >= 8 && !secret[n] && !strstr(ours, secret);
}

/* Is secret in value, and not for the digits of an escape, \xB1, before it? */
static bool shows(const char *value, const char *secret)
{
	const char *at = value;

	for (; (at = strstr(at, secret)); at++) {
		bool escape = false;

		for (int back = 1; back <= 3 && at - value >= back; back++)
			escape |= at[-back] == '\\' &&
				  (back == 1 || at[1 - back] == 'x');
		if (!escape)
			return true;
	}
	return false;
}

static void show(const char *text, size_t n)
{
	struct wx_eifw_secrets secrets = { 0 };
	const struct wx_eifw_sensor *s;
	struct wx_eifw_config c;
	char quoted[WX_QUOTE_SIZE];
	const char *value;
	const char *key;
	json_t *section, *v;

	if (wx_eifw_config_read(text, n, &secrets, &c, NULL) == WX_OK &&
	    wx_eifw_sensor_find(&c, NULL, &s, NULL) == WX_OK)
		wx_eifw_rate_hz(s);
	json_object_foreach(c.shown, key, section)
	{
		const char *name;

		json_object_foreach(section, name, v)
		{
			value = json_string_value(v);
			for (size_t i = 0; i < secrets.n; i++)
				if (!value || (counts(secrets.text[i]) &&
					       shows(value, secrets.text[i])))
					abort();
		}
	}
	wx_eifw_quote(&secrets, text, n, quoted);
	wx_eifw_config_fini(&c);
	wx_eifw_secrets_fini(&secrets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data, *body;
	struct wx_eifw_sample s;
	size_t n_body, n_line;
	uint8_t *out;

	show(text, n);
	wx_eifw_has_prompt(text, n);
	wx_eifw_complaint(text, n, &n_line);
	if (wx_eifw_body(text, n, "AT+X", &body, &n_body) &&
	    (body < text || body + n_body > text + n))
		abort();
	wx_eifw_sample_read(text, n, &s);
	if (s.from < 0 || s.to < s.from)
		abort();
	for (int hex = 0; hex < 2; hex++)
		for (int want = -1; want < 5; want += 5) {
			if (wx_eifw_bytes(text, n, hex, want, &out, &n_body,
					  NULL) == WX_OK &&
			    n_body > n)
				abort();
			free(out);
		}
	return 0;
}
