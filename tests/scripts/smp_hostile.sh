#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Nodes over SMP that have little, answer wrongly, or not at all: what can be
# had of them comes bit-exact, and of what cannot it is said why.
set -u
. "$TOP/tests/scripts/pull.bash"

# hostile NODE FAULT...: serve it; its address is in $URL
hostile() {
	[ -z "${HOSTILE:-}" ] || { kill "$HOSTILE"; wait "$HOSTILE" 2>/dev/null; }
	rm -f "$1.url"
	: >"$1.log"
	"$PY" "$TOP/tests/servers/hostile_smp.py" "$@" &
	HOSTILE=$!
	PIDS="$PIDS $HOSTILE"
	for _ in $(seq 200); do
		[ -e "$1.url" ] && break
		sleep 0.05
	done
	URL=$(cat "$1.url") || fail "the server did not start"
}

same() { # ARCHIVE: has every file of n
	local f
	for f in b1/1.wav b1/2.wav; do
		cmp "n/$f" "$1/raw/n/$f" || fail "$1: $f"
	done
	[ -f "$1/raw/n/b1/0.wav" ] && [ ! -s "$1/raw/n/b1/0.wav" ] || fail "$1: the empty file"
}

node n 12044 b1/1.wav b1/2.wav
: >n/b1/0.wav
echo '{"n":"b1/0.wav","l":0,"c":"00000000","q":2,"b":1,"st":"closed"}' >>n/index.jsl

# All that a node must have: groups 0 and 8. No clock, and that is no fault.
hostile n
archive a n "$URL"
wx-pull -a a >out 2>err || fail "bare: $? $(cat out err)"
same a
grep -q '^n: 3 new (0.0 MB), 0 known$' out || fail "bare: $(cat out)"
[ ! -s err ] && [ ! -e a/raw/n/clock.jsonl ] || fail "bare: $(cat err)"
# Nothing new: its index's end is looked at, nothing else.
find a -type f -printf '%p %s %T@\n' | sort >before
: >n.log
wx-pull -a a >out 2>err || fail "again: $? $(cat out err)"
find a -type f -printf '%p %s %T@\n' | sort | diff before - || fail "a second run changed a file"
! grep -q '^get .*wav' n.log || fail "asked again: $(cat n.log)"
archive a n "$URL" '"release":true'
wx-pull -a a >out 2>err
grep -q '^wx-pull: n: b1/1.wav: not released: it cannot delete files (group 64)$' err || fail "release: $(cat err)"

# Wrong answers among the right ones, and each kind of node.
for f in lfs noparams nohash seq off twice late rc busy read cbor more nolen hangup; do
	rm -rf b
	hostile n "$f"
	archive b n "$URL"
	wx-pull -a b >out 2>err || fail "$f: $? $(cat out err n.log)"
	same b
	cmp n/index.jsl b/raw/n/index.jsl || fail "$f: its index"
	[ ! -s err ] || fail "$f: $(cat err)"
done
rm -rf b
hostile n seq off twice late cbor more hangup
archive b n "$URL"
wx-pull -a b >out 2>err || fail "all: $? $(cat out err)"
same b

# What is here already is not sent again, if it is what the node has.
part() { # NAME BYTES FILE: c has a part of it
	rm -rf c
	mkdir -p "c/raw/n/.part/$(dirname "$1")"
	head -c "$2" "$3" >"c/raw/n/.part/$1"
	archive c n "$URL"
	: >n.log
	wx-pull -a c --json >out 2>err || fail "$? $(cat out err)"
	same c
}
first() { grep "^get /sd/$1" n.log | head -n 1; }
hostile n
part b1/1.wav 5001 n/b1/1.wav
[ "$(first b1/1.wav)" = "get /sd/b1/1.wav 5001" ] || fail "part: $(cat n.log)"
grep -q '"resumed_bytes":5001' out || fail "part: $(cat out)"
part b1/1.wav 5001 n/b1/2.wav
[ "$(first b1/1.wav)" = "get /sd/b1/1.wav 0" ] || fail "another's part: $(cat n.log)"
part b1/1.wav 12044 n/b1/1.wav # complete, but for its commit
! grep -q '^get /sd/b1/1.wav' n.log || fail "whole: $(cat n.log)"
hostile n nohash
part b1/1.wav 5001 n/b1/1.wav
[ "$(first b1/1.wav)" = "get /sd/b1/1.wav 0" ] || fail "part, no hash: $(cat n.log)"

