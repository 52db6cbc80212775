#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# wx-align --lag on a made site: clocks that are right have no finding; a
# station in a wrong zone, one in local time with summer time, one stamped at
# the other end, and a node whose clock is off are found and named.
set -eu
cd "$T"
wx-sim -q -o made --days 4 --nodes 3 --every-s 600 --rate 8000 \
	--start 2026-06-01 --seed 7
mkdir -p right/raw
cp -r made/site.json made/station right/
mv right/station right/logs
sed -i 's|file:station/|file:logs/|' right/site.json
cp -r made/nodes/* right/raw/
wx-listen -q -a right

# site NAME SED-SCRIPT: as right, with another site.json
site() {
	cp -r right "$1"
	rm -r "$1/station"
	sed -i "$2" "$1/site.json"
}
# found NAME WORD AHEAD_S NODE: the findings are this one
found() {
	wx-station -q -a "$1"
	status=0
	wx-align -q -a "$1" --lag --json >"$1.lags" || status=$?
	/usr/bin/python3 - "$@" $status <<'P'
import json, sys
name, word, ahead, node, status = sys.argv[1:]
lines = [json.loads(x) for x in open(f"{name}.lags")]
lags = [x for x in lines if "verdict" in x]
found = [x for x in lines if "finding" in x]
pressure = [x for x in lags if x["felt"] == "pressure"]
assert len(pressure) >= 12 and len(lags) > len(pressure), len(lags)
good = sum(x["verdict"] == "accepted" for x in pressure)
assert good >= len(pressure) - 3, pressure # a span that a change cuts
if word == "-":
    assert not found and status == "0", found
    for x in pressure: # the clocks are right to less than a second
        assert x["lo_s"] < x["lag_s"] < x["hi_s"] and x["lo_s"] < 1 and x["hi_s"] > -1, x
    assert sum(abs(x["lag_s"]) >= 12 for x in pressure) <= 1, pressure # a span of 11 h
else:
    assert status == "1", status
    assert [x["finding"] for x in found] == [word], (name, found)
    assert abs(found[0]["ahead_s"] - float(ahead)) < 15, found
    assert found[0].get("node", "-") == node, found
    if word == "station_stamp":
        assert found[0]["stamp"] == "end" and found[0]["sigmas"] > 5, found
        assert '"stamp": "end"' in found[0]["text"], found
P
}
found right - 0 -
site zone 's|"utc_offset": "+01:00"|"utc_offset": "+00:00"|'
found zone station_zone 3600 -
site stamp 's|"stamp": "end"|"stamp": "start"|'
found stamp station_stamp 10 -

# Summer time: from noon of the third on, the log is an hour further.
site summer 's|"utc_offset": "+01:00"|"utc_offset": "+01:00"|'
/usr/bin/python3 - <<'P'
from datetime import datetime, timedelta
out = []
for i, line in enumerate(open("right/logs/mast.dat", newline="")):
    if i >= 4 and line[1:20] >= "2026-06-03 12:00:00":
        t = datetime.fromisoformat(line[1:20]) + timedelta(hours=1)
        line = '"' + t.strftime("%Y-%m-%d %H:%M:%S") + line[20:]
    out.append(line)
open("summer/logs/mast.dat", "w", newline="").writelines(out)
P
found summer station_summer_time 3600 -

# A node whose anchors are two hours off: its host was in another zone, and it
# was not asked, but told. The other nodes outvote it.
cp -r right node
/usr/bin/python3 - <<'P'
import json
path = "node/raw/n1/index.jsl"
lines = [json.loads(x) for x in open(path)]
for x in lines:
    if "utc" in x:
        x["utc"] += 7200_000_000
open(path, "w").writelines(json.dumps(x) + "\n" for x in lines)
P
found node node_zone 7200 n1

# Two nodes swapped: what was written down of one's clock was filed for the other,
# whose boots began 23 minutes earlier or later. The third node and the station
# are right.
cp -r right swapped
/usr/bin/python3 - <<'P'
import json
for node, later_s in ("n1", 1380), ("n2", -1380):
    path = f"swapped/raw/{node}/index.jsl"
    lines = [json.loads(x) for x in open(path)]
    for x in lines:
        if "utc" in x:
            x["m"] -= later_s * 1000000
    open(path, "w").writelines(
        json.dumps(x) + "\n" for x in lines if x.get("m", 0) >= 0)
P
wx-station -q -a swapped
status=0
wx-align -q -a swapped --lag --json >swapped.lags || status=$?
/usr/bin/python3 - "$TOP/schemas/align-line.schema.json" $status <<'P'
import glob, json, jsonschema, sys
lines = [json.loads(x) for x in open("swapped.lags")]
found = [x for x in lines if "finding" in x]
assert sys.argv[2] == "1", found
assert {(x["finding"], x.get("node")) for x in found} == {
    ("node_clock", "n1"), ("node_clock", "n2")}, found
for x in found:
    assert abs(x["ahead_s"] - (1380 if x["node"] == "n1" else -1380)) < 15, x
    assert "another node's" in x["text"], x
v = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
for path in glob.glob("*.lags"):
    for line in open(path):
        v.validate(json.loads(line))
P
