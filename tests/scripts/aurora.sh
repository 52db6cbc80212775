#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A made card of an Aurora node comes through wx-pull with every sample and
# every gap, each recording with its time; again, and after a kill, the same.
set -u
fail() { echo "aurora.sh:${BASH_LINENO[0]}: $*"; exit 1; }
stamps() { (cd season/raw && find . -type f -printf '%p %s %T@\n' | LC_ALL=C sort); }
sums() { (cd season/raw/aurora && find . -name 'data*' -type f | LC_ALL=C sort | xargs -d '\n' sha256sum); }

wx-sim -q -o hills --days 0.05 --nodes 0 --seed 7 --aurora --start 2024-06-01 ||
	fail "wx-sim"
# Nine minutes of it, and its torn end, are enough for a test.
card=hills/nodes/aurora
sha256sum $card/*.pcm hills/truth/aurora.csv >made
[ -s $card/data_seq_1_run_2_hour_1.pcm ] || fail "no second hour"
truncate -s $((32796 * 300)) $card/data_seq_1_run_2_hour_0.pcm
sha256sum $card/*.pcm >before

mkdir season
cat >season/site.json <<'E2'
{ "site": "hills", "nodes": [ { "id": "aurora", "source": "dir:../hills/nodes/aurora" } ],
  "stations": [], "windows": { "length_s": 1, "hop_s": 1 } }
E2
wx-pull -q -a season || fail "wx-pull: status $?"
sha256sum $card/*.pcm | cmp - before || fail "the card was changed"

/usr/bin/python3 - <<'P' || fail "not what was written"
import csv, json, struct, wave
from pathlib import Path

root = Path("season/raw/aurora")
index = [json.loads(s) for s in (root / "index.jsl").read_text().splitlines()]
truth = list(csv.DictReader(open("hills/truth/aurora.csv")))
PACKET, FRAMES = 32796, 16384
n_runs = n_long = 0
for name in sorted({t["file"] for t in truth}):
    raw = (root / name).read_bytes()
    assert raw == (Path("hills/nodes/aurora") / name).read_bytes()
    mine = [t for t in truth if t["file"] == name][:-(-len(raw) // PACKET)]
    # Runs, by the truth: a packet that begins where the last one ended.
    runs = []
    for k, t in enumerate(mine):
        ms, n = int(t["stamp_ms"]), int(t["n_frames"])
        sound = raw[k * PACKET + 4:][:2 * n]
        assert len(sound) == 2 * n
        if runs and ms == runs[-1][0] + 1000 * runs[-1][1]:
            runs[-1][1] += 1
            runs[-1][2] += sound
        else:
            runs.append([ms, 1, sound])
    lines = [o for o in index if o["n"].startswith(name + "~") and "ns" in o]
    assert len(lines) == len(runs), (len(lines), len(runs))
    zeros = 0
    for o, (ms, n, sound) in zip(lines, runs):
        swapped = bytearray(sound)
        swapped[0::2], swapped[1::2] = sound[1::2], sound[0::2]
        path = root / o["n"]
        with wave.open(str(path)) as w:
            assert w.getparams()[:3] == (1, 2, FRAMES), path
            assert w.readframes(w.getnframes()) == swapped, path
        assert o["m0"] == ms * 1000 and o["ns"] == len(sound) // 2, o
        assert o["m1"] == o["m0"] + o["ns"] * 1000000 // FRAMES, o
        assert o["b"] == 1000002 and o["l"] == path.stat().st_size, o
        zeros += swapped.count(b"\0\0")
    assert zeros > 0, "no sample of value 0 was put to the test"
    n_runs += len(runs)
    n_long += sum(r[1] > 1 for r in runs)
    assert [o["st"] for o in lines] == ["closed"] * (len(lines) - 1) + [
        "recovered" if len(raw) % PACKET else "closed"], name
    env = list(csv.DictReader(open(root / (name + "~env.csv"))))
    whole = [t for t in mine if t["pressure_hpa"]]
    assert len(env) == len(whole)
    for e, t in zip(env, whole):
        assert int(e["m"]) == 1000 * int(t["stamp_ms"])
        for key in ("air_temp_degc", "rel_hum_pct", "pressure_hpa"):
            assert abs(float(e[key]) - float(t[key])) < 0.0011, (e, t)
assert n_long > 5, n_long
assert n_runs > 500, n_runs
P

# Nothing is made twice; what was lost or cut short is made again, the same.
stamps >was
wx-pull -q -a season || fail "second pull: status $?"
stamps | grep -v -e clock.jsonl -e journal | cmp - <(grep -v -e clock.jsonl -e journal was) ||
	fail "the second pull changed files"
sums >want
rm season/raw/aurora/data_seq_1_run_2_hour_0.pcm~0007.wav
: >season/raw/aurora/data_seq_1_run_2_hour_1.pcm~0002.wav
wx-pull -q -a season || fail "third pull: status $?"
sums | cmp - want || fail "not the same again"

# Sound with gaps goes on: windows lie within runs, none reaches over a gap.
wx-listen -q -a season && wx-align -q -a season || fail "listen, align"
n=$(tail -qn +2 season/sound/aurora/*.csv | wc -l)
[ "$n" -ge 600 ] || fail "$n rows of sound"

# The site is a function of its options: what was cut off is made again.
wx-sim -q -o hills --days 0.05 --nodes 0 --seed 7 --aurora --start 2024-06-01 ||
	fail "wx-sim again"
sha256sum $card/*.pcm hills/truth/aurora.csv | cmp - made || fail "other bytes"
