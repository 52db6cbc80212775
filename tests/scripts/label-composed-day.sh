# SPDX-License-Identifier: MIT
# A real gauge's day: rain is labelled between 12:00 and 18:00 UTC, nowhere else.
set -eu
day=$CAPTURES/composed-day
[ -n "$CAPTURES" ] && [ -d "$day" ] || { echo "needs CAPTURES"; exit 77; }
awk -F, 'NR == 1 { print "utc,interval_s,rain_mm,wind_avg_m_s,air_temp_degc"; next }
	{ sub(" ", "T", $1); print $1 "Z,60," $2 "," $3 "," $5 }' "$day/station.csv" >obs.csv
# Windows: the card's captures, and every 10 s of the day.
{ echo capture,start_utc,length_s
  for f in "$day"/card/*.WAV; do
	n=$(basename "$f" .WAV)
	echo "$n.WAV,${n:0:4}-${n:4:2}-${n:6:2}T${n:9:2}:${n:11:2}:${n:13:2}Z,10"
  done; } >card.csv
awk 'BEGIN { print "start_utc,length_s"
	for (s = 0; s < 86400; s += 10)
		printf "2025-06-19T%02d:%02d:%02dZ,10\n", s / 3600, s / 60 % 60, s % 60 }' >all.csv
for w in card all; do
	wx-label -q --station obs.csv --bucket 0.254 $w.csv >$w.out
	awk -F, -v w=$w 'NR > 1 && $7 == "rain" {
		h = substr($4, 12, 2); n++
		if (h < 12 || h >= 18) { print w ": rain at " $4; bad = 1 } }
		END { print w ": " n + 0 " windows of rain"; exit bad || !n }' $w.out
done
