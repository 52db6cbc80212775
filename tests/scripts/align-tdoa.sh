#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A real recording and the same of a recorder that started 0.1 s late: wx_lag on
# their envelopes finds it within one sample of the envelope.
set -eu
[ -d "$CAPTURES/node/tdoa" ] || exit 77
cd "$T"
san= # as the library was built
nm "$B/libwx.a" 2>/dev/null | grep -q __asan_report && san=-fsanitize=address,undefined
"${CC:-cc}" $san -O1 -std=c17 -I"$TOP/lib" -o lag "$TOP/tests/scripts/align-tdoa.c" \
	"$B/libwx.a" $(pkg-config --libs kissfft-float) -lm
set -- "$CAPTURES"/node/tdoa/*_8.wav "$CAPTURES"/node/tdoa/*_8_late_start.wav
/usr/bin/python3 - "$@" <<'P'
import math, sys, wave
import struct
for name, path in zip(("whole", "late"), sys.argv[1:]):
    with wave.open(path, "rb") as w:
        n, ch, rate = w.getnframes(), w.getnchannels(), w.getframerate()
        x = struct.unpack(f"<{n * ch}h", w.readframes(n))[::ch]
    step = rate // 1000  # about 1 ms
    with open(name, "w") as f:
        for i in range(0, n - step + 1, step):
            level = math.sqrt(sum(v * v for v in x[i:i + step]) / step)
            f.write(f"{1_800_000_000_000_000 + round((i + step / 2) / rate * 1e6)}"
                    f" {20 * math.log10(level + 1):.4f}\n")
P
./lag whole late | tee said
awk '{ d = $1 + 0.1; if (d < 0) d = -d; exit !(d <= $2 && $3 == 0) }' said
