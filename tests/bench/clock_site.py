# SPDX-License-Identifier: MIT
"""Made sites of 30 days by the whole tool: wx-sim, pulls as its clocks would have
answered them, wx-align, and how wrong windows are against the truth.

clock_site.py [FIRST-]LAST [OPTION...]   seeds; options are wx-sim's
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
from multiprocessing import Pool

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
    """air: "node", "station" or "none"; whose temperature there is"""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(f"{site}/nodes", f"{root}/raw", copy_function=os.link)
    shutil.copy(f"{site}/site.json", root)
    if air == "station":
        shutil.copytree(f"{site}/tables", f"{root}/station", copy_function=os.link)
    for node in sim["nodes"]:
        raw = f"{root}/raw/{node['id']}"
        lines = [json.loads(x) for x in open(f"{site}/nodes/{node['id']}/index.jsl")
                 if x.endswith("}\n")]
        os.remove(f"{raw}/index.jsl")
        with open(f"{raw}/index.jsl", "w") as f:
            for x in lines:
                if "ev" in x or air != "node" and "env" in x.get("n", ""):
                    continue
                if air != "node":
                    x.pop("T", None)
                f.write(json.dumps(x) + "\n")
        rng = random.Random(sim["seed"])
        m_at = clock_of(node)
        with open(f"{raw}/clock.jsonl", "w") as f:
            for t in times:
                for x in pull(rng, m_at, t, serial):
                    f.write(json.dumps(x) + "\n")
    subprocess.run(["wx-align", "-q", "-a", root], check=True)


def judge(root, site):
    """[(error, max_err_s)] of what is dated by anchors"""
    truth = {r["capture"]: at_s(r["start_utc"])
             for r in csv.DictReader(open(f"{site}/truth/captures.csv"))}
    rows = (r for path in glob.glob(f"{root}/windows/*/*.csv")
            for r in csv.DictReader(open(path)))
    return [(abs(at_s(r["start_utc"]) - truth[r["capture"]] - float(r["offset_s"])),
             float(r["max_err_s"]))
            for r in rows if r["start_utc"] and "unanchored" not in r["flags"]]


KINDS = {  # days from pull to pull, serial, whose temperature
    "nightly, HTTP, T": (1, False, "node"),
    "nightly, serial, T": (1, True, "node"),
    "nightly, HTTP, mast's T": (1, False, "station"),
    "nightly, HTTP, no T": (1, False, "none"),
    "a visit a month, T": (30, False, "node"),
}


def one(seed):
    site, root = f"site-{seed}", f"season-{seed}"
    subprocess.run(["wx-sim", "-q", "-o", site, "--days", "30", "--nodes", "2",
                    "--every-s", "14400", "--capture-s", "10", "--rate", "8000",
                    "--start", "2026-06-01", "--seed", str(seed)] + sys.argv[2:],
                   check=True)
    sim = json.load(open(f"{site}/sim.json"))
    start = int(at_s(sim["start_utc"]) * 1e6)
    os.rename(f"{site}/station", f"{site}/logs")
    text = open(f"{site}/site.json").read().replace("file:station/", "file:logs/")
    with open(f"{site}/site.json", "w") as f:
        f.write(text)
    subprocess.run(["wx-station", "-q", "-a", site], check=True)
    os.rename(f"{site}/station", f"{site}/tables")
    found = {}
    for name, (days, serial, air) in KINDS.items():
        times = [start + d * DAY + 2 * 3600 * 1_000_000 for d in range(0, 30, days)]
        # Whoever visits comes by when a boot ends, and at the end.
        for b in (b for n in sim["nodes"] for b in n["boots"]):
            if days > 1:
                times += [b["on_us"] + 60_000_000,
                          min(b.get("off_us", 1 << 62), start + 30 * DAY) - 60_000_000]
        times.append(start + 30 * DAY - 60_000_000)
        make(root, site, sim, sorted(times), serial, air)
        found[name] = judge(root, site)
    shutil.rmtree(site)
    shutil.rmtree(root)
    return found


def share(v, p):
    return sorted(v)[min(int(p * len(v)), len(v) - 1)]


def tell(name, seeds):
    """One kind, a list of windows for each seed: is the bound one?"""
    def inside(v):
        return sum(e <= b for e, b in v) / len(v)
    v = [x for s in seeds for x in s]
    error, bound = [x[0] for x in v], [x[1] for x in v]
    p95 = [share([x[0] for x in s], .95) for s in seeds]
    print(f"whole tool, {name:24} {len(seeds):3} seeds {len(v):6} windows, error p50 "
          f"{share(error, .5):.3f} p95 {share(error, .95):.3f} max {max(error):.3f} (p95 of a "
          f"seed: median {share(p95, .5):.3f}, worst {max(p95):.3f}), max_err_s p50 "
          f"{share(bound, .5):.3f}, inside {100 * inside(v):.1f} % (worst seed "
          f"{100 * min(map(inside, seeds)):.0f})")
    return inside(v) >= 0.95


def main():
    first, _, last = sys.argv[1].rpartition("-")
    with Pool() as pool:
        found = pool.map(one, range(int(first or 1), int(last) + 1), chunksize=1)
    return not all([tell(name, [f[name] for f in found]) for name in KINDS])


sys.exit(main())
