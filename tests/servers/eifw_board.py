#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Play a board with Edge Impulse stock firmware.

    eifw_board.py [--dialect fw53|fwesp|old|mid] [--fault NAME[:P]]... [--tcp]
                  [--baud N] [--seed N] [--keep FILE]

Prints "/dev/pts/N" or "tcp://127.0.0.1:PORT", then serves until killed. Each
sample's bytes are appended to FILE as a line of hex, and the instant (Unix
seconds) at which it began to record before it: what a test compares with.

fw53   buffer; OK behind an empty line; AT 1.8.0
fwesp  buffer; OK without a line end; ",y" at --baud; AT 1.8.0
old    READFILE in hex only; AT 1.1.0
mid    READFILE in base64 only; AT 1.6.0

Faults: garbage (log text in replies), lost (a piece of a reply is missing),
short (fewer bytes than asked for), base64 (another character in the data),
char (a character of what the host sends comes wrong), silence (no answer to a
read), dead (answers nothing at all), refuse (cannot sample), cut (hangs up in
the midst of a read), noline (Sampling... never comes).
"""
import argparse, base64, fcntl, os, random, select, socket, struct, time, tty

SECRETS = {"key": "ei_5ecre7c0ffee5ecre7c0ffee5ecre7c0ffee", "wifi": "hunter2-and-3",
           "hmac": "fed5311deadbeef84c067774ebf9e7bc"}
CONFIG = """===== Device info =====
ID:         AA:BB:CC:DD:EE:FF
Type:       {type}
AT Version: {at}
Data Transfer Baudrate: {baud}

===== Sensors ======
Name: Environment, Max sample length: 3600s, Frequencies: [0.25Hz]
Name: Built-in microphone, Max sample length: 61s, Frequencies: [8000.00Hz, 16000.00Hz, 44100.00Hz]

===== WIFI =====
Present:    1
SSID:       field:west
Password:   {wifi}
Security:   8
MAC:        AA:BB:CC:DD:EE:FF
Connected:  0

===== Sampling parameters =====
Label:      testing
Interval:   0.06 ms.
Length:     10000 ms.
HMAC key:   {hmac}

===== Upload settings =====
Api Key:    {key}
Host:       ingestion.edgeimpulse.com
Path:       /api/training/data

