# SPDX-License-Identifier: MIT
"""wx-pull, wx-export and wx-check on a pseudo-terminal; the node is slow enough for a second's work."""
import json
import os
import pty
import re
import subprocess
import sys
import time

bad = 0


def fail(text):
    global bad
    bad = 1
    print(text)


def on_terminal(*argv):
    """What argv writes to the terminal that its standard error is."""
    master, slave = pty.openpty()
    p = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=slave, stdin=subprocess.DEVNULL)
    os.close(slave)
    said = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:  # the last one hung up
            break
        if not part:
            break
        said += part
    os.close(master)
    if p.wait():
        fail(f"{argv}: status {p.returncode}: {said.decode()}")
    return [line for line in re.split(r"\r\x1b\[K|\r?\n", said.decode()) if line]


subprocess.run("wx-sim -q -o made --nodes 2 --days 0.1 --every-s 300 --rate 8000 --capture-s 2 --start 2026-06-01".split(), check=True)
server = subprocess.Popen(["wx-sim", "--serve", "made", "--site", "served.json", "--smp-tcp", "n1", "--fault", "pace:4000000"], stdout=subprocess.PIPE)
try:
    server.stdout.readline()
    for _ in range(100):
        if os.path.exists("served.json"):
            break
        time.sleep(0.1)
    site = json.load(open("served.json"))
    del site["nodes"][1:]
    site["windows"] = {"length_s": 2}
    for s in site["stations"]:
        s["source"] = f"file:{os.getcwd()}/made/station/*.dat"
    for d in ("a", "b", "c"):
        os.mkdir(d)
        json.dump(site, open(d + "/site.json", "w"))
        site["nodes"][0] = {"id": "n1", "source": f"dir:{os.getcwd()}/made/nodes/n1"}  # only the first is slow
    lines = on_terminal("wx-pull", "-a", "a")
    if not any(re.fullmatch(r"wx-pull: pull \d+\.\d of \d+\.\d MB", x) for x in lines):
        fail(f"no beginning: {lines[:5]}")
    if not any(re.fullmatch(r"wx-pull: pull \d+\.\d of \d+\.\d MB, \d+(\.\d)? MB/s, \d+:\d\d left", x) for x in lines):
        fail(f"no rate, no time left: {lines[-5:]}")
    if any("pull" in x for x in on_terminal("wx-pull", "-q", "-a", "b")):
        fail("progress with -q")
    r = subprocess.run(["wx-pull", "-a", "c"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if " of " in r.stderr or "\x1b" in r.stderr:
        fail(f"progress into a file: {r.stderr}")
finally:
    server.terminate()
    server.wait()
for t in ("station", "listen", "align", "label"):
    subprocess.run(["wx-" + t, "-q", "-a", "a"], check=True)
lines = on_terminal("wx-check", "--accept-losses", "-a", "a", "--full")
if not any(re.fullmatch(r"wx-check: read \d+\.\d of \d+\.\d MB", x) for x in lines):
    fail(f"wx-check: {lines}")
lines = on_terminal("wx-export", "-a", "a", "-o", "a/dataset")
if not any(re.match(r"wx-export: samples \d+ of \d+", x) for x in lines):
    fail(f"wx-export: {lines}")
sys.exit(bad)
