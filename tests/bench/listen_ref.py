#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The table of wx-listen as a numpy/scipy script, for whole seconds, without
scores of speech and the flags of rarer flaws.

listen_ref.py FOLDER PREFIX OUT.csv: every WAV of FOLDER, as capture PREFIX/NAME.
All seconds of a capture go through one call of scipy.signal.welch, in float32.
"""
import os
import sys

import numpy as np
import pandas as pd
from scipy import signal
from scipy.io import wavfile

EDGES = [20, 60, 100, 200, 400, 600, 1200, 2000, 3000, 4400, 5600, 7000, 7900]
BANDS = [f"band_{a}_{b}_db" for a, b in zip(EDGES, EDGES[1:])]
FLOOR = 10 ** (-150 / 10)


def db(power):
    return 10 * np.log10(np.maximum(power, FLOOR))


def longest_zero_run(x):
    """Longest run of zeros, in samples, per row."""
    flat = np.flatnonzero(x.ravel() == 0)
    longest = np.zeros(len(x), int)
    if len(flat):
        starts = np.flatnonzero(
            (np.diff(flat, prepend=-2) != 1) | (flat % x.shape[1] == 0))
        lengths = np.diff(np.append(starts, len(flat)))
        np.maximum.at(longest, flat[starts] // x.shape[1], lengths)
    return longest


def flat_top(x):
    """Three equal samples in a row at the row's own extreme, if it is loud."""
    result = np.zeros(len(x), bool)
    for i in np.flatnonzero(np.abs(x).max(axis=1) >= 0.5):
        row = x[i]
        for v in (row.min(), row.max()):
            at = row == v
            result[i] |= abs(v) >= 0.5 and (at[2:] & at[1:-1] & at[:-2]).any()
    return result


def table(path, capture):
    rate, pcm = wavfile.read(path)
    n = len(pcm) // rate
    x = pcm[:n * rate].reshape(n, rate).astype(np.float32) / 32768
    peak = np.abs(x).max(axis=1)
    share = (np.abs(x) >= 32767 / 32768).mean(axis=1)
    zeros = longest_zero_run(x) / rate
    few = np.array([len(np.unique(row[:2000])) < 16 and
                    len(np.unique(row)) < 16 for row in x], bool)
    flat = flat_top(x)
    dc = x.mean(axis=1)
    x -= x.mean(axis=1, keepdims=True)
    level = db((x * x).mean(axis=1))
    f, psd = signal.welch(x, rate, "hann", 1024, 512, detrend=False)
    psd *= f[1]
    out = {"capture": capture, "offset_s": np.arange(n, dtype=float),
           "length_s": 1.0, "level_dbfs": level, "peak_dbfs": db(peak ** 2)}
    for name, low, high in zip(BANDS, EDGES, EDGES[1:]):
        out[name] = (db(psd[:, (f >= low) & (f < high)].sum(axis=1))
                     if high <= rate / 2 else np.nan)
    mid = psd[:, (f >= 600) & (f < 1200)]
    with np.errstate(divide="ignore", invalid="ignore"):
        out["flatness_600_1200"] = (np.exp(np.log(mid).mean(axis=1)) /
                                    mid.mean(axis=1))
    out["speech"] = np.nan
    dead = (level < -80) | few
    words = [("clipped", (share > 1e-4) | flat, share > 1e-3),
             ("zero_run", zeros > 0.010, zeros > 0.100),
             ("quiet", (level < -60) & ~dead, np.zeros(n, bool)),
             ("dead", dead, dead)]
    out["quality"] = np.where(np.any([w[2] for w in words], axis=0), 4,
                              np.where(np.any([w[1] for w in words], axis=0),
                                       3, 1))
    out["flags"] = [" ".join(w[0] for w in words if w[1][i])
                    for i in range(n)]
    out["dc"] = dc
    return pd.DataFrame(out)


def main():
    folder, prefix, out = sys.argv[1:]
    tables = [table(os.path.join(folder, name), f"{prefix}/{name}")
              for name in sorted(os.listdir(folder)) if name.endswith(".wav")]
    t = pd.concat(tables)
    decimals = {"offset_s": 3, "length_s": 3, "flatness_600_1200": 3, "dc": 4}
    for c in t.columns:
        if t[c].dtype.kind == "f":
            t[c] = t[c].astype(float).round(decimals.get(c, 1))
    t.to_csv(out, index=False)


main()
