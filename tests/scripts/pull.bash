# SPDX-License-Identifier: MIT
# Sourced by the tests of wx-pull: nodes to pull from, an archive to fill.
PY=/usr/bin/python3
PIDS=
trap 'kill $PIDS 2>/dev/null; wait 2>/dev/null' EXIT

fail() { echo "FAILED: $*"; exit 1; }

# node DIR NAME...: captures and index in DIR
node() { "$PY" "$TOP/tests/servers/make_node.py" "$@" || fail "make_node $*"; }

# serve DIR: the hostile node; its address is in $URL, its requests in DIR.log
serve() {
	rm -f "$1.url"
	: >>"$1.log"
	"$PY" "$TOP/tests/servers/hostile_node.py" "$1" &
	PIDS="$PIDS $!"
	for _ in $(seq 200); do
		[ -e "$1.url" ] && break
		sleep 0.05
	done
	URL=$(cat "$1.url") || fail "the server did not start"
}

# archive DIR ID SOURCE [EXTRA]...: DIR/site.json; EXTRA is more of the node
archive() {
	mkdir -p "$1"
	echo "{\"site\":\"t\",\"stations\":[],\"nodes\":[{\"id\":\"$2\",\"source\":\"$3\"${4:+,$4}}]}" >"$1/site.json"
}

# status N COMMAND...: it must exit with N
status() {
	local want=$1 is=0
	shift
	"$@" || is=$?
	[ "$is" = "$want" ] || fail "exit status $is, expected $want: $*"
}

# fits SCHEMA FILE: each line of it
fits() {
	"$PY" - "$TOP/schemas/$1.schema.json" "$2" <<'P' || fail "$2: not as $1"
import json, jsonschema, sys
v = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
for line in open(sys.argv[2]):
    v.validate(json.loads(line))
P
}

# bytes_sent LOG NAME: of its bodies, over all requests
bytes_sent() { awk -v n="$2" '$2 == n { s += $4 } END { print s + 0 }' "$1"; }
requests() { awk -v n="$2" '$2 == n { s++ } END { print s + 0 }' "$1"; }

# fresh_log NODE: empty NODE.log, once the node has logged what it sent: it may
# do so after we have it.
fresh_log() {
	local n seen=-1

	while n=$(wc -l <"$1.log") && [ "$n" != "$seen" ]; do
		seen=$n
		sleep 0.3
	done
	: >"$1.log"
}

# play OPTION... DIR: wx-sim's nodes, from here on; the first one's address is
# in $URL, all of them in play.out, what it says in play.err.
play() {
	: >play.out
	wx-sim "${@:1:$#-1}" --serve "${!#}" >play.out 2>play.err &
	PLAY=$!
	PIDS="$PIDS $PLAY"
	for _ in $(seq 200); do
		[ -s play.out ] && break
		sleep 0.05
	done
	read -r _ URL <play.out || fail "wx-sim did not start: $(cat play.err)"
}

# stop: the nodes of the last play
stop() { kill "$PLAY" && wait "$PLAY"; }

# "${SERIAL[@]}" COMMAND...: with ptys for serial ports
SERIAL=(env "LD_PRELOAD=$B/tests/ptyport.so" "ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0")

# got FILE...: of play.err, how many bytes of WAV files were sent
got() { awk '$3 == "get" && $4 ~ /wav$/ { s += substr($6, 2) } END { print s + 0 }' "$@"; }
