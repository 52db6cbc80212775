# SPDX-License-Identifier: MIT
"""Make in the current folder a month of a station's 10 s rows as month.csv, a
million tips as tips.txt, and 300,000 messages of rtl_433 as heard.json."""
import numpy as np
import pandas as pd

rng = np.random.default_rng(1)
n = 31 * 8640
wind = np.round(rng.gamma(2, 1.3, n), 3)
pd.DataFrame({
    "when": pd.date_range("2026-05-01 00:00:10", periods=n, freq="10s"),
    "rain": np.where(rng.random(n) < 0.02, 0.2, 0.0),
    "wind": wind, "gust": np.round(wind * 1.6, 3),
    "dir": np.round(rng.random(n) * 360, 1),
    "temp": np.round(15 + 8 * np.sin(np.arange(n) / 1375), 2),
    "hum": np.round(60 + 20 * rng.random(n), 1),
}).to_csv("month.csv", index=False)
tips = pd.Timestamp("2026-01-01") + pd.to_timedelta(
    np.cumsum(rng.exponential(20, 1000000)).round(), unit="s")
with open("tips.txt", "w") as f:
    f.write("\n".join(tips.strftime("%Y-%m-%d %H:%M:%S")) + "\n")
heard = pd.date_range("2026-05-01", periods=300000, freq="16s")
with open("heard.json", "w") as f:
    for i, s in enumerate(heard.strftime("%Y-%m-%d %H:%M:%S")):
        f.write('{"time" : "%s", "model" : "Fineoffset-WH65B", "id" : 37, '
                '"battery_ok" : 1, "temperature_C" : %.1f, "humidity" : 55, '
                '"wind_dir_deg" : %d, "wind_avg_m_s" : %.3f, '
                '"wind_max_m_s" : %.3f, "rain_mm" : %.1f, "uv" : 10, '
                '"uvi" : 0, "light_lux" : 1000.000, "mic" : "CRC"}\n' %
                (s, 15 + i % 9, i % 360, wind[i % n], 1.6 * wind[i % n],
                 i // 50 * 0.2))
