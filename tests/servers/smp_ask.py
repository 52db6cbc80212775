# SPDX-License-Identifier: MIT
"""Ask a node over SMP, independently of what wxset itself speaks.

Imported by tests: Node("smp:/dev/pts/5"), Node("smp:tcp://HOST:PORT"),
Node("smp:udp://HOST:PORT"). ask() sends one request and returns (header, map,
raw) of the next packet, or None when there was none within the time.
"""
import base64
import os
import select
import socket
import struct
import time
import tty


def crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return crc


def dumps(v):
    def head(major, n):
        for i, (limit, fmt) in enumerate(((24, None), (1 << 8, ">B"), (1 << 16, ">H"), (1 << 32, ">I"))):
            if n < limit:
                return bytes([major << 5 | (n if not i else 23 + i)]) + (struct.pack(fmt, n) if fmt else b"")
        return bytes([major << 5 | 27]) + struct.pack(">Q", n)
    if isinstance(v, int):
        return head(0, v) if v >= 0 else head(1, -1 - v)
    if isinstance(v, (bytes, str)):
        data = v if isinstance(v, bytes) else v.encode()
        return head(2 if isinstance(v, bytes) else 3, len(data)) + data
    return head(5, len(v)) + b"".join(dumps(k) + dumps(x) for k, x in v.items())


def load(p, at=0):
    """Returns (value, where it ends)."""
    major, low = p[at] >> 5, p[at] & 31
    at += 1
    n = low
    if 24 <= low < 28:
        n, at = int.from_bytes(p[at:at + (1 << low - 24)], "big"), at + (1 << low - 24)
    if major == 7:
        if low in (25, 26, 27):
            return struct.unpack({25: ">e", 26: ">f", 27: ">d"}[low], p[at - (1 << low - 24):at])[0], at
        return {20: False, 21: True, 22: None}[low], at
    if major < 2:
        return (n if major == 0 else -1 - n), at
    if major < 4:
        assert low != 31 and at + n <= len(p)
        return (p[at:at + n] if major == 2 else p[at:at + n].decode()), at + n
    assert major == 5
    out = {}
    while (p[at] != 0xFF) if low == 31 else len(out) < n:
        key, at = load(p, at)
        out[key], at = load(p, at)
    return out, at + (low == 31)


def loads(p):
    v, end = load(p)
    assert end == len(p), "more than one value"
    return v


class Node:
    def __init__(self, source):
        self.seq, self.rest, self.frames, self.text = 0, b"", [], b""
        self.bare = source.startswith("smp:udp:")
        if source.startswith("smp:/"):
            self.fd = os.open(source[4:], os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.fd)
        else:
            host, port = source.split("/")[-1].split(":")
            kind = socket.SOCK_DGRAM if self.bare else socket.SOCK_STREAM
            self.sock = socket.socket(socket.AF_INET, kind)
            self.sock.connect((host, int(port)))
            self.fd = self.sock.fileno()

    def close(self):
        self.sock.close() if hasattr(self, "sock") else os.close(self.fd)

    def send(self, packet):
        if self.bare:
            os.write(self.fd, packet)
            return
        body = struct.pack(">H", len(packet) + 2) + packet + struct.pack(">H", crc16(packet))
        for i in range(0, len(body), 93):
            os.write(self.fd, (b"\x04\x14" if i else b"\x06\x09") + base64.b64encode(body[i:i + 93]) + b"\n")

    def packet(self, timeout):
        """The next packet; None: none came in time, or a broken one."""
        body, end = b"", time.monotonic() + timeout
        self.frames = []
        while True:
            while not self.bare and b"\n" in self.rest:
                line, self.rest = self.rest.split(b"\n", 1)
                if line[:2] not in (b"\x06\x09", b"\x04\x14"):
                    self.text += line + b"\n"
                    continue
                if line[:2] == b"\x06\x09":
                    body, self.frames = b"", []
                self.frames.append(len(line) + 1)
                body += base64.b64decode(line[2:])
                if len(body) >= 2 and len(body) - 2 >= struct.unpack(">H", body[:2])[0]:
                    packet, crc = body[2:-2], struct.unpack(">H", body[-2:])[0]
                    return packet if crc == crc16(packet) else None
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                return None
            try:
                more = os.read(self.fd, 65536)
            except OSError:
                return None
            if self.bare or not more:
                return more or None
            self.rest += more

    def ask(self, op, group, cmd, body, version=1, timeout=2, raw=None):
        self.seq = (self.seq + 1) % 256
        data = raw if raw is not None else dumps(body)
        self.send(struct.pack(">BBHHBB", version << 3 | op, 0, len(data), group, self.seq, cmd) + data)
        packet = self.packet(timeout)
        if packet is None:
            return None
        head = struct.unpack(">BBHHBB", packet[:8])
        assert head[2] == len(packet) - 8, "length"
        return head, loads(packet[8:]), packet

    def answer(self, *args, **more):
        """The map alone, of an answer that fits the request."""
        got = self.ask(*args, **more)
        assert got, "no answer"
        head, doc, _ = got
        assert head == (more.get("version", 1) << 3 | args[0] + 1, 0, head[2], args[1], self.seq, args[2]), head
        return doc
