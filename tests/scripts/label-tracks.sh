# SPDX-License-Identifier: MIT
# A person's label tracks in an archive: they win over the station, by capture
# and by time, from all three formats; the dataset says so; agreement is counted.
set -eu
fail() { echo "label-tracks: $*"; exit 1; }

/usr/bin/python3 - <<'P'
import os, random, wave
random.seed(1)
os.makedirs("site/card")
for m in range(30):
    with wave.open(f"site/card/20260601_12{m:02d}00.WAV", "wb") as w:
        w.setnchannels(1), w.setsampwidth(2), w.setframerate(8000)
        w.writeframes(random.randbytes(8000 * 2 * 60))
with open("site/gauge.csv", "w") as f:
    f.write("utc,tips,wind_avg_m_s\n")
    for m in range(0, 180):
        f.write(f"2026-06-01T{11 + m // 60}:{m % 60:02d}:00Z,{int(60 < m < 70)},3\n")
P
cat >site/site.json <<'X'
{"site":"site","nodes":[{"id":"n1","source":"dir:card","utc_offset":"Z"}],
 "stations":[{"id":"mast","source":"file:gauge.csv","utc_offset":"Z","bucket_mm":0.2}]}
X
export WXSET_ARCHIVE=site
wx-pull -q && wx-station -q -a site && wx-listen -q && wx-align -q || fail "the chain"
labels=site/labels/n1/2026-06-01.csv
wx-label -q || fail "without tracks: $?"
cp $labels plain.csv
[ "$(wc -l <plain.csv)" = 181 ] || fail "$(wc -l <plain.csv) rows"
# column CAPTURE OFFSET NUMBER
column() { grep "^n1,raw/n1/20260601_12$1.WAV,$2.000," $labels | cut -d, -f"$3"; }

mkdir -p site/tracks/n1
cd site/tracks/n1
# Of a capture: heard rain where the gauge has none, then something mixed.
printf '0.000000\t30.000000\train breeze\n\\\t600.000000\t1200.000000\n30.000000\t36.000000\tlittle\n36.000000\t41.000000\train\n' >20260601_122000.txt
# The same capture, another file: wind that the first one does not tell of.
printf '40,000000\t60,000000\twind\n75,000000\t80,000000\twind\n' >20260601_122000~wind.txt
# Raven's name and its two views; one selection ends before it begins.
{ printf 'Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation\n'
  printf '1\tWaveform 1\t1\t10.0\t20.0\t\t\tunknown\n1\tSpectrogram 1\t1\t10.0\t20.0\t0.0\t4000.0\tunknown\n'
  printf '2\tSpectrogram 1\t1\t40.0\t30.0\t0.0\t4000.0\train\n'; } >20260601_122100.Table.1.selections.txt
# By the clock: that day's, and from an instant on.
printf 'hour,minutes,seconds,rain_level\n12,22,0,3\n12,23,0,0\n12,24,0,\n' >2026-06-01.csv
printf '0\t60\train=rain\n' >20260601T122500Z.txt
# None of ours, of no capture, of no class.
echo '<project/>' >x.aup3
printf '0\t10\train\n' >20260601_235900.txt
printf '0\t10\tbirds\n5\t5\train\n0\t10\tlittle\n' >20260601_122900.txt
echo hello >notes.txt
cd ../../..
# Several captures in one table, by paths from another machine.
{ printf 'Selection\tBegin Time (s)\tEnd Time (s)\tBegin Path\tFile Offset (s)\tClass\n'
  printf '1\t0\t10\tD:\\field\\raw\\n1\\20260601_122600.WAV\t20\train\n'
  printf '2\t10\t20\t/home/x/raw/n1/20260601_122700.WAV\t0\tcalm\n'; } >site/tracks/review-1.txt

