#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The line: the node boots because its port was opened, log text and garbage
# between frames, half frames, bad CRCs, duplicates, late answers and those of
# another request, silence for long requests; and the port goes and comes back.
set -u
. "$TOP/tests/scripts/field.bash"
node n 20044 b1/1.wav b1/2.wav
try() { # WIRE FAULT...: all comes, bit-exact
	local wire=$1 f opts=
	shift
	for f; do opts="$opts --fault $f"; done
	play $(wire_of $wire n) $opts n
	rm -rf a
	archive a n "$URL"
	pull a
	[ $STATUS = 0 ] || fail "$wire $*: $(cat out err)"
	came n a n
	stop
}
for f in bad-crc:10 duplicate:20 text:30 garbage:10 half:4 silence:90; do
	try serial $f
	try tcp $f
done
try serial delay:4 wrong-seq:4
try udp drop:4 duplicate:20 half:4
try serial open-boots
grep -q 'boot' err || fail "a boot by opening the port was not reported: $(cat out err)"
try serial reset:5
exit 0
