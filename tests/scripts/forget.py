# SPDX-License-Identifier: MIT
"""See forget.sh."""
import datetime
import hashlib
import json
import os
import shutil
import struct
import subprocess
import zlib

import numpy as np

os.chdir(os.environ["T"])
RATE, N = 16000, 8
DAY = datetime.datetime(2024, 6, 1, 12, tzinfo=datetime.timezone.utc)
NOW = datetime.datetime.now(datetime.timezone.utc)
bad = 0


def check(what, ok, *more):
    global bad
    if not ok:
        bad += 1
        print("failed:", what, *more)


def run(*args, status=0):
    p = subprocess.run(args, capture_output=True, text=True)
    check(args, p.returncode == status, p.returncode, p.stdout, p.stderr)
    return p


def save(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb" if isinstance(content, bytes) else "w") as f:
        f.write(content)


def load(path):
    with open(path, "rb") as f:
        return f.read()


def wav(seed):
    x = np.random.default_rng(seed).standard_normal(10 * RATE) * 600
    pcm = np.round(x).astype("<i2").tobytes()
    return (b"RIFF" + struct.pack("<I", 36 + len(pcm)) + b"WAVEfmt " +
            struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16) +
            b"data" + struct.pack("<I", len(pcm)) + pcm)


def site(**more):
    save("ridge/site.json", json.dumps({
        "site": "ridge", "stations": [{"id": "mast"}],
        "nodes": [{"id": "n1", "source": "dir:../card"}],
        "export": {"target": "wind"}, **more}))


def tree(*folders):
    return {os.path.join(d, f): load(os.path.join(d, f))
            for top in folders for d, _, fs in os.walk(top) for f in fs}


def line(name, content, at):
    return json.dumps({
        "n": name, "l": len(content), "st": "closed", "by": "name",
        "r0": int(at.timestamp() * 1e6), "ns": 10 * RATE, "fs": RATE,
        "c": f"{zlib.crc32(content):08x}"}) + "\n"


def forget(*args):
    p = run("wx-listen", "-a", "ridge", "--forget", "--json", "-q", *args)
    return json.loads(p.stdout), p.stderr


# A card of 8 old captures and one of yesterday.
index, names = "", [f"c/{i}.wav" for i in range(N)]
for i, name in enumerate(names):
    content = wav(i)
    save(f"card/{name}", content)
    index += line(name, content, DAY + datetime.timedelta(minutes=i))
save("card/c/young.wav", wav(99))
index += line("c/young.wav", wav(99), NOW - datetime.timedelta(days=1))
save("card/index.jsl", index)
site()
run("wx-pull", "-a", "ridge", "-q")
obs = ("utc,interval_s,tips,rain_mm,cup_turns,wind_avg_m_s,wind_gust_m_s,"
       "wind_dir_deg,air_temp_degc,rel_hum_pct,pressure_hpa,flags\n")
for m in range(-30, 60):
    at = DAY + datetime.timedelta(minutes=m)
    obs += f"{at:%Y-%m-%dT%H:%M:%SZ},60,,,,{8 + m % 3},10.0,,,,,\n"
save("ridge/station/mast/2024-06-01.csv", obs)
run("wx-listen", "-a", "ridge", "--forget", status=2)
site(retention={"raw_sound_days": 30})

# Nothing goes that is not measured and labelled.
check("not measured", forget()[0]["deleted"] == 0)
run("wx-listen", "-a", "ridge", "-q")
check("no time yet", forget()[0]["young"] == N + 1)
run("wx-align", "-a", "ridge", "-q")
check("not labelled", forget()[0]["unlabelled"] == N)
run("wx-label", "-a", "ridge", "-q")
run("wx-export", "-a", "ridge", "-o", "out", "-q")
before = tree("ridge/raw")

# One whose bytes changed, one that a table does not cover, one without a line.
save("ridge/raw/n1/c/1.wav", wav(1)[:-2] + b"xx")
table = load("ridge/sound/n1/c.csv").decode().splitlines(True)
save("ridge/sound/n1/c.csv", "".join(
    r for r in table if not r.startswith("raw/n1/c/2.wav,4")))
journal = load("ridge/raw/n1/journal.jsonl").decode().splitlines(True)
save("ridge/raw/n1/journal.jsonl", "".join(
    r for r in journal if '"c/3.wav"' not in r))
r, said = forget("--dry-run")
check("dry run", r["deleted"] == N - 3 and r["young"] == 1 and
      r["unmeasured"] == 1 and r["unknown"] == 2, r)
check("told why", "c/1.wav: kept: its bytes are not" in said and
      "c/3.wav: kept: the journal has no hash" in said, said)
check("nothing goes in a dry run", all(
    os.path.exists(p) for p in before))
for path, content in before.items():
    save(path, content)
save("ridge/sound/n1/c.csv", "".join(table))

# Killed between the journal and the file: the line is there once, not twice.
content = wav(0)
save("ridge/raw/n1/journal.jsonl", load("ridge/raw/n1/journal.jsonl") +
     (json.dumps({"deleted": "c/0.wav", "l": len(content),
                  "crc": f"{zlib.crc32(content):08x}",
                  "sha256": hashlib.sha256(content).hexdigest(),
                  "utc": "2024-09-01T00:00:00Z", "why": "a test"}) +
      "\n").encode())
made = tree("ridge/sound", "ridge/windows", "ridge/labels")
r, said = forget()
check("gone", r["deleted"] == N and r["bytes"] == N * len(content), r, said)
check("files", sorted(os.listdir("ridge/raw/n1/c")) == ["young.wav"])
gone = [json.loads(x) for x in load("ridge/raw/n1/journal.jsonl").splitlines()
        if b'"deleted"' in x]
check("journal", sorted(x["deleted"] for x in gone) == names, gone)
check("by hash", all(x["sha256"] == hashlib.sha256(
    wav(int(x["deleted"][2:-4]))).hexdigest() for x in gone), gone)
check("again", forget()[0]["deleted"] == 0)

# All that was made of it stays, and nothing comes back.
for tool in ("wx-pull", "wx-listen", "wx-align", "wx-label"):
    p = run(tool, "-a", "ridge")
    check((tool, "no remark"), "c/0.wav" not in p.stderr, p.stderr)
check("not fetched again", os.listdir("ridge/raw/n1/c") == ["young.wav"])
check("what was made stays",
      tree("ridge/sound", "ridge/windows", "ridge/labels") == made)
p = run("wx-export", "-a", "ridge", "-o", "out", "-q", "--json")
r = json.loads(p.stdout)
check("a dataset made again", r["dropped"]["deleted"] > 0 and
      r["dropped"]["unreadable"] == 0 and r["training"] + r["testing"] == 0, r)
p = subprocess.run(["wx-check", "-a", "ridge", "--json"], text=True,
                   capture_output=True)
check("wx-check", "c/0.wav" not in p.stdout, p.stdout)

# A node that was wiped gives the name to another recording: that is pulled.
content = wav(50)
save("card/c/0.wav", content)
save("card/index.jsl", index + line("c/0.wav", content, NOW))
run("wx-pull", "-a", "ridge", "-q")
check("another of that name", load("ridge/raw/n1/c/0.wav") == content)
shutil.rmtree("out")
raise SystemExit(bad > 0)
