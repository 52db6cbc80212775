#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each capture comes with a fault of its own: what can be had is had, byte for
# byte; what cannot is named, and nothing of it is taken for good.
set -u
. "$TOP/tests/scripts/pull.bash"

good='good-1 good-2 cut reset busy early refuse416 flippedonce changed nginx
	nolength nolengthcut stall glued slow gap norange gluedonce'
bad='short stuck html flipped toolong moved packed badrepr hang missing'
node n $(for f in $good $bad; do echo "$f.wav"; done)
# Without a digest in the index, that of the answer counts.
sed -i '/badrepr/s/"c":"[^"]*",//' n/index.jsl
rm n/missing.wav
serve n
archive a n "$URL"

status 4 wx-pull -a a --timeout 1 --json >out 2>err
for f in $good; do
	cmp "n/$f.wav" "a/raw/n/$f.wav" || { cat err; fail "$f"; }
done
for f in $bad; do
	[ ! -e "a/raw/n/$f.wav" ] || fail "$f was taken"
	grep -q "^wx-pull: n: $f.wav: " err || { cat err; fail "$f is not named"; }
done
set -- $good
"$PY" - out $# <<'P' || fail "summary: $(cat out)"
import json, sys
d = json.load(open(sys.argv[1]))
want = {"node": "n", "ok": False, "new": int(sys.argv[2]), "failed": 7, "quarantined": 2, "gone": 1, "left": 0, "known": 0}
sys.exit({k: d[k] for k in want} != want)
P
fits pull-line out
fits journal-line a/raw/n/journal.jsonl
# What came whole, twice, and was wrong is kept where nobody takes it for good.
crc=$(sed -n 's/.*"flipped.wav".*"c":"\([^"]*\).*/\1/p' n/index.jsl)
cmp n/flipped.wav "a/raw/n/.quarantine/flipped.wav~$crc" >/dev/null && fail "flipped: right after all"
[ "$(stat -c %s "a/raw/n/.quarantine/flipped.wav~$crc")" = 60044 ] || fail "flipped: not kept"
[ -e a/raw/n/.quarantine/badrepr.wav~00000000 ] || fail "badrepr: not kept"
[ -z "$(find a/raw/n/.part -type f -empty)" ] || fail "empty part files"
# Resumed: no byte came twice.
[ "$(bytes_sent n.log cut.wav)" = 60044 ] || fail "cut.wav: $(bytes_sent n.log cut.wav) bytes sent"
[ "$(requests n.log cut.wav)" = 7 ] || fail "cut.wav: requests"
[ "$(bytes_sent n.log reset.wav)" = 60044 ] || fail "reset.wav"
# nginx's tag is not taken for a CRC, but it is good enough to resume with.
[ "$(bytes_sent n.log nginx.wav)" = 60044 ] || fail "nginx.wav"
# What the node did not have at first is asked for again, not complained of.
fresh_log n
status 4 wx-pull -a a --timeout 1 >out 2>err
grep -q ' 18 known, 2 quarantined, 1 gone, 7 failed$' out || fail "$(cat out)"
grep -q 'missing.wav' err && fail "gone is news: $(cat err)"
[ "$(requests n.log missing.wav)" = 1 ] || fail "missing.wav was not asked for"
grep -q 'flipped.wav\|badrepr' n.log && fail "what is quarantined was fetched again"
grep -q 'good-1' n.log && fail "good-1.wav was asked for again"
node tmp missing.wav && cp tmp/missing.wav n/
wx-pull -a a --timeout 1 >out 2>err
cmp n/missing.wav a/raw/n/missing.wav || fail "missing.wav came back"
# What was glued to one answer may meet a file with a fault of its own.
node q glued.wav gluedonce.wav
serve q
archive b q "$URL"
status 0 wx-pull -a b --timeout 1
cmp q/gluedonce.wav b/raw/q/gluedonce.wav || fail "glued, then glued"
exit 0
