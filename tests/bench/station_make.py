# SPDX-License-Identifier: MIT
"""Make a 31-day TOA5 table of 10 s rows (267,840 rows, 18 MB) at argv[1]."""
import sys
import numpy as np
import pandas as pd

n = 31 * 8640
rng = np.random.default_rng(1)
stamps = pd.date_range("2026-05-01 00:00:10", periods=n, freq="10s")
tips = np.where(rng.random(n) < 0.02, rng.integers(1, 3, n), 0) * 0.2
wind = np.round(rng.gamma(2, 1.3, n), 3)
gust = np.round(wind * 1.6, 3)
wdir = np.round(rng.random(n) * 360, 1)
temp = np.round(15 + 8 * np.sin(np.arange(n) / 8640 * 6.283), 2)
hum = np.round(60 + 20 * rng.random(n), 1)
pres = np.round(950 + 5 * np.sin(np.arange(n) / 50000), 2)
with open(sys.argv[1], "w", newline="") as f:
    f.write('"TOA5","mast","CR1000X","1","CR1000X.Std.05.01","CPU:m.CR1X","1",'
            '"Fast"\r\n'
            '"TIMESTAMP","RECORD","WS_ms_S_WVT","WS_ms_Max","WindDir_D1_WVT",'
            '"AirTC_Avg","RH","BP_mbar","Rain_mm_Tot"\r\n'
            '"TS","RN","meters/second","meters/second","Deg","Deg C","%",'
            '"mbar","mm"\r\n"","","WVc","Max","WVc","Avg","Smp","Smp","Tot"\r\n')
    for i, s in enumerate(stamps.strftime("%Y-%m-%d %H:%M:%S")):
        t = "0" if tips[i] == 0 else "%.1f" % tips[i]
        f.write(f'"{s}",{i},{wind[i]},{gust[i]},{wdir[i]},{temp[i]},{hum[i]},'
                f"{pres[i]},{t}\r\n")
