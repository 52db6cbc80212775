# SPDX-License-Identifier: MIT
# wx-pull of a node over SMP on a pty: as fast as both ends can, against 5 MB/s;
# and on a line of 921600 baud, against what a program could do that asks, waits
# and asks again without losing any time: the bytes of all questions and answers
# on the wire, 10 bits each.
unpaced=10 paced=1 # files of 500 kB
names() { seq -f 'b1/%g.wav' "$1"; }
"$PYTHON" "$TOP/tests/servers/make_node.py" many 500044 $(names $unpaced) || exit 1
"$PYTHON" "$TOP/tests/servers/make_node.py" few 500044 $(names $paced) || exit 1

# bound NODE BAUD: seconds of all questions and answers, in chunks of 2 KiB
bound() {
	"$PYTHON" - "$TOP/tests/servers" "$@" <<'P'
import os, sys
sys.path.insert(0, sys.argv[1])
from smp_ask import dumps
def wire(packet, rest):
    left, room, n = 2 + packet + 2, 93, 0
    while left > 0:
        cut = min(left, room)
        n, left, room = n + 3 + (cut + 2) // 3 * 4, left - cut, rest
    return n
total = 0
for folder, _, files in os.walk(sys.argv[2]):
    for name in (f for f in files if f.endswith("wav")):
        size = os.path.getsize(f"{folder}/{name}")
        for off in range(0, size, 2048):
            ask = {"off": off, "name": f"/sd/b1/{name}"}
            data = {"off": off, "data": bytes(min(2048, size - off))}
            total += wire(8 + len(dumps(ask)), 93) + wire(8 + len(dumps(data)) + 1, 90)
print(total * 10 / int(sys.argv[3]))
P
}

# pull NODE ASKED NAME SECONDS FAULT...
pull() {
	node=$1 asked=$2 name=$3 ref=$4
	shift 4
	wx-sim --serve "$node" --smp-serial "$node" "$@" >served 2>/dev/null &
	server=$!
	trap 'kill $server' EXIT
	until [ -s served ]; do sleep 0.1; done
	rm -rf a && mkdir a
	echo '{"site":"t","stations":[],"nodes":[{"id":"n","source":"'"$(cut -d ' ' -f 2 served)"'"}]}' >a/site.json
	pairs "$name" "$asked" "env LD_PRELOAD=$B/tests/ptyport.so wx-pull -q -a a" "sleep $ref" "rm -rf a/raw" : || exit 1
	[ "$(cat a/raw/n/b1/*.wav | wc -c)" = "$(cat "$node"/b1/*.wav | wc -c)" ] || {
		echo "$name: not all came"
		exit 1
	}
	kill $server
	wait $server
	trap - EXIT
}
pull many '>= 1' 'smp, to 5 MB/s' "$((unpaced * 500044 * 2 / 10000))e-3"
pull few '>= 0.8' 'smp, to a line of 921600 baud' "$(bound few 921600)" --fault pace:921600
