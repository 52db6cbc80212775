# SPDX-License-Identifier: MIT
"""export_archive.py DIR N SECONDS: an archive of N captures of 16 kHz, all labelled and sure, a minute apart or end to end."""
import datetime as dt, hashlib, json, os, struct, sys

top, n, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
step = max(60, seconds)
t0 = dt.datetime(2026, 6, 1, tzinfo=dt.timezone.utc)
os.makedirs(top + "/raw/n1", exist_ok=True)
noise = os.urandom(32000 * seconds)
head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(noise), b"WAVE", b"fmt ", 16, 1, 1, 16000, 32000, 2, 16, b"data", len(noise))
sha = hashlib.sha256(head + noise).hexdigest()
win, lab, journal = {}, {}, []
for i in range(n):
    name = f"b0001/{i:06d}.wav" if seconds <= 10 else f"{i:06d}.wav"
    os.makedirs(os.path.dirname(f"{top}/raw/n1/{name}"), exist_ok=True)
    with open(f"{top}/raw/n1/{name}", "wb") as f:
        f.write(head), f.write(noise)
    journal.append(json.dumps({"n": name, "l": len(noise) + 44, "sha256": sha}))
    for k in range(0, seconds, 10):
        t = t0 + dt.timedelta(seconds=i * step + k)
        s = t.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        c = ("none", "little", "rain")[(t.day * 24 + t.hour) // 5 % 3]
        p = {"none": "0.900;0.080;0.020", "little": "0.050;0.900;0.050", "rain": "0.000;0.100;0.900"}[c]
        win.setdefault(t.date(), []).append(f"n1,raw/n1/{name},{k}.000,{s},10.000,0.020,12.00,80.0,845.00,1,\n")
        lab.setdefault(t.date(), []).append(f"n1,raw/n1/{name},{k}.000,{s},10.000,0.00,{c},0.900,{p},1,tips,1.00,1.50,calm,0.950,0.950;0.050;0.000,1,pulses,\n")
open(top + "/raw/n1/journal.jsonl", "w").write("\n".join(journal) + "\n")
for table, rows, cols in (("windows", win, "node,capture,offset_s,start_utc,length_s,max_err_s,air_temp_degc,rel_hum_pct,pressure_hpa,quality,flags"),
                          ("labels", lab, "node,capture,offset_s,start_utc,length_s,rain_mm_h,rain_class,rain_p,rain_probs,rain_keep,rain_source,"
                           "wind_m_s,wind_gust_m_s,wind_class,wind_p,wind_probs,wind_keep,wind_source,flags")):
    os.makedirs(f"{top}/{table}/n1", exist_ok=True)
    for day, lines in rows.items():
        open(f"{top}/{table}/n1/{day}.csv", "w").write(cols + "\n" + "".join(lines))
json.dump({"site": "bench", "nodes": [{"id": "n1", "source": "dir:x"}], "stations": [{"id": "s"}], "export": {"test_share": 0.2}}, open(top + "/site.json", "w"))
