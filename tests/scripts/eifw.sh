#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Boards with Edge Impulse firmware (tests/servers/eifw_board.py) through
# wx-pull: every dialect and speed bit by bit, with a start that is as right as
# it says, sound and air made of it; bad lines; and no secret anywhere.
set -u
BOARD="/usr/bin/python3 $TOP/tests/servers/eifw_board.py"
SHIM=$B/tests/ptyport.so
PIDS=
trap 'kill $PIDS 2>/dev/null' EXIT
fail() { echo "$1: $2"; cat "$1/out" "$1/err" 2>/dev/null; exit 1; }

# begin NAME 'RECORD' BOARD-OPTION...: a board, and a site of it in ./NAME
begin() {
	local name=$1 record=$2 i
	shift 2
	mkdir "$name"
	$BOARD --keep "$name/keep" "$@" >"$name/addr" &
	PIDS="$PIDS $!"
	for i in $(seq 200); do [ -s "$name/addr" ] && break; sleep 0.05; done
	printf '{"site":"s","nodes":[{"id":"b","source":"eifw:%s","record":%s}],"stations":[]}' \
		"$(cat "$name/addr")" "$record" >"$name/site.json"
}
# A sanitizer wants to be the first library that is loaded.
pull() { # NAME [OPTION...]
	local name=$1
	shift
	ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" LD_PRELOAD=$SHIM \
		wx-pull -a "$name" "$@" >"$name/out" 2>"$name/err"
}
# Every sample as the board kept it, and dated within its own error.
exact() { # NAME SAMPLES
	/usr/bin/python3 - "$1" "$2" <<'P' || fail "$1" "not what the board recorded"
import json, sys
name, want = sys.argv[1], int(sys.argv[2])
kept = dict(reversed(l.split()) for l in open(name + "/keep"))
lines = [json.loads(l) for l in open(name + "/raw/b/journal.jsonl")]
lines = [j for j in lines if "n" in j]
assert len(lines) == want, lines
for j in lines:
    began = float(kept[open(name + "/raw/b/" + j["n"], "rb").read().hex()])
    says = j["says"]
    event = says["ev"][0]
    assert says["from"] == "host" and event["ev"] == "sync" and event["m"] == 0, says
    assert event["utc"] == says["r0"], says
    assert 20 <= event["e"], event
    # A busy machine may let both sides wait; that is no error of the node's.
    assert abs(says["r0"] / 1e6 - began) <= event["e"] / 1e3 + 2, (says, began)
P
}
no_secret() {
	if grep -rIlaE '5ecre7c0|hunter2|fed5311dead' "$1/out" "$1/err" "$1/raw" \
		"$1/site.json"; then
		fail "$1" "a secret is shown"
	fi
}
good() { # NAME SAMPLES
	pull "$1" -v || fail "$1" "status $?"
	exact "$1" "$2"
	no_secret "$1"
}

# Boards do not wait for one another: all tests run side by side.
JOBS=
also() { "$@" & JOBS="$JOBS $!"; }

# ---- dialects and speeds ----
one='{"length_s":1}' four='{"length_s":4}'
begin fw53 '{"length_s":1,"samples":2}'
begin fwesp "$one" --dialect fwesp
begin tcp "$one" --tcp
begin fast "$one" --baud 1000000
begin fastesp "$one" --dialect fwesp --baud 921600
begin hex "$one" --dialect old
begin file "$one" --dialect mid
begin air '{"sensor":"Environment","length_s":30}'
for n in fwesp tcp fast fastesp hex file; do also good $n 1; done

# ---- its configuration, with its secrets kept ----
begin shown "$one" --tcp
shown() {
	local source
	source=eifw:$(cat shown/addr)
	mkdir shown/raw
	wx-pull --probe "$source" >shown/out 2>shown/err || fail shown "status $?"
	no_secret shown
	for want in '  board       NORDIC_THINGY53' \
		'  sensor      Built-in microphone: 8000, 16000, 44100 Hz, up to 61 s' \
		'  config      WIFI: SSID: field:west' '  config      WIFI: Password: (set)' \
		'  config      Upload settings: Api Key: (set)' \
		'  config      Sampling parameters: HMAC key: (set)'; do
		grep -qxF "$want" shown/out || fail shown "expected: $want"
	done
	wx-pull --probe "$source" --json >shown/out 2>shown/err || fail shown "status $?"
	no_secret shown
	/usr/bin/python3 - "$TOP" <<'P' || fail shown "not as its schema"
import json, jsonschema, sys
jsonschema.validate(json.load(open("shown/out")),
                    json.load(open(sys.argv[1] + "/schemas/probe-line.schema.json")))
P
}
also shown

