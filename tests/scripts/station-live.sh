#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A station is logged as it sends: through midnight, a pulled cable, a kill and
# what a power cut tore, without losing a complete line; by serial port, TCP,
# UDP and pipe; and what was logged is read again.
exec /usr/bin/python3 - <<'P'
import glob, json, os, pty, signal, socket, subprocess, time, tty

B = os.environ["B"]
RUN = []
SHIM = dict(os.environ, LD_PRELOAD=f"{B}/tests/ptyport.so:{B}/tests/clockshift.so",
            ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")
LIMIT = 60


def wait(what, done):
    end = time.monotonic() + LIMIT
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def site(name, fmt, **more):
    os.makedirs(name)
    station = dict({"id": "mast", "format": fmt}, **more)
    with open(f"{name}/site.json", "w") as f:
        json.dump({"site": "s", "nodes": [], "stations": [station]}, f)


def logged(name):
    """All lines, day by day."""
    found = []
    for path in sorted(glob.glob(f"{name}/station/mast/raw/live-*.log")):
        day = path[-14:-4]
        for line in open(path, "rb").read().split(b"\n")[:-1]:
            if line[:3] == b"202":
                assert line[:10].decode() == day, (path, line)
            found.append(line)
    return found


class Logger:
    def __init__(self, name, port, shift=0, stdin=None):
        self.err = open(f"{name}.err", "ab+")
        env = dict(SHIM, CLOCKSHIFT_S=str(shift))
        self.p = subprocess.Popen(["wx-station", "-a", name, "--port", port], env=env,
                                  stdin=stdin or subprocess.DEVNULL, stderr=self.err)
        RUN.append(self.p)

    def says(self, text):
        return text in open(self.err.name, "rb").read().decode()

    def end(self, sig=signal.SIGTERM):
        self.p.send_signal(sig)
        self.p.wait(LIMIT)
        return self.p.returncode


class Port:
    """A pty behind ./NAME; its cable can be pulled."""

    def __init__(self, name):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        if os.path.lexists(name):
            os.unlink(name)
        os.symlink(os.ttyname(self.slave), name)
        self.path = os.ttyname(self.slave)

    def opened(self):
        def is_open():
            # Behind $RUN it is a child's.
            for fds in glob.glob("/proc/[0-9]*/fd"):
                pid = int(fds.split("/")[2])
                if pid == os.getpid():
                    continue
                try:
                    if open(f"/proc/{pid}/cmdline").read().find("--port") < 0:
                        continue
                    if sum(os.readlink(f"{fds}/{f}") == self.path for f in os.listdir(fds)) >= 2:
                        return True
                except OSError:
                    pass
            return False
        wait(f"{self.path}: not opened", is_open)
        time.sleep(0.3)  # and set up

    def send(self, data):
        os.write(self.master, data)

    def pull(self):
        os.close(self.master)
        os.close(self.slave)


sent = []


def line():
    body = f"WIMWV,{len(sent) % 360}.0,R,{len(sent) % 20}.5,M,A"
    x = 0
    for c in body.encode():
        x ^= c
    text = f"${body}*{x:02X}".encode()
    sent.append(text)
    return text + b"\r\n"


def all_there(name="s"):
    return [l[25:] for l in logged(name)] == sent


try:
    # ---- a serial port; three seconds before midnight ----
    site("s", "nmea", interval_s=0.1)
    shift = 1780358397 - int(time.time())  # 2026-06-01T23:59:57Z
    port = Port("tty")
    lg = Logger("s", os.path.abspath("tty"), shift)
    port.opened()
    for i in range(70):
        port.send(line())
        time.sleep(0.08)
        if time.time() + shift > 1780358401:
            break
    wait("midnight", all_there)
    days = [os.path.basename(p) for p in sorted(glob.glob("s/station/mast/raw/*"))]
    assert days == ["live-2026-06-01.log", "live-2026-06-02.log"], days
    first = logged("s")[0]
    assert first[19:20] == b"." and first[23:25] == b"Z ", first

    # ---- its cable is pulled in the middle of a line ----
    port.send(line() + line() + b"$WIMWV,1")
    wait("before the cable", all_there)
    port.pull()
    wait("pulled", lambda: lg.says("was its cable pulled?: trying again until it is back"))
    assert lg.says("a line was cut, and is left out: '$WIMWV,1'"), open("s.err").read()
    port = Port("tty")
    port.opened()
    port.send(line() + line())
    wait("after the cable", all_there)
    assert lg.says("it is back")

    # ---- killed, and a line that a power cut tore ----
    port.send(line() + line() + line())
    wait("before the kill", all_there)
    lg.end(signal.SIGKILL)
    with open("s/station/mast/raw/live-2026-06-02.log", "ab") as f:
        f.write(b"2026-06-02T00:00:09.123Z $WIMWV,21")
    lg = Logger("s", os.path.abspath("tty"), shift)
    port.opened()
    port.send(line())
    wait("after the kill", all_there)
    assert lg.says("torn: cut off: 2026-06-02T00:00:09.123Z $WIMWV,21"), open("s.err").read()
    # One at a time.
    other = subprocess.run(["wx-station", "-a", "s", "--port", "-"], stdin=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, text=True)
    assert other.returncode == 4 and "live-mast" in other.stderr, other
    assert lg.end() == 0
    assert lg.says("station mast: 1 line logged"), open("s.err").read()
    assert all_there()

    # ---- what was logged is read: every line is in a row ----
    subprocess.run(["wx-station", "-q", "-a", "s"], check=True)
    stamps = {l[:24] for l in logged("s")}
    rows = [r for p in sorted(glob.glob("s/station/mast/2026-*.csv")) for r in open(p).read().splitlines()[1:]]
    assert {r.split(",")[0].encode() for r in rows} == stamps, (len(rows), len(stamps))

    # ---- a gauge that sends a byte a tip, then a line ----
    site("t", "tips", bucket_mm=0.2)
    port = Port("tty2")
    lg = Logger("t", os.path.abspath("tty2"))
    port.opened()
    for i, tip in enumerate((b"T", b"\x01", b"TIP\r\n", b"tip 17\n")):
        port.send(tip)
        wait("tips", lambda: len(logged("t")) > i)
    assert [l[25:] for l in logged("t")] == [b"T", b"\x01", b"TIP", b"tip 17"], logged("t")
    assert lg.end() == 0
    subprocess.run(["wx-station", "-q", "-a", "t"], check=True)
    rows = [r for p in glob.glob("t/station/mast/*.csv") for r in open(p).read().splitlines()[1:]]
    assert [r.split(",")[0].encode() for r in rows] == [l[:24] for l in logged("t")], rows
    assert all(r.split(",")[1:4] == ["0", "1", "0.2"] for r in rows), rows

    # ---- 0.4 ms before midnight is today ----
    site("m", "vaisala-wxt")
    done = subprocess.run(["wx-station", "-q", "-a", "m", "--port", "-"], input=b"0R1,Dm=236D,Sm=1.0M\n",
                          env=dict(SHIM, CLOCKSTOP_NS="1780358399999600000"))
    assert done.returncode == 0 and logged("m") == [b"2026-06-01T23:59:59.999Z 0R1,Dm=236D,Sm=1.0M"], logged("m")

    # ---- TCP: the other side goes and comes ----
    site("n", "vaisala-wxt")
    server = socket.create_server(("127.0.0.1", 0))
    lg = Logger("n", f"tcp:127.0.0.1:{server.getsockname()[1]}")
    for i in range(2):
        c = server.accept()[0]
        c.sendall(b"0R1,Dm=236D,Sm=%d.0M\r\n0R1,Dm=2" % i)
        wait("TCP", lambda: len(logged("n")) == i + 1)
        c.close()
    assert lg.end() == 0
    assert [l[25:] for l in logged("n")] == [b"0R1,Dm=236D,Sm=0.0M", b"0R1,Dm=236D,Sm=1.0M"]

    # ---- UDP: each datagram is a line, NULs are noise ----
    site("u", "tempest")
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.bind(("127.0.0.1", 0))
    where = probe.getsockname()
    probe.close()
    lg = Logger("u", f"udp:127.0.0.1:{where[1]}")
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    want = []
    for i in range(3):
        text = b'{"serial_number":"ST-1","type":"obs_st","hub_sn":"HB-1","obs":[[%d,0.1,0.2,0.3,144,6,1017.5,22.3,50.2,328,0.03,3,0,0,0,0,2.4,1]]}' % (1780315200 + 60 * i)
        want.append(text)
        # Nobody may listen yet: the first is sent until it comes.
        def came():
            if len(logged("u")) > i:
                return True
            if i == 0:
                out.sendto(text, where)
                time.sleep(0.2)
            return len(logged("u")) > i
        if i:
            out.sendto(text[:5] + b"\0" + text[5:], where)
        wait("UDP", came)
    assert lg.end() == 0
    assert sorted(set(logged("u"))) == want, logged("u")
    subprocess.run(["wx-station", "-q", "-a", "u"], check=True)
    assert len(open("u/station/mast/2026-06-01.csv").read().splitlines()) == 4

    # ---- a pipe, until its end; a line too long, and one without an end ----
    site("p", "rtl433")
    text = b'{"time":"2026-06-01 12:00:00"}\n' + b"x" * 70000 + b'\n\n{"a":1}\n{"b":'
    done = subprocess.run(["wx-station", "-a", "p", "-"], input=text, stderr=subprocess.PIPE)
    assert done.returncode == 0, done
    assert logged("p") == [b'{"time":"2026-06-01 12:00:00"}', b'{"a":1}'], logged("p")
    assert b"a line of over" in done.stderr and b"a line was cut" in done.stderr, done.stderr
finally:
    for p in RUN:
        if p.poll() is None:
            p.kill()
P
