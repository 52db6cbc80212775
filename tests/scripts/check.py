# SPDX-License-Identifier: MIT
"""An archive of two nodes is made, corrupted in one way at a time, and checked."""
import json
import jsonschema
import os
import re
import shutil
import subprocess
import sys

bad = 0
TOP = os.environ["TOP"]
schema = jsonschema.Draft202012Validator(json.load(open(f"{TOP}/schemas/check-line.schema.json")))


def fail(text):
    global bad
    bad = 1
    print(text)


def run(*argv):
    r = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return r.returncode, r.stdout, r.stderr


def must(*argv):
    rc, out, err = run(*argv)
    if rc:
        sys.exit(f"{argv}: status {rc}\n{out}{err}")


def check(*argv):
    """Exit status, findings, summary."""
    rc, out, err = run("wx-check", "--json", *argv)
    lines = [json.loads(line) for line in out.splitlines()]
    for line in lines:
        for e in schema.iter_errors(line):
            fail(f"{argv}: {line}: {e.message}")
    if not lines or "faults" not in lines[-1]:
        fail(f"{argv}: no summary: {out[-300:]} {err}")
        return rc, lines, {}
    return rc, lines[:-1], lines[-1]


# ---- an archive ----

must("wx-sim", "-q", "-o", "made", "--nodes", "2", "--days", "0.5", "--every-s", "300", "--capture-s", "4",
     "--rate", "8000", "--climate", "wet", "--seed", "5", "--start", "2026-06-01")
site = json.load(open("made/site.json"))
for n in site["nodes"]:
    n["source"] = f"dir:{os.getcwd()}/made/nodes/{n['id']}"
for s in site["stations"]:
    s["source"] = f"file:{os.getcwd()}/made/station/*.dat"
site["windows"] = {"length_s": 4}
site["upload"] = {"key_file": "key"}
os.mkdir("a")
json.dump(site, open("a/site.json", "w"), indent=1)
open("a/key", "w").write("k")
os.chmod("a/key", 0o600)
for tool in ("pull", "station", "listen", "align", "label"):
    must("wx-" + tool, "-q", "-a", "a")
must("wx-export", "-q", "-a", "a", "-o", "a/dataset")
for top, _, names in os.walk("a"):  # so that they may be noted
    for name in names:
        os.utime(f"{top}/{name}", (1.7e9, 1.7e9))

rc, found, total = check("-a", "a")
if rc or found or total["captures"] < 50 or total["hashed"] < 50 or total["known"]:
    fail(f"intact archive: status {rc}, {found}, {total}")
rc, found, again = check("-a", "a")
if rc or found or again["hashed"] or again["known"] < total["hashed"]:
    fail(f"the second time: status {rc}, {found}, {again}")
if check("-a", "a", "--full")[2]["hashed"] != total["hashed"]:
    fail("--full does not read all")
rc, found, total = check("a/dataset")
if rc or found or total["samples"] < 20 or total["hashed"] != total["samples"]:
    fail(f"intact dataset: status {rc}, {found}, {total}")
rc, out, err = run("wx-check", "-q", "-a", "a")
if rc or out or err:
    fail(f"-q of an intact archive says {out}{err}")

# ---- ways to break it ----

index = [json.loads(line) for line in open("a/raw/n1/index.jsl")]
files = [i for i in index if i.get("n", "").endswith(".wav") and "l" in i]
one, two = files[3], files[10]
cap = "raw/n1/" + one["n"]
windows = "windows/n1/2026-06-01.csv"
labels = windows.replace("windows", "labels")
sound = "sound/n1/" + os.listdir("a/sound/n1")[0]
obs = "station/mast/2026-06-01.csv"


def put(path, data):
    """Another file of that name: its links in a/ stay as they are."""
    if os.path.lexists(path):
        os.unlink(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "wb").write(data)


def edit(path, old, new, count=1):
    data = open("b/" + path, "rb").read()
    changed = re.sub(old, new, data, count=count, flags=re.M)
    assert changed != data, f"{path}: nothing to change"
    put("b/" + path, changed)


