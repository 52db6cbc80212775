#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The power went while a recorder wrote: a header that knows of no sound, one
# that the card lists as nothing but a header, a file that has no name yet. The
# sound that is there comes back, beside the file as it was found.
set -u
. "$TOP/tests/scripts/field.bash"
card <<'P'
stop = " Recording stopped due to SD card write error."
def put(name, seed, when, keep=None):
    data = audiomoth(sound(seed), said(when, tail=stop), riff=480, size=0)
    open(name, "wb").write(data[:keep])
put("20260601_120000.WAV", 1, "12:00:00 01/06/2026")
put("20260601_120100.WAV", 2, "12:01:00 01/06/2026", 488)
put("data", 3, "12:02:00 01/06/2026")
open("PPS.CSV", "w").write("PPS_NUMBER,AUDIOMOTH_TIME\r\n")
open("20260601_120300.WAV", "wb").write(audiomoth(sound(4), said("12:03:00 01/06/2026")))
P
archive a n 'dir:../card' '"utc_offset":"Z"'
pull a
[ $STATUS = 0 ] || fail "$(cat out err)"
(cd card && sha256sum ./*) | (cd a/raw/n && sha256sum -c --quiet) || fail "an original is not as it was"
grep -q '20260601_120000.WAV.*size_zero' err || fail "not said: $(cat err)"
"$PY" - <<'P' || fail "the sound did not come back: $(find a)"
import wave
for name, of in ("20260601_120000.WAV", 488), ("data", 488):
    w = wave.open(f"a/raw/n/{name}~recovered.wav")
    assert w.getnframes() == 80000 and w.getframerate() == 8000
    assert w.readframes(80000) == open("card/" + name, "rb").read()[of:]
P
[ ! -e 'a/raw/n/20260601_120300.WAV~recovered.wav' ] || fail "a whole file was repaired"
line a 20260601_120000.WAV | grep -q '"st":"recovered"' || fail "$(line a 20260601_120000.WAV)"
wx-listen -q -a a 2>/dev/null
wx-align -q -a a || fail "wx-align"
grep -q '20260601_120000.WAV,0.000,2026-06-01T12:00:00.000Z,10.000,.*recovered' a/windows/n/*.csv ||
	fail "no window: $(cat a/windows/n/*.csv)"
grep -q 120100 a/windows/n/*.csv && fail "a window of a file without sound"
exit 0
