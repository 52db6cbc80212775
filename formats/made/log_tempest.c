/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_tempest.c: UDP messages of a Tempest, some of them twice.
 * Its rain is told as water of each minute.
 */
#include "made/log.h"

static void row(struct wx_made_log *log, const struct wx_made_reading *r,
		FILE *out)
{
	(void)log;
	fprintf(out,
		"{\"serial_number\":\"ST-00000512\",\"type\":\"obs_st\","
		"\"hub_sn\":\"HB-00013030\",\"obs\":[[%lld,0.00,%.2f,%.2f,"
		"%.0f,6,%.2f,%.2f,%.2f,328,0.03,3,%.6f,0,0,0,2.410,1]],"
		"\"firmware_revision\":129}\n",
		(long long)r->end_s, r->wind_avg_m_s, r->wind_gust_m_s,
		r->wind_dir_deg, r->pressure_hpa, r->air_temp_degc,
		r->rel_hum_pct, r->rain_mm);
}

const struct wx_made_format wx_made_log_tempest = {
	.name = "tempest",
	.file = "tempest.jsonl",
	.site = "",
	.step_s = 60,
	.wind_step_m_s = 0.01,
	.rain = WX_MADE_INTERVAL,
	.resends = true,
	.row = row,
};
