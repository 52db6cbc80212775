# SPDX-License-Identifier: MIT
"""A node that does to wx-pull what real ones and their networks do.

    hostile_node.py DIR

serves DIR under /cap/ on a free port of 127.0.0.1 and writes
"http://127.0.0.1:PORT/cap/" to DIR.url once it listens (https with a
certificate and key in DIR.pem). DIR.clock holds its boot number, if it has a
clock; DIR.token the bearer token it asks for, if any; DIR.info its answer to
"info"; with DIR.trickle its index comes byte by byte,
with DIR.stuck only its beginning does, each time. The name of a file
says what goes wrong with it: the word before the first '-' or '.' of its last
part. One line a request goes to DIR.log:

    METHOD NAME STATUS BYTES_SENT RANGE
"""
import os
import re
import socket
import ssl
import struct
import sys
import threading
import time
import zlib

ROOT = sys.argv[1]
LOG = open(ROOT + ".log", "a", buffering=1)
LOCK = threading.Lock()
SEEN = {}
BOOT = time.monotonic()
TLS = None
if os.path.exists(ROOT + ".pem"):
    TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    TLS.load_cert_chain(ROOT + ".pem")


def count(name):
    with LOCK:
        SEEN[name] = SEEN.get(name, 0) + 1
        return SEEN[name]


class Conn:
    def __init__(self, sock):
        self.sock, self.sent = sock, 0

    def head(self, status, fields):
        text = f"HTTP/1.1 {status} X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items())
        self.sock.sendall(text.encode() + b"\r\n")

    def body(self, data):
        self.sock.sendall(data)
        self.sent += len(data)

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


