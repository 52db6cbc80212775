#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A node-year (525,600 captures of 10 s a minute apart, 366 pulls, its air each
# minute) from index and exchanges to windows on disk, wall time and peak memory:
# whole process against a pandas script.
set -eu
cd "$T"
python=${PYTHON:-/usr/bin/python3}
"$python" "$TOP/tests/bench/align_made.py" season "${DAYS:-365}"
PAIRS=3 pairs align 'under 3 s and 64 MiB' "wx-align -q -a season" \
	"$python $TOP/tests/bench/align_ref.py season ref" \
	'rm -rf season/windows' 'rm -rf ref'
# The same windows: start_utc to 50 ms.
"$python" - <<'P'
import glob
import pandas as pd
a, b = (pd.concat(map(pd.read_csv, sorted(glob.glob(g))))
        for g in ("season/windows/n1/*.csv", "ref/*.csv"))
assert len(a) == len(b) and (a.capture.values == b.capture.values).all()
d = pd.to_datetime(a.start_utc).values - pd.to_datetime(b.start_utc).values
assert abs(d.astype("timedelta64[ms]").astype(int)).max() <= 50
P
