#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The traps that real files of all makers share, each by its name: what is read,
# and what is said of it.
set -u
bad=0
station() { wx-station "$@" >out 2>err; status=$?; }
is() { # NAME WHAT WANT FOUND
	[ "$4" = "$3" ] || { echo "$1: $2: expected '$3', found '$4'"; cat err; bad=1; }
}
says() { # NAME TEXT: in one of the remarks
	grep -qF -- "$2" err || { echo "$1: expected the remark '$2', found:"; cat err; bad=1; }
}
sum() { awk -F, -v k=$1 'NR > 1 { s += $k } END { printf "%.3f", s }' out; }
column() { awk -F, -v k=$1 'NR > 1 { printf "%s%s", s, $k; s = " " }' out; }

# toa5 NAME PROCESSING ROW...: a table of one column of rain
toa5() {
	printf '"TOA5","s","CR1000","1","o","p","1","t"\r\n"TIMESTAMP","RECORD","Rain_mm"\r\n'
	printf '"TS","RN","mm"\r\n"","","%s"\r\n' "$2"
	shift 2
	printf '%s\r\n' "$@"
}

toa5 end Tot '"2021-11-09 00:00:00",1,7.88' '"2021-11-10 00:00:00",2,0.5' >t
station --utc-offset +02:00 t
is end-of-interval 'a daily row ends at midnight' '2021-11-08T22:00:00.000Z 2021-11-09T22:00:00.000Z' "$(column 1)"
station --utc-offset +02:00 --stamp start t
is end-of-interval 'as a start' '2021-11-09T22:00:00.000Z' "$(column 1 | cut -d' ' -f1)"

toa5 kind Smp '"2026-06-01 00:00:00",1,81310' '"2026-06-01 00:10:00",2,81310.2' '"2026-06-01 00:20:00",3,81310.6' >t
station --utc-offset Z t
is rain-kind 'a sample is a counter' 0.600 "$(sum 4)"

rows() { # VALUE...: minutes of a counter
	local m=0
	echo time,rain_mm
	for v; do printf '2026-06-01 00:%02d:00,%s\n' $m "$v"; m=$((m + 1)); done
}
rows 10 10.2 4 10.4 10.6 >t
station --utc-offset Z --rain-kind cumulative t
is counter-misread 'one bad reading is held' 0.600 "$(sum 4)"
rows 10 10.2 0.2 0.4 0.6 >t
station --utc-offset Z --rain-kind cumulative t
is counter-reset 'credits nothing, then goes on' 0.600 "$(sum 4)"
says counter-reset 't:4: the rain counter went back from 10.2 to 0.2: credited nothing'

{ echo time,tips; printf '2026-06-01 00:0%d:00,%d\n' 0 125 1 127 2 2 3 3; } >t
station --utc-offset Z --rain-kind cumulative --bucket 0.2 t
is undeclared-wrap 'credits nothing' 3.000 "$(sum 3)"
station --utc-offset Z --rain-kind cumulative --bucket 0.2 --modulus 128 t
is declared-wrap 'goes on' 6.000 "$(sum 3)"

printf '2026-06-01 00:00\n2026-06-01 00:00\n2026-06-01 00:01\n' >t
station --utc-offset Z --bucket 0.2 t
is equal-stamps 'are tips of one minute' 3.000 "$(sum 3)"
for s in $(seq 10 7 59); do echo "2026-06-01 00:00:$s"; echo "2026-06-01 00:00:$((s + 1))"; done >t
station --summary --utc-offset Z --bucket 0.2 t
is bounce 'is suspect' 1 $status
is bounce 'by its gaps' 1 "$(grep -c 'SUSPECT.*double' out)"

rows 0 0.2 30.2 0.4 0.6 >t
station --utc-offset Z --rain-kind cumulative t
is ceiling 'a jump is not credited' 0.600 "$(sum 4)"
says ceiling 't:4: the rain counter jumped from 0.2 to 30.2, faster than a bucket can tip'

