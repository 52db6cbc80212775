#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is there, without pulling: of nodes over every wire, of cards by damage,
# of serial ports; nothing is written, and what cannot be reached is told.
set -u
. "$TOP/tests/scripts/pull.bash"
# A sanitizer wants to be the first library that is loaded.
shim="ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 LD_PRELOAD=$B/tests/ptyport.so"

# A card: recordings by class of damage, dated by their names.
node card 20250619_030030.WAV DCIM/20250619_040030.wav record_7.wav
rm card/index.jsl
: >card/20250619_070030.WAV
head -c 44 card/record_7.wav >card/20250619_080030.WAV
head -c 30001 card/record_7.wav >card/20250619_090030.WAV
ln -s /etc/passwd card/20250619_100030.WAV
find . | sort >before
status 0 wx-pull --probe "dir:card" >out 2>err
grep -q '^  state       healthy 3, empty 1, header_only 1, truncated 2, part_frame 1$' out || fail "card: $(cat out)"
grep -q '^  captures    6, 0.2 MB, [0-9]* s, 1 undated$' out || fail "card: $(cat out err)"
grep -q '^  time        2025-06-19T03:00:30 to 2025-06-19T09:00:31$' out || fail "card: $(cat out)"
grep -q '^  storage     [0-9.]* [MG]B free of [0-9.]* [MG]B$' out || fail "card: $(cat out)"
grep -q '^              by its clock, whose zone nothing tells: say utc_offset in site.json$' out || fail "card: $(cat out)"
grep -q 'leads out of the card' err || fail "card: $(cat err)"
status 0 wx-pull --json --probe "dir:card" >out 2>err
fits probe-line out
grep -q '"index":false,"captures":6,.*"undated":1,"zoneless":5,.*"healthy":3' out || fail "card: $(cat out)"
# By its id, with what site.json says of it: there the zone is told.
archive a c1 "dir:$PWD/card" '"utc_offset":"+02:00"'
status 0 wx-pull -a a --probe c1 >out 2>err
grep -q '^  time        2025-06-19T01:00:30Z to ' out || fail "by id: $(cat out err)"
grep -q 'zone' out && fail "by id: $(cat out)"
[ "$(ls a)" = site.json ] || fail "a probe wrote into the archive: $(ls a)"

# Of recordings that say so: by which recorder, its zone, its battery at last;
# what it noted is no recording.
"$PY" - "$TOP/tests/servers" <<'P' || fail "cannot make a card"
import sys
sys.path.insert(0, sys.argv[1])
from make_card import *
for i, v in enumerate(("was 4.2V", "was 3.9V", "was greater than 4.9V")):
    text = comment(f"05:{i}0:00", "01/06/2026", "+2").replace("was 4.2V", v)
    put(f"moth/20260601_05{i}000.WAV", audiomoth(text, sound(1, i)))
put("moth/CONFIG.TXT", "Device ID : 24F3190361DA3578\r\n")
P
status 0 wx-pull --probe dir:moth >out 2>err
grep -q '^  captures    3, 0.0 MB, 3 s, 1 not sound$' out || fail "moth: $(cat out err)"
grep -q '^  time        2026-06-01T03:00:00Z to 2026-06-01T03:20:01Z$' out || fail "moth: $(cat out)"
grep -q '^  battery     above 4.90 V$' out && grep -q '^  recorder    24F3190361DA3578 3$' out || fail "moth: $(cat out)"
rm moth/20260601_052000.WAV
status 0 wx-pull --json --probe dir:moth >out 2>err
fits probe-line out
grep -q '"vbat":3.9}.*"recorders":{"24F3190361DA3578":2}' out || fail "moth: $(cat out)"

# Nodes over HTTP and SMP: whatever is asked, the numbers are those of the index.
wx-sim -q -o made --start 2026-06-01 --days 0.1 --nodes 4 --capture-s 10
wx-sim --serve made --smp-serial n2=port --smp-tcp n3 >served 2>/dev/null &
PIDS="$PIDS $!"
for _ in $(seq 200); do
	[ "$(grep -c . served)" = 3 ] && break
	sleep 0.05
done
[ "$(grep -c . served)" = 3 ] || fail "not served: $(cat served)"
while read -r id source; do
	[ "$source" != "smp:$PWD/port" ] || source=smp:$(readlink -f port)
	n=$(grep -c '"n":"[^"]*wav".*"st":"closed"' "made/nodes/$id/index.jsl")
	case $source in *pts*) pre=$shim ;; *) pre= ;; esac
	status 0 env $pre wx-pull --json --probe "$source" >out 2>err
	fits probe-line out
	grep -q "\"info\":{\"id\":\"$id\",\"fw\":\"wx-sim.*\"vbat\":" out || fail "$source: $(cat out err)"
	grep -q "\"index\":true,\"captures\":$n,.*\"first\":\"2026-06-01T00" out || fail "$source: $n captures: $(cat out)"
	"$PY" - "$id" <<'P' || fail "$source: clock: $(cat out)"