# Without a digest in the index the node's own is asked for, and one that is
# there and wrong is not let through.
node m 20044 b1/1.wav
sed -i 's/"c":"[0-9a-f]*",//' m/index.jsl
hostile m
archive d m "$URL"
wx-pull -a d >out 2>err || fail "no digest: $? $(cat out err)"
grep -q '^hash /sd/b1/1.wav 0$' m.log || fail "no digest: $(cat m.log)"
grep -q '"verified":"crc32"' d/raw/m/journal.jsonl || fail "no digest: $(cat d/raw/m/journal.jsonl)"
part=$(head -c 5000 m/b1/1.wav | wc -c)
rm -rf d && mkdir -p d/raw/m/.part/b1 && head -c "$part" m/b1/1.wav >d/raw/m/.part/b1/1.wav
archive d m "$URL"
wx-pull -a d --json >out 2>err || fail "no digest, part: $? $(cat out err)"
grep -q '"resumed_bytes":5000' out || fail "no digest, part: $(cat out)"
cmp m/b1/1.wav d/raw/m/b1/1.wav || fail "no digest"

# Nor is a hash waited for of what is not what the index tells.
hostile m vast
rm -rf d && archive d m "$URL"
status 4 timeout 20 wx-pull -a d >out 2>err
grep -q '^wx-pull: m: b1/1.wav: 4611686018427387904 bytes on the node, 20044 in its index$' err || fail "vast: $(cat err)"

# What cannot be had is named, the rest comes.
refused() { # FAULT TEXT
	rm -rf e
	hostile n "$1"
	archive e n "$URL"
	status 4 wx-pull -a e --timeout 0.6 >out 2>err
	grep -q "^wx-pull: n: $2" err || fail "$1: $(cat err)"
}
refused nodata 'b1/1.wav: answered without what was asked for$'
refused textdata 'b1/2.wav: answered without what was asked for$'
refused len 'b1/1.wav: 13044 bytes on the node, 12044 in its index$'
[ -f e/raw/n/b1/0.wav ] && [ ! -e e/raw/n/b1/1.wav ] || fail "len"
refused silent 'no answer in 1 s: is it on, in reach, and is its address right?$'
refused log 'bytes come, but no answer: does it speak SMP here?$'
rm -f n/index.jsl
refused rc 'it has no index.jsl in /sd, /lfs or /$'

# A name too long for its buffer; a node that then answers the next one.
long=b1/$(printf 'x%.0s' $(seq 120)).wav
node k 20044 "$long" b1/2.wav
hostile k small
archive k1 k "$URL"
status 4 wx-pull -a k1 --timeout 0.6 >out 2>err
grep -q 'wav: no answer to a request of this length: its name is too long for the node$' err || fail "small: $(cat err)"
cmp k/b1/2.wav k1/raw/k/b1/2.wav || fail "small"

# Nobody there; no such address.
kill "$HOSTILE"
wait "$HOSTILE" 2>/dev/null
status 4 wx-pull -a k1 --timeout 1 >out 2>err
grep -q "^wx-pull: k: Failed to connect to 127.0.0.1 " err || fail "nobody: $(cat err)"
for f in smp:tcp://localhost smp:tcp://::1:2000 smp:udp://h:99999 smp:/dev/x?speed=9600 smp:port; do
	archive k2 k "$f"
	status 3 wx-pull -a k2 >out 2>err
	grep -q "^wx-pull: k: '.*': expected " err || fail "$f: $(cat err)"
done
exit 0
