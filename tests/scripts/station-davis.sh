#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A Davis console (tests/servers/davis_console.py) is asked: its archive from
# where we are, with pages that are wrong or short, and a clock that goes back
# by the hour of daylight saving; its packets.
exec /usr/bin/python3 - <<'P'
import glob, json, os, signal, struct, subprocess, time

TOP, B = os.environ["TOP"], os.environ["B"]
ENV = dict(os.environ, LD_PRELOAD=f"{B}/tests/ptyport.so",
           ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")
RUN = []


def wait(what, done):
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def site(name, fmt):
    os.makedirs(name)
    with open(f"{name}/site.json", "w") as f:
        json.dump({"site": "s", "nodes": [], "stations": [
            {"id": "vue", "format": fmt, "bucket_mm": 0.2, "zone": "Europe/Zurich"}]}, f)


def record(day, hour, minute, i):
    """Of 2026-10-DAY, local time; i makes it another one."""
    r = bytearray(b"\xff" * 52)
    struct.pack_into("<HHhhhHH", r, 0, day + 10 * 32 + 26 * 512, hour * 100 + minute,
                     600 + i, 610, 590, i % 3, 0)
    struct.pack_into("<H", r, 14, 29900)
    r[23], r[24], r[25], r[26], r[27], r[42] = 70, i % 20, i % 20 + 3, 4, i % 16, 0
    return bytes(r)


def records(first, last, day=24, i=0):
    """Each five minutes from first to last, minutes of the day."""
    return [record(day, m // 60, m % 60, i + k) for k, m in enumerate(range(first, last + 1, 5))]


def put(recs):
    with open("ring.part", "wb") as f:
        f.write(b"".join(recs))
    os.rename("ring.part", "ring")


class Console:
    def __init__(self, *options, port="port"):
        if os.path.lexists(port):
            os.unlink(port)
        self.p = subprocess.Popen(["/usr/bin/python3", f"{TOP}/tests/servers/davis_console.py", port,
                                   "--log", "asked", *options])
        RUN.append(self.p)
        wait("no console", lambda: os.path.exists(port))

    def end(self):
        self.p.kill()
        self.p.wait()


def logger(name, port="port"):
    p = subprocess.Popen(["wx-station", "-a", name, "--port", os.path.abspath(port)], env=ENV,
                         stdin=subprocess.DEVNULL, stderr=open(f"{name}.err", "ab"))
    RUN.append(p)
    return p


def end(p):
    p.send_signal(signal.SIGTERM)
    assert p.wait(60) == 0, p.returncode


def dumped(name):
    return b"".join(open(p, "rb").read() for p in sorted(glob.glob(f"{name}/station/vue/raw/live-*.dmp")))


def says(name, text):
    return text in open(f"{name}.err").read()


def asked(text):
    return open("asked").read().count(text) if os.path.exists("asked") else 0


try:
    # ---- one that does not answer, until the end ----
    site("d", "davis-loop")
    Console("--asleep", "1000000", port="deaf")
    nobody = logger("d", port="deaf")

    # ---- all there is; the first page's CRC is wrong, a later one is short ----
    site("a", "davis-archive")
    ring = records(0, 110)
    put(ring)
    c = Console("--records", "ring", "--bad-page", "1", "--lost-page", "4", "--asleep", "2")
    p = logger("a")
    wait("the archive", lambda: dumped("a") == b"".join(ring))
    assert says("a", "the CRC of a page is wrong: asked for again")
    assert asked("nak") >= 2 and asked("after 00000000") == 1, open("asked").read()
    end(p)
    c.end()

    # ---- what came meanwhile, from where we are, in the middle of a page ----
    ring += records(115, 300, i=40)
    put(ring)
    c = Console("--records", "ring")
    p = logger("a")
    wait("the rest", lambda: dumped("a") == b"".join(ring))
    assert asked("after %s" % records(110, 110)[0][:4].hex()) == 1, open("asked").read()
    end(p)
    c.end()

    # ---- in the night to the 25th, three o'clock is two o'clock again ----
    ring += records(22 * 60, 23 * 60 + 55, i=100) + records(0, 175, 25, 200)
    put(ring)
    c = Console("--records", "ring")
    p = logger("a")
    wait("the night", lambda: dumped("a") == b"".join(ring))
    end(p)
    c.end()
    ring += records(120, 150, 25, 300)
    put(ring)
    c = Console("--records", "ring")
    p = logger("a")
    wait("the hour again", lambda: dumped("a") == b"".join(ring))
    assert says("a", "the console's clock went back by 55 min"), open("a.err").read()
    end(p)
    c.end()
    # It answers what follows the first 02:30: both hours, of which all is here.
    ring += records(155, 180, 25, 400)
    put(ring)
    c = Console("--records", "ring")
    p = logger("a")
    wait("after it", lambda: dumped("a") == b"".join(ring))
    end(p)
    c.end()
    # Its memory was a round further: what is two hours old is not taken.
    old = records(60, 70, 20, 500)
    put(ring[-3:] + records(185, 190, 25, 600) + old)
    n = asked("dumped")
    c = Console("--records", "ring")
    p = logger("a")
    ring += records(185, 190, 25, 600)
    wait("the next", lambda: len(dumped("a")) >= 52 * len(ring))
    wait("all of it", lambda: asked("dumped") > n)
    assert dumped("a") == b"".join(ring)
    end(p)
    c.end()

    # ---- as tables: each record is a row, in order, an hour longer than a day ----
    subprocess.run(["wx-station", "-q", "-a", "a"], check=True)
    rows = [r.split(",") for f in sorted(glob.glob("a/station/vue/2026-*.csv"))
            for r in open(f).read().splitlines()[1:]]
    assert len(rows) == len(ring), (len(rows), len(ring))
    assert sum(int(r[2]) for r in rows) == sum(r[10] for r in ring)
    assert [r[0] for r in rows] == sorted(r[0] for r in rows)
    assert rows[-1][0] == "2026-10-25T02:10:00.000Z", rows[-1]

    # ---- packets: of a new console and of an old one; one is damaged ----
    for name, options, n in (("l", ("--bad-packet", "5"), 39), ("o", ("--old",), 40)):
        site(name, "davis-loop")
        c = Console("--packets", "40", *options)
        p = logger(name)
        lines = lambda: [l for f in sorted(glob.glob(f"{name}/station/vue/raw/live-*.log"))
                         for l in open(f).read().splitlines()]
        wait(f"{name}: packets", lambda: len(lines()) == n)
        end(p)
        c.end()
        assert says(name, "the CRC of a packet is wrong") == (name == "l")
        subprocess.run(["wx-station", "-q", "-a", name], check=True)
        rows = [r.split(",") for f in sorted(glob.glob(f"{name}/station/vue/2*.csv"))
                for r in open(f).read().splitlines()[1:]]
        assert sum(float(r[2] or 0) for r in rows) == 4, rows
        assert all(len(l) == 25 + 198 for l in lines())
    assert asked("LPS 3 200") >= 2 and asked("LOOP 200") == 1, open("asked").read()

    wait("nobody", lambda: says("d", "the console does not answer"))
    end(nobody)
    assert not glob.glob("d/station/vue/raw/*")
finally:
    for p in RUN:
        if p.poll() is None:
            p.kill()
P
