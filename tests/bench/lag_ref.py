# SPDX-License-Identifier: MIT
"""The lag between two barometers by a competent user: numpy and scipy's Welch
machinery, Hannan-Thomson, 200 bootstrap resamples of 24 segments with their
spectra kept, top of the curve by upsampling eight times. Only the near search;
no drift, no verdict.

lag_ref.py IN
"""
import sys

import numpy as np
import pandas as pd
from scipy import fft, signal

n, max_lag, length, hop = 86400, 600, 6912, 3456
raw = np.fromfile(sys.argv[1], dtype="<i8").reshape(4, n)
t = raw[[0, 2]] * 1e-6
x = raw[[1, 3]].view("<f8")
step, origin = 1.0, t[:, 0]  # even already
x = np.stack([v - pd.Series(v).rolling(10801, center=True, min_periods=1)
              .mean().to_numpy() for v in x])
for v in x:
    mad = np.median(np.abs(v))
    np.clip(v, -6 * mad, 6 * mad, out=v)
seg = np.lib.stride_tricks.sliding_window_view(x, length, axis=1)[:, ::hop]
seg = signal.detrend(seg, axis=-1) * signal.windows.hann(length, sym=False)
spec = fft.rfft(seg.astype(np.float32), axis=-1)
cross = spec[0] * spec[1].conj()
power = np.abs(spec) ** 2
usable = np.arange(cross.shape[1]) < cross.shape[1] // 2
usable[0] = False


def lag_of(count):
    k = count.sum() ** 2 / (count ** 2).sum()
    s = count @ cross
    pa, pb = count @ power[0], count @ power[1]
    mag = np.abs(s)
    coh = np.clip((mag ** 2 / (pa * pb) - 1 / k) / (1 - 1 / k), 0, 0.999)
    w = np.where(usable, coh / (1 - coh) * s / np.maximum(mag, 1e-30), 0)
    r = fft.irfft(w, 8 * length)
    near = np.r_[r[-8 * max_lag:], r[:8 * max_lag + 1]]
    i = int(np.argmax(near))
    d = 0.0
    if 0 < i < len(near) - 1:
        a, b, c = near[i - 1:i + 2]
        d = (a - c) / (2 * (a - 2 * b + c))
    return (i + d) / 8 - max_lag + origin[0] - origin[1]


segments = cross.shape[0]
best = lag_of(np.ones(segments, np.float32))
rng = np.random.default_rng(1)
draws = [lag_of(np.bincount(rng.integers(0, segments, segments),
                            minlength=segments).astype(np.float32))
         for _ in range(200)]
print(f"{best:.3f} {np.std(draws):.3f}")
