# SPDX-License-Identifier: MIT
"""check_made.py DIR N: an archive of N captures of 100 frames, 5 minutes apart, 250 to a folder, with all tables but the station's."""
import datetime as dt, hashlib, json, os, struct, sys, zlib

top, n = sys.argv[1], int(sys.argv[2])
t0 = dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc)
data = bytes(range(200))
wav = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, 16000, 32000, 2, 16, b"data", len(data)) + data
crc, sha = f"{zlib.crc32(wav):08x}", hashlib.sha256(wav).hexdigest()
WIN = "node,capture,offset_s,start_utc,length_s,max_err_s,air_temp_degc,rel_hum_pct,pressure_hpa,quality,flags\n"
LAB = ("node,capture,offset_s,start_utc,length_s,rain_mm_h,rain_class,rain_p,rain_probs,rain_keep,rain_source,wind_m_s,wind_gust_m_s,"
       "wind_class,wind_p,wind_probs,wind_keep,wind_source,flags,rain_track,wind_track\n")
BANDS = "20_60 60_100 100_200 200_400 400_600 600_1200 1200_2000 2000_3000 3000_4400 4400_5600 5600_7000 7000_7900".split()
SND = "capture,offset_s,length_s,level_dbfs,peak_dbfs," + "".join(f"band_{b}_db," for b in BANDS) + "flatness_600_1200,speech,quality,flags,dc\n"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "w").write(text)


index, journal, win, lab, snd = [], [], {}, {}, {}
for i in range(n):
    folder, name = f"b{i // 250:04d}", f"b{i // 250:04d}/{i:06d}.wav"
    t = t0 + dt.timedelta(seconds=300 * i)
    us = int(t.timestamp()) * 10**6
    s = t.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if i % 250 == 0:
        os.makedirs(f"{top}/raw/n1/{folder}", exist_ok=True)
    open(f"{top}/raw/n1/{name}", "wb").write(wav)
    index.append(f'{{"n":"{name}","l":{len(wav)},"c":"{crc}","h":"{sha}","q":{i},"b":1,"m0":{us - 10**15},"m1":{us - 10**15 + 6250},"r0":{us},"ns":100,"fs":16000,"st":"closed","T":10.4}}\n')
    journal.append(f'{{"n":"{name}","l":{len(wav)},"crc":"{crc}","sha256":"{sha}","verified":"sha256","b":1,"q":{i},"etag":"\\"{crc}-{len(wav)}\\"","ns":100,"fs":16000}}\n')
    win.setdefault(t.date(), []).append(f"n1,raw/n1/{name},0.000,{s},0.006,0.001,12.00,80.0,845.00,1,\n")
    lab.setdefault(t.date(), []).append(f"n1,raw/n1/{name},0.000,{s},0.006,0.00,none,0.900,0.900;0.080;0.020,1,tips,1.00,1.50,calm,0.950,0.950;0.050;0.000,1,pulses,,,\n")
    snd.setdefault(folder, []).append(f"raw/n1/{name},0.000,0.006,-40.0,-30.0,{'-50.0,' * 12}0.900,,2,,0.000\n")
write(f"{top}/raw/n1/index.jsl", "".join(index))
write(f"{top}/raw/n1/journal.jsonl", "".join(journal))
for table, rows, head in (("windows", win, WIN), ("labels", lab, LAB), ("sound", snd, SND)):
    for key, lines in rows.items():
        write(f"{top}/{table}/n1/{key}.csv", head + "".join(lines))
json.dump({"site": "bench", "nodes": [{"id": "n1", "source": "dir:x"}], "stations": []}, open(top + "/site.json", "w"))
