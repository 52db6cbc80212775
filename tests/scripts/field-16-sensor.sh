#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The sensor beside the microphone fails: NaN, -127 and 85 degrees, no pressure,
# over 100 %, text; then it is stuck. What no air has is not told of any air.
set -u
. "$TOP/tests/scripts/field.bash"
wx-sim -q -o made --days 0.014 --nodes 2 --capture-s 10 --every-s 120 --rate 8000 ||
	fail "wx-sim"
cp -r made m
"$PY" - <<'P'
import csv, glob, json
index = "m/nodes/n1/index.jsl"
lines = [json.loads(s) for s in open(index)]
caps = [d for d in lines if d.get("st") == "closed" and d["n"].endswith(".wav")]
env = glob.glob("m/nodes/n1/b*/env.csv")[0]
bad = ["nan,nan,nan", "-127.00,50,960", "85.00,50,960", "20,-1,0", "20,101.2,960.1", "x,y", ",,", "21.5,60,960", "21.5,60,960"]
with open(env, "w") as f:
    f.write("m,air_temp_degc,rel_hum_pct,pressure_hpa\n")
    for d, row in zip(caps, bad):  # every ten seconds for a minute around
        for s in range(-30, 45, 15):
            f.write("%d,%s\n" % (d["m0"] + 5000000 + s * 1000000, row))
size = len(open(env, "rb").read())
for d in lines:
    if d.get("n", "").endswith("env.csv"):
        d.update(l=size, st="open")
        d.pop("c", None), d.pop("h", None)
open(index, "w").write("".join(json.dumps(d) + "\n" for d in lines))
json.dump([d["n"] for d in caps], open("caps", "w"))
P
for wire in http tcp; do
	mkdir $wire
	play $(wire_of $wire n1) --site $wire/site.json m
	pull $wire n1
	[ $STATUS = 0 ] || fail "$wire: $(cat out err)"
	stop
	wx-listen -q -a $wire && wx-align -q -a $wire --node n1 2>err || fail "wx-align: $(cat err)"
	"$PY" - $wire <<'P' || fail "$wire: $(cat $wire/windows/n1/2*.csv)"
import csv, glob, json, sys
rows = {r["capture"].split("/n1/")[1]: r for f in glob.glob(sys.argv[1] + "/windows/n1/2*.csv") for r in csv.DictReader(open(f))}
caps = json.load(open("caps"))
air = lambda i: tuple(rows[caps[i]][k] for k in ("air_temp_degc", "rel_hum_pct", "pressure_hpa"))
for i in range(9):
    t, h, p = air(i)
    assert t == "" or -60 <= float(t) <= 70, (i, t)
    assert h == "" or 0 <= float(h) <= 100, (i, h)
    assert p == "" or 300 <= float(p) <= 1100, (i, p)
assert air(7) == air(8) == ("21.50", "60.0", "960.00"), air(7)
assert all("-127" not in "".join(air(i)) and "85.0" not in air(i)[0] for i in range(9))
P
done
exit 0
