#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A site with one node over SMP on a serial line, one over SMP/TCP and one over
# HTTP: every capture comes bit-exact; so it does over a bad line, across kill -9
# and a pulled cable, and then no more is sent twice than was on its way.
set -u
. "$TOP/tests/scripts/pull.bash"

wx-sim -q -o made --days 0.014 --nodes 4 --capture-s 2 --every-s 200 --rate 8000 ||
	fail "wx-sim"
mkdir a b c

same() { # ARCHIVE: has all closed captures of n1, n2, n3, and an index as theirs
	local n f
	for n in n1 n2 n3; do
		"$PY" -c 'import json,sys
for s in open(sys.argv[1]):
    d = json.loads(s)
    if d.get("st") in ("closed", "recovered"): print(d["n"])' "made/nodes/$n/index.jsl" >names
		[ -s names ] || fail "$n has no capture"
		while read -r f; do
			cmp "made/nodes/$n/$f" "$1/raw/$n/$f" || fail "$1: $n/$f"
		done <names
		[ "$(find "$1/raw/$n" -name '*.wav' | wc -l)" -ge 5 ] || fail "$1: few of $n"
	done
}

play -v --smp-serial n2=port --smp-tcp n3 --site a/site.json made
grep -q "^n1 http://127.0.0.1:.*/cap/$" play.out && grep -q "^n2 smp:$PWD/port$" play.out &&
	grep -q '^n3 smp:tcp://127.0.0.1:' play.out || fail "$(cat play.out)"
"${SERIAL[@]}" wx-pull -a a >out 2>err || fail "$? $(cat out err)"
[ ! -s err ] || fail "$(cat err)"
same a
for n in n2 n3; do # 16 before and 16 after, but for what a busy host missed
	[ "$(wc -l <a/raw/$n/clock.jsonl)" -gt 20 ] || fail "clock exchanges: $(wc -l a/raw/*/clock.jsonl)"
done
find a -type f -printf '%p %s %T@\n' | sort >before
"${SERIAL[@]}" wx-pull -a a >out 2>err || fail "again: $? $(cat out err)"
find a -type f -printf '%p %s %T@\n' | sort | diff before - || fail "a second run changed a file"
stop

# Five of a hundred answers each are broken, lost, or have text in them.
play -v --smp-serial n2=port --smp-tcp n3 --fault bad-crc --fault drop --fault text --site b/site.json made
"${SERIAL[@]}" wx-pull -a b >out 2>err || fail "bad line: $? $(cat out err)"
same b
stop

# kill -9 over and over; the line is as slow as the kills need it.
slow="--smp-serial n2=port --smp-tcp n3 --fault pace:460800"
play -v $slow --site c/site.json made
half() { # is a capture of n2 under way, and has come in part?
	[ -n "$(find c/raw/n2/.part -name '*.wav' -size +0 2>/dev/null)" ]
}
until_half() { # PID: after more of it came than before; or it has ended
	local before now
	before=$(find c/raw/n2 -name '*.wav' -printf '%p %s\n' 2>/dev/null)
	while kill -0 "$1" 2>/dev/null; do
		now=$(find c/raw/n2 -name '*.wav' -printf '%p %s\n' 2>/dev/null)
		[ "$now" != "$before" ] && half && break
		sleep 0.01
	done
}
kills=0
for i in 1 2 3 4; do
	"${SERIAL[@]}" wx-pull -q -a c >/dev/null 2>&1 &
	pid=$!
	until_half $pid
	kill -9 $pid 2>/dev/null && kills=$((kills + 1))
	wait $pid 2>/dev/null
done
[ $kills -ge 3 ] || fail "only $kills kills"
# The cable is pulled while it pulls: it says so, and keeps what came. Between
# two captures there may be nothing to keep: then it is pulled once more.
for i in 1 2 3 4; do
	"${SERIAL[@]}" wx-pull -a c n2 >out 2>err &
	pid=$!
	until_half $pid
	cat play.err >>before.err
	stop
	wait $pid
	[ $? = 4 ] || fail "cable: $(cat out err)"
	grep -q '^wx-pull: n2: ' err || fail "cable: $(cat err)"
	half && break
	play -v $slow --site c/site.json made
done
half || fail "cable: no part was kept"
play -v $slow --site c/site.json made
"${SERIAL[@]}" wx-pull -a c --json >out 2>err || fail "after: $? $(cat out err)"
same c
size=$(cat made/nodes/n2/*/*.wav | wc -c)
sent=$(cat before.err play.err | grep ': n2: get' | got)
[ "$sent" -lt $((size * 4 / 3)) ] || fail "n2: $sent bytes were sent of $size"
"$PY" - out <<'P' || fail "nothing was resumed: $(cat out)"
import json, sys
n2 = [d for d in map(json.loads, open(sys.argv[1])) if d.get("node") == "n2"]
sys.exit(not (n2 and n2[0]["resumed_bytes"] > 0))
P
exit 0
