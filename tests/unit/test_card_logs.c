/* SPDX-License-Identifier: MIT */
/*
 * What recorders note beside their recordings: Song Meter's summary, Frontier's
 * logs, AudioMoth's CONFIG.TXT. With the path of a real file, what it gives is
 * printed.
 */
#include "base/lines.h"
#include "capture/config_txt.h"
#include "capture/frontier.h"
#include "capture/songmeter.h"
#include "testing.h"

#define SM4 "DATE,TIME,LAT,,LON,,POWER(V),TEMP(C),#FILES,MIC0 TYPE,MIC1 TYPE"
#define SM5 "DATE,TIME,LAT,NS,LON,EW,POWER(V),TEMP(C),#ACFILES "
#define SM3                                                                    \
	"DATE,TIME,LAT,,LON,,STEP,POWER(V),TEMP(C),#FILES,#SCRUBBED,MIC0 TYPE" \
	" "
#define MINI "DATE,TIME,LAT,,LON,,POWER(V),#FILES"

static const struct {
	const char *header, *line;
	const char *utc; /* NULL: bad */
	double power_v, temp_degc, lat_deg, lon_deg, rtc_ahead_s;
} rows[] = {
	{ SM4, "2021-Sep-21,17:01:01,46.23000,N,7.36000,W,6.4,13.75,0,U1,NONE",
	  "2021-09-21T17:01:01Z", 6.4, 13.75, 46.23, -7.36, NAN },
	{ SM3, "2021-Sep-21,17:01:01,0.00000,N,0.00000,W, 0.000000,6.4,-3.5,0",
	  "2021-09-21T17:01:01Z", 6.4, -3.5, NAN, NAN, NAN },
	{ SM5, "2026-Jan-20,13:48:13,42.43068,S,71.45617,E,4.078,25.1,1 \r",
	  "2026-01-20T13:48:13Z", 4.078, 25.1, -42.43068, 71.45617, NAN },
	{ MINI, "   2024-MAR-08,07:34:00,50.72196,N,7.50443,E,5.0,0",
	  "2024-03-08T07:34:00Z", 5, NAN, 50.72196, 7.50443, NAN },
	{ MINI ",RTC-GPS(s)", "2024-Mar-08,07:34:00,,,,,5.0,0,-1.25",
	  "2024-03-08T07:34:00Z", 5, NAN, NAN, NAN, -1.25 },
	{ MINI ",GPS minus rtc (ms)", "2024-Mar-08,07:34:00,,,,,5.0,0,-1250",
	  "2024-03-08T07:34:00Z", 5, NAN, NAN, NAN, -1.25 },
	{ MINI ",RTC-GPS", "2024-Mar-08,07:34:00,,,,,5.0,0,-1.25",
	  "2024-03-08T07:34:00Z", 5, NAN, NAN, NAN, NAN }, /* of what? */
	/* values that none can have, columns that are not there any more */
	{ SM4, "2021-Sep-21,17:01:01,96.2,N,7.3,W,?,200,0",
	  "2021-09-21T17:01:01Z", NAN, NAN, NAN, NAN, NAN },
	{ SM4, "2021-Sep-21,17:01:01", "2021-09-21T17:01:01Z", NAN, NAN, NAN,
	  NAN, NAN },
	{ SM4, "2021-Sep-21,17:01", NULL, 0, 0, 0, 0, 0 },
	{ SM4, "2021-Sep", NULL, 0, 0, 0, 0, 0 },
	{ SM4, "2021-Sep-31,17:01:01,,,,,6.4,13.75", NULL, 0, 0, 0, 0, 0 },
	{ SM4, "2021-Sept-21,17:01:01,,,,,6.4,13.75", NULL, 0, 0, 0, 0, 0 },
	{ SM4, "2021-09-21,17:01:01,,,,,6.4,13.75", NULL, 0, 0, 0, 0, 0 },
	{ SM4, "2021-Okt-21,17:01:01,,,,,6.4,13.75", NULL, 0, 0, 0, 0, 0 },
	{ "a,b,c", "2021-Sep-21,17:01:01,,,,,6.4,13.75", NULL, 0, 0, 0, 0, 0 },
};

