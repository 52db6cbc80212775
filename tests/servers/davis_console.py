#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A Davis console on a pty: wakes, sends LOOP and LOOP2 packets, dumps its
archive. Written after the Vantage Serial Communication Reference alone.

davis_console.py LINK [--records FILE] [--bad-page N] [--lost-page N]
    [--packets N] [--bad-packet N] [--old] [--asleep N] [--log FILE]

LINK         becomes a link to the pty
--records    the archive, records of 52 bytes
--bad-page   the Nth page that is sent has a wrong CRC
--lost-page  the Nth lacks 30 bytes
--packets    so many a command, at most; one each 20 ms
--bad-packet the Nth packet of all has a wrong CRC
--old        does not know LPS
--asleep     hears the Nth wake first
--log        what it was asked, a line each
"""
import argparse
import os
import pty
import select
import struct
import tty

ap = argparse.ArgumentParser()
ap.add_argument("link")
ap.add_argument("--records")
ap.add_argument("--bad-page", type=int, default=0)
ap.add_argument("--lost-page", type=int, default=0)
ap.add_argument("--packets", type=int, default=10**9)
ap.add_argument("--bad-packet", type=int, default=0)
ap.add_argument("--old", action="store_true")
ap.add_argument("--asleep", type=int, default=1)
ap.add_argument("--log", default=os.devnull)
a = ap.parse_args()
log = open(a.log, "a", buffering=1)
master, slave = pty.openpty()
tty.setraw(slave)
if os.path.lexists(a.link):
    os.unlink(a.link)
os.symlink(os.ttyname(slave), a.link)

ACK, NAK, ESC = b"\x06", b"\x21", b"\x1b"


def crc(data):
    c = 0
    for b in data:
        c ^= b << 8
        for _ in range(8):
            c = (c << 1 ^ 0x1021 if c & 0x8000 else c << 1) & 0xFFFF
    return c


def seal(data, bad=False):
    return data + struct.pack(">H", crc(data) ^ bad)


def get(n, timeout):
    """Up to n bytes; fewer when nothing comes in time."""
    got = b""
    while len(got) < n and select.select([master], [], [], timeout)[0]:
        got += os.read(master, n - len(got))
    return got


n_packets = 0
day_clicks = 17


def packet(loop2):
    """99 bytes; of every tenth packet on, one click more."""
    global n_packets, day_clicks
    n_packets += 1
    day_clicks += n_packets % 10 == 0
    p = bytearray(b"\xff" * 97)
    p[0:5] = b"LOO\0" + bytes([loop2])
    struct.pack_into("<H", p, 7, 29900)
    struct.pack_into("<h", p, 12, 612)
    p[14] = n_packets % 20
    struct.pack_into("<H", p, 16, 1 + n_packets % 360)
    p[33] = 71
    struct.pack_into("<H", p, 50, day_clicks)
    struct.pack_into("<H", p, 52, 3)
    struct.pack_into("<H", p, 54, 2 if loop2 else 400 + day_clicks)
    p[95:97] = b"\n\r"
    return seal(bytes(p), n_packets == a.bad_packet)


def stream(kinds, n):
    for i in range(min(n, a.packets)):
        kind = kinds == 2 or (kinds == 3 and i % 2)
        os.write(master, packet(int(kind)))
        if select.select([master], [], [], 0.02)[0]:
            return  # any byte ends it


n_pages = 0


def page(seq, records):
    global n_pages
    n_pages += 1
    p = seal(bytes([seq & 255]) + b"".join(records) + b"\0\0\0\0", n_pages == a.bad_page)
    assert len(p) == 267, len(p)
    return p[:100] + p[130:] if n_pages == a.lost_page else p


def archive():
    data = open(a.records, "rb").read()
    return [data[i:i + 52] for i in range(0, len(data), 52)]


def dump():
    os.write(master, ACK)
    date = get(6, 5)
    if len(date) < 6 or crc(date):
        os.write(master, b"\x18")
        return
    ring = archive()
    log.write("after %s\n" % date[:4].hex())
    same = [i for i, r in enumerate(ring) if r[:4] == date[:4]]
    start = same[0] + 1 if same else 0  # an hour that was twice: the first one
    if start >= len(ring):
        os.write(master, ACK + seal(struct.pack("<HH", 0, 0)))
        return
    begin = start // 5
    ring += [b"\xff" * 52] * (-len(ring) % 5)
    count = len(ring) // 5 - begin
    os.write(master, ACK + seal(struct.pack("<HH", count, start % 5)))
    answer = get(1, 5)
    i = 0
    while answer in (ACK, NAK):
        if answer == NAK:
            log.write("nak\n")
            i -= 1
        if i == count:
            break
        at = (begin + i) * 5
        os.write(master, page(i, ring[at:at + 5]))
        i += 1
        if i == count and not select.select([master], [], [], 0.5)[0]:
            break
        answer = get(1, 5)
    log.write("dumped\n")


line = b""
n_wakes = 0
while True:
    c = os.read(master, 1)
    if c != b"\n":
        line = (line + c)[-40:]
        continue
    words = line.decode("latin-1").split()
    line = b""
    if not words:
        n_wakes += 1
        if n_wakes >= a.asleep:
            os.write(master, b"\n\r")
        continue
    log.write(" ".join(words) + "\n")
    if words[0] == "LPS" and not a.old:
        os.write(master, ACK)
        stream(int(words[1]), int(words[2]))
    elif words[0] == "LOOP":
        os.write(master, ACK)
        stream(1, int(words[1]))
    elif words[0] == "DMPAFT" and a.records:
        dump()
    else:
        os.write(master, b"\n\r\x21\n\r")
