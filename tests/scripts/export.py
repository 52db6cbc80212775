# SPDX-License-Identifier: MIT
"""See export.sh. An independent reader: shares no code with the exporter."""
import csv, datetime as dt, hashlib, jsonschema, json, os, random, re, signal, subprocess, time, wave, zlib

TOP, T = os.environ["TOP"], os.environ["T"]
WIN = "node,capture,offset_s,start_utc,length_s,max_err_s,air_temp_degc,rel_hum_pct,pressure_hpa,quality,flags".split(",")
LAB = ("node,capture,offset_s,start_utc,length_s,rain_mm_h,rain_class,rain_p,rain_probs,rain_keep,rain_source,wind_m_s,"
       "wind_gust_m_s,wind_class,wind_p,wind_probs,wind_keep,wind_source,flags").split(",")
LISTS = {"info.labels", "provenance.jsonl", "README.md"}
T0 = dt.datetime(2026, 6, 1, tzinfo=dt.timezone.utc)
RATE = 1000
SCHEMA = jsonschema.Draft202012Validator(json.load(open(TOP + "/schemas/export-line.schema.json")))
os.chdir(T)
random.seed(1)


def utc(t):
    return t.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (t.microsecond // 1000)


def save(name, text):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w", newline="") as f:
        f.write(text)


def table(name, cols, rows):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w", newline="") as f:
        w = csv.DictWriter(f, cols, lineterminator="\n")
        w.writeheader()
        w.writerows(rows)


def sound(name, seconds, seed):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with wave.open(name, "wb") as w:
        w.setnchannels(1), w.setsampwidth(2), w.setframerate(RATE)
        w.writeframes(random.Random(seed).randbytes(2 * RATE * seconds))


def probs(k, p):
    return ";".join("%.3f" % (p if i == k else (1 - p) / 2) for i in range(3))


def rows_of(node, capture, start, k, **more):
    """A window 10 s into its capture when the capture is long, else all of it."""
    off = more.pop("offset", 0)
    win = dict(node=node, capture=capture, offset_s="%.3f" % off, start_utc=utc(start), length_s="10.000", max_err_s="0.050",
               air_temp_degc="12.50", rel_hum_pct="80.1", pressure_hpa="845.20", quality=1, flags="")
    lab = dict(node=node, capture=capture, offset_s=win["offset_s"], start_utc=utc(start), length_s="10.000",
               rain_mm_h="%.2f" % (0, 1, 9)[k], rain_class=("none", "little", "rain")[k], rain_p="0.900", rain_probs=probs(k, .9),
               rain_keep=1, rain_source="tips", wind_m_s="1.00", wind_gust_m_s="1.50", wind_class="calm", wind_p="0.950",
               wind_probs=probs(0, .95), wind_keep=1, wind_source="pulses", flags="")
    win.update({c: v for c, v in more.items() if c in WIN})
    lab.update({c: v for c, v in more.items() if c in LAB})
    return win, lab


def make_archive():
    """Two days of n1 (10 s captures each 5 min) and n2 (minutes, cut in windows)."""
    save("a/site.json", json.dumps({"site": "t", "nodes": [{"id": "n2", "source": "dir:x"}, {"id": "n1", "source": "dir:y"}],
                                    "stations": [{"id": "s", "bucket_mm": 0.2}], "export": {"test_share": 0.25}}))
    rows, journal = {}, {"n1": [], "n2": []}
    for i in range(576):
        start = T0 + dt.timedelta(minutes=5 * i, milliseconds=7)
        k = {0: 0, 1: 1, 2: 2}[(i // 18) % 7 if (i // 18) % 7 < 3 else 0]  # events of 3 h within the 10.5 h
        name = "b0001/%06d.wav" % i
        sound("a/raw/n1/" + name, 10, i)
        more = {}
        if i % 50 == 7: more = dict(quality=4)
        if i % 50 == 8: more = dict(rain_keep=0)
        if i % 50 == 9: more = dict(rain_class="", rain_probs="", rain_p="", rain_keep=0, rain_source="none", rain_mm_h="")
        rows.setdefault(("n1", start.date()), []).append(rows_of("n1", "raw/n1/" + name, start, k, **more))
        if i % 3 == 0:  # what a node's senses bear on, its label's flags say
            rows["n1", start.date()][-1][1]["flags"] = ("sound_used", "bounce humidity_used sound_used")[i % 2]
        with open("a/raw/n1/" + name, "rb") as f:
            journal["n1"].append({"n": name, "sha256": hashlib.sha256(f.read()).hexdigest(), "crc": "%08x" % zlib.crc32(open("a/raw/n1/" + name, "rb").read())})
        if i % 12 == 0:
            name = "m%04d.wav" % i
            sound("a/raw/n2/" + name, 60, 10000 + i)
            for w in range(6):
                rows.setdefault(("n2", start.date()), []).append(
                    rows_of("n2", "raw/n2/" + name, start + dt.timedelta(seconds=10 * w), k, offset=10 * w))
    for (node, day), pairs in rows.items():
        table("a/windows/%s/%s.csv" % (node, day), WIN, [p[0] for p in pairs])
        table("a/labels/%s/%s.csv" % (node, day), LAB, [p[1] for p in pairs])
    for node, lines in journal.items():
        save("a/raw/%s/journal.jsonl" % node, "".join(json.dumps(l) + "\n" for l in lines))
    return rows


def export(*args, status=0, target="rain", out="d"):
    p = subprocess.run(["wx-export", "-a", "a", "-t", target, "-o", out, *args], capture_output=True, text=True)
    assert p.returncode == status, (p.returncode, p.stdout, p.stderr)
    return p


def tree(top):
    out = {}
    for d, _, files in os.walk(top):
        for f in files:
            with open(os.path.join(d, f), "rb") as h:
                out[os.path.relpath(os.path.join(d, f), top)] = hashlib.sha256(h.read()).hexdigest()
    return out


def stamps(top):
    return {os.path.join(d, f): os.stat(os.path.join(d, f)).st_mtime_ns for d, _, fs in os.walk(top) for f in fs}


def frames(name):
    with wave.open(name) as w:
        assert (w.getnchannels(), w.getsampwidth(), w.getframerate()) == (1, 2, RATE), name
        return w.readframes(w.getnframes())


def check_dataset(rows, top="d"):
    info = json.load(open(top + "/info.labels"))
    assert info["version"] == 1
    prov = [json.loads(l) for l in open(top + "/provenance.jsonl")]
    # Figures have the tables' decimals, not those of their nearest double.
    assert not re.search(r"[.][0-9]{7}", open(top + "/provenance.jsonl").read())
    by_window = {(w["capture"], w["offset_s"]): (w, l) for pairs in rows.values() for w, l in pairs}
    files = {f["path"]: f for f in info["files"]}
    assert len(files) == len(info["files"]) == len(prov)
    on_disk = {os.path.join(s, f) for s in ("training", "testing") for f in os.listdir(os.path.join(top, s))}
    assert on_disk == set(files), len(on_disk ^ set(files))
    sides = {"training": [], "testing": []}
    for p in prov:
        w, l = by_window[(p["capture"], "%.3f" % p["offset_s"])]
        f = files[p["path"]]
        assert f["category"] == p["category"] == p["path"].split("/")[0]
        assert f["label"] == {"type": "label", "label": l["rain_class"]} and p["label"] == l["rain_class"]
        assert f["name"] + ".wav" == os.path.basename(f["path"])
        assert all(isinstance(v, str) and v.isascii() for v in f["metadata"].values())
        assert f["metadata"]["start_utc"] == w["start_utc"] == p["start_utc"]
        assert f["metadata"]["rain_p"] == l["rain_p"] and f["metadata"]["pressure_hpa"] == w["pressure_hpa"]
        assert l["rain_keep"] == 1 and w["quality"] != 4
        assert p["rain"].get("evidence", []) == [s for s in ("humidity", "sound") if s + "_used" in l["flags"].split()], p
        src = frames("a/" + w["capture"])
        a = 2 * RATE * int(float(w["offset_s"]))
        assert frames(os.path.join(top, p["path"])) == src[a:a + 2 * RATE * 10], p["path"]
        if p["node"] == "n1":
            assert p["capture_sha256"] == hashlib.sha256(open("a/" + p["capture"], "rb").read()).hexdigest()
            assert int(p["capture_crc32"], 16) == zlib.crc32(open("a/" + p["capture"], "rb").read())
            assert open("a/" + p["capture"], "rb").read() == open(os.path.join(top, p["path"]), "rb").read()
        sides[p["category"]].append(dt.datetime.fromisoformat(w["start_utc"].replace("Z", "+00:00")))
    test = sorted(sides["testing"])
    for t in sides["training"]:
        assert all(abs((t - u).total_seconds()) >= 600 for u in test), t
    for side in sides:
        assert {f["label"]["label"] for f in info["files"] if f["category"] == side} == {"none", "little", "rain"}, side
    return prov


rows = make_archive()
out = export("--json")
rep = json.loads(out.stdout)
prov = check_dataset(rows)
n = sum(len(p) for p in rows.values())
assert rep["windows"] == n and rep["training"] + rep["testing"] == len(prov)
assert sum(rep["dropped"].values()) + len(prov) == n, rep
assert rep["dropped"]["quality"] == 12 and rep["dropped"]["unsure"] == 12 and rep["dropped"]["unknown"] == 12, rep
assert [p["node"] for p in prov] == sorted(p["node"] for p in prov)  # one order, not site.json's

# Again: nothing changes, not even a time stamp.
before, times = tree("d"), stamps("d")
assert "unchanged" in export().stdout
assert stamps("d") == times and tree("d") == before

# Another version says more of the same samples: the list is new, no sound is.
text = open("d/provenance.jsonl").read()
save("d/provenance.jsonl", text.replace('"tool":"wxset ', '"tool":"wxset 0.0.'))
export()
assert tree("d") == before
assert {f: t for f, t in stamps("d").items() if ".wav" in f} == {f: t for f, t in times.items() if ".wav" in f}

# A label changes: its sample moves and says so, all others stay.
# (In the last block: a block that gets a higher class may move those after it.)
day = "a/labels/n1/2026-06-02.csv"
lab = list(csv.DictReader(open(day)))
used = {p["capture"] for p in prov}
i = max(i for i, l in enumerate(lab) if l["rain_class"] == "none" and l["capture"] in used)
old = dict(lab[i])
lab[i].update(rain_class="little", rain_probs=probs(1, .9))
table(day, LAB, lab)
p = export()
assert "is now" in p.stderr and "little.n1-" in p.stderr, p.stderr
now = tree("d")
moved = {f for f in set(now) | set(before) if now.get(f) != before.get(f)}
assert 2 <= len(moved) <= 45 and all("20260602T22" in m or "20260602T23" in m for m in moved - LISTS), (len(moved), sorted(moved)[:5])
lab[i] = old
table(day, LAB, lab)
export()
assert tree("d") == before

# Which windows: sure ones, late ones; the rest is counted.
def told(*args, out="dx", **more):
    rep = json.loads(export("--json", *args, out=out, **more).stdout)
    SCHEMA.validate(rep)
    return rep, [json.loads(l) for l in open(out + "/provenance.jsonl")]


def sides(lines):
    return {(l["node"], l["start_utc"]): l["category"] for l in lines}


full, lines = told()
assert full["leak"]["testing"] == full["testing"] > 0 and full["leak"]["leaking"] == 0, full["leak"]
assert full["leak"]["random_leaking"] > 0.9 * full["leak"]["random_testing"] > 0, full["leak"]
n_heard = sum("evidence" in p["rain"] for p in map(json.loads, open("dx/provenance.jsonl")))
assert n_heard > 9 and "By sound: of %d samples" % n_heard in open("dx/README.md").read()
assert "Leak, measured: 0 of %d test windows" % full["testing"] in open("dx/README.md").read()
for label, c in full["classes"].items():
    for side in ("training", "testing"):
        assert c[side + "_blocks"] == len({l["block"] for l in lines if l["label"] == label and l["category"] == side}), (label, c)
assert "in under 5 blocks of time: " in export(out="dx").stderr and ", rain in 2 testing" in export(out="dx").stderr
rep, some = told("--min-p", "0.95")
assert rep["dropped"]["unsure"] == full["dropped"]["unsure"] + full["training"] + full["testing"] + full["dropped"]["purged"] and not some
rep, some = told("--since", "2026-06-02")
assert rep["dropped"]["early"] > 0 and min(l["start_utc"] for l in some) >= "2026-06-02", rep
assert told("--since", "2026-06-02T00:00:00Z")[0] == {**rep, "made": 0, "changed": False}
rep, some = told("--purge", "3600")
assert rep["dropped"]["purged"] > full["dropped"]["purged"] and rep["leak"]["leaking"] == 0
assert sum(l["category"] == "testing" for l in some) == full["testing"]
# Whole training blocks go, the same with the same seed; no test sample does.
for args in (["--balance", "1.5"], ["--limit", "40"], ["--balance", "1", "--limit", "30", "--seed", "3"]):
    rep, some = told(*args)
    assert rep["dropped"]["balance"] > 0 and told(*args)[0]["changed"] is False
    if "--seed" not in args:
        assert {k: v for k, v in sides(some).items() if v == "testing"} == {k: v for k, v in sides(lines).items() if v == "testing"}
        gone = {l["block"] for l in lines if l["category"] == "training"} - {l["block"] for l in some}
        assert rep["dropped"]["balance"] == sum(l["block"] in gone for l in lines), rep
    few = min(c["training"] for c in full["classes"].values())
    assert all(c["training"] >= min(few, 30) for c in rep["classes"].values()), rep
# A node that no training sample is of, and no other node at the same time.
rep, some = told("--test-node", "n2")
assert {l["node"] for l in some if l["category"] == "testing"} == {"n2"} and {l["node"] for l in some if l["category"] == "training"} == {"n1"}
assert rep["dropped"]["node"] > 0 and rep["leak"]["leaking"] == 0
export("--test-node", "n9", status=2, out="dx")
export("--test-node", "n1", "--test-node", "n2", status=2, out="dx")
export("--since", "yesterday", status=2, out="dx")
# What a project has stays on its side, whatever the seed; a torn line is none.
told()
save("dx/uploaded.jsonl", "".join(json.dumps({"project": 1, "sha256": "%064x" % i, "category": l["category"], "label": "=" + l["label"], "path": l["path"],
                                              "start_utc": l["start_utc"]}) + "\n" for i, l in enumerate(lines)) + '{"project":1,')
rep, some = told("--seed", "99")
now = sides(some)
assert rep["leak"]["leaking"] == 0 and all(now.get(k, v) == v for k, v in sides(lines).items())
assert {k for k, v in now.items() if v == "testing"} == {k for k, v in sides(lines).items() if v == "testing"}
os.unlink("dx/uploaded.jsonl")
assert sides(told("--seed", "99")[1]) != now

# Other doors: AudioFolder's tables and Croissant, of the same samples; gone if nobody asks.
old_site = open("a/site.json").read()
site = json.loads(old_site)
site["export"].update(license="CC-BY-4.0", creator="a club")
save("a/site.json", json.dumps(site))
rep, lines = told("--huggingface", out="dh")
assert told("--huggingface", out="dh")[0]["changed"] is False and "Licence: CC-BY-4.0, by a club." in open("dh/README.md").read()
assert re.search("Gaps: of 48 hours .* 0 hold none", open("dh/README.md").read()) and "10.0 % of the classes are wrong" in open("dh/README.md").read()
doc = json.load(open("dh/croissant.json"))
jsonschema.Draft202012Validator(json.load(open(TOP + "/schemas/croissant.schema.json"))).validate(doc)
assert doc["license"] == "CC-BY-4.0" and doc["datePublished"] == "2026-06-02" and doc["name"] == "t-rain"
by_id = {x["@id"]: x for x in doc["distribution"]}
for side in ("training", "testing"):
    rows = list(csv.DictReader(open("dh/%s/metadata.csv" % side)))
    want = [l for l in lines if l["category"] == side]
    assert len(rows) == len(want)
    for r, l in zip(rows, want):
        assert side + "/" + r["file_name"] == l["path"] and os.path.exists("dh/" + l["path"]) and r["label"] == l["label"]
        assert float(r["rain_p"]) == l["rain"]["p"] and r["start_utc"] == l["start_utc"] and float(r["pressure_hpa"]) == l["pressure_hpa"]
    table_id = side + "/metadata.csv"
    assert by_id[table_id]["sha256"] == hashlib.sha256(open("dh/" + table_id, "rb").read()).hexdigest()
    fields = next(x for x in doc["recordSet"] if x["@id"] == side)["field"]
    assert [f["source"]["extract"]["column"] for f in fields] == list(rows[0]) and {f["source"]["fileObject"]["@id"] for f in fields} == {table_id}
p = subprocess.run(["wx-check", "-a", "a", "dh"], capture_output=True, text=True)
assert p.returncode == 0, p.stdout
assert told(out="dh")[0]["changed"] is True and not os.path.exists("dh/croissant.json") and not os.path.exists("dh/testing/metadata.csv")
export("-l", "cbor", "--huggingface", status=2, out="dh")
save("a/site.json", old_site)
# Linked: no byte is copied where the sample is its capture.
shares = subprocess.run(["cp", "--reflink=always", "a/site.json", "a/x"], capture_output=True).returncode == 0
rep, lines = told("--link", out="dl")
for l in lines:
    if l["node"] == "n1":
        assert shares or os.path.samefile("a/" + l["capture"], "dl/" + l["path"]), l
assert {l["path"]: hashlib.sha256(open("dl/" + l["path"], "rb").read()).digest() for l in lines} == \
    {l["path"]: hashlib.sha256(open("dx/" + l["path"], "rb").read()).digest() for l in told()[1]}
assert told("--link", out="dl")[0]["changed"] is False and not [f for f in os.listdir("dl/training") if f.endswith(".part")]

# Both at once: classes of two.
export(target="both", out="d2")
assert {p["label"] for p in map(json.loads, open("d2/provenance.jsonl"))} == {"none_calm", "little_calm", "rain_calm"}

# Killed at any moment and run again: the same bytes.
for k in range(12):
    proc = subprocess.Popen(["wx-export", "-a", "a", "-t", "rain", "-o", "dk"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(random.random() * 0.08)
    proc.send_signal(signal.SIGKILL)
    proc.wait()
export(out="dk")
assert tree("dk") == before
# and when the archive changed in between
os.rename(day, "x.csv")
proc = subprocess.Popen(["wx-export", "-a", "a", "-t", "rain", "-o", "dk2"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
time.sleep(0.03)
proc.kill()
proc.wait()
os.rename("x.csv", day)
export(out="dk2")
assert tree("dk2") == before

# A folder of somebody else's is left alone.
save("mine/thesis.txt", "x")
assert "holds something that is no dataset" in export(out="mine", status=3).stderr
assert os.listdir("mine") == ["thesis.txt"]
# A provenance file that names what is not ours is refused, and nothing goes.
save("evil/provenance.jsonl", json.dumps({"node": "", "path": "training/../../a/site.json"}) + "\n")
assert "is no sample of ours" in export(out="evil", status=3).stderr
assert os.path.exists("a/site.json")

# A capture that is gone, one cut short, labels that are older, labels not there.
os.unlink("a/raw/n1/b0001/000000.wav")
with open("a/raw/n1/b0001/000001.wav", "r+b") as f:
    f.truncate(1000)
p = export("--json", out="d3", status=3)
assert json.loads(p.stdout)["dropped"]["unreadable"] == 2, p.stdout
assert "000000.wav" in p.stderr and "000001.wav" in p.stderr
table(day, LAB, lab[1:])
os.unlink("a/labels/n1/2026-06-01.csv")
p = export("--json", out="d3")
assert json.loads(p.stdout)["dropped"]["unlabelled"] == 2 * 288, p.stdout
assert "run wx-label again" in p.stderr and "2026-06-01.csv: not there; run wx-label" in p.stderr

# Usage, and nothing to export.
assert subprocess.run(["wx-export", "-a", "a"], capture_output=True).returncode == 2
assert subprocess.run(["wx-export", "-a", "a", "-o", "x", "-t", "hail"], capture_output=True).returncode == 2
save("empty/site.json", '{"site":"e","nodes":[],"stations":[]}')
p = subprocess.run(["wx-export", "-a", "empty", "-o", "de"], capture_output=True, text=True)
assert p.returncode == 0 and json.load(open("de/info.labels"))["files"] == [], p
print("ok")
