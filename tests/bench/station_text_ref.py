# SPDX-License-Identifier: MIT
"""What wx-station does to month.csv or tips.txt, in pandas: argv[1] to [2]."""
import sys
import numpy as np
import pandas as pd

COLUMNS = ["utc", "interval_s", "tips", "rain_mm", "cup_turns", "wind_avg_m_s",
           "wind_gust_m_s", "wind_dir_deg", "air_temp_degc", "rel_hum_pct",
           "pressure_hpa", "flags"]
if sys.argv[1].endswith(".csv"):
    df = pd.read_csv(sys.argv[1]).rename(columns={
        "rain": "rain_mm", "wind": "wind_avg_m_s", "gust": "wind_gust_m_s",
        "dir": "wind_dir_deg", "temp": "air_temp_degc", "hum": "rel_hum_pct"})
    utc = pd.to_datetime(df.pop("when"), format="%Y-%m-%d %H:%M:%S")
    step = utc.diff().dt.total_seconds()
    nominal = step.head(32).median()
    df["interval_s"] = step.where((step > 0) & (step <= 1.1 * nominal), nominal)
    n = (df["rain_mm"] / 0.2).round()
    df["tips"] = n.where((df["rain_mm"] - n * 0.2).abs() <= 0.0501)
    df["flags"] = np.where(utc <= utc.cummax().shift(), "clock_back", "")
else:
    utc = pd.to_datetime(pd.read_csv(sys.argv[1], header=None)[0],
                         format="%Y-%m-%d %H:%M:%S")
    df = pd.DataFrame({"interval_s": 0, "tips": 1, "rain_mm": 0.2},
                      index=utc.index)
    df["flags"] = np.where(utc < utc.cummax().shift(), "clock_back", "")
df["utc"] = np.char.add(
    np.datetime_as_string(utc.to_numpy().astype("datetime64[ms]")), "Z")
df.reindex(columns=COLUMNS).to_csv(sys.argv[2], index=False)
