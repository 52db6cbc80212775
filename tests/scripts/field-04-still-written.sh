#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A file that is being written when it is listed: shorter at each look, or under
# another name a moment later. Nothing short is taken; whole, it comes.
set -u
. "$TOP/tests/scripts/field.bash"
node n b1/1.wav b1/2.wav b1/3.wav
for wire in http tcp serial; do
	play $(wire_of $wire n) --fault growing n
	archive "$wire" n "$URL"
	for _ in 1 2 3 4; do
		pull "$wire"
		none_wrong n "$wire" n
		[ $STATUS = 0 ] && break
		grep -q 'b1/1.wav' err || fail "$wire: not named: $(cat err)"
	done
	[ $STATUS = 0 ] || fail "$wire: $(cat err)"
	came n "$wire" n
	stop
done

# Listed as open, closed under another name by the next pull.
node m b1/1.wav
echo '{"n":"b1/2.wav","l":4000,"b":1,"q":9,"st":"open"}' >>m/index.jsl
head -c 4000 /dev/zero >m/b1/2.wav
play m
archive late n "$URL"
pull late
[ $STATUS = 0 ] && grep -q ' 1 still open' out || fail "open: $(cat out err)"
[ ! -e late/raw/n/b1/2.wav ] || fail "an open file was taken"
rm m/b1/2.wav
node x b1/2_late.wav && cp x/b1/2_late.wav m/b1/ && cat x/index.jsl >>m/index.jsl
pull late
[ $STATUS = 0 ] || fail "renamed: $(cat err)"
came m late n
exit 0