===== Remote management =====
URL:        wss://remote-mgmt.edgeimpulse.com
Connected:  0
Last error: key {key} was refused
"""


def text(s):
    b = s.encode()
    return (bytes([0x60 + len(b)]) if len(b) < 24 else bytes([0x78, len(b)])) + b


def header(interval_ms, sensors):
    half = struct.pack(">e", interval_ms)
    exact = struct.unpack(">e", half)[0] == interval_ms
    return (b"\xa3" + text("protected") + b"\xa2" + text("ver") + text("v1") + text("alg") + text("none")
            + text("signature") + text("00") + text("payload") + b"\xa5"
            + text("device_name") + text("AA:BB:CC:DD:EE:FF") + text("device_type") + text("THINGY53")
            + text("interval_ms") + (b"\xf9" + half if exact else b"\xfb" + struct.pack(">d", interval_ms))
            + text("sensors") + bytes([0x80 + len(sensors)])
            + b"".join(b"\xa2" + text("name") + text(n) + text("units") + text(u) for n, u in sensors)
            + text("values") + b"\x9f")


class Board:
    def __init__(self, args):
        self.a = args
        self.rng = random.Random(args.seed)
        self.faults = {}
        for f in args.fault:
            name, _, p = f.partition(":")
            self.faults[name] = float(p or 1)
        self.line = b""
        self.settings = (0.0625, 1000)
        self.sample = b""
        self.files = {}
        self.hurt = 0

    def fault(self, name):
        return name in self.faults and self.rng.random() < self.faults[name]

    # ---- the wire ----

    def open(self):
        if self.a.tcp:
            self.server = socket.socket()
            self.server.bind(("127.0.0.1", 0))
            self.server.listen(1)
            print("tcp://127.0.0.1:%d" % self.server.getsockname()[1], flush=True)
            self.accept()
        else:
            self.fd, self.slave = os.openpty()
            tty.setraw(self.slave)
            print(os.ttyname(self.slave), flush=True)

    def accept(self):
        self.conn = self.server.accept()[0]
        self.fd = self.conn.fileno()

    def read(self, seconds=None):
        if not select.select([self.fd], [], [], seconds)[0]:
            return b""
        try:
            got = os.read(self.fd, 4096)
        except OSError:
            got = b""
        if not got and self.a.tcp:
            self.conn.close()
            self.line = b""
            self.accept()
        return got

    def speed(self):  # of the host's side
        if self.a.tcp:
            return 0
        two = fcntl.ioctl(self.slave, 0x802C542A, bytes(44))  # TCGETS2: it may be any number
        return struct.unpack("36xII", two)[1]

    def write(self, data):
        if isinstance(data, str):
            data = data.encode()
        while data:
            try:
                n = os.write(self.fd, data[:4096])
            except OSError:
                return
            data = data[n:]

    def say(self, s):
        if self.fault("garbage"):
            s = s.replace("\n", "\n<inf> main: t=%d\n" % self.rng.randrange(9999), 1)
        self.write(s.replace("\n", "\r\n"))

    # ---- commands ----

    def serve(self):
        self.open()
        while True:
            for b in self.read():
                c = bytes([b])
                if self.fault("dead") or c == b"\n":
                    continue
                if c != b"\r" and self.fault("char"):
                    c = b"~"
                if c != b"\r":
                    self.line += c
                    self.write(c)
                    continue
                line, self.line = self.line.decode("ascii", "replace"), b""
                self.write("\r\n")
                self.run(line)
                self.write("> ")

    def run(self, line):
        name, _, args = line.partition("=")
        args = args.split(",") if args else []
        if not line.startswith("AT+"):
            return self.say("Not a valid AT command (%s)\n" % line)
        todo = {"AT+CONFIG?": self.config, "AT+SAMPLESETTINGS": self.set, "AT+SAMPLESTART": self.start,
                "AT+READBUFFER": self.read_buffer, "AT+READFILE": self.read_file, "AT+UNLINKFILE": self.unlink}
        by_buffer = self.a.dialect in ("fw53", "fwesp")
        if name not in todo or name == ("AT+READFILE" if by_buffer else "AT+READBUFFER"):
            return self.say("Command not found! (%s)\n" % name)
        todo[name](*args)

    def ok(self):
        self.write("OK" if self.a.dialect == "fwesp" else "\r\nOK\r\n")
        if self.a.dialect == "fwesp":
            self.write("\r\n")

    def config(self):
        at = {"old": "1.1.0", "mid": "1.6.0"}.get(self.a.dialect, "1.8.0")
        kind = "ESPRESSIF_ESP32" if self.a.dialect == "fwesp" else "NORDIC_THINGY53"
        self.say(CONFIG.format(type=kind, at=at, baud=self.a.baud, **SECRETS))

    def set(self, label, interval, length, *more):
        self.settings = (float(interval), float(length))
        self.ok()

    def start(self, sensor):
        interval, length = self.settings
        if self.fault("refuse"):
            return self.say("ERR: Failed to start sampling (no memory for key %s)\n" % SECRETS["key"])
        self.say("Sampling settings:\n\tInterval: %.5f ms.\n\tLength: %d ms.\n\tName: testing\n\tHMAC Key: %s\n"
                 "\tFile name: testing\n" % (interval, length, SECRETS["hmac"]))
        self.say("Starting in 200 ms... (or until all flash was erased)\n")
        time.sleep(0.2 + self.rng.random() / 4)
        self.say("" if self.fault("noline") else "Sampling...\n")
        began = time.time()
        n = round(length / interval)
        if sensor == "Environment":
            row = lambda k: b"\x84" + b"".join(b"\xfa" + struct.pack(">f", v)
                                               for v in (20 + k / 8, 96 + k / 64, 46 + k, 1))
            data = header(interval, [("temperature", "degC"), ("pressure", "kPa"), ("humidity", "%"),
                                     ("gas res", "MOhm")]) + b"".join(map(row, range(n))) + b"\xff"
            data += b"\xff" * (-len(data) % 4)
        else:
            ref = "Ref-BINARY-i16"
            head = header(interval, [("audio", "wav")])
            pad = -(len(head) + 1 + len(ref) + 1) % 4
            noise = bytes(self.rng.randrange(256) for _ in range(2 * n))
            data = head + text(ref + " " * pad) + b"\xff" + noise
        time.sleep(max(0, began + min(length / 1000, 5) - time.time()))
        self.sample = data
        self.files["testing"] = data
        if self.a.keep:
            with open(self.a.keep, "a") as f:
                f.write("%.6f %s\n" % (began, data.hex()))
        self.say("Done sampling, total bytes collected: %d\n[1/1] Uploading file to Edge Impulse...\n"
                 % (2 * n if sensor != "Environment" else len(data)))
        if self.a.dialect in ("fw53", "fwesp"):
            self.say("Not uploading file, not connected to WiFi. Used buffer, from=0, to=%d.\n" % len(data))
        else:
            self.say("Not uploading file, not connected to WiFi.\n")
        self.ok()

    def send_data(self, data, fast, hexa=False):
        if fast not in ("y", "n", None):
            return self.say("ERR: what is '%s'?\n" % fast)
        s = (data.hex() if hexa else base64.b64encode(data).decode()).encode()
        if self.hurt < 5:  # a line that never gets better is another test's
            before = s
            at = self.rng.randrange(len(s) or 1)
            if self.fault("lost"):
                s = s[:at] + s[at + 97:]
            if self.fault("short"):
                s = base64.b64encode(data[:-3])
            if self.fault("base64"):
                s = s[:at] + b"!" + s[at + 1:]
            if self.fault("garbage"):
                s = s[:at] + b"\r\n<wrn> flash: slow\r\n" + s[at:]
            self.hurt += s != before
            if s != before and self.a.keep:
                with open(self.a.keep + ".hurt", "a") as f:
                    f.write("%d bytes\n" % len(data))
        if self.fault("cut"):
            self.write(s[:len(s) // 2])
            self.faults.pop("cut")
            self.conn.close()
            self.accept()
            return
        if fast == "y":
            self.fast(s)
        else:
            self.write(s)
            self.write("\r\n")

    def fast(self, s):
        slow = self.speed()
        self.write("OK" if self.a.dialect == "fwesp" else "OK\r\n")
        time.sleep(0.1)
        if self.speed() != self.a.baud:  # the host listens at another speed
            s = bytes(self.rng.randrange(128, 256) for _ in range(len(s) // 4))
        self.write(s)
        self.write("\r\nOK\r\n")
        time.sleep(0.1)
        if self.speed() != slow:
            self.write(b"\xf3\x80")

    def read_buffer(self, start, length, fast=None):
        if self.fault("silence"):
            time.sleep(4)
            self.faults["silence"] = 0
            return
        start, length = int(start), int(length)
        if start + length > len(self.sample):
            return self.say("Failed to read from buffer\n")
        self.send_data(self.sample[start:start + length], fast)

    def read_file(self, name, fast=None):
        if name not in self.files:
            return self.say("ERR: File '%s' does not exist\n" % name)
        self.send_data(self.files[name], fast, hexa=self.a.dialect == "old")

    def unlink(self, name):
        self.files.pop(name, None)
        if self.a.keep:
            with open(self.a.keep + ".unlinked", "a") as f:
                f.write(name + "\n")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--dialect", default="fw53", choices=["fw53", "fwesp", "old", "mid"])
    p.add_argument("--fault", action="append", default=[])
    p.add_argument("--tcp", action="store_true")
    p.add_argument("--baud", type=int, default=115200)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--keep")
    Board(p.parse_args()).serve()


main()