wx-label 2>err || fail "with tracks: $(cat err)"
for want in \
	"2000 0 7 rain" "2000 0 8 1.000" "2000 0 10 1" "2000 0 11 track" "2000 0 14 breeze" "2000 0 18 track" \
	"2000 0 20 tracks/n1/20260601_122000.txt:1" "2000 30 7 little" "2000 30 8 0.600" "2000 30 10 0" \
	"2000 30 18 interval" "2000 40 11 tips" "2000 50 14 wind" \
	"2000 50 21 tracks/n1/20260601_122000~wind.txt:1" \
	"2100 10 7 " "2100 10 11 track" "2100 10 10 0" "2100 30 11 tips" \
	"2200 20 7 little" "2200 20 11 track" "2200 20 20 tracks/n1/2026-06-01.csv:2" "2300 10 7 none" "2400 20 11 tips" \
	"2500 30 7 rain" "2600 20 7 rain" "2600 20 20 tracks/review-1.txt:2" "2700 0 14 calm" "2700 0 11 tips" \
	"2900 0 7 little" "2900 10 11 tips"; do
	set -- $want
	[ "$(column "$1" "$2" "$3")" = "${4:-}" ] ||
		fail "$1 at $2: column $3 is '$(column "$1" "$2" "$3")', expected '${4:-}'"
done
column 2000 30 19 | grep -q track_mixed || fail "not flagged: $(column 2000 30 19)"
# What it measured stays; windows nobody heard are as they were.
cut -d, -f1-6,12,13 plain.csv | cmp - <(cut -d, -f1-6,12,13 $labels) || fail "values changed"
grep -v ,track, $labels | grep -v track_mixed >rest
grep -vxFf plain.csv rest && fail "a window without a track changed"

for want in \
	"20260601_122100.Table.1.selections.txt:4: a selection that ends before it begins" \
	"tracks/n1/20260601_122900.txt:1: 'birds' is neither a class of profile aurora3 (none, little, rain, calm, breeze, wind)" \
	"tracks/n1/20260601_122900.txt: 1 point labels not used" \
	"tracks/n1/notes.txt: no label track" \
	"tracks/n1/20260601_235900.txt: no window is of a capture raw/n1/20260601_235900" \
	"tracks/n1/20260601_122000~wind.txt:2: 1 labels from here on lie beyond the end of their capture" \
	"rain, ear and station: the same in "; do
	grep -qF "$want" err || fail "not said: $want: $(cat err)"
done
grep -q 'x.aup3' err && fail "a project is none of ours"

# The table of agreement counts what both are sure of; a second run is still.
find site -type f -exec stat -c '%n %Y %Z %i' {} + | sort >before
wx-label -q --json >said 2>/dev/null
find site -type f -exec stat -c '%n %Y %Z %i' {} + | sort | diff before - || fail "the second run changed files"
/usr/bin/python3 - $labels plain.csv <<'P' || exit 1
import csv, json, os, sys
import jsonschema
said = json.load(open("said"))
jsonschema.Draft202012Validator(json.load(open(os.environ["TOP"] + "/schemas/label-run.schema.json"))).validate(said)
new, old = (list(csv.DictReader(open(f))) for f in sys.argv[1:])
assert said["days_changed"] == 0 and said["windows"] == 180, said
for what in ("rain", "wind"):
    a = said[what]["agreement"]
    want = [[0] * 3 for _ in range(3)]
    for n, o in zip(new, old):
        if n[what + "_source"] == "track" and n[what + "_keep"] == "1" and o[what + "_class"]:
            want[a["classes"].index(n[what + "_class"])][a["classes"].index(o[what + "_class"])] += 1
    assert a["ear_by_station"] == want and sum(map(sum, want)) > 1, (what, a, want)
    assert said[what]["by_ear"] == sum(r[what + "_source"] == "track" for r in new)
    assert said[what]["kept"] == sum(r[what + "_keep"] == "1" for r in new)
P

# The dataset says who said it.
wx-export -q -t rain -o set 2>err || fail "export: $(cat err)"
/usr/bin/python3 - set/provenance.jsonl <<'P' || exit 1
import json, sys
by = [l["rain"] for l in map(json.loads, open(sys.argv[1])) if l["rain"]["source"] == "track"]
assert by and all(r["p"] >= .8 and r["track"].startswith("tracks/") for r in by), by
assert any(r["track"] == "tracks/n1/20260601_122000.txt:1" and r["class"] == "rain" for r in by)
P

# Without them everything is the station's again.
rm -r site/tracks
wx-label -q && cmp plain.csv $labels || fail "labels remember tracks"
