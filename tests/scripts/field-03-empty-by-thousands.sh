#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A recorder that starts and fails, thousands of times: empty files, files of
# NULs, headers without sound, and good ones among them. The good ones come out
# at the other end; the others cost no time and are counted, not listed.
set -u
. "$TOP/tests/scripts/field.bash"
card <<'P'
import datetime
t = datetime.datetime(2026, 6, 1)
head = audiomoth(b"", said("12:05:00 01/06/2026"))[:44]
for i in range(5000):
    t += datetime.timedelta(seconds=60)
    name = t.strftime("%Y%m%d_%H%M%S.WAV")
    if i % 1000 == 500:
        data = audiomoth(sound(i), said(t.strftime("%H:%M:%S %d/%m/%Y")))
    else:
        data = (b"", bytes(512 + i), head)[i % 3]
    open(name, "wb").write(data)
P
archive a n 'dir:../card' '"utc_offset":"Z"'
pull a
[ $STATUS = 0 ] || fail "$(cat out; head err)"
[ "$(find a/raw/n -name '*.WAV' | wc -l)" = 5000 ] || fail "$(find a/raw/n -name '*.WAV' | wc -l) came"
[ "$(wc -l <err)" -lt 30 ] || fail "$(wc -l <err) lines are said"
for word in empty null header_only; do
	grep -q "$word" err || fail "$word is not said: $(cat err)"
done
"${SERIAL[@]}" wx-listen -q -a a 2>err || fail "wx-listen: $? $(tail -n 3 err)"
wx-align -q -a a || fail "wx-align"
[ "$(grep -c 'WAV,0.000,2026' a/windows/n/*.csv | awk -F: '{ s += $2 } END { print s }')" = 5 ] ||
	fail "windows: $(cat a/windows/n/*.csv | head)"
find a -type f -printf '%p %s %T@\n' | sort >before
pull a
[ $STATUS = 0 ] && grep -q '^n: 0 new' out || fail "again: $(cat out; head err)"
find a -type f -printf '%p %s %T@\n' | sort | diff before - >/dev/null || fail "a second run changed files"
exit 0
