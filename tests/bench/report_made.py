# SPDX-License-Identifier: MIT
"""report_made.py DIR NODES N: an archive of tables alone: N windows of 10 s a node, a minute apart, rain in bursts, a station's minutes."""
import datetime as dt, json, os, random, sys

top, nodes, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
t0 = dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc)
WIN = "node,capture,offset_s,start_utc,length_s,max_err_s,air_temp_degc,rel_hum_pct,pressure_hpa,quality,flags\n"
LAB = ("node,capture,offset_s,start_utc,length_s,rain_mm_h,rain_class,rain_p,rain_probs,rain_keep,rain_source,wind_m_s,wind_gust_m_s,"
       "wind_class,wind_p,wind_probs,wind_keep,wind_source,flags,rain_track,wind_track\n")
OBS = "utc,interval_s,tips,rain_mm,cup_turns,wind_avg_m_s,wind_gust_m_s,wind_dir_deg,air_temp_degc,rel_hum_pct,pressure_hpa,flags\n"
CLASSES = (("none", "0.00", "0.930;0.060;0.010", 1), ("little", "0.90", "0.150;0.600;0.250", 0), ("rain", "5.20", "0.000;0.100;0.900", 1))
for k in range(1, nodes + 1):
    for table, head in (("windows", WIN), ("labels", LAB)):
        os.makedirs(f"{top}/{table}/n{k}", exist_ok=True)
os.makedirs(f"{top}/station/mast", exist_ok=True)
random.seed(1)
wet = 0
for day in range((n + 1439) // 1440):
    date = (t0 + dt.timedelta(days=day)).date()
    win, lab, obs = [[] for _ in range(nodes)], [[] for _ in range(nodes)], []
    for m in range(min(1440, n - 1440 * day)):
        at = f"{date}T{m // 60:02}:{m % 60:02}:00.000Z"
        wet = random.choice((0, 0, 1, 2)) if random.random() < 0.005 else wet
        name, rate, probs, keep = CLASSES[wet]
        speed = 2 + (m % 360) / 60
        obs.append(f"{at},60,{int(wet == 2)},{0.2 * (wet == 2):g},,{speed:.1f},{speed + 2:.1f},180,12,80,845,\n")
        for k in range(nodes):
            cap = f"n{k + 1},raw/n{k + 1}/b{day:04}/{m:06}.wav,0.000,{at},10.000"
            win[k].append(f"{cap},0.{20 + m % 50:03},12.00,80.0,845.00,{3 if m % 97 == 0 else 1},{'clipped' if m % 97 == 0 else ''}\n")
            lab[k].append(f"{cap},{rate},{name},{max(probs.split(';'))},{probs},{keep},tips,{speed:.2f},{speed + 2:.2f},breeze,0.950,0.050;0.950;0.000,1,pulses,,,\n")
    for k in range(nodes):
        open(f"{top}/windows/n{k + 1}/{date}.csv", "w").write(WIN + "".join(win[k]))
        open(f"{top}/labels/n{k + 1}/{date}.csv", "w").write(LAB + "".join(lab[k]))
    open(f"{top}/station/mast/{date}.csv", "w").write(OBS + "".join(obs))
json.dump({"site": "bench", "nodes": [{"id": f"n{k + 1}", "source": f"dir:x{k}"} for k in range(nodes)],
           "stations": [{"id": "mast", "zone": "Europe/Zurich", "bucket_mm": 0.2}]}, open(top + "/site.json", "w"))
