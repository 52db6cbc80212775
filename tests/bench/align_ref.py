# SPDX-License-Identifier: MIT
"""The same by a competent user: pandas for the index, a weighted line through
the quickest exchanges of each night, windows as a table a day. No rejection of
bad anchors, no wander, no air, no quality.

align_ref.py ARCHIVE OUT
"""
import os
import sys

import numpy as np
import pandas as pd

archive, out = sys.argv[1:]
raw = f"{archive}/raw/n1"
index = pd.read_json(f"{raw}/index.jsl", lines=True, dtype=False)
index = index[(index.st == "closed") & index.n.str.endswith(".wav")]
size = {}
for folder in index.n.str.rsplit("/", n=1).str[0].unique():
    with os.scandir(f"{raw}/{folder}") as entries:
        for e in entries:
            size[f"{folder}/{e.name}"] = e.stat().st_size
index = index[index.n.map(size) == index.l].sort_values("n")

x = pd.read_json(f"{raw}/clock.jsonl", lines=True, dtype=False,
                 convert_dates=False)
x["delay"] = (x.t4 - x.t1) - (x.m3 - x.m2)
x["m"] = (x.m2 + x.m3) // 2
x["utc"] = (x.t1 + x.t4) // 2
x["burst"] = (x.m // 3_600_000_000)
x = x[x.delay <= x.groupby("burst").delay.transform(
    lambda d: d.quantile(0.25))]
a = x.groupby("burst")[["m", "utc"]].median()
m_mid, off = a.m.mean(), (a.utc - a.m).iloc[0]
rate, at = np.polyfit((a.m - m_mid) * 1e-6, (a.utc - a.m - off) * 1e-6, 1)

n = (index.ns // (10 * index.fs)).to_numpy().astype(int)
w = index.loc[index.index.repeat(n), ["n", "m0", "m1", "ns", "fs"]]
k = np.arange(len(w)) - np.repeat(np.cumsum(n) - n, n)
frame = k * 10 * w.fs
m = w.m0 + frame * (w.m1 - w.m0) / w.ns
utc = m + off + (at + rate * (m - m_mid) * 1e-6) * 1e6
start = pd.to_datetime((utc / 1000).round().astype("int64"), unit="ms")
sigma = np.abs(m.to_numpy()[:, None] - a.m.to_numpy()).min(1) * 7e-12 + 0.02
table = pd.DataFrame({
    "node": "n1", "capture": "raw/n1/" + w.n, "offset_s": frame / w.fs,
    "start_utc": start.dt.strftime("%Y-%m-%dT%H:%M:%S.%f").str[:-3] + "Z",
    "length_s": 10.0, "max_err_s": sigma, "air_temp_degc": "",
    "rel_hum_pct": "", "pressure_hpa": "", "quality": 2, "flags": ""})
os.makedirs(out, exist_ok=True)
for day, rows in table.groupby(start.dt.date.to_numpy(), sort=True):
    rows.sort_values(["start_utc", "capture", "offset_s"]).to_csv(
        f"{out}/{day}.csv", index=False, float_format="%.3f")
