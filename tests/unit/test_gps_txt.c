/* SPDX-License-Identifier: MIT */
/* Lines of GPS.TXT. */
#include "capture/gps_txt.h"

#include "testing.h"

#define AT      "20/11/2024 08:00:01.000 UTC: "
#define UPDATED AT "Time was updated. The internal clock was "

static const struct {
	const char *line;
	int kind;
	double offset_s, err_s, rate_hz, lat_deg, lon_deg;
} good[] = {
	{ AT "Time was set from GPS.", WX_GPS_SET, NAN, NAN, NAN, NAN, NAN },
	{ UPDATED "12ms fast.", WX_GPS_UPDATED, 0.0125, 0.0005, NAN, NAN, NAN },
	{ UPDATED "0ms slow.", WX_GPS_UPDATED, -0.0005, 0.0005, NAN, NAN, NAN },
	{ UPDATED "1204ms slow.\r", WX_GPS_UPDATED, -1.2045, 0.0005, NAN, NAN,
	  NAN },
	{ UPDATED "12.3ms slow.", WX_GPS_UPDATED, -0.01235, 0.00005, NAN, NAN,
	  NAN },
	{ AT "Time was not updated. The internal clock was correct.",
	  WX_GPS_CORRECT, 0, 0.0005, NAN, NAN, NAN },
	{ AT "Time was not updated. The discrepancy between the internal clock "
	     "and the GPS was too large.",
	  WX_GPS_REJECTED, NAN, NAN, NAN, NAN, NAN },
	{ AT "Actual sample rate will be 47999.993 Hz.", WX_GPS_RATE, NAN, NAN,
	  47999.993, NAN, NAN },
	{ AT "Received GPS fix - 46.230000\xc2\xb0N 7.360000\xc2\xb0W (3 "
	     "satellites) at 20/11/2024 08:00:00.000 UTC.",
	  WX_GPS_FIX, NAN, NAN, NAN, 46.23, -7.36 },
	{ AT "Received GPS fix - 46.230000\xb0S 7.360000\xb0"
	     "E at 20/11/2024 08:00:00.000 UTC.",
	  WX_GPS_FIX, NAN, NAN, NAN, -46.23, 7.36 },
	{ AT "Received GPS fix - 46\xc2\xb0"
	     "13.8000'N 007\xc2\xb0"
	     "21.6000'E at 20/11/2024 08:00:00.000 UTC.",
	  WX_GPS_FIX, NAN, NAN, NAN, 46.23, 7.36 },
	/* lines of use to nobody, or damaged behind the stamp */
	{ AT "Received pulse per second signal.", WX_GPS_OTHER, NAN, NAN, NAN,
	  NAN, NAN },
	{ AT "Time was not updated. Timed out.", WX_GPS_OTHER, NAN, NAN, NAN,
	  NAN, NAN },
	{ UPDATED "12ms", WX_GPS_OTHER, NAN, NAN, NAN, NAN, NAN },
	{ UPDATED "12ms off.", WX_GPS_OTHER, NAN, NAN, NAN, NAN, NAN },
	{ UPDATED "-12ms fast.", WX_GPS_OTHER, NAN, NAN, NAN, NAN, NAN },
	{ UPDATED "3600001ms fast.", WX_GPS_OTHER, NAN, NAN, NAN, NAN, NAN },
	{ AT "Actual sample rate will be 4 Hz.", WX_GPS_OTHER, NAN, NAN, NAN,
	  NAN, NAN },
	{ AT "Actual sample rate will be 48000.1", WX_GPS_OTHER, NAN, NAN, NAN,
	  NAN, NAN },
	{ AT "Received GPS fix - 96.23\xc2\xb0N 7.36\xc2\xb0"
	     "E at 20/11/2024 08:00:00.000 UTC.",
	  WX_GPS_OTHER, NAN, NAN, NAN, NAN, NAN },
	{ AT "Received GPS fix - 46.23\xc2\xb0N 7.36\xc2\xb0"
	     "E at 20/13/2024 08:00:00.000 UTC.",
	  WX_GPS_OTHER, NAN, NAN, NAN, NAN, NAN },
};

static const char *const bad[] = {
	"",
	"Time was set from GPS.",
	AT,
	"20/11/2024 08:00:01 UTC: Time was set from GPS.",
	"20/11/2024 08:00:01.000: Time was set from GPS.",
	"2024-11-20 08:00:01.000 UTC: Time was set from GPS.",
	"31/11/2024 08:00:01.000 UTC: Time was set from GPS.",
	"\0\0\0\0",
};

int main(void)
{
	struct wx_gps_line l;

	for (size_t i = 0; i < WX_COUNT(good); i++) {
		const char *t = good[i].line;

		CHECK(t, wx_gps_txt_line(t, strlen(t), &l));
		CHECK_INT(t, l.utc.utc_ns, INT64_C(1732089601) * WX_NS_PER_S);
		CHECK_INT(t, l.kind, good[i].kind);
		CHECK_F64(t, l.offset_s, good[i].offset_s, 1e-9);
		CHECK_F64(t, l.err_s, good[i].err_s, 1e-9);
		CHECK_F64(t, l.rate_hz, good[i].rate_hz, 1e-9);
		CHECK_F64(t, l.lat_deg, good[i].lat_deg, 1e-9);
		CHECK_F64(t, l.lon_deg, good[i].lon_deg, 1e-9);
		CHECK(t, wx_time_is_none(l.fix_utc) == (l.kind != WX_GPS_FIX));
	}
	for (size_t i = 0; i < WX_COUNT(bad); i++)
		CHECK(bad[i], !wx_gps_txt_line(bad[i], strlen(bad[i]), &l));
	return wx_test_end();
}