def flip(path, at):
    data = bytearray(open("b/" + path, "rb").read())
    data[at] ^= 1
    put("b/" + path, bytes(data))


def cut(path, n):
    put("b/" + path, open("b/" + path, "rb").read()[:-n])


def drop_lines(path, first, n):
    lines = open("b/" + path, "rb").read().splitlines(True)
    put("b/" + path, b"".join(lines[:first] + lines[first + n:]))


def set_site(fn):
    s = json.load(open("b/site.json"))
    fn(s)
    put("b/site.json", json.dumps(s).encode())


def no_capture(node, n):
    """As if numbers had never been: no line of index or journal, no file."""
    for name in ("index.jsl", "journal.jsonl"):
        lines = open(f"b/raw/{node}/{name}").read().splitlines(True)
        put(f"b/raw/{node}/{name}", "".join(x for x in lines if n["n"] not in x and '"snapshot"' not in x).encode())
    os.unlink(f"b/raw/{node}/{n['n']}")


testing = sorted(os.listdir("a/dataset/testing"))
training = sorted(os.listdir("a/dataset/training"))
test0, train0 = "testing/" + testing[0], "training/" + training[0]
label0 = testing[0].split(".")[0]


def leak():
    """A test sample put to training, by all lists."""
    for name in ("info.labels", "provenance.jsonl"):
        text = open("b/dataset/" + name).read().splitlines(True)
        text = [t.replace("testing", "training") if test0 in t else t for t in text]
        put("b/dataset/" + name, "".join(text).encode())
    os.rename("b/dataset/" + test0, "b/dataset/training/" + testing[0])


