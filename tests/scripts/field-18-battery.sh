#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The battery: below its limit a node is asked for little; one that dies while it
# is pulled leaves what came, the smallest first where that was asked for.
set -u
. "$TOP/tests/scripts/field.bash"
node n 200044 b1/1.wav
node s 3044 b1/2.wav b1/3.wav && cp s/b1/*.wav n/b1/ && cat s/index.jsl >>n/index.jsl
for wire in http tcp serial; do
	play -v $(wire_of $wire n) --fault battery:3.1 n
	archive "$wire" n "$URL" '"min_battery_v":3.4'
	pull "$wire"
	[ $STATUS = 4 ] && grep -q 'battery is at 3.10 V' err || fail "$wire: $(cat out err)"
	grep -q 'get b1/' play.err && fail "$wire: it was pulled from all the same"
	stop
	[ $wire = http ] && most=19 || most=60 # requests: in the middle of the files
	play -v $(wire_of $wire n) --fault die:$most n
	archive "die-$wire" n "$URL" '"order":"smallest"'
	pull "die-$wire" --timeout 1
	[ $STATUS = 4 ] || fail "$wire: dies: exit status $STATUS: $(cat out err)"
	none_wrong n "die-$wire" n
	stop
	play $(wire_of $wire n) n
	archive "die-$wire" n "$URL"
	pull "die-$wire"
	[ $STATUS = 0 ] || fail "$wire: charged: $(cat out err)"
	came n "die-$wire" n
	stop
done
exit 0
