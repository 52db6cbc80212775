#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A month of a station's 10 s rows, 267,840 of them in an 18 MB TOA5 table,
# to the observation table: whole process against pandas doing the same.
set -eu
cd "$T"
"$PYTHON" "$TOP/tests/bench/station_make.py" month.dat
ours="wx-station -q --utc-offset +01:00 --bucket 0.2 month.dat"
ref="$PYTHON $TOP/tests/bench/station_ref.py month.dat ref.csv"

# The same numbers in the same rows, or the ratio means nothing.
$ours >ours.csv
$ref
"$PYTHON" - <<'P'
import pandas as pd
a, b = (pd.read_csv(f, keep_default_na=True) for f in ("ours.csv", "ref.csv"))
assert len(a) == 267840, len(a)
for c in a.columns:
    if a[c].dtype.kind == "f" or b[c].dtype.kind == "f":
        assert ((a[c] - b[c]).abs().fillna(0) < 0.0006).all(), c
        assert (a[c].isna() == b[c].isna()).all(), c
    else:
        assert (a[c] == b[c]).all(), c
P
pairs station '>= 8, 16 MiB' "$ours" "$ref"

# Five times the rows: the memory stays.
for year in 2021 2022 2023 2024 2025; do
	sed "s/^\"2026/\"$year/" month.dat
done >years.dat
seconds wx-station -q --utc-offset +01:00 years.dat >/dev/null
awk '{ printf "station: five times the rows: peak %.1f MiB, asked: 16 MiB\n", $1 / 1024 }' peak_kb
