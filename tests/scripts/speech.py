# SPDX-License-Identifier: MIT
"""See speech.sh."""
import csv
import datetime
import json
import os
import re
import struct
import subprocess
import time

import numpy as np

os.chdir(os.environ["T"])
RATE, N, VOICE, SHIFTED = 16000, 9, 4, 7
DAY = datetime.datetime(2024, 6, 1, 12, tzinfo=datetime.timezone.utc)
bad = 0


def check(what, ok, *more):
    global bad
    if not ok:
        bad += 1
        print("failed:", what, *more)


def run(*args, status=0):
    p = subprocess.run(args, capture_output=True, text=True)
    check(args, p.returncode == status, p.returncode, p.stderr)
    return p


def name(i):
    return f"c/20240601_12{i:02}00.wav"


def save(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())


def sound(i):
    """Steady noise on the recorder's own offset; in one capture a 'voice':
    noise below 1 kHz that comes and goes 4 times a second, for 4 s."""
    r = np.random.default_rng(i)
    x = 0.02 * r.standard_normal(10 * RATE)
    x += 0.08 if i == SHIFTED else 0.03
    if i == VOICE:
        low = np.convolve(r.standard_normal(4 * RATE), np.ones(16) / 4, "same")
        on = 0.5 + 0.5 * np.sin(2 * np.pi * 4 * np.arange(4 * RATE) / RATE)
        x[3 * RATE:7 * RATE] += 0.06 * low * on
    pcm = np.clip(np.round(x * 32767), -32768, 32767).astype("<i2").tobytes()
    return (b"RIFF" + struct.pack("<I", 36 + len(pcm)) + b"WAVEfmt " +
            struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16) +
            b"data" + struct.pack("<I", len(pcm)) + pcm)


def site(**export):
    save("ridge/site.json", json.dumps({
        "site": "ridge", "stations": [{"id": "mast"}],
        "nodes": [{"id": "n1", "source": "http://127.0.0.1:1/cap/"}],
        "windows": {"length_s": 5}, "export": {"target": "wind", **export}}))


def make():
    site()
    lines = []
    for i in range(N):
        wav = sound(i)
        save(f"ridge/raw/n1/{name(i)}", wav)
        at = DAY + datetime.timedelta(minutes=i)
        lines.append(json.dumps({
            "n": name(i), "l": len(wav), "st": "closed", "by": "name",
            "r0": int(at.timestamp() * 1e6), "ns": 10 * RATE, "fs": RATE}))
    save("ridge/raw/n1/index.jsl", "\n".join(lines) + "\n")
    obs = ["utc,interval_s,tips,rain_mm,cup_turns,wind_avg_m_s,wind_gust_m_s,"
           "wind_dir_deg,air_temp_degc,rel_hum_pct,pressure_hpa,flags"]
    for m in range(-30, 60):
        at = DAY + datetime.timedelta(minutes=m)
        obs.append(f"{at:%Y-%m-%dT%H:%M:%SZ},60,,,,8.0,10.0,,,,,")
    save("ridge/station/mast/2024-06-01.csv", "\n".join(obs) + "\n")


def export():
    """What the windows say, by capture, what is in the dataset, README."""
    said = run("wx-align", "-a", "ridge").stderr
    run("wx-label", "-a", "ridge", "-q")
    rep = json.loads(run("wx-export", "-a", "ridge", "-o", "out", "--json",
                         "-q").stdout)
    flags = {}
    with open("ridge/windows/n1/2024-06-01.csv", newline="") as f:
        for r in csv.DictReader(f):
            i = int(r["capture"][-8:-6])
            flags.setdefault(i, []).append(set(r["flags"].split()))
    with open("out/provenance.jsonl") as f:
        inside = {int(json.loads(line)["capture"][-8:-6]) for line in f}
    with open("out/README.md") as f:
        return rep, flags, inside, f.read(), said


