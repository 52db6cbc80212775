#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The power went while the node wrote its index: half a line, then NULs. What
# stands before it counts; later lines are found behind it.
set -u
. "$TOP/tests/scripts/field.bash"
node n b1/1.wav b1/2.wav
for wire in http tcp serial; do
	play $(wire_of $wire n) --fault torn-index n
	archive "$wire" n "$URL"
	pull "$wire"
	[ $STATUS = 0 ] || fail "$wire: $(cat out err)"
	came n "$wire" n
	cmp n/index.jsl "$wire/raw/n/index.jsl" || fail "$wire: the torn line was taken"
	pull "$wire"
	[ $STATUS = 0 ] && grep -q '^n: 0 new' out || fail "$wire: again: $(cat out err)"
	stop
done
# The power is back, the file is longer: NULs in the middle now.
{ cat n/index.jsl; printf '{"n":"b1/9.wav","l":48'; head -c 300 /dev/zero; echo; } >with && mv with n/index.jsl
node m b1/3.wav && cp m/b1/3.wav n/b1/ && cat m/index.jsl >>n/index.jsl
for wire in http tcp serial; do
	play $(wire_of $wire n) n
	archive "$wire" n "$URL"
	pull "$wire"
	[ $STATUS = 0 ] || fail "$wire: after: $(cat out err)"
	came n "$wire" n
	stop
done
exit 0
