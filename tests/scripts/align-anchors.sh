#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Clocks that nobody compared: a node whose boots have no anchor is dated by the
# weather that it and the station felt, though its real-time clock is in a wrong
# zone or lost; without a station, a boot lies between its neighbours; a card is
# dated by pairs that a person wrote down. All within max_err_s; a second run
# changes nothing.
set -eu
cd "$T"
wx-sim -q -o made --days 4 --nodes 4 --every-s 600 --rate 8000 \
	--start 2026-06-01 --seed 7
mkdir -p season/raw
cp -r made/site.json season/
cp -r made/station season/logs
sed -i 's|file:station/|file:logs/|' season/site.json
cp -r made/nodes/* season/raw/
wx-listen -q -a season
wx-station -q -a season
cat >check.py <<'P'
import csv, glob, sys
from datetime import datetime

# check.py ARCHIVE NODE FLAG SHARE WORST_S: of its windows that share have the
# flag; the error is at most so much, and within max_err_s
root, node, flag, share, worst = sys.argv[1:]
def utc(s):
    return datetime.fromisoformat(s.replace("Z", "+00:00")).timestamp()
truth = {r["capture"]: utc(r["start_utc"])
         for r in csv.DictReader(open("made/truth/captures.csv"))}
rows = [r for p in glob.glob(f"{root}/windows/{node}/*.csv")
        for r in csv.DictReader(open(p))]
dated = [r for r in rows if r["start_utc"]]
error = [abs(utc(r["start_utc"]) - truth[r["capture"]] - float(r["offset_s"]))
         for r in dated]
bound = [float(r["max_err_s"]) for r in dated]
has = sum(flag in r["flags"].split() for r in dated)
print(f"{root} {node}: {len(dated)} of {len(rows)} dated, {has} {flag}, error up "
      f"to {max(error):.2f} s, max_err_s {min(bound)} to {max(bound)}")
assert len(rows) > 100 and len(dated) == len(rows), "undated"
assert has >= float(share) * len(rows), "not flagged"
assert max(error) <= float(worst), "too far off"
assert sum(e <= b for e, b in zip(error, bound)) >= 0.95 * len(rows), "not honest"
P
# strip ARCHIVE NODE BOOTS SHIFT_S|lost: a copy whose node has no events, in the
# first so many boots, and a real-time clock that is off, or never set
strip() {
	cp -r season "$1"
	/usr/bin/python3 - "$@" <<'P'
import json, sys
root, node, boots, shift = sys.argv[1:]
path = f"{root}/raw/{node}/index.jsl"
lines = [json.loads(x) for x in open(path)]
order = sorted({x["b"] for x in lines})
bare = order[:int(boots)] if int(boots) >= 0 else order[1:2]
out = []
for x in lines:
    if x["b"] in bare:
        if "ev" in x:
            continue
        if shift == "lost":
            x.pop("r0", None)
        elif "r0" in x:
            x["r0"] += int(shift) * 1000000
    out.append(json.dumps(x) + "\n")
open(path, "w").writelines(out)
P
}
again() {
	find "$1/windows" -type f -exec touch -d 2001-01-01 {} +
	wx-align -q -a "$1"
	[ -z "$(find "$1/windows" -newermt 2001-01-02 -type f)" ]
}

# Every boot bare, the node's clock two hours off.
strip zone n1 9 7200
wx-align -q -a zone
/usr/bin/python3 check.py zone n1 weather_anchored 1 10
again zone
wx-align -q -a zone --explain n1 --json | grep -q '"kind":"lag"'

# The second of two boots bare, and no clock at all: its neighbour tells where.
strip lost n2 -1 lost
wx-align -q -a lost
/usr/bin/python3 check.py lost n2 weather_anchored 0.3 10
again lost

# No barometer: the microphone heard the wind.
strip wind n1 9 -3600
sed -i 's/,[^,]*$//' wind/raw/n1/b*/env.csv
/usr/bin/python3 - <<'P'
import json, os
path = "wind/raw/n1/index.jsl"
lines = [json.loads(x) for x in open(path)]
for x in lines:
    if x.get("n", "").endswith("env.csv"):
        x["l"] = os.path.getsize("wind/raw/n1/" + x["n"])
        x.pop("c", None), x.pop("h", None)
open(path, "w").writelines(json.dumps(x) + "\n" for x in lines)
P
wx-align -q -a wind
/usr/bin/python3 check.py wind n1 weather_anchored 1 200

# A person wrote down what the node's clock showed and what time it was, at the
# first and at the last visit: the node as it is, and a card that is dated by
# its file names, in a zone of its own.
pairs() { # ARCHIVE by-m|by-name
	/usr/bin/python3 - "$@" <<'P'
import csv, json, sys
from datetime import datetime, timedelta, timezone
root, how = sys.argv[1:]
site = json.load(open(f"{root}/site.json"))
node = next(n for n in site["nodes"] if n["id"] == "n1")
node["clock_pairs"] = "pairs.csv"
node["utc_offset"] = "+02:00"
json.dump(site, open(f"{root}/site.json", "w"))
truth = {r["capture"]: r["start_utc"]
         for r in csv.DictReader(open("made/truth/captures.csv"))}
path = f"{root}/raw/n1/index.jsl"
sound = [x for x in map(json.loads, open(path))
         if x.get("n", "").endswith(".wav") and x["st"] != "open"]
if how == "by-name": # whole seconds, no m
    for x in sound:
        x["r0"] = x["r0"] // 1000000 * 1000000
        x["by"] = "name"
        for key in "b", "m0", "m1", "T":
            del x[key]
    open(path, "w").writelines(json.dumps(x) + "\n" for x in sound)
with open(f"{root}/pairs.csv", "w") as f:
    f.write("node_time,utc,err_s\n")
    for x in sound[0], sound[-1]:
        t = datetime.fromtimestamp(x["r0"] / 1e6, timezone.utc)
        shown = (t + timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S.%f")
        f.write(f"{shown},{truth['raw/n1/' + x['n']]},0.5\n")
    f.write("yesterday,2026-06-01T00:00:00Z,1\n")
P
	wx-align -a "$1" 2>said
	grep -q "pairs.csv:4: node_time: expected a time.*pair passed over" said
	wx-align -q -a "$1" --explain n1 | grep -c ' pair '  | grep -qx 2
}
strip noted n1 9 0
rm -r noted/station
pairs noted by-m
/usr/bin/python3 check.py noted n1 "" 0 2
strip card n1 9 9000
rm -r card/station
pairs card by-name
/usr/bin/python3 check.py card n1 "" 0 2
again card
