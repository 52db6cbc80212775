#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The computer itself: its disk is full, it is told to stop, it sleeps while it
# pulls, two pull at once, its own clock is not right. The next run ends it.
set -u
. "$TOP/tests/scripts/field.bash"
node n 400044 b1/1.wav b1/2.wav
for wire in tcp serial; do
	play $(wire_of $wire n) --fault pace:2000000 n
	archive "$wire" n "$URL"
	# Full at 200 kB.
	(ulimit -f 200 && exec "${SERIAL[@]}" wx-pull -a "$wire" >out 2>err)
	[ $? = 4 ] && grep -q 'File too large' err || fail "$wire: full disk: $(cat out err)"
	none_wrong n "$wire" n
	# Stopped; another that begins meanwhile is told so.
	"${SERIAL[@]}" wx-pull -a "$wire" >out 2>err &
	pid=$!
	sleep 0.7
	STATUS=0
	"${SERIAL[@]}" wx-pull -a "$wire" >out2 2>err2 || STATUS=$?
	[ $STATUS = 4 ] && grep -q 'in use by process' err2 || fail "$wire: two at once: $(cat out2 err2)"
	kill -TERM $pid
	wait $pid
	[ $? = 4 ] && grep -q 'stopped' err || fail "$wire: SIGTERM: $(cat out err)"
	none_wrong n "$wire" n
	# Asleep for longer than any answer takes.
	"${SERIAL[@]}" wx-pull -a "$wire" >out 2>err &
	pid=$!
	sleep 0.4
	kill -STOP $pid
	sleep 1.6
	kill -CONT $pid
	wait $pid || fail "$wire: slept: $(cat out err)"
	came n "$wire" n
	# What the host's clock was worth is written down with each exchange.
	"$PY" - "$wire/raw/n/clock.jsonl" <<'P' || fail "$wire: host's clock"
import json, sys
lines = [json.loads(s) for s in open(sys.argv[1])]
sys.exit(not (lines and all(isinstance(d["host_synced"], bool) for d in lines)))
P
	stop
done
exit 0
