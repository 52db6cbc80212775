#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The notebook that wx-label is measured against: label_ref.py OBS WINDOWS OUT.

Rain by the bare inter-tip rate with event rules, wind by the overlap-weighted
mean of the station's rows, classes by fixed limits, vectorised as a competent
user of pandas and numpy would write it. No probabilities, no uncertainty.
"""
import sys
import numpy as np
import pandas as pd

obs_path, win_path, out_path = sys.argv[1:]
B, TAU, GMAX = 0.2, 0.45, 1800.0

obs = pd.read_csv(obs_path, parse_dates=["utc"])
win = pd.read_csv(win_path, parse_dates=["start_utc"])
end = obs["utc"].to_numpy("datetime64[ns]").astype("int64") / 1e9
dur = obs["interval_s"].to_numpy(float)
t0 = win["start_utc"].to_numpy("datetime64[ns]").astype("int64") / 1e9
t1 = t0 + win["length_s"].to_numpy(float)

# tips: spread those of a row evenly over it
n = obs["tips"].fillna(0).to_numpy(int)
row = np.repeat(np.arange(len(n)), n)
first = np.cumsum(n) - n
k = np.arange(n.sum()) - first[row]
tips = np.sort(end[row] - dur[row] + (k + 0.5) * dur[row] / n[row])

# knots of cumulated rain, with one more before the first and after the last
# tip of an event
gap = np.diff(tips)
new = np.concatenate([[True], gap > GMAX])
last = np.concatenate([gap > GMAX, [True]])
nxt = np.concatenate([gap, [np.inf]])
prv = np.concatenate([[np.inf], gap])
head = np.minimum(np.where(last, np.inf, nxt), GMAX / 4)[new]
tail = np.minimum(np.where(new, np.inf, prv), GMAX / 4)[last] / 2
knot_t = np.concatenate([tips, tips[new] - head, tips[last] + tail])
knot_mm = np.concatenate([np.full(len(tips), B), np.zeros(new.sum()),
                          np.full(last.sum(), B / 2)])
order = np.argsort(knot_t, kind="stable")
knot_t, mm = knot_t[order], np.cumsum(knot_mm[order])
rate = 3600 * (np.interp(t1, knot_t, mm) - np.interp(t0, knot_t, mm)) / (t1 - t0)
rate /= 1 - np.minimum(TAU * rate / (3600 * B), 0.5)

# wind: integral of the rows' means, interpolated at the windows' ends
run = np.concatenate([[0], np.cumsum(obs["wind_avg_m_s"].to_numpy() * dur)])
edge = np.concatenate([[end[0] - dur[0]], end])
wind = (np.interp(t1, edge, run) - np.interp(t0, edge, run)) / (t1 - t0)
gust = obs["wind_gust_m_s"].to_numpy()
i = np.clip(np.searchsorted(end, t0, side="right"), 0, len(end) - 1)
j = np.clip(np.searchsorted(end, t1, side="left"), 0, len(end) - 1)
gust = np.fmax(gust[i], gust[j])

out = win[["node", "capture", "offset_s", "start_utc", "length_s"]].copy()
out["rain_mm_h"] = rate.round(2)
out["rain_class"] = np.array(["none", "little", "rain"])[
    np.digitize(rate, [0.1, 2.5])]
out["wind_m_s"] = wind.round(2)
out["wind_gust_m_s"] = gust
out["wind_class"] = np.array(["calm", "breeze", "wind"])[
    np.digitize(wind, [1.5, 5.5])]
out["wind_keep"] = np.min([np.abs(wind / 1.5 - 1), np.abs(wind / 5.5 - 1)],
                          axis=0) > 0.15
out.to_csv(out_path, index=False, date_format="%Y-%m-%dT%H:%M:%S.%fZ")
