#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How wrong windows are and whether max_err_s holds, over 60 seeds a scene: made
# crystals, weather, hosts and lines. "lines" is what straight lines between
# exact anchors would do: what no fit without temperature can beat. Fails where a
# bound does.
set -eu
cd "$T"
for t in test_clock_made test_clock_lag; do
	"${CC:-cc}" -O2 -std=c17 -D_GNU_SOURCE -I"$TOP/lib" -o $t \
		"$TOP/tests/unit/$t.c" "$B/libwx.a" \
		$(pkg-config --cflags --libs kissfft-float jansson) -lcsv -lm
done
./test_clock_made "${SEEDS:-60}" | grep -v 'repeated pulls'
# The lag between two barometers: seeds of a day at 1 Hz; and none where there is
# none, of 200.
RUN='' ./test_clock_lag "${TRIALS:-50}"
RUN='' ./test_clock_lag "${TRIALS:-200}" none
# The whole tool: sites of 30 days, pulled by a stand-in that knows their clocks.
"${PYTHON:-/usr/bin/python3}" "$TOP/tests/bench/clock_site.py" "${SITES:-50}"
"${PYTHON:-/usr/bin/python3}" "$TOP/tests/bench/clock_lags.py" "${SEEDS:-60}"