def answer(conn, method, path, fields):
    """Returns (status, keep the connection)."""
    name = path.split("?")[0].removeprefix("/cap/")
    name = re.sub("%([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), name)
    if name == "clock":
        if not os.path.exists(ROOT + ".clock"):
            conn.head(404, {"Content-Length": 0})
            return 404, True
        us = int((time.monotonic() - BOOT) * 1e6) + 10**9
        text = '{"b":%s,"m2":%d,"m3":%d,"s":"none"}' % (open(ROOT + ".clock").read().strip(), us, us)
        conn.head(200, {"Content-Length": len(text)})
        conn.body(text.encode())
        return 200, True
    if name == "info" and os.path.exists(ROOT + ".info"):
        text = open(ROOT + ".info", "rb").read()
        conn.head(200, {"Content-Length": len(text)})
        conn.body(text)
        return 200, True
    file = os.path.join(ROOT, name)
    if os.path.exists(ROOT + ".token"):
        if fields.get("authorization") != "Bearer " + open(ROOT + ".token").read().strip():
            conn.head(401, {"Content-Length": 0})
            return 401, True
    if not os.path.isfile(file):
        conn.head(404, {"Content-Length": 9})
        conn.body(b"not found")
        return 404, True
    data = open(file, "rb").read()
    etag = '"%08x-%d"' % (zlib.crc32(data), len(data))
    if method == "DELETE":
        if fields.get("if-match") != etag:
            status = 412 if "if-match" in fields else 428
            conn.head(status, {"Content-Length": 0})
            return status, True
        os.unlink(file)
        conn.head(204, {})
        return 204, True
    fault = re.split("[-.]", os.path.basename(name))[0]
    n = count(name)
    first = n == 1
    m = re.fullmatch(r"bytes=(\d+)-", fields.get("range", ""))
    start = int(m[1]) if m else 0
    out = {"ETag": etag, "Accept-Ranges": "bytes"}

    if fault in ("hang", "stuck") and n > 4:  # the next pull need not wait so long
        conn.head(501, {"Content-Length": 0})
        return 501, True
    if fault == "hang":
        time.sleep(30)
        return 0, False
    if fault == "busy" and first:
        conn.head(503, {"Content-Length": 0})
        return 503, True
    if fault == "moved":
        conn.head(302, {"Location": "/cap/good-1.wav", "Content-Length": 0})
        return 302, True
    if fault == "html":
        text = (b"<html><body>Log in to the camera</body></html>" * 9000)[:len(data)]
        conn.head(200, {"Content-Type": "text/html", "Content-Length": len(text)})
        conn.body(text)
        return 200, True
    stuck = fault == "stuck" or name == "index.jsl" and os.path.exists(ROOT + ".stuck")
    if stuck:  # breaks off, and knows of no ranges to go on with
        conn.head(200, {"Content-Length": len(data)})
        conn.body(data[:5600])
        return 200, False
    if fault == "packed":
        out["Content-Encoding"] = "gzip"
    if fault == "flipped" or (fault == "flippedonce" and first):
        data = data[:-1] + bytes([data[-1] ^ 1])
    if fault == "short":  # a whole answer, of half the file
        data = data[:len(data) // 2]
    if fault == "badrepr":
        out["Repr-Digest"] = "sha-256=:" + "A" * 43 + "=:"
    if fault == "nginx":  # looks like CRC32-LENGTH, is MTIME-LENGTH in hex
        out["ETag"] = etag = '"66a1b2c3-%x"' % len(data)
    if fault == "changed" and not first:  # other bytes, If-Range ignored
        if start:
            out["ETag"] = '"other"'
            data = b"\xff" * len(data)
            fields.pop("if-range", None)
        else:
            etag = out["ETag"] = '"newer"'
    if fields.get("if-none-match") == etag:
        conn.head(304, {"ETag": etag})
        return 304, True
    if start and fields.get("if-range", etag) != etag:
        start, m = 0, None
    if start and fault == "refuse416" and n == 2 or start > len(data):
        conn.head(416, {"Content-Range": f"bytes */{len(data)}", "Content-Length": 6})
        conn.body(b"range?")
        return 416, True
    if start and fault == "early":  # from before the offset asked for
        start -= 1000
    if start and fault == "gap":
        start += 1000
    if start and fault == "norange":
        out["Content-Length"] = len(data) - start
        conn.head(206, out)
        conn.body(data[start:])
        return 206, True

    status = 206 if m and start else 200
    if status == 206:
        out["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
    part = data[start:]
    if fault in ("toolong", "nolength", "nolengthcut", "gluedonce"):
        if fault == "toolong" or (fault == "gluedonce" and first):
            part += b"x" * 100000
        if fault == "nolengthcut" and first:
            part = part[:len(part) // 2]
        conn.head(status, dict(out, Connection="close"))
        conn.body(part)
        return status, False
    out["Content-Length"] = len(part)
    conn.head(status, out)
    if fault in ("cut", "early", "gap", "refuse416", "norange", "changed", "nginx") and (first or fault == "cut"):
        conn.body(part[:10000])
        return status, len(part) <= 10000
    if fault == "reset" and first:
        conn.body(part[:10000])
        time.sleep(0.05)
        conn.reset()
        return status, False
    if fault == "trickle" or name == "index.jsl" and os.path.exists(ROOT + ".trickle"):
        for i in range(0, len(part), 400):  # too much to be silent, too little to get there
            time.sleep(0.25)
            conn.body(part[i:i + 400])
        return status, True
    if fault == "slow":
        for i in range(0, len(part), 8192):
            time.sleep(0.02)
            conn.body(part[i:i + 8192])
        return status, True
    if fault == "stall" and first:
        conn.body(part[:10000])
        time.sleep(30)
        return status, False
    conn.body(part)
    if fault == "glued":  # late enough for the next request to get it
        time.sleep(0.02)
        conn.body(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
        return status, False
    return status, True


def serve(sock):
    rest = b""
    keep = True
    try:
        if TLS:
            sock = TLS.wrap_socket(sock, server_side=True)
        while keep:
            while b"\r\n\r\n" not in rest:
                more = sock.recv(65536)
                if not more:
                    return
                rest += more
            head, rest = rest.split(b"\r\n\r\n", 1)
            lines = head.decode("latin-1").split("\r\n")
            method, path, _ = lines[0].split(" ")
            fields = {k.lower(): v.strip() for k, v in (s.split(":", 1) for s in lines[1:])}
            conn = Conn(sock)
            status, sent = "-", 0
            try:
                status, keep = answer(conn, method, path, fields)
            finally:
                LOG.write(f"{method} {path[5:]} {status} {conn.sent} {fields.get('range', '-')}\n")
    except OSError:
        pass
    finally:
        sock.close()


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    with open(ROOT + ".url.part", "w") as f:
        f.write(f"http{'s' if TLS else ''}://127.0.0.1:{listener.getsockname()[1]}/cap/\n")
    os.rename(ROOT + ".url.part", ROOT + ".url")
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve, args=(sock,), daemon=True).start()


main()
