#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The lag between two barometers, 24 h at 1 Hz, with bootstrap: whole process
# against a numpy and scipy script. Ours looks 26 h far as well, and judges.
set -eu
cd "$T"
python=${PYTHON:-/usr/bin/python3}
"${CC:-cc}" -O2 -std=c17 -I"$TOP/lib" -o ours "$TOP/tests/bench/lag_ours.c" \
	"$B/libwx.a" $(pkg-config --libs kissfft-float) -lm
"$python" "$TOP/tests/bench/lag_made.py" in
pairs lag 'under 1 s' "./ours in" "$python $TOP/tests/bench/lag_ref.py in"
# The same lag, both right to 0.3 s.
paste <(./ours in) <("$python" "$TOP/tests/bench/lag_ref.py" in) | awk '
	function off(v) { v -= 12.345; return v < 0 ? -v : v }
	off($1) > 0.3 || off($3) > 0.3 { print "lag: " $0 " for 12.345"; exit 1 }'