static void test_songmeter(void)
{
	static const char *const names[] = { "S4A03895_A_Summary.txt",
					     "S5A00032_Summary_1.txt",
					     "card/RIDGE_summary.TXT" };
	struct wx_songmeter sm = { 0 };
	struct wx_songmeter_row row;

	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		const char *line = rows[i].line;
		char utc[WX_TIME_SIZE];
		int rc;

		sm = (struct wx_songmeter){ 0 };
		wx_songmeter_line(&sm, rows[i].header, strlen(rows[i].header),
				  &row);
		rc = wx_songmeter_line(&sm, line, strlen(line), &row);
		CHECK_INT(line, rc,
			  rows[i].utc ? WX_SONGMETER_ROW : WX_SONGMETER_BAD);
		if (!rows[i].utc)
			continue;
		wx_time_format(wx_civil_to_time(&row.civil, 0), 0, utc);
		CHECK_STR(line, utc, rows[i].utc);
		CHECK_F64(line, row.power_v, rows[i].power_v, 1e-9);
		CHECK_F64(line, row.temp_degc, rows[i].temp_degc, 1e-9);
		CHECK_F64(line, row.lat_deg, rows[i].lat_deg, 1e-9);
		CHECK_F64(line, row.lon_deg, rows[i].lon_deg, 1e-9);
		CHECK_F64(line, row.rtc_ahead_s, rows[i].rtc_ahead_s, 1e-9);
	}
	/* The header comes again, with other columns. */
	CHECK_INT("again", wx_songmeter_line(&sm, MINI, strlen(MINI), &row),
		  WX_SONGMETER_HEADER);
	CHECK_INT("no TEMP", sm.temp, -1);
	CHECK_INT("blank", wx_songmeter_line(&sm, " \r", 2, &row),
		  WX_SONGMETER_HEADER);
	for (size_t i = 0; i < WX_COUNT(names); i++)
		CHECK(names[i], wx_songmeter_name(names[i]));
	CHECK("recording", !wx_songmeter_name("S4A_20210921_170101.wav"));
	CHECK("folder", !wx_songmeter_name("a_Summary/x.txt"));
	CHECK("more", !wx_songmeter_name("a_Summary_12.txt"));
}