make()
p = run("wx-listen", "-a", "ridge", "--json", "-q")
check("one capture is heard", json.loads(p.stdout)["speech"] == 1, p.stdout)

rep, flags, inside, readme, said = export()
check("its windows", all(f & {"speech", "speech_capture"}
                         for f in flags[VOICE]), flags[VOICE])
for i in range(N):
    near = abs(i - VOICE) == 1
    check(("near", i), all(("speech_near" in f) == near for f in flags[i]),
          flags[i])
    check(("offset", i), all(("offset" in f) == (i == SHIFTED)
                             for f in flags[i]), flags[i])
check("dataset", inside == set(range(N)) - {3, 4, 5}, inside)
check("counted", rep["dropped"]["speech"] == 6, rep)
check("README", "1 captures that may hold speech are left out whole, and 2 "
      "captures before" in readme, readme)
check("files", not [f for _, _, fs in os.walk("out") for f in fs
                    if re.search(r"T120[345]", f)])

# Somebody listened: it was a raven. And there is a voice that nobody found.
save("ridge/speech.txt", f"# anna\ncleared raw/n1/{name(VOICE)}  a raven\n"
     f"speech raw/n1/{name(0)}\t28 Nov\n"
     "cleared everything\ncleared raw/n1/c/none.wav\nspeech raw/n2/x.wav\n")
rep, flags, inside, readme, said = export()
check("cleared", inside == set(range(N)) - {0, 1}, inside)
check("says so", any("speech_cleared" in f for f in flags[VOICE]),
      flags[VOICE])
check("README again", "1 captures were cleared" in readme and
      "speech are left out whole, and 1 captures" in readme, readme)
check("a line that is none", "speech.txt:4: found 'cleared everything', "
      "expected cleared or speech" in said, said)
check("no such capture", "speech.txt:5: no capture here is named "
      "'c/none.wav'" in said, said)

# What else a site does not want.
site(without=["offset"])
rep, flags, inside, readme, said = export()
check("without", inside == set(range(N)) - {0, 1, SHIFTED}, inside)
check("without is counted", rep["dropped"]["flagged"] == 2, rep)


def heard(cmd, *args):
    """Which seconds of which captures --speech-cmd makes speech."""
    subprocess.run(["rm", "-rf", "ridge/sound"], check=True)
    p = run("wx-listen", "-a", "ridge", "-q", "--speech-cmd", cmd, *args)
    with open("ridge/sound/n1/c.csv", newline="") as f:
        return {(int(r["capture"][-8:-6]), int(float(r["offset_s"])))
                for r in csv.DictReader(f)
                if "speech" in r["flags"].split()}, p.stderr


OWN = {(VOICE, s) for s in range(10)}
save("./detect", """#!/bin/sh
case $2 in
*/raw/n1/c/*1202*) printf '# mine\\n1.5 3 0.9 a word\\n5,6,0.4\\n' ;;
esac
""")
os.chmod("./detect", 0o755)
found, said = heard("./detect 'an option'")
check("a better ear", found == {(2, 1), (2, 2)} and not said, found, said)
OWN = heard(":; false")[0]
check("own score", {c for c, _ in OWN} == {VOICE}, OWN)
began = time.monotonic()
for cmd, words in [("sleep 30; :", "ran out of time"),
                   ("sleep 30 >&- & exit 7; :", "exit status 7"),
                   ("yes", "printed over 1 MiB"),
                   ("kill -9 $$;", "exit status 137"),
                   ("./none", "exit status 127"),
                   ("printf '1 2\\n3 2 1\\n\\0001 2 .5\\n1 2 9\\nnan 1 1\\n' ;:",
                    "5 lines, the first of them line 1")]:
    found, said = heard(cmd, "--speech-timeout", "0.2")
    check(cmd, found == OWN, found)
    check(cmd, said.count(words) == N, said)
check("nothing hangs", time.monotonic() - began < 60)
raise SystemExit(bad > 0)