A, D = "-a b", "b/dataset"
CASES = [
    # what is done, what is checked, the finding, where
    ("a bit of a capture flips", A, lambda: flip(cap, 5000), "hash", cap),
    ("a capture is cut short", A, lambda: cut(cap, 100), "size", cap),
    ("a capture is deleted", A, lambda: os.unlink("b/" + cap), "missing", cap),
    ("a capture nobody knows", A, lambda: put("b/raw/n1/b0018/zz.wav", b"RIFF"), "orphan", "raw/n1/b0018/zz.wav"),
    ("a pull was interrupted", A, lambda: put("b/raw/n2/.part/x.wav", b"RI"), "leftover", "raw/n2/.part/x.wav"),
    ("the journal tells other bytes", A, lambda: edit("raw/n1/journal.jsonl", b'"sha256":"....', b'"sha256":"0000'), "hash", None),
    ("a line of the journal is torn", A, lambda: edit("raw/n1/journal.jsonl", rb'^\{"n":"(.*)"l":', rb'{"n":"\1"l:'), "journal", "raw/n1/journal.jsonl"),
    ("a length in the journal is a text", A, lambda: edit("raw/n1/journal.jsonl", rb'("n":.*"l":)([0-9]+)', rb'\1"\2"'), "journal", "raw/n1/journal.jsonl"),
    ("the journal is gone", A, lambda: os.unlink("b/raw/n1/journal.jsonl"), "not-pulled", None),
    ("the index was edited", A, lambda: edit("raw/n1/index.jsl", b'"h":"....', b'"h":"0000'), "index", None),
    ("an index with a name that climbs", A, lambda: edit("raw/n1/index.jsl", b'"n":"b00', b'"n":"../b00'), "index", "raw/n1/index.jsl"),
    ("the index is gone", A, lambda: os.unlink("b/raw/n2/index.jsl"), "missing", "raw/n2/index.jsl"),
    ("a capture is in the index alone", A, lambda: drop_lines("raw/n1/journal.jsonl", 5, 1), "not-pulled", None),
    ("two numbers were lost", A, lambda: (no_capture("n1", one), no_capture("n1", two)), "gap", "raw/n1/index.jsl"),
    ("an exchange of clocks is torn", A, lambda: put("b/raw/n1/clock.jsonl", b'{"t1":1,"t4":2}\n'), "clock", "raw/n1/clock.jsonl"),
    ("the clock drifted away", A, lambda: edit(windows, rb"^(n1,[^,]*,[^,]*,[^,]*,[^,]*),[^,]*", rb"\1,9.5", 0), "clock", windows),
    ("windows lose a column", A, lambda: edit(windows, b"max_err_s", b"err"), "table", windows),
    ("columns are swapped", A, lambda: edit(labels, b"rain_mm_h,rain_class", b"rain_class,rain_mm_h"), "table", labels),
    ("a window of another day", A, lambda: edit(windows, b"2026-06-01T01", b"2026-06-02T01"), "table", windows),
    ("rows out of order", A, lambda: edit(windows, rb"^(n1.*\n)(n1.*\n)", rb"\2\1"), "table", windows),
    ("a label that is no class", A, lambda: edit(labels, b",none,", b",nome,"), "table", labels),
    ("probabilities do not add up", A, lambda: edit(labels, rb",[0-9.]+;[0-9.]+;", b",0.9;0.9;"), "table", labels),
    ("a label is lost", A, lambda: drop_lines(labels, 7, 1), "table", labels),
    ("a day is not labelled", A, lambda: os.unlink("b/" + labels), "missing", labels),
    ("labels without windows", A, lambda: os.unlink("b/" + windows), "orphan", labels),
    ("a second of sound is lost", A, lambda: drop_lines(sound, 3, 1), "table", sound),
    ("a capture was not heard", A, lambda: drop_lines(sound, 5, 4), "not-heard", "sound/n1"),
    ("a level that cannot be read", A, lambda: edit(sound, rb",-[0-9.]+,", b",loud,"), "table", sound),
    ("the microphone died", A, lambda: edit(windows, rb",1,([^,\n]*,[^,\n]*)$", rb",4,\1", 0), "quality", windows),
    ("the station's table is torn", A, lambda: cut(obs, 20), "table", obs),
    ("the station rained upwards", A, lambda: edit(obs, rb"^(2026[^,]*,10,0),0,", rb"\1,-1,"), "table", obs),
    ("another bucket in site.json", A, lambda: (set_site(lambda s: s["stations"][0].update(bucket_mm=0.254)), put("b/" + obs, open("a/" + obs, "rb").read())), "site", obs),
    ("a node of nobody's", A, lambda: set_site(lambda s: s["nodes"].pop()), "orphan", "raw/n2"),
    ("a node that never came", A, lambda: set_site(lambda s: s["nodes"].append({"id": "n9", "source": "dir:x"})), "site", "raw/n9"),
    ("site.json has a typing error", A, lambda: edit("site.json", b'"nodes"', b'"notes"'), "site", "site.json"),
    ("the key is for everybody", A, lambda: (put("b/key", b"k"), os.chmod("b/key", 0o644)), "secret", "site.json"),
    ("a table was interrupted", A, lambda: put("b/labels/n1/2026-06-01.csv.part", b"x"), "leftover", labels + ".part"),
    ("a note in a folder of tables", A, lambda: put("b/labels/n1/notes.txt", b"x"), "orphan", "labels/n1/notes.txt"),
    ("nobody listened", A, lambda: shutil.rmtree("b/sound/n1"), "missing", "sound/n1"),
    ("a sample is gone", D, lambda: os.unlink("b/dataset/" + test0), "missing", test0),
    ("a sample is another sound", D, lambda: flip("dataset/" + test0, 5000), "sample", test0),
    ("a sample is cut short", D, lambda: cut("dataset/" + test0, 100), "sample", test0),
    ("a sample nobody knows", D, lambda: put("b/dataset/training/x.wav", b"RIFF"), "orphan", "training/x.wav"),
    ("a label was changed in the list", D, lambda: edit("dataset/info.labels", rb'("path":"%s".*"label":)"%s"' % (test0.encode(), label0.encode()), rb'\1"storm"'), "label", test0),
    ("the list lost a sample", D, lambda: drop_lines("dataset/info.labels", 3, 1), "list", "info.labels"),
    ("the list has a key of its own", D, lambda: edit("dataset/info.labels", b'"category":', b'"kategory":'), "list", "info.labels"),
    ("provenance.jsonl lost a key", D, lambda: edit("dataset/provenance.jsonl", b'"block":"[^"]*",', b""), "provenance", "provenance.jsonl"),
    ("a test sample trains", D, leak, "leak", None),
    ("an export was interrupted", D, lambda: put("b/dataset/.unfinished", b"x"), "leftover", ".unfinished"),
    ("no README", D, lambda: os.unlink("b/dataset/README.md"), "missing", "README.md"),
]
for what, where, do, word, path in CASES:
    subprocess.run(["cp", "-al", "a", "b"], check=True)
    do()
    rc, found, total = check(*where.split())
    hit = [f for f in found if f["found"] == word and path in (None, f["path"])]
    if rc != 1 or not hit:
        fail(f"{what}: status {rc}, expected 1 and [{word}] {path}; found {found[:3]}")
    elif not all(f["do"] and f["text"] for f in found) or total["faults"] + total["losses"] != len(found):
        fail(f"{what}: {found} {total}")
    elif len(found) > 4 and what not in ("the journal is gone", "the index is gone", "a node of nobody's"):
        fail(f"{what}: {len(found)} findings of one corruption: {found[:5]}")
    shutil.rmtree("b")

