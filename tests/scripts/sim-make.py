# SPDX-License-Identifier: MIT
"""Check a made site from outside: sim-make.py TOP SITE.

Its JSON against the schemas, its index against its files, its logs against
the grammar of TOA5 and against the truth."""
import csv
import datetime as dt
import hashlib
import json
import re
import sys
import wave
import zlib

import jsonschema

top, site = sys.argv[1:]
failed = 0


def check(ok, *what):
    global failed
    if not ok:
        failed = 1
        print("sim-make.py:", *what)


def schema(name):
    doc = json.load(open(f"{top}/schemas/{name}.schema.json"))
    return jsonschema.Draft202012Validator(doc)


def table(name):
    return list(csv.DictReader(open(f"{site}/{name}")))


def us(text):
    t = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((t - dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc))
                 / dt.timedelta(microseconds=1))


sim = json.load(open(f"{site}/sim.json"))
for doc, name in ((sim, "sim"), (json.load(open(f"{site}/site.json")), "site")):
    errors = [e.message for e in schema(name).iter_errors(doc)]
    check(not errors, name, errors)

# Index lines: by the schema, and true of the files; times true to the clocks.
truth = {r["capture"]: r for r in table("truth/captures.csv")}
line_schema = schema("node-index-line")
seen = set()
for node in sim["nodes"]:
    boots = {b["boot"]: b for b in node["boots"]}
    root = f"{site}/nodes/{node['id']}"
    text = open(f"{root}/index.jsl").read()
    lines = text.split("\n")
    torn = lines.pop()
    check((torn != "") == (node["kind"] == "card"), "torn last line:", torn)
    states, numbers = [], []
    for line in map(json.loads, lines):
        check(line_schema.is_valid(line), "schema:", line)
        if "ev" in line:
            continue
        data = open(f"{root}/{line['n']}", "rb").read()
        check(len(data) == line["l"], "length:", line)
        states.append(line["st"])
        numbers.append(line["q"])
        if line["st"] == "open":
            check("c" not in line, "CRC of a file that grows:", line)
            continue
        check("%08x" % zlib.crc32(data) == line["c"], "CRC:", line)
        if "h" in line:
            check(hashlib.sha256(data).hexdigest() == line["h"], "h:", line)
        if line["n"].endswith(".csv"):
            rows = data.decode().split("\n")
            check(rows[0] == "m,air_temp_degc,rel_hum_pct,pressure_hpa", rows[0])
            check(len(rows) > 3, "few readings")
            continue
        key = f"raw/{node['id']}/{line['n']}"
        seen.add(key)
        start, end = us(truth[key]["start_utc"]), us(truth[key]["end_utc"])
        boot = boots[line["b"]]
        dt_us = start - boot["on_us"]
        knot, part = divmod(dt_us, node["knot_us"])
        d0, d1 = boot["drift_us"][knot:knot + 2]
        m = dt_us + d0 + (d1 - d0) * part / node["knot_us"]
        check(0 <= line["m0"] - m <= 201, "m0:", line, m)
        if line["st"] == "closed":
            w = wave.open(f"{root}/{line['n']}")
            check(w.getnframes() == line["ns"] == int(truth[key]["n_frames"]),
                  "frames:", line)
            check(w.getframerate() == line["fs"] and w.getnchannels() == 1
                  and w.getsampwidth() == 2, "header:", line)
            ppm = (line["ns"] / line["fs"] / (end - start) * 1e6 - 1) * 1e6
            check(abs(ppm - node["sample_ppm"]) < 1, "sample clock:", ppm)
    check(len(numbers) == len(set(numbers)), "a number twice")
    check(states.count("open") == (node["kind"] == "http"), "open:", states)
check(seen == set(truth), "truth has other captures:", seen ^ set(truth))

# TOA5: four header lines, CRLF, exactly as many fields, END stamps 10 s apart.
raw = open(f"{site}/station/mast.dat", newline="").read()
check(raw.endswith("\r\n") and raw.count("\n") == raw.count("\r\n"), "CRLF")
rows = list(csv.reader(raw.splitlines()))
check(rows[0][0] == "TOA5" and len(rows[0]) == 8, rows[0])
check(len({len(r) for r in rows[1:]}) == 1, "fields")
check(rows[1][:3] == ["TIMESTAMP", "RECORD", "Rain_mm_Tot"], rows[1])
check(rows[2][2] == "mm" and rows[3][2] == "Tot", rows[2], rows[3])
check('"NAN"' in raw or sim["days"] < 2, "no NAN")
zone = dt.timedelta(hours=1)
value = re.compile(r"-?\d+(\.\d*[1-9])?$|NAN$")
last = None
log = {}
for i, r in enumerate(rows[4:]):
    t = dt.datetime.fromisoformat(r[0])
    check(last is None or t > last, "stamps:", r)
    check(int(r[1]) == i, "RECORD:", r)
    check(all(value.match(v) for v in r[2:]), "values:", r)
    last = t
    log[us((t - zone).isoformat() + "+00:00")] = r
step = {b - a for a, b in zip(sorted(log), sorted(log)[1:])}
check(min(step) == 10_000_000, "steps:", step)
check(len(step) == (2 if sim["days"] == 2 else 1), "outages:", step)

# The logs against the truth.
tips = [us(r["utc"]) for r in table("truth/tips.csv")]
raw_tips = [us(r["utc"]) for r in table("station/tips.csv")]
check(len(tips) > 10, "it hardly rained")
check(tips == sorted(tips), "order of tips")
bounces = [t for t in raw_tips if min(abs(t - x) for x in tips) > 600]
check(len(raw_tips) - len(bounces) == len(tips), "tip list against the truth")
check(all(any(0 < b - x <= 151_000 for x in tips) for b in bounces), "bounces")
in_log = [t for t in tips if -(-t // 10_000_000) * 10_000_000 in log]
rain = sum(float(r[2]) for r in log.values())
check(abs(rain - 0.2 * len(in_log)) < 1e-6, "rain:", rain, len(in_log))
weather = table("truth/weather.csv")
n_s = round(86400 * sim["days"])
check(len(weather) == n_s, "seconds of weather")
true_mm = sum(float(r["rain_mm_h"]) for r in weather) / 3600
check(0.9 * true_mm - 0.6 < 0.2 * len(tips) < true_mm + 0.2,
      "tips", 0.2 * len(tips), "mm, true", true_mm)
start = us(weather[0]["utc"])
wind = [float(r["wind_m_s"]) for r in weather]
worst = sorted(abs(float(r[3]) - sum(wind[i - 10:i]) / 10)
               for t, r in log.items() if r[3] != "NAN"
               for i in [(t - start) // 1_000_000])
check(worst[len(worst) // 2] < 0.2, "wind, median of 10 s:", worst[len(worst) // 2])

# The generic CSV says the same in other words.
minutes = table("station/mast.csv")
check(len(minutes) == n_s // 60, "minutes")
total = (float(minutes[-1]["rain_total_mm"]) - float(minutes[0]["rain_total_mm"])
         ) / 0.2
late = [t for t in tips if t > us(minutes[0]["when"])]
check(abs(total - len(late)) < 0.01, "total:", total, len(late))
turns = [int(m["cup_turns"]) for m in minutes]
check(turns == sorted(turns), "turns go back")
m = minutes[70]
i = (us(m["when"]) - start) // 1_000_000
check(abs(float(m["wind_kmh"]) / 3.6 - sum(wind[i - 60:i]) / 60) < 0.2, "km/h")
check(abs(float(m["press_kpa"]) * 10 - float(weather[i]["pressure_hpa"])) < 0.1,
      "kPa")
sys.exit(failed)