static const struct {
	bool log; /* else GPS_log.csv */
	const char *line;
	int kind;
	double lat_deg, lon_deg, battery_v;
	const char *utc, *text;
} lines[] = {
	{ false, "-27.3886+152.8717,10:08,19/09/2019", WX_FRONTIER_FIX,
	  -27.3886, 152.8717, NAN, "", "" },
	{ false, "+44.67699-063.55557,10:08,19/09/2019\r", WX_FRONTIER_FIX,
	  44.67699, -63.55557, NAN, "", "" },
	{ false, "Failed to acquire GPS lock after 30 mins", WX_FRONTIER_NO_FIX,
	  NAN, NAN, NAN, "", "" },
	{ false, "GPS log file", WX_FRONTIER_OTHER, NAN, NAN, NAN, "", "" },
	{ false, "-27.3886+152.8717,10:08,19/09", WX_FRONTIER_OTHER, NAN, NAN,
	  NAN, "", "" }, /* torn */
	{ false, "-27.3886+152.8", WX_FRONTIER_OTHER, NAN, NAN, NAN, "", "" },
	{ false, "-97.3886+152.8717,10:08,19/09/2019", WX_FRONTIER_OTHER, NAN,
	  NAN, NAN, "", "" },
	{ false, "-27.3886,152.8717,10:08,19/09/2019", WX_FRONTIER_OTHER, NAN,
	  NAN, NAN, "", "" },
	{ true, " Serial Number: 00008570", WX_FRONTIER_SERIAL, NAN, NAN, NAN,
	  "", "00008570" },
	{ true, " Firmware: 3.30 (Jul 20 2021 15:53:03)", WX_FRONTIER_FIRMWARE,
	  NAN, NAN, NAN, "", "3.30 (Jul 20 2021 15:53:03)" },
	{ true, "2022-03-31 09:48:38 Battery at 66% ( 3.80 V )",
	  WX_FRONTIER_BATTERY, NAN, NAN, 3.8, "", "" },
	{ true, "2022-03-31 09:49:01 | Battery: 63% ( 3.75 V )",
	  WX_FRONTIER_BATTERY, NAN, NAN, 3.75, "", "" },
	{ true,
	  "2022-03-31 09:48:40 Updating clock from the GPS to local time "
	  "09:48:40 (UTC-03:00)",
	  WX_FRONTIER_UPDATED, NAN, NAN, NAN, "2022-03-31T12:48:40Z", "" },
	{ true,
	  "2022-03-31 23:59:59 Updating clock from the GPS to local time "
	  "00:00:02 (UTC+05:45)",
	  WX_FRONTIER_UPDATED, NAN, NAN, NAN, "2022-03-31T18:15:02Z", "" },
	{ true,
	  "2022-04-01 00:00:01 Updating clock from the GPS to local time "
	  "23:59:58 (UTC+00:00)",
	  WX_FRONTIER_UPDATED, NAN, NAN, NAN, "2022-03-31T23:59:58Z", "" },
	{ true,
	  "2022-04-01 00:00:01 Updating clock from the GPS to local time "
	  "24:59:58 (UTC+00:00)",
	  WX_FRONTIER_OTHER, NAN, NAN, NAN, "", "" },
	{ true,
	  "2022-03-31 09:51:39 GPS position lock acquired "
	  "[+44.67699-063.55557]",
	  WX_FRONTIER_FIX, 44.67699, -63.55557, NAN, "", "" },
	{ true, "2022-03-31 09:51:39 GPS position lock acquired [+44.6",
	  WX_FRONTIER_OTHER, NAN, NAN, NAN, "", "" },
	{ true, "2022-03-31 10:01:02 Total buffer overruns = 0",
	  WX_FRONTIER_OTHER, NAN, NAN, NAN, "", "" },
	{ true, "2022-03-31 10:01:02 Total buffer overruns = 12",
	  WX_FRONTIER_OVERRUN, NAN, NAN, NAN, "", "" },
	{ true, "2022-03-31 10:02:14 BAR powering down", WX_FRONTIER_OTHER, NAN,
	  NAN, NAN, "", "" },
	{ true, "", WX_FRONTIER_OTHER, NAN, NAN, NAN, "", "" },
};

static void test_frontier(void)
{
	for (size_t i = 0; i < WX_COUNT(lines); i++) {
		const char *line = lines[i].line;
		struct wx_frontier_line l;
		char utc[WX_TIME_SIZE];

		if (lines[i].log)
			wx_frontier_log_line(line, strlen(line), &l);
		else
			wx_frontier_gps_line(line, strlen(line), &l);
		wx_time_format(l.utc, 0, utc);
		CHECK_INT(line, l.kind, lines[i].kind);
		CHECK_F64(line, l.lat_deg, lines[i].lat_deg, 1e-9);
		CHECK_F64(line, l.lon_deg, lines[i].lon_deg, 1e-9);
		CHECK_F64(line, l.battery_v, lines[i].battery_v, 1e-9);
		CHECK_STR(line, utc, lines[i].utc);
		CHECK_STR(line, l.text, lines[i].text);
	}
	CHECK_INT("name", wx_frontier_name("a/GPS_log.csv"),
		  WX_FRONTIER_GPS_LOG);
	CHECK_INT("name", wx_frontier_name("logfile_00008570_SD1.txt"),
		  WX_FRONTIER_LOGFILE);
	CHECK_INT("name", wx_frontier_name("logfile/x.txt"),
		  WX_FRONTIER_NEITHER);
}

