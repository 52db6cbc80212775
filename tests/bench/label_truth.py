#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How right wx-label is where the truth is known.

    label_truth.py [--step S] [--bucket MM] [--window S] [--seeds N] [SERIES.csv...]

Each series of true rain (epoch_s,mm_per_h, or epoch_s,mm drop by drop; without
files: six made ones, always the same) is put through a tipping bucket with a
random start fill that loses 0.5 s of water each tip. The tips, exact or counted
in rows of --step seconds, go to wx-label, and its labels of windows within 30
minutes of true rain are held to the truth: none < 0.1 <= little < 2.5 <= rain.
Beside them, on the same windows: tips in the window, tips in the minute, and
the bare inter-tip rate. Standard library only.
"""
import argparse, bisect, csv, math, os, random, subprocess, sys, tempfile
from datetime import datetime, timezone

LIMITS = (0.1, 2.5)
NAMES = ("none", "little", "rain")


def utc(t):
    return datetime.fromtimestamp(t, timezone.utc).isoformat(
        timespec="milliseconds").replace("+00:00", "Z")


def class_of(rate):
    return sum(rate >= limit for limit in LIMITS)


def made(seed):
    """Two days of rain events: log-normal rates that wander, with breaks."""
    rng = random.Random(seed)
    step, n = 10, 2 * 8640
    rate = [0.0] * n
    i = int(rng.uniform(200, 1500))
    while i < n:
        length = int(rng.lognormvariate(math.log(240), 1.0)) + 6
        mean = rng.lognormvariate(math.log(1.0), 1.1)
        x, wet = 0.0, True
        for k in range(i, min(i + length, n)):
            x = 0.985 * x + 0.173 * rng.gauss(0, 1)
            if rng.random() < (0.004 if wet else 0.03):
                wet = not wet
            ramp = min(1, (k - i + 1) / 30, (i + length - k) / 30)
            if wet:
                rate[k] = min(mean * ramp * math.exp(0.9 * x - 0.3), 150)
        i += length + int(rng.lognormvariate(math.log(900), 1.2)) + 30
    return f"made {seed}", 1_700_000_000, step, rate


def read(path, window):
    with open(path, newline="") as f:
        rows = list(csv.reader(f))
    head, rows = rows[0], [(float(a), float(b)) for a, b in rows[1:]]
    name = os.path.basename(path).rsplit(".", 1)[0]
    t0 = math.floor(rows[0][0] / 60) * 60
    if head[1] == "mm":  # drops: into rates of a window
        n = int((rows[-1][0] - t0) // window) + 1
        rate = [0.0] * n
        for t, mm in rows:
            rate[int((t - t0) // window)] += mm * 3600 / window
        return name, t0, window, rate
    gaps = sorted(b[0] - a[0] for a, b in zip(rows, rows[1:]))
    step = int(gaps[len(gaps) // 2])
    n = int((rows[-1][0] - rows[0][0]) // step) + 1
    rate = [0.0] * n
    for t, r in rows:
        rate[int((t - rows[0][0]) // step)] = max(r, 0) if r == r else 0
    return name, rows[0][0], step, rate


def tips_of(t0, step, rate, bucket, rng):
    tips, fill = [], rng.uniform(0, bucket)
    deaf = 0.0  # until then water is lost
    for i, r in enumerate(rate):
        t, end = t0 + i * step, t0 + (i + 1) * step
        while r > 0 and t < end:
            if t < deaf:
                t = min(deaf, end)
                continue
            full = t + (bucket - fill) * 3600 / r
            if full > end:
                fill += r * (end - t) / 3600
                break
            tips.append(full)
            t, fill, deaf = full, 0.0, full + 0.5
    return tips


def write_obs(path, tips, start, end, step):
    with open(path, "w") as f:
        f.write("utc,interval_s,tips\n")
        if not step:
            for t, n in [(start, 0)] + [(t, 1) for t in tips] + [(end, 0)]:
                f.write(f"{utc(t)},0,{n}\n")
            return
        start = math.floor(start / step) * step
        n = [0] * (int((end - start) // step) + 1)
        for t in tips:
            n[int((t - start) // step)] += 1
        for i, k in enumerate(n):
            f.write(f"{utc(start + (i + 1) * step)},{step},{k}\n")


def naive(tips, t, window, bucket):
    """Classes by tips in the window, in the minute, bare inter-tip."""
    def count(a, b):
        return bisect.bisect_left(tips, b) - bisect.bisect_left(tips, a)
    minute = math.floor(t / 60) * 60
    i = bisect.bisect_right(tips, t + window / 2)
    gap = tips[i] - tips[i - 1] if 0 < i < len(tips) else math.inf
    return (class_of(count(t, t + window) * bucket * 3600 / window),
            class_of(count(minute, minute + 60) * bucket * 60),
            class_of(3600 * bucket / gap))


def judge(series, args, seed, folder):
    """Rows (truth, label, p, keep, naive classes) near rain."""
    name, t0, step, rate = series
    rng = random.Random(seed)
    tips = tips_of(t0, step, rate, args.bucket, rng)
    day, w = 86400, args.window
    n = int(len(rate) * step // w)
    truth = []
    for i in range(n):  # mean over the window
        a, b, mm = i * w, (i + 1) * w, 0.0
        for k in range(int(a // step), min(int((b - 1e-6) // step) + 1, len(rate))):
            mm += rate[k] * (min(b, (k + 1) * step) - max(a, k * step))
        truth.append(mm / w)
    wet = [i for i, r in enumerate(truth) if r >= LIMITS[0]]
    reach, near = 1800 // w, set()
    for i in wet:
        near.update(range(max(0, i - reach), min(n, i + reach + 1)))
    near = sorted(near)
    if not near:
        return []
    obs, win = os.path.join(folder, "obs.csv"), os.path.join(folder, "win.csv")
    write_obs(obs, tips, t0 - day, t0 + len(rate) * step + day, args.step)
    err = f"{args.max_err:.3f}" if args.max_err else ""
    with open(win, "w") as f:
        f.write("start_utc,length_s,max_err_s\n")
        for i in near:
            f.write(f"{utc(t0 + i * w + args.shift)},{w},{err}\n")
    out = subprocess.run(["wx-label", "-q", "--station", obs, "--bucket",
                          str(args.bucket), "-c", args.profile, win], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    rows = []
    for i, r in zip(near, csv.DictReader(out.splitlines()), strict=True):
        probs = [float(p) for p in r["rain_probs"].split(";")]
        rows.append((class_of(truth[i]), NAMES.index(r["rain_class"]),
                     float(r["rain_p"]), int(r["rain_keep"]),
                     naive(tips, t0 + i * w, w, args.bucket), probs))
    return rows


def share(pairs):
    pairs = list(pairs)
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else math.nan


def balanced(pairs):
    recalls = [share((a, b) for a, b in pairs if a == c) for c in range(3)]
    recalls = [r for r in recalls if r == r]
    return sum(recalls) / len(recalls)


def figures(rows):
    pairs = [(r[0], r[1]) for r in rows]
    sure = sorted(rows, key=lambda r: -r[2])
    kept = [(r[0], r[1]) for r in rows if r[3]]
    f = {"n": len(rows), "acc3": share(pairs), "balanced": balanced(pairs),
         "acc2": share((a == 2, b == 2) for a, b in pairs),
         "cov80": share((r[0], r[1]) for r in sure[:int(.8 * len(sure))]),
         "cov70": share((r[0], r[1]) for r in sure[:int(.7 * len(sure))]),
         "kept": len(kept) / len(rows), "acc_kept": share(kept)}
    for k, name in enumerate(("window", "minute", "bare")):
        f[name] = share((r[0], r[4][k]) for r in rows)
    return f


def show(name, rows):
    f = figures(rows)
    print(f"{name:34} {f['n']:7} {f['acc3']:.3f} {f['balanced']:.3f} {f['acc2']:.3f}"
          f" {f['cov80']:.3f} {f['cov70']:.3f}  {f['kept']:.2f} {f['acc_kept']:.3f}"
          f"   {f['window']:.3f} {f['minute']:.3f} {f['bare']:.3f}")
    return f


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--step", type=int, default=0)
    p.add_argument("--bucket", type=float, default=0.2)
    p.add_argument("--window", type=int, default=10)
    p.add_argument("--seeds", type=int, default=2)
    p.add_argument("--shift", type=float, default=0)
    p.add_argument("--max-err", type=float, default=0)
    p.add_argument("--profile", default="aurora3")
    p.add_argument("--calibration", action="store_true")
    p.add_argument("--at-least", nargs=5, type=float, metavar="F",
                   help="acc3 balanced acc2 cov80 cov70: exit 1 below")
    p.add_argument("series", nargs="*")
    args = p.parse_args()
    series = [read(s, args.window) for s in args.series] or \
        [made(s) for s in range(1, 7)]
    print(f"{'':34} windows acc3  bal.  acc2  @80 % @70 %  kept acc.  "
          f"  window minute bare")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for s in series:
            one = [r for seed in range(args.seeds)
                   for r in judge(s, args, seed, folder)]
            if one:
                show(s[0], one)
            rows += one
    f = show("all", rows)
    if args.calibration:
        for k in range(5, 10):
            bin_ = [r for r in rows if k / 10 <= r[2] < (k + 1) / 10 + (k == 9)]
            if bin_:
                print(f"p {k/10:.1f}: {len(bin_):6} mean p "
                      f"{sum(r[2] for r in bin_)/len(bin_):.3f} right "
                      f"{share((r[0], r[1]) for r in bin_):.3f}")
    if args.at_least:
        for name, least in zip(("acc3", "balanced", "acc2", "cov80", "cov70"),
                               args.at_least):
            if not f[name] >= least:
                print(f"{name}: {f[name]:.3f}, expected at least {least}")
                sys.exit(1)


main()
