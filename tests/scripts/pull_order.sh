#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which files come first, and which not now: by age, by size, by the battery,
# by the room on the disk; and a node that trickles ends with its time.
set -u
. "$TOP/tests/scripts/pull.bash"

# wavs DIR.log: what was fetched, in that order
wavs() { awk '$1 == "GET" && $2 ~ /wav$/ { print $2 }' "$1" | tr '\n' ' '; }

node n 30044 b1/1.wav
node t 20044 b1/2.wav && cp t/b1/2.wav n/b1/ && cat t/index.jsl >>n/index.jsl
node u 25044 b1/3.wav && cp u/b1/3.wav n/b1/ && cat u/index.jsl >>n/index.jsl
printf 'm,air_temp_degc\n1,20\n' >n/b1/env.csv
echo '{"n":"b1/env.csv","l":22,"st":"open"}' >>n/index.jsl
echo 3 >n.clock
serve n
for order in '' oldest newest smallest; do
	case $order in
	newest) want='b1/3.wav b1/2.wav b1/1.wav ' ;;
	smallest) want='b1/2.wav b1/3.wav b1/1.wav ' ;;
	*) want='b1/1.wav b1/2.wav b1/3.wav ' ;;
	esac
	fresh_log n
	archive "a$order" n "$URL" ${order:+"\"order\":\"$order\""}
	status 0 wx-pull -a "a$order" -j 1 >out 2>err
	[ "$(wavs n.log)" = "$want" ] || fail "order '$order': $(wavs n.log)"
done

# The battery: well; near its limit, then the smallest come first; below it,
# then nothing but what is small and says most.
battery() { # V STATUS
	echo "{\"id\":\"n\",\"vbat\":$1}" >n.info
	rm -rf b
	archive b n "$URL" '"min_battery_v":3.4,"order":"newest"'
	fresh_log n
	status "$2" wx-pull -a b -j 1 --json >out 2>err
}
battery 3.9 0
[ "$(wavs n.log)" = 'b1/3.wav b1/2.wav b1/1.wav ' ] || fail "3.9 V: $(wavs n.log)"
grep -q '"battery_v":3.9[,}]' out || fail "3.9 V: $(cat out)"
battery 3.45 0
[ "$(wavs n.log)" = 'b1/2.wav b1/3.wav b1/1.wav ' ] || fail "3.45 V: $(wavs n.log)"
battery 3.31 4
[ -z "$(wavs n.log)" ] || fail "3.31 V: $(wavs n.log)"
grep -q 'battery is at 3.31 V, below the 3.40 V' err || fail "3.31 V: $(cat err)"
grep -q '"left":3,.*"exchanges":16,' out || fail "3.31 V: $(cat out)"
fits pull-line out
cmp n/b1/env.csv b/raw/n/b1/env.csv || fail "3.31 V: env.csv"
cmp n/index.jsl b/raw/n/index.jsl || fail "3.31 V: index"
rm n.info # a node that tells nothing is pulled from all the same
rm -rf b && archive b n "$URL" '"min_battery_v":3.4'
status 0 wx-pull -a b >out 2>err
grep -q 'does not tell its battery' err && grep -q '^n: 3 new' out || fail "no info: $(cat out err)"

# No disk holds this one; the others come, and the message says how much.
node big b1/1.wav b1/2.wav b1/3.wav
sed -i '/2.wav/s/"l":60044/"l":9000000000000000/' big/index.jsl
serve big
archive c n "$URL"
status 4 wx-pull -a c --json >out 2>err
grep -q '"new":2,.*"no_room":1,"no_room_bytes":9000000000000000,' out || fail "room: $(cat out)"
grep -q '^wx-pull: n: 1 files of 9000000000.0 MB do not fit.*: free [0-9.]* MB more' err || fail "room: $(cat err)"
grep -q '2.wav' big.log && fail "room: asked for"
[ -e c/raw/n/b1/3.wav ] || fail "room: 3.wav"

# A node that sends just enough not to be silent.
node s b1/1.wav b1/trickle.wav
serve s
archive d n "$URL"
SECONDS=0
status 4 wx-pull -a d --timeout 5 --max-time 2 >out 2>err
[ $SECONDS -lt 5 ] || fail "trickle: took $SECONDS s"
grep -q 'its 2 s are over' err || fail "trickle: $(cat err)"
grep -q '^n: 1 new .*1 left; stopped early$' out || fail "trickle: $(cat out)"
[ -s d/raw/n/.part/b1/trickle.wav ] || fail "trickle: nothing to go on from"
touch s.trickle
rm -rf d/raw
SECONDS=0
status 4 wx-pull -a d --timeout 5 --max-time 2 >out 2>err
[ $SECONDS -lt 5 ] || fail "trickle, index: took $SECONDS s"

# One whose answer breaks off at the same place whenever it is asked.
mv s.trickle s.stuck
for i in $(seq 200); do sed -n 1p s/index.jsl; done >>s/index.jsl
status 4 wx-pull -a d >out 2>err
grep -q '^wx-pull: n: transfer closed' err || fail "stuck, index: $(cat err)"
exit 0
