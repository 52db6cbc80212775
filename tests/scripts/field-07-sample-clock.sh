#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The clock of the node is right and that of its samples is not: slow by 0.05 %,
# by 0.35 % (a wrong divider), twice as fast (a wrong channel count). A believable
# rate is followed, another is flagged, and captures overlap no one's time.
set -u
. "$TOP/tests/scripts/field.bash"
wx-sim -q -o made --days 0.014 --nodes 2 --capture-s 30 --every-s 150 --rate 8000 ||
	fail "wx-sim"
"$PY" - <<'P'
import json
lines = [json.loads(s) for s in open("made/nodes/n1/index.jsl")]
closed = [d for d in lines if d.get("st") == "closed" and d["n"].endswith(".wav")]
for d, by in zip(closed, (1, 1.0005, 1.0035, 0.5)):
    d["m1"] = d["m0"] + round((d["m1"] - d["m0"]) * by)
open("made/nodes/n1/index.jsl", "w").write("".join(json.dumps(d) + "\n" for d in lines))
json.dump([d["n"] for d in closed], open("names", "w"))
P
mkdir a
play --smp-tcp n1 --site a/site.json made
pull a n1
[ $STATUS = 0 ] || fail "$(cat out err)"
wx-listen -q -a a && wx-align -q -a a --node n1 || fail "wx-align"
"$PY" - <<'P' || fail "windows: $(cat a/windows/n1/2*.csv)"
import csv, datetime, glob, json
names = json.load(open("names"))
rows = [r for f in glob.glob("a/windows/n1/*.csv") for r in csv.DictReader(open(f))]
def of(i):
    w = [r for r in rows if r["capture"].endswith(names[i])]
    t = [datetime.datetime.fromisoformat(r["start_utc"].replace("Z", "+00:00")) for r in w]
    assert len(w) == 3, w
    return (t[2] - t[0]).total_seconds(), {r["flags"] for r in w}
for i, (span, suspect) in enumerate(((20, False), (20.01, False), (20, True), (20, True))):
    s, flags = of(i)
    assert abs(s - span) < 0.0035, (i, s)
    assert all(("rate_suspect" in f) == suspect for f in flags), (i, flags)
P
exit 0
