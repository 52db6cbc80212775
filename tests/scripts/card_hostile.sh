#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A card whose names and links are a stranger's: no name leaves its folder or
# takes one of ours, no link brings in this host's files or a ring, a FIFO holds
# nobody up; and what is taken comes out of every table and the dataset as the
# name it had.
set -u
bad=0
fail() { echo "card_hostile.sh:${BASH_LINENO[0]}: $*"; bad=1; }

/usr/bin/python3 - <<'END' || exit 1
import os, random, wave
def wav(path, seed):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with wave.open(path, "wb") as w:
        w.setparams((1, 2, 8000, 0, "NONE", ""))
        w.writeframes(random.Random(seed).randbytes(21 * 16000))
minute = 0
def put(before, after=".wav", where="card/"):
    global minute
    minute += 1
    path = "%s%s_20260601_12%02d00%s" % (where, before, minute, after)
    wav(path, minute)
    return path
for name in ("plain", "with space", " lead", "comma,", 'quote"', "apos'", "br[1]",
             "=cmd()", "-dash", "--help", "ü", "日本", "%s%n", "$(id)", "`id`", "star*",
             "q?", "&amp;<x>", "#", "L" * 180, "a/b/c/deep", "sub.wav/x", "_root/x",
             "index.jsl.wav/x"):
    put(name)
refused = [put("nl\nx"), put("back\\slash"), put("L" * 190), put("clock.jsonl/x"),
           put("journal.jsonl/x"), put("INDEX.jsl/x"), put("index~1/x"), put("x.part/x"),
           put("f/.hidden")]
case = put("case")
wav(case.replace("case", "CASE"), 98)
wav(case[:-4] + ".WAV", 99)
outside = put("secret", where="outside/")
os.symlink(os.path.abspath(outside), "card/link_20260601_125800.wav")
os.symlink(os.path.abspath("outside"), "card/linkdir")
os.symlink(".", "card/ring")
os.symlink("..", "card/up")
os.symlink("/dev/zero", "card/zero_20260601_125900.wav")
os.symlink("nowhere", "card/dangling_20260601_125901.wav")
os.symlink(os.path.basename(case), "card/same_20260601_125902.wav")
os.mkfifo("card/fifo_20260601_125903.wav")
os.mkdir("card/folder_20260601_125904.wav")

# A card with the index of its node: its links are asked for by name.
wav("node/b1/1.wav", 1)
size = os.path.getsize("node/b1/1.wav")
for name, target in ("b1/2.wav", "../../" + outside), ("b2", "../outside"):
    os.symlink(target, "node/" + name)
os.mkfifo("node/b1/3.wav")
with open("node/index.jsl", "w") as f:
    for n in ("b1/1.wav", "b1/2.wav", "b1/3.wav", "b2/" + os.path.basename(outside),
              "clock.jsonl/1.wav"):
        print('{"n":"%s","l":%d,"b":1,"m0":0,"ns":168000,"fs":8000,"st":"closed"}' % (n, size), file=f)
END
a="arch ive'\"ü"
mkdir "$a"
echo '{"site":"s","stations":[{"id":"m","format":"csv","source":"file:*.obs","bucket_mm":0.2}],
	"nodes":[{"id":"n1","source":"dir:../card","utc_offset":"Z"},{"id":"n2","source":"dir:../node"}]}' >"$a/site.json"
{ echo time,rain_mm,wind_avg_m_s
  for m in {0..59}; do printf '2026-06-01T12:%02d:00Z,%s,2.5\n' "$m" "$((m % 3 == 0)).2"; done; } >"$a/m.obs"

timeout 60 wx-pull -a "$a" >out 2>err </dev/null
status=$?
[ $status = 4 ] || fail "status $status, expected 4: files of n2 cannot be had"
grep -q '^n1: 28 new .*, 7 refused$' out || fail "n1: $(cat out err)"
grep -q '^n2: 1 new .*, 1 refused, 3 failed$' out || fail "n2: $(cat out err)"
grep -q '2.wav: a link that leads out of the card$' err || fail "$(cat err)"
grep -q '3.wav: not a file$' err || fail "$(cat err)"
cmp node/b1/1.wav "$a/raw/n2/b1/1.wav" || fail "n2's capture"
[ "$(find "$a/raw/n2" -name '*.wav' -size +0 | wc -l)" = 1 ] || fail "$(find "$a/raw/n2")"
for t in station listen align label; do wx-$t -q -a "$a" >out 2>err || fail "wx-$t: $? $(cat out err)"; done
wx-export -q -a "$a" -o "$a/dataset" >out 2>err || fail "wx-export: $? $(cat out err)"

/usr/bin/python3 - "$a" <<'END' || fail "names do not come through"
import csv, glob, hashlib, json, os, sys, wave
a = sys.argv[1]
def rows(what):
    for f in glob.glob(glob.escape(a) + "/%s/n1/**/*.csv" % what, recursive=True):
        yield from csv.DictReader(open(f, newline="", encoding="utf-8"))
def sha(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()
names = {json.loads(s)["n"] for s in open(a + "/raw/n1/index.jsl", encoding="utf-8")}
for n in names:
    assert sha("card/" + n) == sha(a + "/raw/n1/" + n), n
raw = {"raw/n1/" + n for n in names}
assert len(raw) == 28, sorted(raw)
for what in "sound", "windows", "labels":
    assert {r["capture"] for r in rows(what)} == raw, what
samples = [json.loads(s) for s in open(a + "/dataset/provenance.jsonl", encoding="utf-8")]
of_n1 = {p["capture"] for p in samples if p["node"] == "n1"}
assert of_n1 <= raw and len(of_n1) > 20, of_n1
for p in samples:
    of, cut = wave.open(a + "/" + p["capture"]), wave.open(a + "/dataset/" + p["path"])
    of.setpos(p["first_frame"])
    assert of.readframes(p["n_frames"]) == cut.readframes(cut.getnframes()), p
END
times() { find "$a" -type f ! -path '*/.part/*' -printf '%p %s %T@\n' | sort; }
times >before
timeout 60 wx-pull -q -a "$a" >out 2>err
wx-listen -q -a "$a" && wx-align -q -a "$a" && wx-label -q -a "$a" && wx-export -q -a "$a" -o "$a/dataset" >out || fail "again"
times | diff before - || fail "a second run changed files"
exit $bad
