# SPDX-License-Identifier: MIT
"""The page of wx-report in a browser: charts, tables, review by keys, and back into the labels; hostile names; an empty archive."""
import csv
import glob
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import time
import traceback

import driver

shots = sys.argv[1]
passed = failed = 0


def check(what, ok, more=""):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print(f"FAIL {what} {more}")


def eq(what, found, expected):
    check(what, found == expected, f"found {found!r}, expected {expected!r}")


def must(*argv):
    r = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if r.returncode:
        sys.exit(f"{argv}: status {r.returncode}: {r.stdout}")
    return r.stdout


def made_site():
    """Two days of two nodes, pulled from folders, labelled, exported."""
    must("wx-sim", "-q", "-o", "made", "--nodes", "2", "--days", "2", "--every-s", "600", "--capture-s", "6", "--rate", "8000",
         "--climate", "wet", "--seed", "7", "--start", "2026-06-01")
    site = json.load(open("made/site.json"))
    for n in site["nodes"]:
        n["source"] = f"dir:{os.getcwd()}/made/nodes/{n['id']}"
    for s in site["stations"]:
        s["source"] = f"file:{os.getcwd()}/made/station/*.dat"
    site["windows"] = {"length_s": 6}
    os.mkdir("a")
    json.dump(site, open("a/site.json", "w"))
    for tool in ("pull", "station", "listen", "align", "label"):
        must("wx-" + tool, "-q", "-a", "a")
    must("wx-export", "-q", "-a", "a", "-o", "a/dataset")
    must("wx-report", "-q", "-a", "a", "--review", "8", "--audio", "-o", "season.html")


def labels(root):
    rows = {}
    for path in sorted(glob.glob(root + "/labels/*/*.csv")):
        for row in csv.DictReader(open(path, newline="")):
            rows[row["capture"], row["offset_s"]] = row
    return rows


def charts(b):
    """Every figure is a chart with a title, a description, an axis and a table with rows; ids are there once."""
    figures = b.run("""return Array.from(document.querySelectorAll("figure")).map(function (f) {
        var svg = f.querySelector("svg[role=img]"), by = svg.getAttribute("aria-labelledby").split(" ");
        return [f.id, svg.querySelector("title").textContent, svg.querySelector("desc").textContent,
                by.every(function (i) { return document.getElementById(i); }), f.querySelector("figcaption").textContent,
                f.querySelectorAll("details table tbody tr").length, f.querySelectorAll("details table caption").length,
                svg.querySelectorAll("path,rect").length, f.querySelectorAll("thead th[scope=col]").length]; });""")
    check("there are charts", len(figures) >= 12, [f[0] for f in figures])
    for f in figures:
        check(f"chart {f[0]}: title, description, table", all(f), f)
    ids = b.run("return Array.from(document.querySelectorAll('[id]')).map(function (e) { return e.id; });")
    eq("ids are unique", len(ids), len(set(ids)))
    text = b.run("return document.body.innerText")
    for word in ("UTC", "site time is UTC+01:00", "mm/h", "m/s", "dB re full scale", "windows whose label is not sure enough"):
        check(f"the page tells {word}", word in text)
    check("no number that is none", not any(x in b.run("return document.documentElement.outerHTML.replace(/data:[^\"]*/g, '')")
                                            for x in ('"nan', "NaN", ">nan", "-nan", "inf\"")))
    heads = b.run("return Array.from(document.querySelectorAll('h1,h2,h3')).map(function (h) { return +h.tagName[1]; })")
    check("headings in order", heads[0] == 1 and all(y - x < 2 for x, y in zip(heads, heads[1:])), heads)
    eq("nothing is fetched", b.run("return performance.getEntriesByType('resource').filter(function (e) { return !e.name.startsWith('data:'); }).length"), 0)


def download(pattern):
    for _ in range(100):
        found = [f for f in glob.glob("down/" + pattern) if not f.endswith(".crdownload")]
        if found:
            return found[0]
        time.sleep(0.1)
    return None


