# SPDX-License-Identifier: MIT
"""A day of two barometers at 1 Hz, one 12.345 s ahead of the other: pressure
that walks (3 Pa in a minute), 1.5 Pa of noise in each. OUT: utc_us (int64) and
hPa (float64) of either, as they lie in memory.

lag_made.py OUT
"""
import sys

import numpy as np

rng = np.random.default_rng(1)
n, sub, ahead_s = 86400, 4, 12.345
weather = np.cumsum(rng.normal(0, 3 * np.sqrt(1 / sub / 60), (n + 60) * sub))
grid_s = np.arange(len(weather)) / sub


def sensor(t_s):
    pa = np.interp(t_s, grid_s, weather) + rng.normal(0, 1.5, n)
    return 960 + pa / 100


t_s = np.arange(n) + 20
with open(sys.argv[1], "wb") as out:
    for at_s, clock_s in ((t_s + 0.3, ahead_s), (t_s + 0.8, 0)):
        out.write(np.round((at_s + clock_s) * 1e6).astype("<i8").tobytes())
        out.write(sensor(at_s).astype("<f8").tobytes())
