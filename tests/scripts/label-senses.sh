# SPDX-License-Identifier: MIT
# A node's own sound and humidity beside the tips, in an archive: what is used
# by default, what --evidence and a profile switch, that the tips keep the
# total, that days alone come to the same bytes, that it is told; and that a
# node whose sound has nothing to do with rain is not listened to.
set -eu
fail() { echo "label-senses: $*"; exit 1; }

/usr/bin/python3 - <<'P'
import math, os, random
from datetime import datetime, timedelta, timezone
day0 = datetime(2026, 6, 1, tzinfo=timezone.utc)
z = lambda s: (day0 + timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
random.seed(3)
def rain(t):  # an hour in four, strong and weak by turns
    t %= 86400
    return (3 + t // 14400) * (1 if t % 400 < 200 else .1) if t % 14400 < 3600 else 0
tips, mm = set(), .1
for t in range(0, 3 * 86400, 10):
    mm += rain(t) / 360
    if mm >= .2:
        mm -= .2
        tips.add(t + 10)
os.makedirs("a/station/mast")
for d in range(3):
    date = z(86400 * d)[:10]
    with open(f"a/station/mast/{date}.csv", "w") as f:
        f.write("utc,interval_s,tips,air_temp_degc\n")
        for s in range(d * 86400, (d + 1) * 86400, 10):
            f.write(f"{z(s)},10,{int(s in tips)},15\n")
    for n in ("n1", "street", "old"):
        os.makedirs(f"a/windows/{n}", exist_ok=True)
        with open(f"a/windows/{n}/{date}.csv", "w") as f:
            f.write("node,capture,offset_s,start_utc,length_s,max_err_s,air_temp_degc,rel_hum_pct,pressure_hpa,quality,flags")
            f.write("\n" if n == "old" else ",rain_band_db\n")
            for s in range(d * 86400, (d + 1) * 86400, 20):
                db = -50 + 10 * math.log10(.05 + rain(s) ** 1.3) if n == "n1" else random.uniform(-60, -40)
                hum = 95 if s % 14400 < 4200 else 50
                f.write(f"{n},raw/{n}/{s // 600}.wav,{s % 600}.000,{z(s)},10.000,0.040,15.00,{hum},,1,")
                f.write("\n" if n == "old" else f",{db:.1f}\n")
P
cat >a/site.json <<'X'
{"site":"a","nodes":[{"id":"n1","source":"dir:a"},{"id":"street","source":"dir:b"},{"id":"old","source":"dir:c"}],
 "stations":[{"id":"mast","bucket_mm":0.2}]}
X
label() { wx-label -a a "$@" 2>err || fail "$*: $? $(cat err)"; }
kept() { rm -rf "$1"; mv a/labels "$1"; }

label --json >run
kept by_default
grep -q '^wx-label: street: its sound is not used for rain: in [0-9]* gaps between tips' err || fail "street: $(cat err)"
! grep -q 'n1: its sound\|old: its sound' err || fail "n1, old: $(cat err)"
label --evidence sound; kept sound
label --evidence none; kept none
label --evidence humidity,sound --json >run_both; kept both
diff -r by_default sound || fail "sound is not the default"
diff -r none/street sound/street && diff -r none/old sound/old || fail "sound was used where there is none"
! cmp -s none/n1/2026-06-02.csv sound/n1/2026-06-02.csv || fail "sound changes nothing"
grep -l 'sound_used' -r by_default none | grep -v '/n1/' && fail "sound where there is none"
grep -q 'humidity_used' both/old/2026-06-02.csv || fail "no humidity"
! grep -q 'humidity_used' -r sound none || fail "humidity without being asked"

# A profile switches it too; the command line wins.
sed 's/"rain": {/"rain": { "evidence": [],/' "$TOP/profiles/aurora3.json" >a/none.json
grep -q evidence a/none.json || fail "no such profile"
label -c a/none.json; kept by_profile
diff -r none by_profile || fail "a profile without evidence uses some"
label -c a/none.json --evidence sound; kept by_both
diff -r sound by_both || fail "the command line does not win"

# Days alone, in any order, come to the same.
for d in 3 1 2; do label -q --evidence humidity,sound --date 2026-06-0$d; done
kept days
diff -r both days || fail "days alone are not the same"

# ---- why ----
at=$(sed -n '/sound_used/{p;q}' by_default/n1/2026-06-02.csv | cut -d, -f4)
wx-label -a a --why "n1/$at" >why || fail "why: $?"
grep -q "^  The node's sound bears on it: without, it is none 0" why || fail "$(cat why)"
grep -q 'Its sound is believed: in [0-9]* gaps between tips loudness and rate have a rank correlation of 0.9' why || fail "$(cat why)"
wx-label -a a --why "street/$at" | grep -q 'Its sound is not believed: in ' || fail "street: why"
wx-label -a a --evidence none --why "n1/$at" >why || fail "why: $?"
! grep -q sound why || fail "none: $(cat why)"
wx-label -a a --json --why "n1/$at" >why.json
/usr/bin/python3 - "$at" <<'P'
import csv, json, os, sys
import jsonschema
load = lambda f: json.load(open(f))
valid = lambda what, doc: jsonschema.Draft202012Validator(load(f"{os.environ['TOP']}/schemas/{what}.schema.json")).validate(doc)
why = load("why.json")["rain"]
valid("label-why", load("why.json")); valid("label-run", load("run"))
rows = lambda of, node: [r for d in "123" for r in csv.DictReader(open(f"{of}/{node}/2026-06-0{d}.csv"))]
was, now, both = rows("none", "n1"), rows("sound", "n1"), rows("both", "n1")
used = [i for i, r in enumerate(now) if "sound_used" in r["flags"].split()]
assert load("run")["by_sound"] == len(used) > 500 and load("run")["by_humidity"] == 0
assert load("run_both")["by_humidity"] > 500
# Without tips on both sides nothing is heard; the tips keep the total.
assert all(now[i]["rain_tip_before"] and now[i]["rain_tip_after"] for i in used)
mm = [sum(float(r["rain_mm_h"] or 0) for r in x) for x in (was, now)]
assert abs(mm[0] - mm[1]) < 2e-3 * mm[0], mm
for i, r in enumerate(now):
    same = {k: r[k] == was[i][k] for k in r}
    assert i in used or all(same.values()), (r, was[i])
    assert "humidity_used" in both[i]["flags"] or both[i] == r
    if "humidity_used" in both[i]["flags"]:
        assert float(both[i]["rain_probs"].split(";")[0]) >= float(r["rain_probs"].split(";")[0])
        assert both[i]["rain_mm_h"] == r["rain_mm_h"]
# Truth is strong or weak by turns of 200 s.
def right(x): return sum((("little", "rain")[i % 20 < 10] == x[i]["rain_class"]) for i in used)
assert right(now) > right(was) + len(used) / 10, (right(was), right(now), len(used))
w = next(r for r in was if r["start_utc"] == sys.argv[1])
assert [round(v, 3) for v in why["unaided"].values()] == [float(p) for p in w["rain_probs"].split(";")], (why, w)
assert why["evidence"] == ["sound"] and why["hearing"]["believed"] and why["hearing"]["gaps"] > 10
P