printf '{ "site": "s", "nodes": [], "stations": [ { "id": "a", "utc_offset": "Z" } ] }' >site.json
printf '2026-06-01 00:00:10\n2026-06-01 00:02:10\n' >spring.txt
cat spring.txt >summer.txt && echo '2026-06-01 00:04:10' >>summer.txt
wx-station -q -a . spring.txt summer.txt summer.txt
is repeated-downloads 'are there once' 3 "$(sed 1d station/a/2026-06-01.csv | wc -l)"

toa5 gap Smp '"2026-06-01 07:00:00",545,0.2' '"2026-06-01 07:10:00",546,0.4' '"2026-06-01 07:20:00",547,0.6' \
	'"2026-06-01 11:20:00",548,0' '"2026-06-01 11:30:00",549,0.2' >t
station --utc-offset Z t
is power-loss 'whole records, lost hours' 0.600 "$(sum 4)"
says power-loss 't:8: the rain counter went back from 0.6 to 0'

{
	printf '"#","Date Time, GMT-06:00","Event, Units","Coupler Attached"\n'
	printf '1,06/13/26 12:00:00,7,\n2,06/13/26 12:20:00,8,\n3,06/13/26 12:24:00,,Logged\n4,06/13/26 12:25:00,28,\n5,06/13/26 13:00:00,29,\n'
} >t
station --bucket 0.2 t
is field-visit 'tips are flagged' 'service service ' "$(column 12)"

printf '\xef\xbb\xbftime,rain_mm\r2026-06-01 00:00,0.2\r2026-06-01 00:01,0.4\r2026-06-01 00:02,0.2\r' >t
station --utc-offset Z --rain-kind interval t
is line-ends 'bare CR behind a BOM' 0.800 "$(sum 4)"

printf 'time,rain_mm\n06/01/26 12:00,0\n07/01/26 12:00,1\n' >t
station --utc-offset Z --rain-kind interval t
is date-order status 3 $status
says date-order "give --date-order dmy, mdy or ymd"
echo '13/01/32 12:00,1' >>t
station --utc-offset Z --rain-kind interval t
is date-order 'a row past the 12th (and no year 13) decides' '2026-01-06T12:00:00.000Z' "$(column 1 | cut -d' ' -f1)"

rows 0 1 >t
station --rain-kind interval t
is no-zone status 3 $status
says no-zone "t:2: the zone of '2026-06-01 00:00:00' is not told; give --utc-offset +hh:mm or --zone NAME"

{ echo time,rain_mm; printf '2025-10-26 0%s,0.2\n' 1:30:00 2:00:00 2:30:00 2:00:00 2:30:00 3:00:00; } >t
station --zone Europe/Zurich --rain-kind interval t
is autumn-hour 'both of it, in order' '2025-10-25T23:30:00.000Z 2025-10-26T00:00:00.000Z 2025-10-26T00:30:00.000Z 2025-10-26T01:00:00.000Z 2025-10-26T01:30:00.000Z 2025-10-26T02:00:00.000Z' "$(column 1)"
printf 'time,rain_mm\n2025-10-26 02:00:00,0.2\n' >t
station --zone Europe/Zurich --rain-kind interval t
says autumn-hour "t:2: '2025-10-26 02:00:00' was twice in Europe/Zurich"
printf 'time,rain_mm\n2026-03-29 02:30:00,0.2\n' >t
station --zone Europe/Zurich --rain-kind interval t
is spring-hour status 3 $status
says spring-hour "t:2: there was no '2026-03-29 02:30:00' in Europe/Zurich"

toa5 void Tot '"2026-06-01 00:00:00",1,"NAN"' '"2026-06-01 00:01:00",2,NAN' '"2026-06-01 00:02:00",3,-7999' \
	'"2026-06-01 00:03:00",4,"INF"' '"2026-06-01 00:04:00",5,-2147483648' '"2026-06-01 00:05:00",6,0.2' >t
station --utc-offset Z t
is missing-marks 'are no rain, and not nothing' '     0.2' "$(column 4)"
rows 0.2 -99.99 --- null '' V >t
station --utc-offset Z --rain-kind interval t
is missing-marks 'of tables' '0.2     ' "$(column 4)"
says missing-marks "t:7: column 'rain_mm': expected a number, found 'V': taken as missing"
exit $bad
