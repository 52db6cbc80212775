#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Killed, stopped, out of room, out of time, locked out: the next run goes on
# from what is there, and ends where an undisturbed one ends.
set -u
. "$TOP/tests/scripts/pull.bash"

node n $(seq -f 'b1/slow-%02g.wav' 24) $(seq -f 'b2/good-%02g.wav' 24)
node big 1000044 slow-big.wav
cat big/index.jsl >>n/index.jsl && mv big/slow-big.wav n/
serve n
archive a n "$URL"
archive b n "$URL"
status 0 wx-pull -a b -q >/dev/null

same() { # what an undisturbed run leaves, journals and clock logs aside
	(cd a && find . -type f ! -name journal.jsonl ! -name site.json | sort | xargs sha256sum) >a.sums
	(cd b && find . -type f ! -name journal.jsonl ! -name site.json | sort | xargs sha256sum) >b.sums
	diff a.sums b.sums || fail "$1: not what an undisturbed run leaves"
}

# kill -9, over and over. What is sent twice is what was still on its way.
fresh_log n
kills=0
for ms in 100 350 250 500 150 400 300 450 200 600; do
	wx-pull -a a -q >/dev/null 2>&1 &
	pid=$!
	sleep 0.$ms
	kill -9 $pid 2>/dev/null && kills=$((kills + 1))
	wait $pid 2>/dev/null
done
[ "$kills" -ge 3 ] || fail "only $kills were killed"
status 0 wx-pull -a a -q >/dev/null
same "kill -9"
sent=$(awk '/wav/ { s += $4 } END { print s }' n.log)
size=$((48 * 60044 + 1000044))
[ "$sent" -lt $((size + size / 2)) ] || fail "$sent bytes sent for $size, $kills kills"
# Each file is in the journal once, and as it is.
[ "$(grep -o '"n":"[^"]*' a/raw/n/journal.jsonl | sort -u | wc -l)" = 49 ] || fail "journal"

# SIGTERM: ends soon, says so, keeps the part.
rm -rf a/raw
wx-pull -a a >out 2>err &
pid=$!
sleep 0.4
status 4 wx-pull -a a >/dev/null 2>err2 # locked by the first
grep -q "pull-n is in use by process $pid" err2 || fail "lock: $(cat err2)"
kill -TERM $pid
wait $pid
[ $? = 4 ] || fail "SIGTERM: exit status"
grep -q '^wx-pull: n: stopped$' err || fail "SIGTERM: $(cat err)"
grep -q 'stopped early$' out || fail "SIGTERM: $(cat out)"
[ -n "$(find a/raw/n/.part -type f)" ] || fail "SIGTERM: no part was kept"
[ -z "$(find a/.lock -type f 2>/dev/null)" ] || fail "SIGTERM: the lock stays"

# Out of time.
status 4 wx-pull -a a --max-time 1 -j 1 >out 2>err
grep -q 'its 1 s are over' err || fail "max-time: $(cat err)"
status 0 wx-pull -a a -q >/dev/null
same "SIGTERM and max-time"

# A full disk: no file may grow over 40 kB.
rm -rf a/raw
(ulimit -f 40 && exec wx-pull -a a >out 2>err)
[ $? = 4 ] || fail "full disk: exit status"
grep -q '\.part/.*: cannot write: File too large$' err || fail "full disk: $(cat err)"
[ -z "$(find a/raw -name '*.wav' ! -path '*/.part/*')" ] || fail "full disk: a file was taken"
status 0 wx-pull -a a -q >/dev/null
same "full disk"

# Nowhere to write.
rm -rf a/raw && : >a/raw
status 4 wx-pull -a a >out 2>err
grep -q 'a/raw' err || fail "no folder: $(cat err)"
rm a/raw

# Between the rename and the journal.
status 0 wx-pull -a a -q >/dev/null
hashes() { grep -o '"n":"[^"]*","l":[0-9]*,"crc":"[^"]*"\(,"sha256":"[^"]*"\)\?' a/raw/n/journal.jsonl | sort; }
hashes >hashed
head -n 20 a/raw/n/journal.jsonl >j && mv j a/raw/n/journal.jsonl
fresh_log n
status 0 wx-pull -a a >out
grep -q '0 new .* here but not journalled' out || fail "adopt: $(cat out)"
[ "$(grep -c wav n.log)" = 0 ] || fail "adopt: fetched again: $(grep wav n.log | head -3; cat out)"
[ "$(grep -o '"n":"[^"]*' a/raw/n/journal.jsonl | sort -u | wc -l)" = 49 ] || fail "adopt: journal"
hashes | diff hashed - || fail "adopt: other hashes in the journal"
same "adopt"
exit 0
