#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A node that is full deletes its oldest files while they are pulled: what is
# gone is said once and holds up nothing.
set -u
. "$TOP/tests/scripts/field.bash"
for wire in http tcp serial; do
	rm -rf n
	node n $(seq -f 'b1/%02g.wav' 12)
	cp -r n whole
	play -v $(wire_of $wire n) --fault pace:2000000 n
	archive "$wire" n "$URL"
	"${SERIAL[@]}" wx-pull -a "$wire" -j 1 >out 2>err &
	pid=$!
	until grep -q 'get b1/..\.wav' play.err; do sleep 0.02; done
	rm -f n/b1/0[1-4].wav n/b1/12.wav
	wait $pid
	STATUS=$?
	[ $STATUS = 0 ] || [ $STATUS = 4 ] || fail "$wire: exit status $STATUS"
	pull "$wire"
	[ $STATUS = 0 ] || fail "$wire: $(cat out err)"
	none_wrong whole "$wire" n
	came n "$wire" n
	[ ! -e "$wire/raw/n/b1/12.wav" ] && grep -q '"gone":"b1/12.wav"' "$wire/raw/n/journal.jsonl" || [ -e "$wire/raw/n/b1/12.wav" ] ||
		fail "$wire: 12.wav"
	pull "$wire"
	grep -q 'gone is news' err && fail "$wire: $(cat err)"
	[ $STATUS = 0 ] && [ ! -s err ] || fail "$wire: again: $(cat err)"
	stop
	rm -rf whole
done
exit 0