# Sound that the site's own rule let go is no loss.
subprocess.run(["cp", "-al", "a", "b"], check=True)
line = next(x for x in map(json.loads, open("a/raw/n1/journal.jsonl")) if x.get("n") == one["n"])
gone = {"deleted": one["n"], "l": line["l"], "sha256": line["sha256"], "utc": "2026-09-01T00:00:00Z", "why": "retention"}
put("b/raw/n1/journal.jsonl", open("a/raw/n1/journal.jsonl", "rb").read() + json.dumps(gone).encode() + b"\n")
os.unlink("b/" + cap)
rc, found, total = check("-a", "b")
if rc or found:
    fail(f"deleted by the site's rule: status {rc}: {found}")
shutil.rmtree("b")

# ---- options ----

subprocess.run(["cp", "-al", "a", "b"], check=True)
no_capture("n1", one)
eq = [("a loss counts", ["-a", "b"], 1), ("unless accepted", ["-a", "b", "--accept-losses"], 0),
      ("or of another node", ["-a", "b", "--node", "n2"], 0), ("or long ago", ["-a", "b", "--since", "2026-06-02"], 0),
      ("or of that day", ["-a", "b", "--since", "2026-06-01"], 1)]
for what, argv, want in eq:
    rc, out, err = run("wx-check", *argv)
    if rc != want:
        fail(f"{what}: status {rc}, expected {want}: {out}{err}")
# Names from outside do not steer a terminal.
put("b/labels/n1/\x1b[2J.csv", b"x")
rc, out, err = run("wx-check", "-a", "b")
if rc != 1 or "\x1b" in out + err or "\\x1b[2J.csv" not in out:
    fail(f"a name with an escape: {rc} {out!r}")
for argv, want in ((["--since", "x"], 2), (["a", "b"], 2), (["--node", "n1", "x/y"], 2), (["-a", "nowhere"], 4)):
    rc, out, err = run("wx-check", *argv)
    if rc != want or not err:
        fail(f"{argv}: status {rc}, expected {want}: {out}{err}")
# The examples of the page.
os.symlink("a", "ridge")
page = re.findall(r"^\.Dl \$ (.*)$", open(f"{TOP}/man/wx-check.1").read(), re.M)
if len(page) != 5:
    fail(f"the page has {len(page)} examples")
for line in page:
    r = subprocess.run(line, shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if r.returncode:
        fail(f"{line}: status {r.returncode}: {r.stdout}{r.stderr}")
print(len(CASES), "corruptions")
sys.exit(bad)
