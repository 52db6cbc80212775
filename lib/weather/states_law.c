/* SPDX-License-Identifier: MIT */
/* lib/weather/states_law.c: the law of rain from its data file. */
#include <string.h>

#include "base/json.h"
#include "weather/states.h"

#define MODEL "models/rain.json"

const char *wx_character_word(enum wx_character character)
{
	static const char *const words[] = { "common", "gentle", "fierce" };

	return words[character];
}

int wx_states_law_parse(const char *text, size_t n, const char *name,
			struct wx_states_law *law, struct wx_error *err)
{
	const struct {
		const char *key;
		double *value;
	} all[] = {
		{ "ln_mean", &law->ln_mean },
		{ "ln_sigma", &law->ln_sigma },
		{ "hold_s", &law->hold_s },
		{ "end_s", &law->end_s },
		{ "end_slope", &law->end_slope },
		{ "pause_s", &law->pause_s },
		{ "leave_s", &law->leave_s },
		{ "dry_s", &law->dry_s },
		{ "begin_ln_mean", &law->begin_ln_mean },
		{ "begin_ln_sigma", &law->begin_ln_sigma },
		{ "lean_ln_mean", &law->lean_ln_mean },
		{ "lean_begin_ln_mean", &law->lean_begin_ln_mean },
		{ "lean_hold", &law->lean_hold },
		{ "lean_end", &law->lean_end },
		{ "trust_states", &law->trust_states },
		{ "trust_gaps", &law->trust_gaps },
	};
	json_t *doc = NULL;
	int rc = wx_json_parse(text, n, name, "rain-model", &doc, err);

	for (size_t i = 0; i < WX_COUNT(all) && rc == WX_OK; i++)
		*all[i].value = wx_json_f64(doc, all[i].key, 0);
	json_decref(doc);
	return rc;
}

int wx_states_law_read(struct wx_states_law *law, struct wx_error *err)
{
	const char *text = wx_builtin_get(MODEL);

	if (!text)
		return wx_fail(err, WX_ERR_FORMAT, MODEL ": not built in");
	return wx_states_law_parse(text, strlen(text), MODEL, law, err);
}
