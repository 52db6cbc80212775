#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Real logs: rows, totals and spans as they were counted when collected. A
# single row or tip that is lost or doubled fails.
set -eu
[ -d "${CAPTURES:-}/station" ] || { echo "no captures given"; exit 77; }
C=$CAPTURES/station

# rows, tips, water and the first and last stamp of a table
sums() { awk -F, 'NR == 2 { a = $1 } NR > 1 { n++; t += $3; r += $4; z = $1 }
	END { printf "%d %d %.3f %s %s\n", n, t, r, a, z }'; }
expect() { # WANT FILE OPTION...
	local want=$1 file=$2 got
	shift 2
	got=$(wx-station -q "$@" "$file" 2>err | sums)
	[ "$got" = "$want" ] && return
	echo "$file: found '$got', expected '$want'"; cat err; exit 1
}

# 59.44 mm is 234 tips of 0.254; 51.562 mm is 203, hourly and daily alike
expect '29 234 59.436 2021-11-08T22:00:00.000Z 2021-12-06T22:00:00.000Z' \
	"$C/toa5/saeon_daily_202112.dat" --utc-offset +02:00 --bucket 0.254
expect '26 203 51.558 2022-02-09T22:00:00.000Z 2022-03-06T22:00:00.000Z' \
	"$C/toa5/saeon_daily_202203.dat" --utc-offset +02:00 --bucket 0.254
expect '624 203 51.562 2022-02-09T15:00:00.000Z 2022-03-07T14:00:00.000Z' \
	"$C/toa5/saeon_hourly_202203.dat" --utc-offset +02:00 --bucket 0.254
expect '10 0 0.000 2024-04-19T00:00:00.000Z 2024-04-19T00:09:00.000Z' \
	"$C/toa5/granada_1min_rain.dat" --utc-offset Z --bucket 0.2
expect '9 0 0.000 2025-01-27T00:01:00.000Z 2025-01-27T00:09:00.000Z' \
	"$C/toa5/joyce_1min.dat" --utc-offset Z
expect '3 0 0.000 2026-05-01T00:00:00.000Z 2026-05-01T00:20:00.000Z' \
	"$C/toa5/limmaco_ws500.dat" --utc-offset Z
wx-station -q --utc-offset Z "$C/toa5/joyce_1min.dat" | awk -F, '
	NR > 1 { w += $6 / 9; if ($7 > g) g = $7 }
	END { exit !(sprintf("%.4f", w) == "2.6814" && g == 4.23) }' ||
	{ echo "joyce: wind differs"; exit 1; }

# no file tells its zone
if wx-station "$C/toa5/joyce_1min.dat" >/dev/null 2>err; then exit 1; fi
grep -q -- --utc-offset err

# 3,071 tips among 3,095 events, bare CR, day before month by the whole file
expect '3095 3071 614.200 2014-07-07T19:22:57.000Z 2015-10-01T16:20:23.000Z' \
	"$C/pulse/iMHEA_HMT_01_PO_01_raw.csv" --utc-offset -05:00 --bucket 0.2 \
	--rain-kind tips --columns 'time=Date,rain_mm=Event mm'
expect '1219 74 14.800 2024-02-01T09:13:49.614Z 2024-02-01T12:37:09.561Z' \
	"$C/pulse/icfoss_rpi_data_log_sample.csv" --utc-offset +05:30 \
	--bucket 0.2 --columns 'time=time,rain_mm=rainfall'
expect '11 0 0.000 2024-03-19T04:34:25.542Z 2024-03-19T05:23:00.000Z' \
	"$C/pulse/icfoss_rpi_rain_log_5min.csv" --utc-offset +05:30 \
	--columns 'time=#1,rain_mm=#2'
expect '5 0 0.000 2025-08-05T01:53:00.000Z 2025-08-05T01:57:00.000Z' \
	"$C/generic_csv/galati.csv" --utc-offset Z --columns \
	'time=TimeStamp,rain_mm=Precipitatii,wind_dir_deg=Directie_vant'
expect '3 0 0.000 2025-07-26T00:00:00.000Z 2025-07-26T00:20:00.000Z' \
	"$C/generic_csv/cluj.txt" --utc-offset Z --date-order dmy \
	--columns 'time=DateTime,rain_mm=Precipitation_mm'

# Davis: records of webdl.php, of which the last three are unused; one page
expect '162 0 0.000 2016-04-25T05:05:00.000Z 2016-04-25T18:45:00.000Z' \
	"$C/davis/sample-download.bin" --utc-offset Z
expect '5 0 0.000 2016-06-20T20:00:00.000Z 2016-06-20T22:00:00.000Z' \
	"$C/davis/vp2_dmp_page_std.bin" --utc-offset Z
for f in sample-loop2-data:15:15 vp2_lps_1Rain:1:1 vp2_lps_2BadCrc:1:0; do
	IFS=: read -r name n right <<<"$f"
	if wx-station "$C/davis/$name.bin" >/dev/null 2>err; then exit 1; fi
	grep -q "($n in its first [0-9]* bytes, $right with a right CRC)" err
done

# HOBO: the count of events ends at 792 and 724; the last row adds nothing
expect '792 792 201.168 2019-04-10T10:26:57.000Z 2020-04-12T09:01:04.000Z' \
	"$C/hobo/nps_20200416_A03_PRCP.csv" --bucket 0.254
expect '724 724 183.896 2019-04-07T02:31:28.000Z 2020-04-16T17:19:27.000Z' \
	"$C/hobo/nps_20200416_A08_PRCP.csv" --bucket 0.254
expect '1000 0 0.000 2017-01-13T09:00:00.000Z 2017-02-24T00:00:00.000Z' \
	"$C/hobo/hobopy_U23-001_HOBOware.csv"

# consoles' uploads, one each; an "ObserverIP" that says "now" tells no time
expect '1 0 0.000 2021-08-17T00:15:59.000Z 2021-08-17T00:15:59.000Z' \
	"$C/ecowitt/payload_ws2900.json"
expect '1 0 0.000 2022-11-26T22:25:29.000Z 2022-11-26T22:25:29.000Z' \
	"$C/ecowitt/payload_ambweather.json"
if wx-station "$C/ecowitt/payload_wunderground.json" >/dev/null 2>err; then exit 1; fi
grep -q '"now"' err

# WeeWX
expect '2 0 0.508 2018-01-01T05:05:00.000Z 2018-01-01T05:10:00.000Z' \
	"$C/weewx/sofaskin_cw9009_weewx.sdb"

# Vaisala: two composite messages; what is no message is left out
expect '2 0 0.000 2018-07-07T08:05:44.893Z 2018-07-07T08:05:49.893Z' \
	"$C/vaisala/wxt510_clirakis_notes.txt" --utc-offset Z

# NMEA: a compass, which is no station
if wx-station "$C/nmea/tnt-revolution.log" >/dev/null 2>err; then exit 1; fi
grep -q 'expected wind or weather' err

# the composed day, filed: 76 tips of 0.254, all of the station's water
mkdir day && cp "$CAPTURES/composed-day/station.csv" day/
cat >day/site.json <<'S'
{ "site": "day", "nodes": [], "stations": [ { "id": "mast", "format": "csv",
  "source": "file:station.csv", "utc_offset": "Z", "bucket_mm": 0.254,
  "columns": { "time": "time_utc", "rain_mm": "rain_mm",
    "wind_avg_m_s": "wind_m_s", "wind_dir_deg": "wind_dir_deg",
    "air_temp_degc": "air_temp_c", "rel_hum_pct": "rh_pct",
    "pressure_hpa": "press_kpa [kPa]" } } ] }
S
wx-station -q -a day
[ "$(ls day/station/mast)" = "$(printf '2025-06-19.csv\nraw')" ]
[ "$(sums <day/station/mast/2025-06-19.csv)" = \
	'1440 76 19.304 2025-06-19T00:00:00.000Z 2025-06-19T23:59:00.000Z' ]
grep -q '^2025-06-19T00:00:00.000Z,60,0,0,,0.325,,230.9,21.84,100.8,983.9,$' \
	day/station/mast/2025-06-19.csv
