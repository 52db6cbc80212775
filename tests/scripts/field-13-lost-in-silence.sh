#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a node lost without a word: a number of its sequence that no capture has,
# a triggered recording that leaves time out. Windows cover what was recorded and
# nothing more.
set -u
. "$TOP/tests/scripts/field.bash"
wx-sim -q -o made --days 0.014 --nodes 2 --capture-s 10 --every-s 120 --rate 8000 ||
	fail "wx-sim"
cp -r made m
"$PY" - <<'P' # the third closed capture was never written: no line, no file
import json, os
lines = [json.loads(s) for s in open("m/nodes/n1/index.jsl")]
lost = [d for d in lines if d.get("st") == "closed" and d["n"].endswith(".wav")][2]
os.unlink("m/nodes/n1/" + lost["n"])
open("m/nodes/n1/index.jsl", "w").write("".join(json.dumps(d) + "\n" for d in lines if d is not lost))
open("lost", "w").write(lost["n"])
P
mkdir a
play --smp-tcp n1 --site a/site.json m
pull a n1
[ $STATUS = 0 ] || fail "$(cat out err)"
grep -q '1 missing in its index' out || fail "nobody says that one is lost: $(cat out)"
in_bound a made n1
grep -q "$(cat lost)" a/windows/n1/*.csv && fail "a window of what nobody has"
card <<'P'
open("20260601_120000T.WAV", "wb").write(audiomoth(sound(1, 30), said("12:00:00 01/06/2026")))
P
archive t n 'dir:../card' '"utc_offset":"Z"'
pull t
[ $STATUS = 0 ] && grep -q 'T.WAV.*triggered' err || fail "triggered: $(cat out err)"
wx-listen -q -a t && wx-align -q -a t || fail "wx-align"
[ "$(awk -F, 'NR > 1 && $4 == "" && /triggered/' t/windows/n/undated.csv | wc -l)" = 3 ] ||
	fail "triggered windows: $(cat t/windows/n/*.csv)"
ls t/windows/n | grep -q 2026 && fail "triggered windows have a time"
exit 0
