#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Instruments by name: the page lists each with the figures that it gives.
set -eu
names() { # of wx-station and wx-label alike
	[ "$(wx-label "--$1" - x 2>&1 | grep -o "expected.*")" = \
		"$(wx-station "--$1" - x 2>&1 | grep -o "expected.*")" ] || echo differ; list "$1"; }
list() { wx-station "--$1" - x 2>&1 | sed -n 's/.* one of \(.*\); found.*/\1/p' | tr -d ' ' | tr , '\n'; }
page() { tr -s ' ' <"$TOP/man/wx-site.5" | sed -n "/^\.It Cm $1/,/^\.El/p" |
	sed -n 's/^\.It Cm \(.*Ta.*\)/\1/p'; }

# two a line on the page
page gauge | sed 's/ Ta Cm /\n/; s/ Ta / /g' | sort >gauges
[ "$(cut -d' ' -f1 gauges)" = "$(names bucket)" ]
while read -r name mm; do
	got=$(printf '2026-06-01T12:00:00Z\n' | wx-station -f tips --bucket "$name" - |
		sed -n '2s/^[^,]*,[^,]*,1,\([^,]*\),.*/\1/p')
	[ "$got" = "$mm" ] || { echo "$name: $got, the page has $mm"; exit 1; }
done <gauges

page anemometer | sed 's/ Ta / /g' | sort >cups
[ "$(cut -d' ' -f1 cups)" = "$(names cup)" ]
while read -r name slope offset threshold; do
	# 10 turns a second, and none, which is no wind whatever the offset
	printf 'time,cup_turns\n2026-06-01T12:00:00Z,600\n2026-06-01T12:01:00Z,0\n2026-06-01T12:02:00Z,600\n' >t.csv
	wx-station --cup "$name" t.csv | awk -F, -v want="$slope $offset" '
		NR == 1 { split(want, w, " ") }
		NR == 2 { d = $6 - w[1] * 10 - w[2] }
		NR == 3 { still = $6 }
		END { exit !(d * d < 1e-6 && still == 0 && NR == 4) }' ||
		{ echo "$name: not $offset + $slope f"; exit 1; }

	# site.json knows it, too, and its own figure wins
	mkdir -p a
	cat >a/site.json <<S
{ "site": "s", "nodes": [], "stations": [
  { "id": "m", "format": "csv", "source": "file:*.csv", "gauge": "te525mm",
    "anemometer": "$name" },
  { "id": "own", "format": "csv", "source": "file:*.csv", "gauge": "te525mm",
    "bucket_mm": 0.2, "anemometer": "$name", "cup": { "m_s_per_hz": 2 } } ] }
S
	printf 'time,cup_turns,tips\n2026-06-01T12:00:00Z,600,3\n2026-06-01T12:01:00Z,0,0\n' >a/t.csv
	wx-station -q -a a --station m
	wx-station -q -a a --station own
	awk -F, -v s="$slope" -v o="$offset" 'NR == 2 { d = $6 - s * 10 - o
		exit !(d * d < 1e-6 && $4 == "0.3") }' a/station/m/2026-06-01.csv
	awk -F, 'NR == 2 { exit !($6 == 20 && $4 == "0.6") }' a/station/own/2026-06-01.csv
	rm -r a
	[ -n "$threshold" ]
done <cups