# ---- what lies in them; each pull records, what is here stays ----
twice() {
	local before after
	good fw53 2
	/usr/bin/python3 - <<'P' || fail fw53 "no such sound"
import glob, wave
raw = sorted(glob.glob("fw53/raw/b/*/*.cbor"))
wav = sorted(glob.glob("fw53/raw/b/*/*.wav"))
assert len(raw) == len(wav) == 2, (raw, wav)
for r, w in zip(raw, wav):
    f = wave.open(w)
    assert (f.getframerate(), f.getnchannels(), f.getsampwidth(), f.getnframes()) == (16000, 1, 2, 16000)
    assert open(r, "rb").read().endswith(f.readframes(16000)), w
P
	wx-listen -q -a fw53 && wx-align -q -a fw53 || fail fw53 "not listened to, not aligned"
	wx-align -a fw53 --explain b | grep -q 'sync  *host' || fail fw53 "not dated by the host"
	before=$(cd fw53 && find raw -name '*.cbor' -exec stat -c '%n %y %s' {} + | sort)
	pull fw53 || fail fw53 "a second pull: status $?"
	exact fw53 4
	after=$(cd fw53 && find raw -name '*.cbor' -exec stat -c '%n %y %s' {} + | sort)
	[ "$(comm -23 <(echo "$before") <(echo "$after"))" = "" ] || fail fw53 "a sample changed"
}
also twice
air() {
	good air 1
	printf '%s\n' m,air_temp_degc,rel_hum_pct,pressure_hpa \
		0,20.000,46.000,960.000 4000000,20.125,47.000,960.156 >air/want
	head -n 3 air/raw/b/*/*env.csv | cmp - air/want || fail air "no such air"
}
also air

# ---- bad lines ----
faults="garbage:0.3 lost:0.6 short:0.6 base64:0.6 char:0.01 silence:1 noline:1"
for f in $faults; do begin ${f%:*} "$four" --fault $f; done
begin cut "$one" --tcp --fault cut
begin slow "$four" --baud 230400 --fault lost:0.5
for f in $faults cut: slow:; do also good ${f%:*} 1; done

# ---- what cannot be: said, and nothing half here ----
not() { # NAME STATUS TEXT [OPTION...]
	local name=$1 want=$2 text=$3
	shift 3
	pull "$name" "$@"
	[ $? = "$want" ] || fail "$name" "status, expected $want"
	grep -qF "$text" "$name/err" || fail "$name" "expected: $text"
	no_secret "$name"
	[ -z "$(find "$name/raw" -name '*.cbor*' -not -path '*/.part/*')" ] ||
		fail "$name" "half a sample"
}
begin refuse "$one" --fault refuse
also not refuse 4 "answers AT+SAMPLESTART with 'ERR: Failed to start sampling (no memory for key (secret))'"
begin camera '{"sensor":"Camera"}'
also not camera 4 "no sensor 'Camera'; it has 'Environment', 'Built-in microphone'"
begin long '{"length_s":90}'
also not long 4 "records 61 s at most, and \"length_s\" in site.json is 90"
begin dead "$one" --fault dead
also not dead 4 "no answer" --timeout 0.2

# Killed while it records: the next pull records anew.
begin killed '{"length_s":2}'
killed() {
	local p
	pull killed & p=$!
	for i in $(seq 100); do [ -e killed/raw/b/.part ] && break; sleep 0.05; done
	sleep 0.7
	kill -9 $(pgrep -P $p) $p
	wait $p 2>/dev/null
	[ -z "$(find killed/raw -name '*.cbor' -not -path '*/.part/*' 2>/dev/null)" ] ||
		fail killed "half a sample"
	good killed 1
}
also killed

# Deleted there only if told.
begin release "$one" --dialect mid
sed -i 's/"id":"b"/"id":"b","release":true/' release/site.json
also good release 1

for j in $JOBS; do wait $j || exit 1; done
for f in garbage lost short base64 slow; do
	[ -s $f/keep.hurt ] || fail $f "the fault never was"
done
cat hex/keep.unlinked file/keep.unlinked 2>/dev/null && fail hex "deleted unasked"
[ "$(cat release/keep.unlinked)" = testing ] || fail release "not deleted there"
exit 0
