#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Boots that do not follow each other: a number that goes back, one that was used
# twice, another node that answered in a node's place. None of it gives a window a
# time that is wrong by more than it says; and it is named. All that is said in
# JSON is as its schema says.
set -eu
cd "$T"
cat >make.py <<'P'
import json, os, sys

# make.py ROOT: captures and syncs of boots, as lists of (boot, first minute of
# its life, minutes, minutes at which it was synchronised).
UTC0 = 1780272000000000 # 2026-06-01T00:00:00Z
root, boots = sys.argv[1], json.loads(sys.argv[2])
os.makedirs(f"{root}/raw/n1")
with open(f"{root}/site.json", "w") as f:
    json.dump({"site": "s", "stations": [], "nodes": [
        {"id": "n1", "source": "http://192.0.2.1/cap/"}]}, f)
q, truth = 0, {}
with open(f"{root}/raw/n1/index.jsl", "w") as f:
    for life, (boot, start, minutes, syncs) in enumerate(boots):
        for i in range(0, minutes, 10):
            m0 = (i * 60 + 7) * 1000000
            name = f"l{life}/{q:06d}.wav"
            os.makedirs(f"{root}/raw/n1/l{life}", exist_ok=True)
            open(f"{root}/raw/n1/{name}", "wb").truncate(160044)
            f.write(json.dumps({"n": name, "l": 160044, "c": "9ae0daaf", "q": q,
                "b": boot, "m0": m0, "m1": m0 + 10000000, "ns": 80000,
                "fs": 8000, "st": "closed"}) + "\n")
            truth[f"raw/n1/{name}"] = UTC0 / 1e6 + start * 60 + m0 / 1e6
            q += 1
        for at in syncs:
            f.write(json.dumps({"ev": "sync", "b": boot, "m": at * 60000000,
                "utc": UTC0 + (start + at) * 60000000, "s": "sntp",
                "e": 20}) + "\n")
json.dump(truth, open(f"{root}/truth.json", "w"))
P
cat >check.py <<'P'
import csv, glob, json, sys
from datetime import datetime
import jsonschema
root, asked = sys.argv[1], float(sys.argv[2])
truth = json.load(open(f"{root}/truth.json"))
rows = [r for p in glob.glob(f"{root}/windows/n1/*.csv") for r in csv.DictReader(open(p))]
assert len(rows) == len(truth), (len(rows), len(truth))
good = 0
for r in rows:
    if not r["start_utc"]:
        continue
    e = abs(datetime.fromisoformat(r["start_utc"].replace("Z", "+00:00")).timestamp()
            - truth[r["capture"]])
    assert e <= float(r["max_err_s"]), r
    good += float(r["max_err_s"]) < 60
assert good >= asked * len(rows), f"{root}: {good} of {len(rows)} known to a minute"
P
# boots NAME SHARE BOOTS SAID...: so many windows are known to a minute at the
# least, no bound is wrong, and what is wrong is said
boots() {
	local name=$1 share=$2
	/usr/bin/python3 make.py "$name" "$3"
	wx-align -a "$name" 2>said
	/usr/bin/python3 check.py "$name" "$share"
	shift 3
	for text; do
		grep -q "$text" said || { echo "$name: not said: $text"; cat said; exit 1; }
	done
	[ $# -gt 0 ] || ! grep "expected" said
	wx-align -a "$name" --explain n1 --json >>lines
	wx-align -a "$name" --json >>lines 2>/dev/null
	wx-align -a "$name" --explain n1 >"$name.text"
}
boots right 1 '[[1,0,1440,[5,1400]],[2,1500,1440,[5,1400]]]'
# Between two anchored boots, within what room there is.
boots between 0.6 '[[1,0,600,[5,590]],[2,700,300,[]],[3,1100,600,[5,590]]]'
grep -q "between the boots beside it" between.text
# Flashed anew, it counts from 1 again: boot 2 is no longer between 1 and 17.
boots back 0.6 '[[17,0,1440,[5,1400]],[18,1500,600,[5,590]],[1,2200,600,[5,590]],[2,2900,600,[]],[3,3600,600,[5,590]]]' \
	"n1 boot 17 begins before boot 3 ends"
grep -q "boot 2: 60 captures, unanchored, no time" back.text
# One number for two lives, or for two nodes: each has its anchors.
boots twice 0 '[[1,0,1440,[5,1400]],[1,4000,1440,[15,1300]]]' \
	"n1 boot 1: anchors of two clocks"
boots swapped 0 '[[1,0,2880,[5,700,1400,2100,2870]],[1,-7000,2880,[300,1000,1700]]]' \
	"n1 boot 1: anchors of two clocks, 420000 s apart"
grep -q "put aside: of another clock under this boot number" swapped.text
# Where the second life has one anchor or none, its captures tell of it.
boots once 0 '[[1,0,1440,[5,1400]],[1,4000,300,[15]]]' \
	"n1 boot 1: m falls where q rises"
boots none 0.4 '[[1,0,1440,[5,1400]],[1,4000,300,[]],[2,4400,1440,[5,1400]]]' \
	"n1 boot 1: m falls where q rises"
boots unknown 0.6 '[[1,0,1440,[5,1400]],[2,1500,300,[]],[2,1900,300,[]],[3,2300,1440,[5,1400]]]'
grep -q "boot 2: 60 captures, unanchored, no time" unknown.text
# One line that slipped is no second life.
for m in 7000000 999999999999; do
	/usr/bin/python3 make.py slip$m '[[1,0,1440,[5,1400]]]'
	sed -i "70s/\"m0\": [0-9]*/\"m0\": $m/" slip$m/raw/n1/index.jsl
	wx-align -a slip$m 2>said
	! grep "used twice" said
done
# Another node's anchors: of boots that these captures know nothing of.
/usr/bin/python3 make.py alien '[[1,0,1440,[5,1400]]]'
sed -i '/"ev"/s/"b": 1,/"b": 8,/' alien/raw/n1/index.jsl
wx-align -a alien 2>said
/usr/bin/python3 check.py alien 0
grep -q "are the anchors another node's" said
# One host with a wrong date is outvoted, and no second clock.
boots lie 1 '[[1,0,1440,[5,700,1400]],[2,1500,1440,[5,1400]]]'
sed -i 's/"m": 42000000000, "utc": 1780314000000000/"m": 42000000000, "utc": 1780514000000000/' lie/raw/n1/index.jsl
wx-align -a lie 2>said
/usr/bin/python3 check.py lie 1
! grep "two clocks" said

/usr/bin/python3 - "$TOP/schemas/align-line.schema.json" <<'P'
import json, jsonschema, sys
v = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
lines = [json.loads(x) for x in open("lines")]
for x in lines:
    v.validate(x)
assert any("bracket" in x for x in lines) and any("other_clock_s" in x.get("line", {}) for x in lines)
P