def review(b, url):
    clips = b.run("return Array.from(document.querySelectorAll('.clip')).map(function (c) { return c.dataset.row.split('\\t')[7] + '@' + c.dataset.row.split('\\t')[8]; })")
    eq("clips", len(clips), 8)
    eq("sound and spectrogram", b.run("return Array.from(document.querySelectorAll('.clip')).every(function (c) { return c.querySelector('audio').src.startsWith('data:audio/wav') && c.querySelector('img').naturalWidth > 100 && c.querySelector('img').alt.length > 40 && c.querySelector('.why pre').textContent.length > 80; })"), True)
    play = b.run("var a = document.querySelector('audio'); a.preload = 'auto'; a.load(); return new Promise(function (ok) { a.onloadedmetadata = function () { ok(a.duration); }; a.onerror = function () { ok(-1); }; });")
    check("its sound is 6 s that a browser plays", abs(play - 6) < 0.05, play)
    b.keys("j")  # the first
    b.keys("3")  # rain, and on to the second
    b.keys("1")  # none
    b.keys("u")  # the third: unsure
    b.keys("s")  # the fourth: speech
    b.keys("2")  # the fifth: little,
    b.keys("k")
    b.keys("\ue003")  # and taken back
    b.keys("j2")  # the sixth: little
    b.keys("9")  # no such class
    b.keys("e")  # what the station says of the seventh
    eq("unfolded by e", b.run("return Array.from(document.querySelectorAll('.why')).map(function (d) { return d.open; }).indexOf(true)"), 6)
    pressed = "return Array.from(document.querySelectorAll('.clip')).map(function (c) { var b = c.querySelector('[aria-pressed=true]'); return b ? b.dataset.value + b.dataset.slot : ''; })"
    want = ["rainrain", "nonerain", "1unknown", "1speech", "", "littlerain", "", ""]
    eq("answers by key", b.run(pressed), want)
    check("not saved yet", "5 of 8 answered, not saved yet" in b.run("return document.getElementById('review-status').textContent"))
    b.open(url)
    eq("answers over a reload", b.run(pressed), want)
    b.run("document.getElementById('save').click()")
    path = download("heard-made-*.txt")
    check("a track was saved", path)
    b.run("document.getElementById('save-speech').click()")
    speech = download("speech-made-*.txt")
    eq("the list of speech", open(speech).read() if speech else "", f"speech {clips[3].split('@')[0]}\n")
    check("saved is said", "5 answers saved" in b.run("return document.body.innerText") or speech)
    return clips, path


def flows_back(clips, path):
    """Exactly those labels change, and nothing else in labels/."""
    before = labels("a")
    os.makedirs("a/tracks", exist_ok=True)
    os.rename(path, "a/tracks/" + os.path.basename(path))
    said = must("wx-label", "-a", "a")
    after = labels("a")
    eq("no label is lost", set(before), set(after))
    changed = {k for k in before if before[k] != after[k]}
    want = {tuple(clips[i].split("@")) for i in (0, 1, 2, 3, 5)}
    eq("exactly these labels change", changed, want)
    for i, name in ((0, "rain"), (1, "none"), (5, "little")):
        row = after[tuple(clips[i].split("@"))]
        eq("heard as", (row["rain_class"], row["rain_keep"], row["rain_source"]), (name, "1", "track"))
        eq("wind stays", row["wind_class"], before[tuple(clips[i].split("@"))]["wind_class"])
    for i in (2, 3):
        eq("not to be learned from", after[tuple(clips[i].split("@"))]["rain_keep"], "0")
    check("wx-label does not complain", "no class" not in said and "not used" not in said, said)
    must("wx-report", "-q", "-a", "a", "--review", "8", "-o", "heard.html")


EVIL = '<img src=x onerror=bad()><script>bad()</script>"\'&{{}}\u202e'


