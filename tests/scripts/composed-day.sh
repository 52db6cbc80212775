# SPDX-License-Identifier: MIT
# A day of a real gauge with real sound beside it, through the whole chain: the
# station's tips add up, rain is labelled between 12:00 and 18:00 UTC only, and
# info.labels lists every kept capture but those the split takes out.
set -eu
day=$CAPTURES/composed-day
[ -n "$CAPTURES" ] && [ -d "$day" ] || { echo "needs CAPTURES"; exit 77; }
mkdir day
cat >day/site.json <<X
{ "site": "bankhead",
  "nodes": [ { "id": "n1", "source": "dir:$day/card", "utc_offset": "Z" } ],
  "stations": [ { "id": "mast", "format": "csv", "source": "file:$day/station.csv",
    "utc_offset": "Z", "stamp": "end", "bucket_mm": 0.254,
    "columns": { "time": "time_utc", "wind_avg_m_s": "wind_m_s",
      "air_temp_degc": "air_temp_c", "rel_hum_pct": "rh_pct",
      "pressure_hpa": "press_kpa [kPa]" } } ] }
X
wx-nightly day >out 2>err || { cat out err; exit 1; }
exec /usr/bin/python3 - "$day" <<'P'
import csv, glob, json, sys

def rows(pattern):
    return [r for f in sorted(glob.glob(pattern)) for r in csv.DictReader(open(f))]

given = sum(float(r["rain_mm"]) for r in csv.DictReader(open(sys.argv[1] + "/station.csv")))
obs = rows("day/station/mast/*.csv")
tips = sum(int(r["tips"] or 0) for r in obs)
assert abs(sum(float(r["rain_mm"] or 0) for r in obs) - given) < 1e-6 and given > 19
assert abs(tips * 0.254 - given) < 1e-6, (tips, given)
pressure = [float(r["pressure_hpa"]) for r in obs if r["pressure_hpa"]]
assert 950 < min(pressure) <= max(pressure) < 1020, (min(pressure), max(pressure))

labels = rows("day/labels/n1/*.csv")
captures = glob.glob(sys.argv[1] + "/card/*.WAV")
assert len(labels) == len(captures) == 56, len(labels)
rain = [r["start_utc"] for r in labels if r["rain_class"] == "rain"]
assert rain and all("12:00" <= t[11:16] < "18:00" for t in rain), rain

files = json.load(open("day/dataset/info.labels"))["files"]
quiet = {r["capture"] for r in rows("day/windows/n1/*.csv") if "speech" not in r["flags"]}
assert 56 > len(quiet) > 20 # one of its scenes is a coffee shop: voices
kept = {r["capture"] for r in labels if r["rain_keep"] == "1"} & quiet
listed = {f["metadata"]["capture"]: f for f in files}
assert len(listed) == len(files) and set(listed) <= kept and len(kept) > 20
# What is kept and not listed lies beside a block of an hour of testing.
start = {r["capture"]: r["start_utc"] for r in labels}
testing = [start[c] for c, f in listed.items() if f["category"] == "testing"]
minutes = lambda t: int(t[11:13]) * 60 + int(t[14:16]) + float(t[17:23]) / 60
for c in kept - set(listed):
    assert min(abs(minutes(start[c]) - minutes(t)) for t in testing) <= 70, c
for c, f in listed.items():
    r = next(r for r in labels if r["capture"] == c)
    m = f["metadata"]
    assert f["label"]["label"] == m["rain_class"] == r["rain_class"]
    assert m["start_utc"] == r["start_utc"] and m["rain_p"] == r["rain_p"]
    assert m["wind_m_s"] == r["wind_m_s"] and m["node"] == "n1"
P
