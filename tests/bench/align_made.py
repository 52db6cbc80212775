# SPDX-License-Identifier: MIT
"""An archive of one node: captures of 10 s a minute apart, its air each minute, a
pull a night.

align_made.py FOLDER DAYS
"""
import json
import math
import os
import sys

root, days = sys.argv[1], int(sys.argv[2])
UTC0, SIZE = 1717200000000000, 320044
raw = f"{root}/raw/n1"
os.makedirs(f"{raw}/b0001")
with open(f"{root}/site.json", "w") as f:
    json.dump({"site": "s", "stations": [], "nodes": [
        {"id": "n1", "source": "http://192.0.2.1/cap/"}]}, f)


# 12 ppm fast at 15 degC, and so steady a temperature that it stays so: the
# reference knows of no other clock.
def m_of(t_us):
    return round(t_us * 1.000012)


with open(f"{raw}/index.jsl", "w") as f:
    for i in range(days * 1440):
        m0 = m_of(i * 60_000_000)
        name = f"b0001/{i:06d}.wav"
        f.write(f'{{"n":"{name}","l":{SIZE},"c":"9ae0daaf","q":{i},"b":1,'
                f'"m0":{m0},"m1":{m0 + 10_000_120},"ns":160000,"fs":16000,'
                f'"st":"closed","T":11.5}}\n')
        fd = os.open(f"{raw}/{name}", os.O_WRONLY | os.O_CREAT, 0o644)
        os.ftruncate(fd, SIZE)
        os.close(fd)
    f.write('{"n":"b0001/env.csv","l":0,"b":1,"st":"open"}\n')
with open(f"{raw}/b0001/env.csv", "w") as f:
    f.write("m,air_temp_degc,rel_hum_pct,pressure_hpa\n")
    for i in range(days * 1440):
        f.write(f"{m_of(i * 60_000_000 + 5_000_000)},"
                f"{15 + 0.8 * math.sin(i / 229.18):.2f},60.1,961.33\n")
with open(f"{raw}/clock.jsonl", "w") as f:
    for d in range(days + 1):
        for k in range(32):
            t = d * 86_400_000_000 + 2 * 3600_000_000 + k * 3000
            m = m_of(t)
            f.write(f'{{"t1":{UTC0 + t - 400},"t4":{UTC0 + t + 500 + 37 * k},'
                    f'"b":1,"m2":{m},"m3":{m + 40},"host_synced":true,'
                    '"host_est_err_us":300}\n')