import json, sys
d = json.load(open("out"))
c = d["clock"]
assert c["exchanges"] >= 1 and c["err_s"] < 0.5
assert ("offset_s" in c) == (c.get("source", "none") != "none")
P
done <served
port=$(readlink -f port)

# Serial ports, and who is behind them.
export PTYPORT_LIST=$port
status 0 env $shim wx-pull --ports --json >out 2>err
fits port-line out
grep -q "^{\"port\":\"$port\",\"usb_id\":\"1a86:7523\",.*\"serial\":\"PTY.*\",\"source\":\"smp:$port\",\"info\":{\"id\":\"n2\"" out || fail "ports: $(cat out err)"
unset PTYPORT_LIST
ln -s "$port" by-id # as udev does
status 0 env $shim wx-pull --ports "$PWD/by-id" >out 2>err
grep -q "^$port .*  smp:$port  n2$" out || fail "one port: $(cat out err)"
"$PY" "$TOP/tests/servers/eifw_board.py" >board &
PIDS="$PIDS $!"
for _ in $(seq 200); do
	[ -s board ] && break
	sleep 0.05
done
port=$(cat board)
status 0 env $shim wx-pull --ports "$port" >out 2>err
grep -q "^$port .*  eifw:$port  AA:BB:CC:DD:EE:FF$" out || fail "a board: $(cat out err)"
status 0 env $shim wx-pull --probe "eifw:$port" >out 2>err
grep -q '^  captures    0, ' out || fail "a board: $(cat out err)"
"$PY" - <<'P' >closes &
import socket
with socket.create_server(("127.0.0.1", 0)) as s:
    print(s.getsockname()[1], flush=True)
    while True:
        s.accept()[0].close()
P
PIDS="$PIDS $!"
for _ in $(seq 200); do
	[ -s closes ] && break
	sleep 0.05
done
status 4 wx-pull --timeout 1 --probe "eifw:tcp://127.0.0.1:$(cat closes)" >out 2>err
grep -q 'connection was closed$\|reset by peer$' err || fail "no board: $(cat out err)"
status 4 wx-pull --ports /dev/null/x >out 2>err
grep -q 'no serial port of this computer' err || fail "no port: $(cat err)"

# What a stranger's index may do to a probe: nothing.
node n b1/1.wav b1/2.wav
{
	printf '\0\0\0\0'
	echo '{"n":"../../etc/passwd","l":5,"st":"closed"}'
	echo '{"n":"b1/3.wav","st":"open"}'
	echo '{"n":"b1/9.wav","l":1,"ns":9007199254740991,"fs":1,"r0":9000000000000000,"st":"closed"}'
	echo '{"n":"b1/3.wav","l":60044,"st":"closed"}'
	echo '{"n":"b1/3.wav","l":60044,"st":"closed"}'
	echo '{"n":"b1/4.wav","st":"open"}'
	head -c 100000 /dev/zero | tr '\0' x
	printf '\n{"ev":"boot","b":1,"m":0}\n{"ev":"sync","b":1,"m":5,"utc":1732258800125000}\n{"n":"torn'
} >>n/index.jsl
serve n
status 0 wx-pull --json --probe "$URL" >out 2>err
fits probe-line out
grep -q '"captures":4,"bytes":180133,.*"open":1,"tables":0,"refused":2,"undated":3,.*"events":{"boot":1,"sync":1}' out || fail "hostile: $(cat out)"

# What cannot be reached, spoken or understood.
touch n.trickle
SECONDS=0
status 4 wx-pull --json --timeout 5 --max-time 2 --probe "$URL" >out 2>err
[ $SECONDS -lt 5 ] || fail "trickle: $SECONDS s"
fits probe-line out
grep -q '"ok":false,.*"error":"not done after 2 s"' out || fail "trickle: $(cat out)"
status 4 wx-pull --timeout 1 --probe http://127.0.0.1:1/cap/ >out 2>err
grep -q '^wx-pull: http://127.0.0.1:1/cap/: ' err || fail "$(cat err)"
status 4 wx-pull --probe dir:nowhere >out 2>err
status 3 wx-pull --probe ftp:x >out 2>err
grep -q "'ftp:x' is no source: expected one that begins with one of http: https: smp: dir: eifw:$" err || fail "ftp: $(cat err)"
status 2 wx-pull --probe nobody >out 2>err
grep -q 'nor a node of a site.json: there is none here' err || fail "no archive: $(cat err)"
status 2 wx-pull --probe card >out 2>err
grep -q "'card' is a folder: expected dir:card$" err || fail "a folder: $(cat err)"
status 2 wx-pull --probe /dev/ttyX9 >out 2>err
grep -q 'expected smp:/dev/ttyX9 or eifw:/dev/ttyX9; wx-pull --ports /dev/ttyX9 tells which$' err || fail "a port: $(cat err)"
status 2 wx-pull --probe dir:card n1 >out 2>err
status 2 wx-pull --probe dir:card --ports >out 2>err
exit 0
