# SPDX-License-Identifier: MIT
"""Made sites of 30 days by the whole tool: wx-sim, pulls as its clocks would have
answered them, wx-align, and how wrong windows are against the truth.

clock_site.py SEEDS [OPTION...]   options are wx-sim's
"""
import csv
import glob
import json
import os
import random
import shutil
import subprocess
import sys
from datetime import datetime

DAY = 86_400_000_000


def at_s(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def clock_of(node):
    """(true UTC in us) -> (boot, m), None without power; as sim.json has it."""
    boots, knot = node["boots"], node["knot_us"]

    def m_at(t):
        for b in boots:
            if not b["on_us"] <= t < b.get("off_us", 1 << 62):
                continue
            d, x = b["drift_us"], (t - b["on_us"]) / knot
            i = min(int(x), len(d) - 2)
            return b["boot"], round(t - b["on_us"] + d[i] + (d[i + 1] - d[i]) * (x - i))
        return None
    return m_at


def pull(rng, m_at, t, serial):
    """32 exchanges: 1 ms of HTTP, or a serial adapter that holds answers back."""
    for _ in range(32):
        there = rng.uniform(300, 700)
        back = rng.uniform(2000, 16000) if serial else rng.uniform(300, 700)
        if not serial and rng.random() < 0.3:
            back += rng.uniform(0, 10000)
        got = m_at(t + there)
        if not got:
            return
        yield {"t1": round(t), "t4": round(t + there + back) + 20, "b": got[0],
               "m2": got[1], "m3": got[1] + 20, "host_synced": True,
               "host_est_err_us": 500}
        t += there + back + 2000


def make(root, site, sim, times, serial, air):
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(f"{site}/nodes", f"{root}/raw", copy_function=os.link)
    shutil.copy(f"{site}/site.json", root)
    for node in sim["nodes"]:
        raw = f"{root}/raw/{node['id']}"
        lines = [json.loads(x) for x in open(f"{site}/nodes/{node['id']}/index.jsl")
                 if x.endswith("}\n")]
        os.remove(f"{raw}/index.jsl")
        with open(f"{raw}/index.jsl", "w") as f:
            for x in lines:
                if "ev" in x or not air and "env" in x.get("n", ""):
                    continue
                if not air:
                    x.pop("T", None)
                f.write(json.dumps(x) + "\n")
        rng = random.Random(sim["seed"])
        m_at = clock_of(node)
        with open(f"{raw}/clock.jsonl", "w") as f:
            for t in times:
                for x in pull(rng, m_at, t, serial):
                    f.write(json.dumps(x) + "\n")
    subprocess.run(["wx-align", "-q", "-a", root], check=True)


def judge(root, site, found):
    truth = {r["capture"]: at_s(r["start_utc"])
             for r in csv.DictReader(open(f"{site}/truth/captures.csv"))}
    for path in glob.glob(f"{root}/windows/*/*.csv"):
        for r in csv.DictReader(open(path)):
            if r["start_utc"] and "unanchored" not in r["flags"]:
                found.append((abs(at_s(r["start_utc"]) - truth[r["capture"]]
                                  - float(r["offset_s"])), float(r["max_err_s"])))


def share(v, p):
    return sorted(v)[min(int(p * len(v)), len(v) - 1)]


def main():
    kinds = [("nightly, HTTP, T", 1, False, True), ("nightly, serial, T", 1, True, True),
             ("nightly, HTTP, no T", 1, False, False),
             ("a visit a month, T", 30, False, True)]
    found = {k[0]: [] for k in kinds}
    for seed in range(1, int(sys.argv[1]) + 1):
        subprocess.run(["wx-sim", "-q", "-o", "site", "--days", "30", "--nodes", "2",
                        "--every-s", "14400", "--capture-s", "10", "--rate", "8000",
                        "--start", "2026-06-01", "--seed", str(seed)] + sys.argv[2:],
                       check=True)
        sim = json.load(open("site/sim.json"))
        start = int(at_s(sim["start_utc"]) * 1e6)
        for name, days, serial, air in kinds:
            times = [start + d * DAY + 2 * 3600 * 1_000_000 for d in range(0, 30, days)]
            # Whoever visits comes by when a boot ends, and at the end.
            for b in (b for n in sim["nodes"] for b in n["boots"]):
                if days > 1:
                    times += [b["on_us"] + 60_000_000,
                              min(b.get("off_us", 1 << 62), start + 30 * DAY) - 60_000_000]
            times.append(start + 30 * DAY - 60_000_000)
            make("season", "site", sim, sorted(times), serial, air)
            judge("season", "site", found[name])
        shutil.rmtree("site")
    bad = 0
    for name, v in found.items():
        error, bound = [x[0] for x in v], [x[1] for x in v]
        inside = sum(e <= b for e, b in v) / len(v)
        print(f"whole tool, {name:20} {len(v):5} windows, error p50 {share(error, .5):.3f} "
              f"p95 {share(error, .95):.3f} max {max(error):.3f}, max_err_s p50 "
              f"{share(bound, .5):.3f}, inside {100 * inside:.1f} %")
        bad += inside < 0.95
    return bad


sys.exit(main())
