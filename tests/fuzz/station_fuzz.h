/* SPDX-License-Identifier: MIT */
/* tests/fuzz/station_fuzz.h: what every reader of station logs must hold to. */
#ifndef WX_STATION_FUZZ_H
#define WX_STATION_FUZZ_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "station/column.h"
#include "station/station.h"

static int wx_station_fuzz_row(void *ctx, const struct wx_obs *obs,
			       struct wx_error *err)
{
	static struct wx_row row;
	struct wx_obs copy = *obs;

	(void)err;
	++*(int *)ctx;
	if (wx_time_is_none(obs->utc) || obs->interval_s < 0 ||
	    obs->rain_mm < 0 || obs->tips < 0 || obs->wind_avg_m_s < 0 ||
	    obs->wind_dir_deg < 0 || obs->wind_dir_deg > 360 ||
	    strlen(obs->flags) >= sizeof(obs->flags))
		abort();
	for (int k = 0; k < WX_N_KEYS; k++)
		if (isinf(*wx_key_value(&copy, k)))
			abort();
	row.n = 0;
	row.n_fields = 0;
	wx_obs_write(&row, obs);
	return *(int *)ctx > 20000 ? WX_ERR_RANGE : WX_OK;
}

/* The first byte chooses what the user tells. */
static inline int wx_station_fuzz(const struct wx_station_format *f,
				  const uint8_t *data, size_t size)
{
	static const char *const kinds[] = { NULL, "interval", "cumulative",
					     "tips" };
	struct wx_station_opts opts;
	struct wx_rain_carry carry = { 0 };
	struct wx_error err = { 0 };
	struct wx_log log = { 0 };
	json_t *columns = NULL, *registers = NULL;
	int n_rows = 0, how, rc;
	FILE *in;

	if (size < 2)
		return 0;
	how = data[0];
	wx_station_opts_init(&opts);
	opts.has_offset = how & 1;
	opts.stamp_start = how & 2;
	opts.rain_kind = kinds[how >> 2 & 3];
	opts.bucket_mm = how & 16 ? 0.254 : NAN;
	opts.date_order = how & 32 ? "dmy" : NULL;
	opts.modulus = how & 32 ? 128 : NAN;
	opts.carry = &carry;
	if ((how & 192) == 192)
		registers = json_pack("{s[{sissss}]}", "registers", "address",
				      1, "type", "f32", "meaning", "rain_mm");
	else if (how & 64)
		columns = json_pack("{ssssss}", "time", "#1", "rain_mm", "#2",
				    "cup_turns", "c [turns]");
	else if (how & 128)
		columns = json_pack("{ssssss}", "time", "a+b", "rain_mm",
				    "r [in]", "air_temp_degc", "-");
	opts.columns = columns;
	opts.registers = registers;
	f->probe(data + 1, size - 1);
	in = fmemopen((void *)(data + 1), size - 1, "r");
	if (in) {
		rc = f->read(in, "fuzz", &opts, wx_station_fuzz_row, &n_rows,
			     &log, &err);
		if (rc > 0 || (rc && rc != WX_ERR_RANGE && !err.text[0]))
			abort();
		fclose(in);
	}
	json_decref(columns);
	json_decref(registers);
	return 0;
}

#endif
