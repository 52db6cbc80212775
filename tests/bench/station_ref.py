# SPDX-License-Identifier: MIT
"""What wx-station does to a TOA5 table, in pandas: argv[1] to argv[2]."""
import sys
import numpy as np
import pandas as pd

BUCKET_MM = 0.2
names = {
    "Rain_mm_Tot": "rain_mm", "WS_ms_S_WVT": "wind_avg_m_s",
    "WS_ms_Max": "wind_gust_m_s", "WindDir_D1_WVT": "wind_dir_deg",
    "AirTC_Avg": "air_temp_degc", "RH": "rel_hum_pct",
    "BP_mbar": "pressure_hpa",
}
df = pd.read_csv(sys.argv[1], skiprows=[0, 2, 3],
                 usecols=["TIMESTAMP", *names],
                 na_values=["NAN", "INF", "-7999", "7999"])
stamp = pd.to_datetime(df.pop("TIMESTAMP"), format="%Y-%m-%d %H:%M:%S")
df = df.rename(columns=names)
utc = stamp - pd.Timedelta(hours=1)
step = stamp.diff().dt.total_seconds()
nominal = step.head(32).median()
df["interval_s"] = step.where((step > 0) & (step <= 1.1 * nominal), nominal)
df["flags"] = np.where(stamp <= stamp.cummax().shift(), "clock_back", "")
n = (df["rain_mm"] / BUCKET_MM).round()
df["tips"] = n.where((df["rain_mm"] - n * BUCKET_MM).abs() <= 0.0501)
df["wind_dir_deg"] %= 360.0001
df["cup_turns"] = np.nan
df["utc"] = np.char.add(
    np.datetime_as_string(utc.to_numpy().astype("datetime64[ms]")), "Z")
df[["utc", "interval_s", "tips", "rain_mm", "cup_turns", "wind_avg_m_s",
    "wind_gust_m_s", "wind_dir_deg", "air_temp_degc", "rel_hum_pct",
    "pressure_hpa", "flags"]].to_csv(sys.argv[2], index=False)
