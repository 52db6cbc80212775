#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""label_made.py OBS WINDOWS: a month of 10 s station rows and 10 s windows."""
import random
import sys
from datetime import datetime, timedelta, timezone

rng = random.Random(1)
t0 = datetime(2026, 1, 1, tzinfo=timezone.utc)
n = 31 * 8640
wind, rate, fill, wet = 4.0, 0.0, 0.1, False
stamps = [(t0 + timedelta(seconds=10 * i)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
          for i in range(n + 1)]
with open(sys.argv[1], "w") as obs, open(sys.argv[2], "w") as win:
    obs.write("utc,interval_s,tips,rain_mm,cup_turns,wind_avg_m_s,wind_gust_m_s,"
              "wind_dir_deg,air_temp_degc,rel_hum_pct,pressure_hpa,flags\n")
    win.write("node,capture,offset_s,start_utc,length_s,max_err_s,air_temp_degc,"
              "rel_hum_pct,pressure_hpa,quality,flags\n")
    for i in range(n):
        wind = max(0.0, 0.98 * wind + 0.02 * 4 + rng.gauss(0, 0.35))
        if rng.random() < (1 / 700 if wet else 1 / 6000):
            wet = not wet
            rate = rng.lognormvariate(0.7, 1.0)
        if wet:
            rate *= rng.lognormvariate(0, 0.1)
            fill += min(rate, 100) / 360
        tips, fill = int(fill / 0.2), fill % 0.2
        obs.write(f"{stamps[i + 1]},10,{tips},{0.2 * tips:.1f},,{wind:.2f},"
                  f"{wind * 1.3:.2f},{230 + rng.random() * 40:.0f},"
                  f"{12 + rng.random():.2f},{70 + 5 * rng.random():.1f},"
                  f"{985 + rng.random():.2f},\n")
        win.write(f"n1,raw/n1/b0001/{i // 6:06d}.wav,{i % 6 * 10:.3f},"
                  f"{stamps[i][:-4]}{rng.randrange(1000):03d}Z,10.000,0.040,"
                  f"{12 + rng.random():.2f},{75 + rng.random():.1f},"
                  f"{985 + rng.random():.2f},1,\n")
