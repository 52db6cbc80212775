#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The network: broken off at any byte, short answers that look whole, no length,
# another range than asked for, a login page as a WAV, answers glued together,
# 416 for what is complete. What comes in the end is right, or is not there.
set -u
. "$TOP/tests/scripts/field.bash"
node n $(seq -f 'b1/%02g.wav' 6)
for fault in reset:40 short:40 chunked wrong-range:100 html:30 'reset:30 --fault wrong-range:100' changed; do
	a=${fault//[ :]/_}
	play --fault $fault n
	archive "$a" n "$URL"
	for _ in 1 2 3 4; do
		pull "$a" --timeout 2
		none_wrong n "$a" n
		[ $STATUS = 0 ] && break
		[ $STATUS = 4 ] || fail "$fault: exit status $STATUS: $(cat err)"
	done
	[ $STATUS = 0 ] || fail "$fault: $(cat out err)"
	came n "$a" n
	stop
	grep -l '<html>' -r "$a/raw/n" && fail "$fault: a page was kept"
done
for wire in tcp serial udp; do
	for fault in short wrong-range reset:3 changed; do
		[ $wire-$fault = udp-reset:3 ] && continue # nothing to break
		play $(wire_of $wire n) --fault $fault n
		archive "$wire-$fault" n "$URL"
		for _ in 1 2 3; do
			pull "$wire-$fault"
			none_wrong n "$wire-$fault" n
			[ $STATUS = 0 ] && break
		done
		[ $STATUS = 0 ] || fail "$wire $fault: $(cat out err)"
		came n "$wire-$fault" n
		stop
	done
done

# What no decent server does.
node h glued.wav refuse416.wav nolengthcut.wav early.wav reset.wav html.wav short.wav
serve h
archive h n "$URL"
pull h --timeout 1
pull h --timeout 1 # what got a glued answer of another, too
for f in glued refuse416 nolengthcut early reset; do
	cmp h/$f.wav h/raw/n/$f.wav || fail "$f: $(cat err)"
done
for f in html short; do
	[ ! -e h/raw/n/$f.wav ] || fail "$f was taken"
	grep -q "$f.wav" err || fail "$f is not named: $(cat err)"
done
exit 0
