#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a file's name and its header say of its start are not the same: by a
# zone, by the firmware whose header is wrong where a zone is no whole hour, by
# more than any zone. Which is taken is said; none is taken in silence.
set -u
. "$TOP/tests/scripts/field.bash"
card <<'P'
old = "by AudioMoth 24F3190361DA2B51 at gain setting 2 while battery state was 4.2V."
put = lambda name, seed, comment: open(name, "wb").write(audiomoth(sound(seed), comment))
# Names are local time, five and a half hours ahead.
put("20260601_173000.WAV", 1, said("17:30:00 01/06/2026", "+5:30"))
put("20260601_180000.WAV", 2, said("18:30:00 01/06/2026", "+5:30", by=old))  # firmware 1.2.2
put("20260601_190000.WAV", 3, said("19:00:07 03/06/2026", "+5:30"))
P
archive a n 'dir:../card' '"utc_offset":"+05:30"'
pull a
[ $STATUS = 0 ] || fail "$(cat out err)"
r0() { line a "$1" | sed -n 's/.*"r0":\([0-9]*\).*/\1/p'; }
at() { date -u -d "$1" +%s000000; }
[ "$(r0 20260601_173000.WAV)" = "$(at 2026-06-01T12:00Z)" ] || fail "both agree: $(line a 20260601_173000.WAV)"
grep -q 173000 err && fail "both agree, and yet: $(cat err)"
[ "$(r0 20260601_180000.WAV)" = "$(at 2026-06-01T12:30Z)" ] || fail "1.2.2: $(line a 20260601_180000.WAV; cat err)"
grep -q '^wx-pull: n: 20260601_180000.WAV' err || fail "1.2.2 is not said: $(cat err)"
grep -q '^wx-pull: n: 20260601_190000.WAV' err || fail "two days off is not said: $(cat err)"
exit 0
