#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# wx-sim's nodes over SMP held to what a Zephyr 4.4 node answers, and to every
# clause of wx-node(7), by a client of its own: on a pty, over TCP and UDP.
set -u
. "$TOP/tests/scripts/pull.bash"
mkdir -p n/b0017
"$PY" - <<'P'
import json, zlib
wav = bytes((i * 7 + i // 251) % 256 for i in range(3000))
lines = ['{"ev":"boot","b":17,"m":0}']
for name, data, st in ("000123", wav, "closed"), ("empty", b"", "closed"), ("open", wav[:900], "open"):
    open(f"n/b0017/{name}.wav", "wb").write(data)
    lines.append(json.dumps({"n": f"b0017/{name}.wav", "l": len(data), "c": "%08x" % zlib.crc32(data), "b": 17, "st": st}))
open("n/index.jsl", "w").write("\n".join(lines) + "\n")
P
play -v --smp-serial n=port n
[ "$URL" = "smp:$PWD/port" ] || fail "address: $URL"

cat >ask.py <<'P'
import hashlib, json, os, sys, time, zlib
sys.path.insert(0, os.environ["TOP"] + "/tests/servers")
from smp_ask import Node
n = Node(sys.argv[1])
wav = open("n/b0017/000123.wav", "rb").read()
name = {"name": "/sd/b0017/000123.wav"}
def is_(what, found, expected):
    assert found == expected, f"{what}: found {found}, expected {expected}"
def error(what, args, v0, v1):
    for version, want in (0, v0), (1, v1):
        is_(f"{what}, version {version}", n.answer(*args, version=version), want)

for version in 0, 1:  # 0,0 and 0,6
    is_("echo", n.answer(2, 0, 0, {"d": "hi"}, version=version), {"r": "hi"})
size = n.answer(0, 0, 6, {})["buf_size"]
head, _, raw = n.ask(2, 0, 0, {"d": "wrap"})
is_("maps are of indefinite length", raw[8:].hex(), "bf61726477726170ff")
n.seq = 254
for seq in 255, 0, 1:
    is_("seq", n.ask(2, 0, 0, {"d": "x"})[0][4], seq)

# 8,1 stat and 8,0 download
is_("stat", n.answer(0, 8, 1, name), {"len": 3000})
is_("stat, empty", n.answer(0, 8, 1, {"name": "/sd/b0017/empty.wav"}), {"len": 0})
first = n.answer(0, 8, 0, dict(name, off=0))
is_("keys at 0", list(first), ["off", "data", "len"])
is_("len at 0", first["len"], 3000)
is_("data of a packet", len(first["data"]), min(size - 44, 3000))
is_("keys later", list(n.answer(0, 8, 0, dict(name, off=900))), ["off", "data"])
got = b""
while len(got) < 3000:
    part = n.answer(0, 8, 0, dict(name, off=len(got)))
    is_("off", part["off"], len(got))
    got += part["data"]
assert got == wav
is_("at the end", n.answer(0, 8, 0, dict(name, off=3000)), {"off": 3000, "data": b""})
is_("past the end", n.answer(0, 8, 0, dict(name, off=65536)), {"off": 65536, "data": b""})
is_("empty file", n.answer(0, 8, 0, {"name": "/sd/b0017/empty.wav", "off": 0}), {"off": 0, "data": b"", "len": 0})
missing = {"name": "/sd/nope.wav", "off": 0}
fs = lambda rc: {"err": {"group": 8, "rc": rc}}
error("missing", (0, 8, 0, missing), {"rc": 5}, fs(3))
error("outside", (0, 8, 0, dict(missing, name="/sd/../ask.py")), {"rc": 5}, fs(3))
error("other root", (0, 8, 1, {"name": "/lfs/index.jsl"}), {"rc": 5}, fs(3))
error("folder", (0, 8, 1, {"name": "/sd"}), {"rc": 1}, fs(4))
error("no name", (0, 8, 1, {}), {"rc": 3}, {"rc": 3})
error("no off", (0, 8, 0, name), {"rc": 3}, {"rc": 3})

# 8,2 hash: off is left out when 0, len is clipped
crc = zlib.crc32
is_("hash", n.answer(0, 8, 2, name), {"type": "crc32", "len": 3000, "output": crc(wav)})
is_("hash, part", n.answer(0, 8, 2, dict(name, type="crc32", off=100, len=900)),
    {"type": "crc32", "off": 100, "len": 900, "output": crc(wav[100:1000])})
is_("hash, clipped", n.answer(0, 8, 2, dict(name, type="crc32", off=2000, len=5000)),
    {"type": "crc32", "off": 2000, "len": 1000, "output": crc(wav[2000:])})
is_("sha256", n.answer(0, 8, 2, dict(name, type="sha256", off=0, len=1500)),
    {"type": "sha256", "len": 1500, "output": hashlib.sha256(wav[:1500]).digest()})
error("hash, past the end", (0, 8, 2, dict(name, off=3001)), {"rc": 1}, fs(12))
error("hash, empty", (0, 8, 2, {"name": "/sd/b0017/empty.wav"}), {"rc": 1}, fs(16))
error("hash, unknown", (0, 8, 2, dict(name, type="md5")), {"rc": 3}, fs(13))
error("hash, missing", (0, 8, 2, {"name": "/sd/nope.wav"}), {"rc": 5}, fs(3))

# What no group knows is plain {"rc":8}, to any version.
for args in (0, 65, 0, {}), (0, 8, 9, {}), (2, 8, 1, name):
    error("unknown", args, {"rc": 8}, {"rc": 8})
is_("bad map", n.ask(0, 8, 1, None, raw=b"\xff\xff")[1], {"rc": 3})
assert n.ask(0, 8, 1, {"name": "x" * (size + 1)}, timeout=0.3) is None, "longer than buf_size"
assert n.ask(1, 8, 1, name, timeout=0.3) is None, "a response was answered"

# 64,0 clock, 64,2 info, 64,1 release
c = n.answer(0, 64, 0, {"t1": 1732258800123456})
assert c["t1"] == 1732258800123456 and c["b"] >= 18 and c["m2"] <= c["m3"] and c["s"] == "none" and "r" not in c, c
is_("clock set", n.answer(2, 64, 0, {"utc": 1732258800000000}), {})
c = n.answer(0, 64, 0, {"t1": 1})
assert c["s"] == "set" and 0 <= c["r"] - 1732258800000000 < 60e6, c
is_("set without utc", n.answer(2, 64, 0, {"utc": "now"}), {"rc": 3})
i = n.answer(0, 64, 2, {})
assert i["id"] == "n" and i["rec"] == "b0017/open.wav" and 0 < i["fs_free"] <= i["fs_total"] and "fw" in i, i
r = dict(name, len=3000, crc=crc(wav))
is_("release, other crc", n.answer(2, 64, 1, dict(r, crc=1)), {"rc": 6})
is_("release, open", n.answer(2, 64, 1, {"name": "/sd/b0017/open.wav", "len": 900, "crc": crc(wav[:900])}), {"rc": 6})
is_("release, index", n.answer(2, 64, 1, dict(r, name="/sd/index.jsl")), {"rc": 11})
assert os.path.exists("n/b0017/000123.wav")
if sys.argv[2:] == ["last"]:
    is_("release", n.answer(2, 64, 1, r), {})
    assert not os.path.exists("n/b0017/000123.wav")
    is_("release again", n.answer(2, 64, 1, r), {"rc": 5})

if n.bare:
    sys.exit()
# Frames: 127, then up to 123 bytes, the CRC never in two.
for length in range(150, 440, 2):
    assert n.ask(2, 0, 0, {"d": "x" * length})
    f = n.frames
    assert f[0] == 127 and all(x == 123 for x in f[1:-2]), f
    assert f[-1] <= 123 and f[-1] != 5 and (len(f) < 3 or f[-2] in (119, 123)), f
# Text and broken frames between.
os.write(n.fd, b"help\r\n\x06\x09AAAA\n\x04\x14BBBB\n\x06\x09!!!!\n\x06")
is_("after noise", n.answer(2, 0, 0, {"d": "hi"}), {"r": "hi"})
# Closed and opened again, with half a frame left behind.
os.write(n.fd, b"\x06\x09ABQ")
n.close()
time.sleep(0.2)
n = Node(sys.argv[1])
is_("opened again", n.answer(2, 0, 0, {"d": "hi"}), {"r": "hi"})
P
"$PY" ask.py "$URL" || fail "on a pty"
grep -q '^wx-sim: n: get b0017/000123.wav 900 +2048$' play.err || fail "no trace: $(cat play.err)"
stop
[ ! -e port ] || fail "the link stays"

play --smp-tcp n n
"$PY" ask.py "$URL" || fail "over TCP"
stop
play --smp-udp n n
"$PY" ask.py "$URL" last || fail "over UDP"
stop

# Not these.
status 3 wx-sim --serve n --smp-tcp m 2>err
grep -q '^wx-sim: m: no node of that name' err || fail "$(cat err)"
: >port
status 4 wx-sim --serve n --smp-serial n=port 2>err
grep -q 'port: is there and is no link' err || fail "$(cat err)"
status 2 wx-sim --serve n --fault nonsense 2>err
grep -q '^wx-sim: --fault nonsense: no such fault, expected one of: bad-crc drop .* battery' err || fail "$(cat err)"
# The page has the same list, with the defaults.
sed -n 's/.*expected one of: //p' err | tr ' ' '\n' | sort >names
sed -n '/^\.Ss Faults/,/^\.Ss J/s/^\.It Cm \([a-z-]*\).*/\1/p' "$TOP/man/wx-sim.1" | sort | diff - names ||
	fail "wx-sim(1) lists other faults"
status 2 wx-sim --serve n --fault drop:101 2>err
grep -q 'drop:101: expected drop:P with P from 0 to 100 percent' err || fail "$(cat err)"
status 2 wx-sim --serve n --fault evil-names:3 2>err
grep -q 'expected evil-names alone' err || fail "$(cat err)"
exit 0
