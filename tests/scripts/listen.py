# SPDX-License-Identifier: MIT
"""See listen.sh. Shares no code with the tool: the numbers are numpy's."""
import csv
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import time

import numpy as np

TOP, T, CAPTURES = os.environ["TOP"], os.environ["T"], os.environ["CAPTURES"]
EDGES = [20, 60, 100, 200, 400, 600, 1200, 2000, 3000, 4400, 5600, 7000, 7900]
os.chdir(T)
bad = 0


def check(what, ok, *more):
    global bad
    if not ok:
        bad += 1
        print("failed:", what, *more)


# ---- WAV files made by hand

def fmt(channels, rate, bits, tag=1):
    block = channels * ((bits + 7) // 8)
    return b"fmt " + struct.pack("<IHHIIHH", 16, tag, channels, rate,
                                 rate * block, block, bits)


def riff(body, size=None):
    return b"RIFF" + struct.pack(
        "<I", len(body) + 4 if size is None else size) + b"WAVE" + body


def data(frames, size=None):
    return b"data" + struct.pack(
        "<I", len(frames) if size is None else size) + frames


def pcm(x, bits):
    """Floats, frames x channels, to little-endian integers."""
    full = 2 ** (bits - 1)
    v = np.clip(np.round(x * full), -full, full - 1).astype("<i4")
    if bits == 8:
        return (v + 128).astype("u1").tobytes()
    return (v.astype("<i4").reshape(-1, 1).view("u1")
            .reshape(-1, 4)[:, :bits // 8].tobytes())


def sound(rate, seconds, channels=1, seed=0, level=0.05):
    """Noise with a colour, a tone and a DC offset."""
    r = np.random.default_rng(seed)
    n = int(rate * seconds)
    x = r.standard_normal((n, channels))
    x[1:] += 0.9 * x[:-1]
    x = x * level + 0.1 * np.sin(np.arange(n) * 0.4)[:, None] + 0.03
    return np.clip(x, -0.99, 0.99)


def save(name, content):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "wb") as f:
        f.write(content)


def index(node):
    """What wx-pull leaves: one line a capture."""
    base = f"ridge/raw/{node}"
    lines = []
    for folder, _, files in os.walk(base):
        for f in files:
            if f != "index.jsl":
                path = os.path.join(folder, f)
                lines.append(json.dumps({
                    "n": os.path.relpath(path, base),
                    "l": os.path.getsize(path), "st": "closed"}) + "\n")
    with open(f"{base}/index.jsl", "w") as f:
        f.writelines(sorted(lines))


def listen(*args, status=0):
    p = subprocess.run(["wx-listen", *args], capture_output=True, text=True)
    check(("status", args), p.returncode == status, p.returncode, p.stderr)
    return p


def rows(table):
    with open(table, newline="") as f:
        return list(csv.DictReader(f))


def snapshot(top):
    out = {}
    for folder, _, files in os.walk(top):
        for f in files:
            p = os.path.join(folder, f)
            with open(p, "rb") as h:
                out[os.path.relpath(p, top)] = (h.read(),
                                                os.stat(p).st_mtime_ns)
    return out


def same(a, b):
    return {k: v[0] for k, v in a.items()} == {k: v[0] for k, v in b.items()}


# ---- the numbers, by numpy

def db(p):
    return max(10 * np.log10(p) if p > 0 else -150, -150)


def second(x, rate):
    """level, peak, bands, flatness of frames x channels."""
    peak = db(np.abs(x).max() ** 2)
    x = x - x.mean(axis=0)
    bands = [None] * 12
    flat = None
    n = len(x)
    if n >= 1024:
        w = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
        starts = np.arange(0, n - 1023, 512)
        spectra = [np.abs(np.fft.rfft(x[s:s + 1024, c] * w)) ** 2
                   for s in starts for c in range(x.shape[1])]
        p = 2 * np.mean(spectra, axis=0) / (1024 * (w ** 2).sum())
        f = np.arange(513) * rate / 1024
        for i, (a, b) in enumerate(zip(EDGES, EDGES[1:])):
            pick = p[(f >= a) & (f < b)]
            if b <= rate / 2 and len(pick):
                bands[i] = db(pick.sum())
        mid = p[(f >= 600) & (f < 1200)]
        flat = np.exp(np.log(mid).mean()) / mid.mean()
    return db((x ** 2).mean()), peak, bands, flat


def close(found, want, tol):
    if want is None:
        return found == ""
    return found != "" and abs(float(found) - want) <= tol


def check_numbers(table, capture, x, rate):
    found = [r for r in rows(table) if r["capture"] == capture]
    check((capture, "rows"), len(found) == -(-len(x) // rate), len(found))
    for i, r in enumerate(found):
        part = x[i * rate:(i + 1) * rate]
        level, peak, bands, flat = second(part, rate)
        names = [f"band_{a}_{b}_db" for a, b in zip(EDGES, EDGES[1:])]
        # Half of the last digit, and little more.
        ok = (close(r["offset_s"], i, 0) and
              close(r["length_s"], len(part) / rate, 0.0005) and
              close(r["level_dbfs"], level, 0.051) and
              close(r["peak_dbfs"], peak, 0.051) and
              close(r["flatness_600_1200"], flat, 0.0006) and
              all(close(r[n], b, 0.051) for n, b in zip(names, bands)))
        check((capture, i), ok, r, level, peak, bands, flat)
        check((capture, i, "quality"),
              (r["quality"], r["flags"]) ==
              ("1" if len(part) >= 1024 else "2", ""), r)
        check((capture, i, "speech"),
              (r["speech"] == "") == (len(x) < 2 * rate) and
              float(r["speech"] or 0) < 0.045, r)
        check((capture, i, "dc"), close(
            r["dc"], max(part.mean(axis=0), key=abs), 0.00006), r)


GOOD = {  # name: rate, seconds, channels, bits
    "b0001/000001.wav": (16000, 10, 1, 16),
    "b0001/000002.wav": (16000, 3.7, 2, 16),
    "b0001/000003.wav": (48000, 2.01, 1, 24),
    "b0001/000004.wav": (8000, 3, 1, 16),
    "b0001/000005.wav": (96000, 1, 2, 24),
    "b0001/000006.wav": (44100, 2, 1, 32),
    "b0002/deep/er/x,y.wav": (22050, 2, 3, 16),
    "top.WAV": (16000, 2, 1, 16),
}

N16 = pcm(sound(16000, 5), 16)
HEAD = fmt(1, 16000, 16)
LIST = b"LIST" + struct.pack("<I", 436) + b"x" * 436
BAD = {  # name: bytes, rows, quality, flags
    "00-empty.wav": (b"", 1, "4", "empty"),
    "01-header-only.wav": (riff(HEAD + data(b"")), 1, "4", "no_frames"),
    "02-20-bytes.wav": (riff(HEAD)[:20], 1, "4", "bad_format"),
    "03-page.wav": (b"<!DOCTYPE html><title>404</title>", 1, "4", "not_wav"),
    "04-nuls.wav": (bytes(70000), 1, "4", "not_wav"),
    "05-power-lost.wav": (riff(HEAD + LIST + data(N16, 0), 480), 5, "3",
                          "size_zero"),
    "06-ffffffff.wav": (riff(HEAD + data(N16, 0xFFFFFFFF), 0xFFFFFFFF), 5,
                        "3", "size_false"),
    "07-lost-half.wav": (riff(HEAD + data(N16))[:80044], 3, "4", "truncated"),
    "08-lost-5-pct.wav": (riff(HEAD + data(N16))[:152044], 5, "3",
                          "truncated"),
    "09-lost-one-frame.wav": (riff(HEAD + data(N16))[:160042], 5, "1",
                              "truncated"),
    "10-odd-byte.wav": (riff(HEAD + data(N16 + b"x")), 5, "1", ""),
    "11-chunks-around.wav": (riff(HEAD + LIST + data(N16) + LIST), 5, "1",
                             ""),
    "12-no-pad.wav": (riff(HEAD + b"guan" + struct.pack("<I", 7) + b"7654321"
                           + data(N16)), 5, "1", ""),
    "13-no-channel.wav": (riff(fmt(0, 16000, 16) + data(N16)), 1, "4",
                          "bad_format"),
    "14-a-law.wav": (riff(fmt(1, 8000, 8, 6) + data(
        np.random.default_rng(3).integers(0, 256, 16000, "u1").tobytes())),
        2, "1", ""),
    "15-codec-unknown.wav": (riff(fmt(1, 8000, 8, 0x1234) + data(N16)), 1,
                             "4", "bad_format"),
    "16-silent.wav": (riff(HEAD + data(bytes(64000))), 2, "4",
                      "zero_run dead"),
    "17-loud.wav": (riff(HEAD + data(pcm(np.clip(sound(16000, 2) * 50, -1, 1),
                                         16))), 2, "4",
                    "clipped step overload"),
    "18-rf64.wav": (b"RF64" + b"\xff" * 4 + b"WAVE" + b"ds64" + struct.pack(
        "<IQQQI", 28, 0, len(N16), 80000, 0) + HEAD + data(N16, 0xFFFFFFFF),
        5, "1", ""),
    # Room claimed beforehand: with a size of 0 and with a full one.
    "19-claimed-44.wav": (riff(HEAD + data(N16 + bytes(7892), 44)), 5, "3",
                          "size_false preallocated"),
    "20-claimed.wav": (riff(HEAD + data(N16 + bytes(65536))), 5, "3",
                       "preallocated"),
}


TOLD = [  # name, frames and rate that the index tells; quality and flags
    ("as-told.wav", 80000, 16000, ("1", "")),
    ("15-ms.wav", 80240, 16000, ("3", "short")),  # 0.3 %
    ("a-tenth.wav", 89000, 16000, ("4", "short")),
    ("more.wav", 70000, 16000, ("1", "")),
    ("rate-1000-ppm.wav", 80000, 16016, ("3", "rate")),
    ("rate-double.wav", 80000, 32000, ("4", "rate")),
    ("both.wav", 160000, 8000, ("4", "short rate")),
]


def make():
    shutil.rmtree("ridge", ignore_errors=True)
    save("ridge/site.json", json.dumps({"site": "ridge", "nodes": [
        {"id": "n1", "source": "http://127.0.0.1:1/cap/"},
        {"id": "n2", "source": "http://127.0.0.1:2/cap/"}],
        "stations": []}).encode())
    for i, (name, (rate, s, ch, bits)) in enumerate(GOOD.items()):
        x = sound(rate, s, ch, i)
        save(f"ridge/raw/n1/{name}",
             riff(fmt(ch, rate, bits) + data(pcm(x, bits))))
    for name, (content, *_) in BAD.items():
        save(f"ridge/raw/n2/b0017/{name}", content)
    save("ridge/raw/n2/b0017/env.csv", b"m,air_temp_degc\n1,2\n")
    index("n1")
    index("n2")


def test_numbers_and_flags():
    p = listen("-a", "ridge", "-v")
    tables = sorted(k for k in snapshot("ridge") if k.startswith("sound/"))
    check("tables", tables == ["sound/n1/_root.csv", "sound/n1/b0001.csv",
                               "sound/n1/b0002/deep/er.csv",
                               "sound/n2/b0017.csv"], tables)
    for i, (name, (rate, s, ch, bits)) in enumerate(GOOD.items()):
        x = sound(rate, s, ch, i)
        full = 2 ** (bits - 1)
        x = np.clip(np.round(x * full), -full, full - 1) / full
        folder = os.path.dirname(name) or "_root"
        check_numbers(f"ridge/sound/n1/{folder}.csv", f"raw/n1/{name}", x,
                      rate)
    found = rows("ridge/sound/n2/b0017.csv")
    for name, (_, n, quality, flags) in BAD.items():
        mine = [r for r in found if r["capture"] == f"raw/n2/b0017/{name}"]
        check((name, "rows"), len(mine) == n, len(mine))
        got = {(r["quality"], r["flags"]) for r in mine}
        check((name, "flags"), got == {(quality, flags)}, got)
        no_sound = [r["length_s"] == "0.000" and r["level_dbfs"] == ""
                    for r in mine]
        check((name, "sound"), any(no_sound) == (
            n == 1 and quality == "4"), mine)
        told = name in p.stderr
        check((name, "told of"), told == any(no_sound), p.stderr)
    names = [r["capture"] for r in found]
    check("sorted", names == sorted(names))
    check("columns", list(found[0])[3:5] == ["level_dbfs", "peak_dbfs"] and
          list(found[0])[18:] == ["speech", "quality", "flags", "dc"])


def test_again():
    before = snapshot("ridge")
    p = listen("-a", "ridge", "--json")
    check("nothing changes", snapshot("ridge") == before)
    check("nothing is said", p.stderr == "", p.stderr)
    reports = [json.loads(line) for line in p.stdout.splitlines()]
    check("report", reports == [
        {"node": n, "captures": c, "new": 0, "new_s": 0.0, "no_sound": 0,
         "unread": 0, "rows_suspect": 0, "rows_fail": 0, "speech": 0,
         "tables": t,
         "changed": False}
        for n, c, t in (("n1", len(GOOD), 3), ("n2", len(BAD), 1))], reports)
    shutil.rmtree("ridge/sound")
    p = listen("-a", "ridge", "--node", "n1", "--json")
    r = json.loads(p.stdout)
    check("one node", not os.path.exists("ridge/sound/n2") and
          r["new"] == len(GOOD) and r["changed"], r)
    listen("-a", "ridge")
    check("the same from nothing", same(snapshot("ridge"), before))
    return before


def test_growing(whole):
    """Night after night, in any order: the same bytes as all at once."""
    for node in ("n1", "n2"):
        path = f"ridge/raw/{node}/index.jsl"
        with open(path) as f:
            lines = f.readlines()
        shutil.rmtree(f"ridge/sound/{node}")
        random.Random(5).shuffle(lines)
        for n in range(3, len(lines) + 3, 3):
            with open(path, "w") as f:
                f.writelines(lines[:n])
            listen("-a", "ridge", "--node", node, "-q")
        index(node)
    check("grown", same(snapshot("ridge"), whole))


def test_killed(whole):
    r = random.Random(7)
    began = time.monotonic()
    shutil.rmtree("ridge/sound")
    listen("-a", "ridge", "-q")
    took = time.monotonic() - began
    for how in [signal.SIGKILL] * 12 + [signal.SIGTERM] * 6:
        shutil.rmtree("ridge/sound", ignore_errors=True)
        p = subprocess.Popen(["wx-listen", "-a", "ridge", "-q"],
                             stderr=subprocess.PIPE, text=True)
        time.sleep(r.random() * took)
        p.send_signal(how)
        said = p.communicate()[1]
        status = p.returncode
        # -15: stopped before it could catch the signal.
        check("status when stopped", status in (0, -9, -15, 4), status)
        check("it says so", (status == 4) == ("stopped; run again" in said), status, said)
        listen("-a", "ridge", "-q")
        left = snapshot("ridge")
        check(("after", how), same(left, whole),
              sorted(set(left) ^ set(whole)))


def test_refused():
    p = listen("-a", "ridge", "--node", "n9", status=2)
    check("no such node", "no node 'n9'" in p.stderr, p.stderr)
    listen("-a", "ridge", "n1", status=2)
    listen("-a", "none", status=4)
    table = "ridge/sound/n1/b0001.csv"
    with open(table, "w") as f:
        f.write("capture,mine\nraw/n1/b0001/000001.wav,1\n")
    os.remove("ridge/sound/n2/b0017.csv")
    p = listen("-a", "ridge", status=3)
    check("a table of somebody's", "other columns" in p.stderr, p.stderr)
    check("the others go on", os.path.exists("ridge/sound/n2/b0017.csv"))
    os.remove(table)


def test_full_disk(whole):
    shutil.rmtree("ridge/sound")
    p = subprocess.run(["bash", "-c", "ulimit -f 4; trap '' XFSZ; "
                        "exec wx-listen -a ridge -q"], capture_output=True,
                       text=True)
    check("full disk", p.returncode == 4 and "File too large" in p.stderr,
          p.returncode, p.stderr)
    check("no torn table", all(
        whole.get(k, (None,))[0] == v[0]
        for k, v in snapshot("ridge").items() if not k.startswith(".lock")))
    listen("-a", "ridge", "-q")
    check("finished later", same(snapshot("ridge"), whole))


def test_examples():
    """Each example of the page does what the page says."""
    with open(f"{TOP}/man/wx-listen.1") as f:
        found = re.findall(r"^\.Dl \$ (.*)$", f.read(), re.M)
    check("examples", len(found) == 3, found)
    os.makedirs("ridge/raw/n1/b0017", exist_ok=True)
    shutil.copy("ridge/raw/n2/b0017/05-power-lost.wav", "ridge/raw/n1/b0017/")
    index("n1")
    for line in found:
        line = line.replace("\\e", "\\")
        p = subprocess.run(line, shell=True, capture_output=True, text=True)
        check(line, p.returncode == 0, p.stderr)
    check("awk shows the bad seconds", p.stdout.count("size_zero") == 5,
          p.stdout)


def test_told():
    """Against what the node's index tells: frames that are missing, and a
    rate that is another. And a site's own limits."""
    shutil.rmtree("told", ignore_errors=True)
    site = {"site": "told", "stations": [], "nodes": [
        {"id": "n1", "source": "http://127.0.0.1:1/cap/"}]}
    save("told/site.json", json.dumps(site).encode())
    lines = []
    for name, ns, fs, flags in TOLD:
        wav = riff(HEAD + data(N16))
        save(f"told/raw/n1/c/{name}", wav)
        lines.append(json.dumps({"n": f"c/{name}", "l": len(wav), "ns": ns,
                                 "fs": fs, "st": "closed"}) + "\n")
    save("told/raw/n1/index.jsl", "".join(lines).encode())
    listen("-a", "told", "-q")
    for name, ns, fs, want in TOLD:
        got = {(r["quality"], r["flags"]) for r in rows("told/sound/n1/c.csv")
               if r["capture"].endswith(name)}
        check(("told", name), got == {want}, got)
    save("told/own.json", json.dumps({"tests": {
        "rate": {}, "quiet": {"suspect": 0}}}).encode())
    save("told/site.json", json.dumps({**site, "quality": "own.json"}).encode())
    shutil.rmtree("told/sound")
    listen("-a", "told", "-q")
    got = {r["flags"] for r in rows("told/sound/n1/c.csv")
           if "rate" in r["capture"]}
    check("own limits", got == {"quiet"}, got)
    save("told/own.json", b'{"tests":{"loud":{}}}')
    p = listen("-a", "told", status=3)
    check("a test that is none", "told/own.json: /tests: unknown key 'loud'"
          in p.stderr or "loud" in p.stderr, p.stderr)


def test_own_offset():
    """A Song Meter that has 0.029 of full scale in all it records."""
    lines = []
    for hour in ("00", "06"):
        name = f"other_scikit-maad_S4A03895_20190522_{hour}0000.wav"
        os.makedirs("real/raw/n2/c", exist_ok=True)
        os.symlink(f"{CAPTURES}/audio/{name}", f"real/raw/n2/c/{name}")
        lines.append(json.dumps({
            "n": f"c/{name}", "l": os.path.getsize(f"{CAPTURES}/audio/{name}"),
            "ns": 220000, "fs": 22000, "st": "closed"}) + "\n")
    save("real/raw/n2/index.jsl", "".join(lines).encode())
    save("real/site.json", json.dumps({"site": "real", "nodes": [
        {"id": "n2", "source": "http://127.0.0.1:1/cap/"}],
        "stations": []}).encode())
    listen("-a", "real", "-q")
    subprocess.run(["wx-align", "-a", "real", "-q"], check=True)
    heard = rows("real/sound/n2/c.csv")
    check("an offset of its own", len(heard) == 20 and
          all(0.028 < float(r["dc"]) < 0.030 for r in heard), heard)
    found = rows("real/windows/n2/undated.csv")
    check("is no fault", [r["quality"] for r in found] == ["1", "1"], found)


def test_real():
    """Real recordings: none is called bad that is not."""
    if not CAPTURES:
        return
    shutil.rmtree("real", ignore_errors=True)
    save("real/site.json", json.dumps({"site": "real", "nodes": [
        {"id": "n1", "source": "http://127.0.0.1:1/cap/"}],
        "stations": []}).encode())
    lines = []
    for folder in ("audio", "node/audiomoth", "composed-day/card"):
        for f in sorted(os.listdir(f"{CAPTURES}/{folder}")):
            if f.lower().endswith(".wav"):
                name = f"{folder.replace('/', '-')}/{f}"
                src = f"{CAPTURES}/{folder}/{f}"
                os.makedirs(f"real/raw/n1/{os.path.dirname(name)}",
                            exist_ok=True)
                os.symlink(src, f"real/raw/n1/{name}")
                lines.append(json.dumps({
                    "n": name, "l": os.path.getsize(src),
                    "st": "closed"}) + "\n")
    with open("real/raw/n1/index.jsl", "w") as f:
        f.writelines(lines)
    listen("-a", "real", "-q")
    found = [r for folder in ("audio", "node-audiomoth", "composed-day-card")
             for r in rows(f"real/sound/n1/{folder}.csv")]
    captures = {r["capture"] for r in found}
    check("all are there", len(captures) == len(lines) == 68, len(captures))
    # A coffee shop stands in for one of the card's calm scenes.
    talk = {r["capture"] for r in found if r["flags"] == "speech"}
    check("voices", len(talk) == 9 and
          all("composed-day" in c for c in talk), talk)
    failed = {os.path.basename(r["capture"]) for r in found
              if r["quality"] != "1" and r["capture"] not in talk}
    check("only the empty ones fail", failed == {
        "20220104_183000_zero_byte.WAV", "oss_empty_2c_truncated45B.wav"},
        failed)
    test_own_offset()
    card = [r for r in found if "composed-day" in r["capture"]]
    check("the card's seconds", len(card) == 560, len(card))


make()
test_numbers_and_flags()
before = test_again()
test_growing(before)
test_killed(before)
test_full_disk(before)
test_refused()
test_examples()
test_told()
test_real()
raise SystemExit(bad > 0)
