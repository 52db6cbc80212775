# SPDX-License-Identifier: MIT
# wx-label --why and --review: answers that agree with labels/, picks that are
# spread, the same each time, that a person fills in and that then count.
set -eu
fail() { echo "label-ask: $*"; exit 1; }

/usr/bin/python3 - <<'P'
import os
from datetime import datetime, timedelta, timezone
day0 = datetime(2026, 6, 1, tzinfo=timezone.utc)
z = lambda s: (day0 + timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
tips = {43200 + s for s in (0, 120, 240, 400, 1300, 3300, 3420)} | {90000, 90200, 90900}
os.makedirs("site/station/mast")
for d in range(2):
    date = z(86400 * d)[:10]
    with open(f"site/station/mast/{date}.csv", "w") as f:
        f.write("utc,interval_s,tips,wind_avg_m_s\n")
        for s in range(d * 86400, (d + 1) * 86400, 10):
            f.write(f"{z(s)},10,{int(s in tips)},{3 + s % 700 / 200:.2f}\n")
    for n in ("n1", "n2"):
        os.makedirs(f"site/windows/{n}", exist_ok=True)
        with open(f"site/windows/{n}/{date}.csv", "w") as f:
            f.write("node,capture,offset_s,start_utc,length_s,max_err_s,air_temp_degc,rel_hum_pct,pressure_hpa,quality,flags\n")
            for s in range(d * 86400, (d + 1) * 86400, 20):
                f.write(f"{n},raw/{n}/{s // 600}.wav,{s % 600}.000,{z(s)},10.000,0.040,15.00,,,{4 if s % 86400 < 600 else 1},\n")
with open("site/windows/n1/undated.csv", "w") as f:
    f.write("node,capture,offset_s,start_utc,length_s\nn1,raw/n1/lost.wav,0.000,,10.000\n")
P
cat >site/site.json <<'X'
{"site":"site","nodes":[{"id":"n1","source":"dir:a"},{"id":"n2","source":"dir:b"}],
 "stations":[{"id":"mast","bucket_mm":0.2}]}
X
export WXSET_ARCHIVE=site
wx-label -q || fail "labels"

# ---- why ----
wx-label --why n1/2026-06-01T12:01:05Z >why || fail "why: $?"
for want in 'raw/n1/72.wav at 60 s: 10 s from 2026-06-01T12:01:00.000Z, give or take 0.04 s.' \
	'Rain is rain with probability 0.9' ', kept.' 'The gauge of mast, 0.2 mm a tip, tells of 6.02 mm/h.' \
	'A tip at 2026-06-01T11:59:55.000Z, 65 s before it, known to 2.887 s.' \
	'A tip at 2026-06-01T12:01:55.000Z, 45 s after its end' 'The gap around it is 120 s: the rate is log-normal' \
	'mast measured ' 'Classes are those of profile aurora3.'; do
	grep -qF "$want" why || fail "why: not said: $want: $(cat why)"
done
wx-label --why raw/n1/72.wav@60 | cmp - why || fail "by capture it is another answer"
wx-label --why n2/2026-06-01T20:00:00Z | grep -q 'known.*table of gaps\|table of gaps' || fail "$(wx-label --why n2/2026-06-01T20:00:00Z)"
while read -r at want; do
	wx-label --why "n1/$at" | grep -qF "$want" || fail "$at: not said: $want: $(wx-label --why "n1/$at")"
done <<'W'
2026-06-01T12:01:05Z sigma of its logarithm 0.204, put together with what all tips of the record tell: by them the rain is common 0
2026-06-01T12:54:05Z The gap around it is 2000 s: over 1800 s, so that half a bucket is spread before
2026-06-01T12:26:05Z not kept: under 0.8; 0 is no rate of that class.
2026-06-01T11:51:40Z rain 0.001), kept.
2026-06-01T03:00:00Z The gap around it (from the record's start) is 43205 s: over 1800 s
2026-06-02T23:30:00Z The gap around it (to the record's end) is 81895 s: over 1800 s
W
wx-label --why raw/n1/lost.wav@0 >lost || fail "undated: $?"
grep -q 'at a time that nothing tells' lost && grep -q 'Flags: no_time.' lost || fail "undated: $(cat lost)"
/usr/bin/python3 - <<'P' || exit 1
import csv, json, os, random, subprocess
import jsonschema
v = jsonschema.Draft202012Validator(json.load(open(os.environ["TOP"] + "/schemas/label-why.schema.json")))
rows = [r for n in ("n1", "n2") for d in "12" for r in csv.DictReader(open(f"site/labels/{n}/2026-06-0{d}.csv"))]
rng = random.Random(1)
wet = [r for r in rows if r["rain_class"] != "none"]
for r in rng.sample(rows, 6) + rng.sample(wet, 10):
    said = json.loads(subprocess.run(["wx-label", "--json", "--why", f"{r['capture']}@{r['offset_s']}"],
                                     check=True, stdout=subprocess.PIPE).stdout)
    v.validate(said)
    for what, unit in ("rain", "mm_h"), ("wind", "m_s"):
        s = said[what]
        assert s["class"] == r[what + "_class"] and s["source"] == r[what + "_source"], (r, said)
        assert abs(s["p"] - float(r[what + "_p"])) < 1e-9 and s["keep"] == (r[what + "_keep"] == "1"), (r, said)
        assert abs(s[unit] - float(r[f"{what}_{unit}"])) < 1e-9, (r, said)
    assert " ".join(said["flags"]) == r["flags"]
P
status() { # WANT COMMAND...
	want=$1; shift
	got=0; "$@" >said 2>&1 || got=$?
	[ "$got" = "$want" ] || fail "$*: status $got: $(cat said)"
}
status 3 wx-label --why n1/2026-07-01T00:00:00Z
grep -q 'no window is there' said || fail "$(cat said)"
status 3 wx-label --why n9/2026-06-01T00:00:00Z
status 3 wx-label --why yesterday
status 3 wx-label --why 'raw/n1/72.wav@nan'
status 2 wx-label --why n1/2026-06-01T00:00:00Z --review 3
status 2 wx-label --review 0

# ---- review ----
wx-label --review 12 2>err || fail "review: $(cat err)"
grep -q '^wx-label: tracks/review-1.txt: 12 windows; listen by tracks/review-1.m3u, fill in' err || fail "$(cat err)"
find site/tracks -type f -exec stat -c '%n %Y %Z %i' {} + | sort >before
wx-label -q --review 12
find site/tracks -type f -exec stat -c '%n %Y %Z %i' {} + | sort | diff before - || fail "asked again, files changed"
cp -r site/tracks first; rm -r site/tracks
wx-label -q --review 12; diff -r first site/tracks || fail "other picks"
/usr/bin/python3 - <<'P' || exit 1
import csv
pick = list(csv.DictReader(open("site/tracks/review-1.txt"), delimiter="\t"))
label = {(r["capture"], float(r["offset_s"])): r for n in ("n1", "n2") for d in "12"
         for r in csv.DictReader(open(f"site/labels/{n}/2026-06-0{d}.csv"))}
rows = [label[r["Begin Path"], float(r["File Offset (s)"])] for r in pick]
assert len({(r["capture"], r["offset_s"]) for r in rows}) == 12
mean = lambda rs: sum(float(r["rain_p"]) for r in rs) / len(rs)
assert mean(rows) < .8 < .95 < mean(list(label.values())), (mean(rows), mean(list(label.values())))
assert {r["node"] for r in rows} == {"n1", "n2"} and len({r["start_utc"][:13] for r in rows}) >= 6, rows
assert {r["rain_class"] for r in rows} == {"none", "little", "rain"}, rows
assert all(r["start_utc"][11:15] != "00:0" for r in rows), "sound that failed its check"
m3u = open("site/tracks/review-1.m3u").read().split("\n")
assert m3u[0] == "#EXTM3U" and sum(l.startswith("../raw/") for l in m3u) == 12
assert all(f"../{r['Begin Path']}" in m3u for r in pick)
P
# Filled in, it counts; asked again before wx-label it is still there, after it
# something else is asked.
sed -i '2,$s/$/little/' site/tracks/review-1.txt
cp site/tracks/review-1.txt filled
wx-label --review 12 2>err && grep -q '12 windows, asked for before' err || fail "$(cat err)"
cmp filled site/tracks/review-1.txt || fail "what a person filled in is gone"
wx-label 2>err || fail "$(cat err)"
grep -q 'labelled by ear: rain of 12 windows' err || fail "$(cat err)"
[ "$(cat site/labels/*/*.csv | grep -c ',little,1.000,0.000;1.000;0.000,1,track,.*,tracks/review-1.txt:')" = 12 ] || fail "not 12"
wx-label -q --review 12
tail -n +2 site/tracks/review-2.txt | cut -f 8,9 | grep -Ff <(tail -n +2 filled | cut -f 8,9) && fail "asked twice"
[ "$(wc -l <site/tracks/review-2.txt)" = 13 ] || fail "no second review"
wx-label --why "$(sed -n 2p filled | cut -f 8)@$(sed -n 2p filled | cut -f 9)" >why
grep -q 'A person heard it: tracks/review-1.txt:2.' why && grep -q 'By the station alone it would be' why || fail "$(cat why)"
exit 0