static void test_config(void)
{
	static const struct {
		const char *zone;
		bool has;
		int zone_s;
	} zones[] = {
		{ "UTC", true, 0 },
		{ "UTC+10", true, 36000 },
		{ "UTC-3:30", true, -12600 },
		{ "UTC+0:30", true, 1800 },
		{ "UTC-0:30", true, -1800 },
		{ "UTC+5:45\r", true, 20700 },
		{ "UTC+16", false, 0 },
		{ "CET", false, 0 },
		{ "UTC+", false, 0 },
		{ "UTC+1x", false, 0 },
		{ "", false, 0 },
	};
	static const char text[] =
		"Device ID                       : 24F31901603712F8\r\n"
		"Firmware                        : AudioMoth-Firmware-Basic "
		"(1.11.0)\r\n\r\n"
		"Deployment ID                   : 0123456789ABCDEF\r\n\r\n"
		"Time zone                       : UTC-3:30\r\n\r\n"
		"Sample rate (Hz)                : 48000\r\n"
		"Trigger type                    : Amplitude\r\n"
		"Recording period 1              : 00:00 - 24:00 (UTC-3:30)\r\n"
		"Enable GPS time setting         : Yes\r\n";
	struct wx_config_txt c;
	char one[200];

	CHECK("config", wx_config_txt_parse(text, sizeof(text) - 1, &c));
	CHECK_STR("device", c.device, "24F31901603712F8");
	CHECK_STR("deployment", c.deployment, "0123456789ABCDEF");
	CHECK_STR("firmware", c.firmware, "AudioMoth-Firmware-Basic (1.11.0)");
	CHECK("zone", c.has_zone && c.zone_s == -12600);
	CHECK_INT("rate", c.rate_hz, 48000);
	CHECK("gps, trigger", c.gps && c.triggered);
	for (size_t i = 0; i < WX_COUNT(zones); i++) {
		snprintf(one, sizeof(one),
			 "Device ID : 1\nTime zone : %s\nTrigger type : -",
			 zones[i].zone);
		CHECK(zones[i].zone, wx_config_txt_parse(one, strlen(one), &c));
		CHECK_INT(zones[i].zone, c.has_zone, zones[i].has);
		CHECK_INT(zones[i].zone, c.zone_s, zones[i].zone_s);
		CHECK(zones[i].zone, !c.gps && !c.triggered);
	}
	CHECK("empty", !wx_config_txt_parse("", 0, &c));
	CHECK("other", !wx_config_txt_parse("Time zone : UTC", 15, &c));
}

static int print_gps_log(const char *path)
{
	struct wx_frontier_line l;
	struct wx_lines *in = NULL;
	struct wx_line line;

	if (wx_lines_open(path, &in, NULL))
		return 1;
	while (wx_lines_next(in, &line, NULL) == 1) {
		wx_frontier_gps_line(line.text, line.n, &l);
		printf("%d %.4f %.4f\n", l.kind, l.lat_deg, l.lon_deg);
	}
	wx_lines_close(in);
	return 0;
}

static int print_config(const char *path)
{
	FILE *in = fopen(path, "r");
	struct wx_config_txt c;
	char text[4096];
	size_t n = in ? fread(text, 1, sizeof(text), in) : 0;

	if (in)
		fclose(in);
	if (!wx_config_txt_parse(text, n, &c))
		return 1;
	printf("%s|%s|%d|%d|%d\n", c.device, c.firmware, c.has_zone, c.zone_s,
	       c.rate_hz);
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 2)
		return wx_frontier_name(argv[1]) ? print_gps_log(argv[1])
						 : print_config(argv[1]);
	test_songmeter();
	test_frontier();
	test_config();
	return wx_test_end();
}
