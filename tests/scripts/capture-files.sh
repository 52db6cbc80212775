#!/bin/sh
# SPDX-License-Identifier: MIT
# Real files of recorders: what each is, and what it says of itself. The
# GPS-Sync rows are those of a 48 kHz recording.
set -eu
node=$CAPTURES/node
[ -n "$CAPTURES" ] && [ -d "$node" ] || { echo "needs CAPTURES"; exit 77; }

# from | start | match | device | battery | bound | temperature | firmware | trig
cat >want <<'E'
comment|2021-02-01T21:01:00.0Z|1|11X111111X111111|4.0|0|5.8|1.4.0..1.5.0|1
comment|2020-04-04T10:25:00.0Z|0|24526B065D325963|4.7|0|nan|1.2.0..1.3.0|0
comment|2024-05-28T10:00:00.0Z|0|243B1F026488F56E|3.8|0|12.8|1.6.0..|0
comment|2021-09-24T06:52:00.0Z|0||nan|0|nan||0
comment|2021-09-24T06:52:00.1Z|0||nan|0|nan||0
||0||nan|0|nan||0
E
"$B/unit/test_recorder" \
	"$node/audiomoth/20210201_210100T.WAV" \
	"$node/audiomoth/oss_metadata_fw1.2-1.3style.wav" \
	"$node/gps_sync/oss_audiomoth_gps.wav" \
	"$node/tdoa/LOCA_2021_09_24_652_8.wav" \
	"$node/tdoa/LOCA_2021_09_24_652_8_late_start.wav" \
	"$node/audiomoth/oss_empty_2c_truncated45B.wav" >got
diff -u want got

printf '%s\n' wac empty wav text >want
"$B/unit/test_kind" "$node/songmeter/test-wac-1.wac" \
	"$node/audiomoth/20220104_183000_zero_byte.WAV" \
	"$node/audiomoth/oss_empty_2c_truncated45B.wav" \
	"$node/gps_sync/oss_audiomoth_gps.csv" >got
diff -u want got

echo '24F3190361DA3578|AudioMoth-Firmware-Basic (1.8.0)|1|36000|48000' >want
"$B/unit/test_card_logs" "$node/audiomoth/CONFIG_1.8.0.TXT" >got
diff -u want got

"$B/unit/test_gps_sync" "$node/gps_sync/oss_audiomoth_gps.csv" 48000 >got
echo '4 anchors, 2024-05-28T10:00:00Z to 2024-05-28T10:00:03Z, 47999.802 Hz, 0 missed, off 0 s' >want
diff -u want got

# Every line but the two of the head is a fix or a failure.
cp "$node/frontierlabs/GPS_log_3.14.csv" GPS_log.csv
"$B/unit/test_card_logs" GPS_log.csv >got
fixes=$(grep -c '^1 -27\.388[56] 152\.87' got)
failures=$(grep -c '^2 ' got)
[ "$fixes $failures" = "2 $(grep -c '^Failed' GPS_log.csv)" ]
[ $((fixes + failures + 2)) = "$(wc -l <got)" ]
