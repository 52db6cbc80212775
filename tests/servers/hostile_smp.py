# SPDX-License-Identifier: MIT
"""A node over SMP/TCP that is as bad as told: hostile_smp.py DIR [FAULT]...

Serves the files of DIR below /sd, as a Zephyr does that has groups 0 and 8
alone. Its address goes to DIR.url, each request to DIR.log: CMD NAME [OFF].

  lfs         its files are below /lfs
  nohash      no command 2 of group 8;  noparams  no command 6 of group 0
  seq         before each third answer, one of another sequence number
  off         before each third part of a file, one of another offset
  twice       every answer twice
  late        each nineteenth answer comes before the next one, once that is asked
  rc          errors are {"rc":n} only, also of files
  busy        each eleventh request for a part is answered with {"rc":10}
  read        each eleventh request for a part: {"err":{"group":8,"rc":7}}
  cbor        each third answer is no CBOR
  small       no answer to a request of more than 100 bytes
  silent      no answer
  log         text only
  nodata      parts without data;  textdata  whose data is a text
  len         says each WAV is longer than it is;  nolen  does not say
  vast        each WAV is of 2^62 bytes, whose hash never comes
  empty       parts of its index have no bytes
  more        sends bytes past the length that it said
  hangup      closes the connection at each fortieth request
"""
import os
import socket
import struct
import sys
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from smp_ask import Node, dumps, loads

root, wrong = sys.argv[1], set(sys.argv[2:])
mount = "/lfs/" if "lfs" in wrong else "/sd/"
CHUNK = 400


def path_of(name):
    if name.startswith(mount) and os.path.isfile(f"{root}/{name[len(mount):]}"):
        return f"{root}/{name[len(mount):]}"
    return None


def answer(version, group, cmd, body, count):
    """The answer's map."""
    def error(rc, fs_rc):
        return {"err": {"group": 8, "rc": fs_rc}} if version and "rc" not in wrong else {"rc": rc}
    if (group, cmd) == (0, 6) and "noparams" not in wrong:
        return {"buf_size": 512, "buf_count": 4}
    if group != 8 or cmd > 2 or (cmd == 2 and "nohash" in wrong):
        return {"rc": 8}
    path = path_of(body["name"])
    if not path:
        return error(5, 3)
    with open(path, "rb") as f:
        data = f.read()
    vast = "vast" in wrong and path.endswith("wav")
    if cmd == 1:
        return {"len": 1 << 62 if vast else len(data)}
    if cmd == 2:
        off = body.get("off", 0)
        part = data[off:off + body.get("len", len(data))]
        return {"type": "crc32", "len": len(part), "output": zlib.crc32(part)}
    if count % 11 == 6 and "busy" in wrong:
        return {"rc": 10}
    if count % 11 == 6 and "read" in wrong:
        return error(1, 7)
    off = body["off"]
    out = {"off": off, "data": data[off:off + CHUNK]}
    if "more" in wrong and off + CHUNK >= len(data):
        out["data"] += b"one more line\n"
    if "nodata" in wrong and path.endswith("wav"):
        del out["data"]
    if "textdata" in wrong and path.endswith("wav"):
        out["data"] = "x" * 10
    if "empty" in wrong and path.endswith("jsl"):
        out["data"] = b""
    if vast:
        out["len"] = 1 << 62
    elif off == 0 and "nolen" not in wrong:
        out["len"] = len(data) + (1000 if "len" in wrong and data and path.endswith("wav") else 0)
    return out


class Served(Node):
    def __init__(self, sock):
        self.sock, self.fd, self.bare = sock, sock.fileno(), False
        self.rest, self.frames, self.text = b"", [], b""

    def say(self, head, doc, raw=None):
        data = dumps(doc) if raw is None else raw
        self.send(struct.pack(">BBHHBB", head[0] + 1, 0, len(data), *head[3:]) + data)


def serve(node, log, count):
    held = None
    while (packet := node.packet(60)) is not None:
        head, body = struct.unpack(">BBHHBB", packet[:8]), loads(packet[8:])
        group, seq, cmd = head[3:]
        print({(0, 6): "params", (8, 0): "get", (8, 1): "stat", (8, 2): "hash"}.get((group, cmd), f"{group},{cmd}"),
              body.get("name", "-"), body.get("off", "-"), file=log, flush=True)
        count += 1
        if "hangup" in wrong and count % 40 == 0:
            return count
        if "silent" in wrong or ("vast" in wrong and cmd == 2) or ("small" in wrong and len(packet) > 100):
            continue
        if "log" in wrong:
            node.sock.sendall(b"[00:01:02.345] <wrn> smp: what?\r\n")
            continue
        doc = answer(head[0] >> 3 & 3, group, cmd, body, count)
        if "seq" in wrong and count % 3 == 0:
            node.say(head[:4] + ((seq + 7) % 256, cmd), dict(doc, data=b"other") if "data" in doc else doc)
        if "off" in wrong and count % 3 == 0 and "data" in doc:
            node.say(head, dict(doc, off=doc["off"] + 1, data=b"other"))
        if held:
            node.say(*held)
            held = None
        if "late" in wrong and count % 19 == 0:
            held = (head, doc)
            continue
        if "cbor" in wrong and count % 3 == 0:
            node.say(head, None, b"\xbf\x63off")
            continue
        node.say(head, doc)
        if "twice" in wrong:
            node.say(head, doc)
    return count


with socket.create_server(("127.0.0.1", 0)) as listener, open(f"{root}.log", "a") as log:
    with open(f"{root}.url.part", "w") as f:
        f.write(f"smp:tcp://127.0.0.1:{listener.getsockname()[1]}")
    os.rename(f"{root}.url.part", f"{root}.url")
    n = 0
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with sock:
            try:
                n = serve(Served(sock), log, n)
            except OSError:
                pass
