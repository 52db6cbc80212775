#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A month of 10 s rows as any CSV, and a million tips, to the observation table:
# whole process against pandas doing the same. Messages of rtl_433 in a second.
set -eu
cd "$T"
"$PYTHON" "$TOP/tests/bench/station_text_make.py"
csv="wx-station -q --utc-offset Z --bucket 0.2 --rain-kind interval --columns time=when,rain_mm=rain,wind_avg_m_s=wind,wind_gust_m_s=gust,wind_dir_deg=dir,air_temp_degc=temp,rel_hum_pct=hum month.csv"
tips="wx-station -q --utc-offset Z --bucket 0.2 tips.txt"
ref="$PYTHON $TOP/tests/bench/station_text_ref.py"

# The same numbers in the same rows, or the ratio means nothing.
for f in month.csv tips.txt; do
	if [ $f = month.csv ]; then $csv; else $tips; fi >ours.csv
	$ref $f ref.csv
	"$PYTHON" - <<'P'
import pandas as pd
a, b = (pd.read_csv(f) for f in ("ours.csv", "ref.csv"))
assert len(a) == len(b) > 200000, (len(a), len(b))
for c in a.columns:
    if a[c].dtype.kind == "f" or b[c].dtype.kind == "f":
        assert ((a[c] - b[c]).abs().fillna(0) < 0.0006).all(), c
        assert (a[c].isna() == b[c].isna()).all(), c
    else:
        assert (a[c] == b[c]).all(), c
P
done
pairs station-csv '>= 8, 16 MiB' "$csv" "$ref month.csv ref.csv"
pairs station-tips '>= 12, 16 MiB' "$tips" "$ref tips.txt ref.csv"
for ((i = 0; i < PAIRS; i++)); do
	seconds wx-station -q --utc-offset Z heard.json
done | sort -n >times
awk -v kb="$(cat peak_kb)" '{ t[NR] = $1 }
	END { printf "station-rtl433: %.0f lines/s, peak %.1f MiB, asked: >= 150000, 16 MiB\n",
		300000 / t[int((NR + 1) / 2)], kb / 1024 }' times