def hostile():
    """Classes, captures, flags, remarks and stations whose names are markup."""
    os.makedirs("evil/raw/n1")
    os.makedirs("evil/windows/n1")
    os.makedirs("evil/labels/n1")
    os.makedirs("evil/sound/n1")
    name = '"><script>bad()<_script><svg onload=bad()>.wav'
    wav = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + 96000, b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", 96000)
    random.seed(1)
    pathlib.Path("evil/raw/n1/" + name).write_bytes(wav + random.randbytes(96000))
    q = lambda s: '"' + s.replace('"', '""') + '"'
    win = ["node,capture,offset_s,start_utc,length_s,max_err_s,air_temp_degc,rel_hum_pct,pressure_hpa,quality,flags"]
    lab = ["node,capture,offset_s,start_utc,length_s,rain_mm_h,rain_class,rain_p,rain_probs,rain_keep,rain_source,wind_m_s,wind_gust_m_s,"
           "wind_class,wind_p,wind_probs,wind_keep,wind_source,flags,rain_track,wind_track"]
    flag = "<b>flag</b>"
    cls = ["<b>none</b>", "&lt;i&gt;", "'\"><u>"]
    for i in range(3):
        at = f"2026-06-01T1{i}:00:00.000Z"
        win.append(f"n1,{q('raw/n1/' + name)},{2 * i}.000,{at},2.000,0.1,,,,1,{q(flag)}")
        lab.append(f"n1,{q('raw/n1/' + name)},{2 * i}.000,{at},2.000,0.0,{q(cls[i])},0.6,0.600;0.300;0.100,0,tips,,,,,,0,none,{q('<script>bad()</script>')},,")
    for table, rows in (("windows", win), ("labels", lab)):
        pathlib.Path(f"evil/{table}/n1/2026-06-01.csv").write_text("\n".join(rows) + "\n")
    pathlib.Path("evil/labels/n1/2026-06-02.csv").write_text("x\n")
    pathlib.Path("evil/windows/n1/2026-06-02.csv").write_text("<script>bad()</script>\n1\n")
    pathlib.Path("evil/raw/n1/journal.jsonl").write_text("<script>bad()</script>\n\xff\xfe\n")
    pathlib.Path("evil/sound/n1/_root.csv").write_text(f"capture,<script>bad()</script>\n{EVIL},1\n")
    json.dump({"site": "evil", "nodes": [{"id": "n1", "source": "dir:x"}], "stations": []}, open("evil/site.json", "w"))
    r = subprocess.run(["wx-report", "-q", "-a", "evil", "--audio", "-o", "evil.html"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return r.returncode, r.stdout, name


def main():
    made_site()
    os.mkdir("down")
    b = driver.Browser(os.path.abspath("down"))
    try:
        url = pathlib.Path("season.html").absolute().as_uri()
        b.open(url)
        eq("no error in the console", b.console(), [])
        charts(b)
        for name, width, media, dark in (("400", 400, "", False), ("1280", 1280, "", False), ("dark", 1280, "", True), ("print", 794, "print", False)):
            wide = b.shoot(f"{shots}/season-{name}.png", width, media, dark)
            check(f"nothing sticks out at {name}", wide <= width, wide)
        demo = pathlib.Path(os.environ["TOP"], "demo-site/archive/report.html")
        if demo.exists():  # of make demo
            b.open(demo.as_uri())
            eq("the demo: no error in the console", b.console(), [])
            charts(b)
            b.shoot(f"{shots}/demo-1280.png", 1280)
            b.open(url)
        clips, path = review(b, url)
        eq("no error in the console", b.console(), [])
        if path:
            flows_back(clips, path)
            b.open(pathlib.Path("heard.html").absolute().as_uri())
            table = b.run("return Array.from(document.querySelectorAll('.confusion tbody td')).map(function (d) { return +d.textContent; })")
            # Of those that a station told of, too.
            both = [r for r in labels("a").values() if r["rain_source"] == "track" and r["rain_class"] and r["rain_mm_h"]]
            check("a station told of some", len(both) >= 2, both)
            eq("ear against station, of rain", sum(table[:9]), len(both))
            eq("nothing heard is asked again", b.run("return document.querySelectorAll('.clip').length"), 8)

        status, said, name = hostile()
        eq(f"hostile: status ({said})", status, 0)
        b.open(pathlib.Path("evil.html").absolute().as_uri())
        eq("hostile: no error in the console", b.console(), [])
        eq("hostile: no element of theirs", b.run("return [document.querySelectorAll('script').length, document.querySelectorAll('svg[onload],img[onerror],b,u,i').length, typeof window.bad]"), [1, 0, "undefined"])
        text = b.run("return document.body.textContent")
        for word in ("raw/n1/" + name, "<b>flag</b>", "<script>bad()</script>"):
            check(f"hostile: {word} is shown as text", word in text)
        b.run("var s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.appendChild(s)")
        eq("the policy lets no other script run", b.run("return typeof window.ran"), "undefined")
        check("and the browser says so", any("Content Security Policy" in e["message"] for e in b.console()))
        b.shoot(f"{shots}/hostile-1280.png", 1280)

        os.mkdir("empty")
        json.dump({"site": "empty", "nodes": [], "stations": []}, open("empty/site.json", "w"))
        must("wx-report", "-q", "-a", "empty", "-o", "empty.html")
        b.open(pathlib.Path("empty.html").absolute().as_uri())
        eq("empty: no error in the console", b.console(), [])
        check("empty: it says so", b.run("return document.querySelectorAll('p.empty').length") >= 6)
        b.shoot(f"{shots}/empty-1280.png", 1280)
    finally:
        b.close()


try:
    main()
except Exception:  # count it, and show where
    traceback.print_exc(file=sys.stdout)
    failed += 1
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
