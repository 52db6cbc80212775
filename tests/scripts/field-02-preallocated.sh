#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A recorder sets a file's whole length first and fills it then: full size, a
# tail of zeros. The tail is no silence that anybody heard.
set -u
. "$TOP/tests/scripts/field.bash"
card <<'P'
whole = sound(1, 30)
data = audiomoth(whole, said("12:00:00 01/06/2026"))
open("20260601_120000.WAV", "wb").write(data[:488 + 200000] + bytes(len(data) - 488 - 200000))
open("20260601_120100.WAV", "wb").write(data)
P
archive a n 'dir:../card' '"utc_offset":"Z"'
pull a
[ $STATUS = 0 ] || fail "$(cat out err)"
(cd card && sha256sum ./*) | (cd a/raw/n && sha256sum -c --quiet) || fail "an original is not as it was"
grep -q '20260601_120000.WAV.*preallocated' err || fail "not said: $(cat err)"
"$PY" - <<'P' || fail "the copy"
import wave
w = wave.open("a/raw/n/20260601_120000.WAV~recovered.wav")
n = w.getnframes()
assert 100000 <= n < 100200, n
assert w.readframes(n)[:200000] == open("card/20260601_120000.WAV", "rb").read()[488:488 + 200000]
P
wx-listen -q -a a && wx-align -q -a a || fail "wx-listen, wx-align"
# 12.5 s are one window and a rest; the other file has three.
[ "$(grep -c '120100.WAV,' a/windows/n/2026-06-01.csv)" = 3 ] || fail "$(cat a/windows/n/*.csv)"
"$PY" - <<'P' || fail "zeros pass for good sound: $(cat a/windows/n/*.csv)"
import csv
for r in csv.DictReader(open("a/windows/n/2026-06-01.csv")):
    if "120000" in r["capture"] and float(r["offset_s"]) >= 12.5:
        assert r["quality"] == "4", r
P
exit 0
