# SPDX-License-Identifier: MIT
"""See layouts.sh. An independent reader: shares no code with the exporter."""
import array, csv, datetime as dt, hashlib, hmac, io, json, os, signal, subprocess, sys

import cbor2, jsonschema, numpy as np, soundfile

TOP, T = os.environ["TOP"], os.environ["T"]
sys.path.insert(0, TOP + "/tests/servers")
import ingestion

WIN = "node,capture,offset_s,start_utc,length_s,max_err_s,air_temp_degc,rel_hum_pct,pressure_hpa,quality,flags".split(",")
LAB = ("node,capture,offset_s,start_utc,length_s,rain_mm_h,rain_class,rain_p,rain_probs,rain_keep,rain_source,wind_m_s,"
       "wind_gust_m_s,wind_class,wind_p,wind_probs,wind_keep,wind_source,flags").split(",")
KEY = "0123456789abcdef0123456789abcdef"
T0 = dt.datetime(2026, 6, 1, tzinfo=dt.timezone.utc)
RATE = 16000
EDGES = [20, 60, 100, 200, 400, 600, 1200, 2000, 3000, 4400, 5600, 7000, 7900]
os.chdir(T)
os.environ["no_proxy"] = "*"
rng = np.random.default_rng(5)


def utc(t):
    return t.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (t.microsecond // 1000)


def save(name, text):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "w", newline="") as f:
        f.write(text)


def table(name, cols, rows):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w", newline="") as f:
        w = csv.DictWriter(f, cols, lineterminator="\n")
        w.writeheader()
        w.writerows(rows)


def make_archive():
    """24 captures of 15 s, an hour apart, in windows of 3 s; some without a label, the last one without a clock."""
    save("a/site.json", json.dumps({"site": "ridge", "nodes": [{"id": "n1", "source": "dir:x"}], "stations": [{"id": "s", "bucket_mm": 0.2}],
                                    "export": {"test_share": 0.25}}))
    rows = []
    for i in range(24):
        name = "raw/n1/%03d.wav" % i
        os.makedirs("a/raw/n1", exist_ok=True)
        soundfile.write("a/" + name, (rng.normal(0, 10 ** rng.uniform(1, 3.5), 15 * RATE)).clip(-32768, 32767).astype(np.int16), RATE, "PCM_16")
        for w in range(5):
            start = T0 + dt.timedelta(minutes=60 * i, seconds=3 * w, milliseconds=250)
            k = (i // 2) % 3 if w < 3 else 0
            win = dict(node="n1", capture=name, offset_s="%.3f" % (3 * w), start_utc=utc(start), length_s="3.000", max_err_s="0.050" if i % 4 else "4.000",
                       air_temp_degc="12.5%d" % (i % 10), rel_hum_pct="80.%d" % w, pressure_hpa="845.25", quality=4 if (i, w) == (5, 1) else 1, flags="")
            lab = dict({c: win[c] for c in WIN[:5]}, rain_mm_h="%.2f" % (0, 1, 9)[k], rain_class=("none", "little", "rain")[k], rain_p="0.900",
                       rain_probs="0.9;0.05;0.05" if k == 0 else "0.05;0.9;0.05" if k == 1 else "0.05;0.05;0.9", rain_keep=int((i, w) != (6, 2)), rain_source="tips",
                       wind_m_s="1.00", wind_gust_m_s="1.50", wind_class="calm", wind_p="0.950", wind_probs="0.95;0.05;0", wind_keep=1,
                       wind_source="pulses", flags="")
            rows.append((win, lab))
    table("a/windows/n1/2026-06-01.csv", WIN, [r[0] for r in rows])
    table("a/labels/n1/2026-06-01.csv", LAB, [r[1] for r in rows])
    return rows


def export(layout, *args, status=0):
    p = subprocess.run(["wx-export", "-a", "a", "-t", "rain", "-l", layout, "-o", "d-" + layout, *args], capture_output=True, text=True)
    assert p.returncode == status, (p.returncode, p.stdout, p.stderr)
    return p


def info_of(top):
    text = open(top + "/info.labels").read()
    if text.startswith('{"__ndjson":true,"version":1}\n'):
        files = [json.loads(l) for l in text.splitlines()[1:]]
        assert all(set(f) == {"__key", "__item"} and f["__key"] == "files" for f in files)
        return [f["__item"] for f in files]
    schema = json.load(open(TOP + "/schemas/info-labels.schema.json"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(text))
    return json.loads(text)["files"]


def check_head(doc, data, window, key, interval):
    """protected and signature; the payload without them."""
    assert list(doc) == ["protected", "signature", "payload"]
    iat = int(dt.datetime.fromisoformat(window["start_utc"].replace("Z", "+00:00")).timestamp())
    want = {"ver": "v1", "alg": "HS256" if key else "none"}
    if float(window["max_err_s"]) <= 1:
        want["iat"] = iat
    assert doc["protected"] == want, doc["protected"]
    if key:
        at = data.index(doc["signature"].encode())
        assert doc["signature"] == hmac.new(key.encode(), data[:at] + b"0" * 64 + data[at + 64:], hashlib.sha256).hexdigest()
    else:
        assert doc["signature"] == "00"
    load = doc["payload"]
    assert load["device_name"] == "ridge-n1" and load["device_type"] == "WXSET_NODE" and load["interval_ms"] == interval, load["interval_ms"]
    return load


def cbor_of(data):
    f = io.BytesIO(data)
    doc = cbor2.CBORDecoder(f).decode()
    return doc, data[f.tell():]


def check_sound(layout, data, pcm, window, key):
    if layout == "json":
        load = check_head(json.loads(data), data, window, key, 0.0625)
        values = load["values"]
    else:
        doc, tail = cbor_of(data)
        load = check_head(doc, data, window, key, 0.0625)
        assert load["values"] == ["Ref-BINARY-i16"]
        values = array.array("h", tail).tolist()
    assert load["sensors"] == [{"name": "audio", "units": "wav"}]
    assert values == pcm.tolist()


def bands(second):
    """As the page says: 1024-sample Hann frames, half overlapped, mean square in dB; a bin is in the band its centre lies in."""
    x = second / 32768
    level = 10 * np.log10(np.mean((x - x.mean()) ** 2))
    w = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
    frames = np.lib.stride_tricks.sliding_window_view(x - x.mean(), 1024)[::512] * w
    power = (np.abs(np.fft.rfft(frames)) ** 2).mean(0) * 2 / (1024 * (w ** 2).sum())
    hz = np.arange(513) * RATE / 1024
    out = [10 * np.log10(power[(hz >= a) & (hz < b)].sum()) for a, b in zip(EDGES, EDGES[1:])]
    p = power[(hz >= 600) & (hz < 1200)]
    return [level, *out, np.exp(np.log(p).mean()) / p.mean()]


def check_frames(layout, data, pcm, window, key, env=True):
    names = ["level_dbfs"] + ["band_%d_%d_db" % e for e in zip(EDGES, EDGES[1:])] + ["flatness_600_1200"]
    if env:
        names += ["air_temp_degc", "rel_hum_pct", "pressure_pa"]
    if layout == "frames-csv":
        rows = list(csv.reader(io.StringIO(data.decode())))
        assert rows[0] == ["timestamp"] + names, rows[0]
        assert [r[0] for r in rows[1:]] == ["%d" % (1000 * i) for i in range(3)]
        rows = [[float(x) for x in r[1:]] for r in rows[1:]]
    else:
        doc, tail = cbor_of(data)
        assert not tail and data[-1] == 0xff
        load = check_head(doc, data, window, key, 1000)
        assert [s["name"] for s in load["sensors"]] == names
        if env:
            assert [s["units"] for s in load["sensors"]][-3:] == ["Cel", "%RH", "Pa"]
        rows = load["values"]
    assert len(rows) == 3
    for i, row in enumerate(rows):
        want = bands(pcm[i * RATE:(i + 1) * RATE].astype(float))
        assert np.allclose(row[:13], want[:13], atol=0.011) and abs(row[13] - want[13]) < 0.0011, (row, want)
        if env:
            assert np.allclose(row[14:], [float(window["air_temp_degc"]), float(window["rel_hum_pct"]), 84525], atol=1e-4), row


def upload(top, layout):
    """The strict service takes all of it, and what it has is what the list says."""
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            ingestion.main(["--state", "s-" + layout, "--hmac", KEY], os.fdopen(w, "w"))
        finally:
            os._exit(1)
    os.close(w)
    save("key", ingestion.KEY), os.chmod("key", 0o600)
    try:
        with os.fdopen(r) as f:
            url = "http://127.0.0.1:%d" % int(f.readline())
        p = subprocess.run(["wx-upload", "--key-file", "key", "--host", url, top], capture_output=True, text=True)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    wrong = "s-%s/wrong.jsonl" % layout
    assert p.returncode == 0 and not os.path.exists(wrong), (p.stdout, p.stderr, open(wrong).read() if os.path.exists(wrong) else "")
    got = {s["name"]: s for s in map(json.loads, open("s-%s/samples.jsonl" % layout))}
    files = info_of(top)
    assert len(got) == len(files)
    for f in files:
        s = got[os.path.basename(f["path"])]
        assert s["category"] == f["category"] and s["metadata"] == f["metadata"]
        assert s["label"] == f["label"].get("label", "") and s.get("structuredLabels") == f["label"].get("labels")
    os.unlink(top + "/uploaded.jsonl")


rows = make_archive()
by_window = {(w["capture"], w["offset_s"]): (w, l) for w, l in rows}
save("hmac", KEY + "\n"), os.chmod("hmac", 0o600)
schema = jsonschema.Draft202012Validator(json.load(open(TOP + "/schemas/provenance-line.schema.json")))
n_wav = None
for layout in ("wav", "json", "cbor", "frames-csv", "frames-cbor"):
    for key in (KEY, None) if "csv" not in layout and layout != "wav" else (None,):
        p = export(layout, *(["--hmac-key-file", "hmac"] if key else []), *(["--ndjson"] if key else []))
        assert KEY not in p.stdout + p.stderr
        top = "d-" + layout
        files = {f["path"]: f for f in info_of(top)}
        prov = [json.loads(l) for l in open(top + "/provenance.jsonl")]
        n_wav = n_wav or len(prov)
        assert len(prov) == len(files) == n_wav > 80, len(prov)
        for n, l in enumerate(prov):
            schema.validate(l)
            w, lab = by_window[(l["capture"], "%.3f" % l["offset_s"])]
            assert files[l["path"]]["label"] == {"type": "label", "label": lab["rain_class"]}
            assert files[l["path"]]["metadata"]["start_utc"] == w["start_utc"]
            if n % 3 and layout != "wav":
                continue
            data = open(os.path.join(top, l["path"]), "rb").read()
            a = int(float(w["offset_s"]) * RATE)
            pcm = soundfile.read("a/" + l["capture"], dtype="int16")[0][a:a + 3 * RATE]
            if layout == "wav":
                assert (soundfile.read(io.BytesIO(data), dtype="int16")[0] == pcm).all()
            elif layout in ("json", "cbor"):
                check_sound(layout, data, pcm, w, key)
            else:
                check_frames(layout, data, pcm, w, key)
        p = subprocess.run(["wx-check", "-a", "a", top], capture_output=True, text=True)
        assert p.returncode == 0, p.stdout
        assert "unchanged" in export(layout, *(["--hmac-key-file", "hmac"] if key else []), *(["--ndjson"] if key else [])).stdout
        if key and layout == "cbor" or layout == "frames-csv":
            upload(top, layout)

# Without env; a layout or a key that is none; a capture the layout cannot hold.
export("frames-csv", "--no-env")
l = json.loads(open("d-frames-csv/provenance.jsonl").readline())
w = by_window[(l["capture"], "%.3f" % l["offset_s"])][0]
a = int(float(w["offset_s"]) * RATE)
check_frames("frames-csv", open("d-frames-csv/" + l["path"], "rb").read(), soundfile.read("a/" + l["capture"], dtype="int16")[0][a:a + 3 * RATE], w, None, False)
assert "expected wav, json, cbor" in export("mp3", status=2).stderr
os.chmod("hmac", 0o644)
assert "chmod 600" in export("cbor", "--hmac-key-file", "hmac", status=3).stderr
soundfile.write("a/raw/n1/000.wav", rng.normal(0, .1, (15 * RATE, 2)), RATE, "PCM_24")
p = export("cbor", "--json")
assert json.loads(p.stdout)["dropped"]["form"] == 5 and p.stderr.count("000.wav: is not 16 bit mono (--convert makes it so); left out") == 1, p.stderr
# Several kinds of sound in one set: told of, and made one if asked to.
assert "several rates, widths" in export("wav").stderr
for layout in ("wav", "cbor"):
    p = export(layout, "--convert", "8000")
    assert "several rates" not in p.stderr and "unchanged" in export(layout, "--convert", "8000").stdout
    lines = [json.loads(l) for l in open("d-%s/provenance.jsonl" % layout)]
    assert {l["converted_hz"] for l in lines} == {8000} and any(l["capture"].endswith("000.wav") for l in lines)
    for l in lines[::7]:
        x = soundfile.read("a/" + l["capture"], dtype="float64", always_2d=True)[0].mean(1)[l["first_frame"]:l["first_frame"] + l["n_frames"]]
        data = open("d-%s/%s" % (layout, l["path"]), "rb").read()
        y = soundfile.read(io.BytesIO(data))[0] if layout == "wav" else np.array(array.array("h", cbor_of(data)[1])) / 32768
        # below 3 kHz it is the same sound
        X, Y = np.fft.rfft(x)[:9000], np.fft.rfft(y)[:9000]
        assert len(y) == len(x) // 2 and np.linalg.norm(X - 2 * Y) < (0.02 + 0.6 / (x.std() * 32768)) * np.linalg.norm(X), l  # and rounded
    p = subprocess.run(["wx-check", "-a", "a", "d-" + layout], capture_output=True, text=True)
    assert p.returncode == 0, p.stdout
assert "--convert" in export("captures", "--convert", "8000", status=2).stderr

# Whole captures: every value in one segment, labels as the windows have them.
export("captures")
files = info_of("d-captures")
prov = {l["path"]: l for l in map(json.loads, open("d-captures/provenance.jsonl"))}
assert 18 < len(files) == len(prov) <= 24
for f in files:
    l = prov[f["path"]]
    schema.validate(l)
    assert open("d-captures/" + f["path"], "rb").read() == open("a/" + l["capture"], "rb").read()
    want = []
    for i in range(5):
        w, lab = by_window[(l["capture"], "%.3f" % (3 * i))]
        c = lab["rain_class"] if lab["rain_keep"] and w["quality"] != 4 else "unknown"
        if want and want[-1]["label"] == c:
            want[-1]["endIndex"] += 3 * RATE
        else:
            want.append({"startIndex": 3 * i * RATE, "endIndex": 3 * (i + 1) * RATE - 1, "label": c})
    assert f["label"] == {"type": "multi-label", "labels": want}, (f["label"], want)
    assert l["segments"] == [[s["startIndex"], s["endIndex"], s["label"]] for s in want]
assert {s["label"] for f in files for s in f["label"]["labels"]} == {"none", "little", "rain", "unknown"}
assert "unchanged" in export("captures").stdout
p = subprocess.run(["wx-check", "-a", "a", "d-captures"], capture_output=True, text=True)
assert p.returncode == 0, p.stdout
upload("d-captures", "captures")

# An hour and a half in one file: pieces at borders of windows, each value in one of them, in one segment.
L = 1000  # Hz
soundfile.write("a/raw/n1/long.wav", rng.integers(-99, 99, 5405 * L).astype(np.int16), L, "PCM_16")
win, lab = [], []
for i in range(540):
    base_w, base_l = rows[0]
    t = T0 + dt.timedelta(days=1, seconds=10 * i)
    w = dict(base_w, capture="raw/n1/long.wav", offset_s="%.3f" % (10 * i), start_utc=utc(t), length_s="10.000", max_err_s="0.050", quality=1)
    win.append(w)
    lab.append(dict(base_l, **{c: w[c] for c in WIN[:5]}, rain_keep=int(i % 50 != 7)))
table("a/windows/n1/2026-06-02.csv", WIN, win)
table("a/labels/n1/2026-06-02.csv", LAB, lab)
save("a/site.json", open("a/site.json").read().replace("0.25", "0"))  # all train: none is purged
export("captures")
pieces = [l for l in map(json.loads, open("d-captures/provenance.jsonl")) if l["capture"].endswith("long.wav")]
at = 0
for l in pieces:
    assert l["first_frame"] == at and l["n_frames"] <= 3000 * L and l["segments"][0][0] == 0 and l["segments"][-1][1] == l["n_frames"] - 1, l
    assert all(a[1] + 1 == b[0] and a[2] != b[2] for a, b in zip(l["segments"], l["segments"][1:]))
    assert (soundfile.read("d-captures/" + l["path"], dtype="int16")[0] == soundfile.read("a/raw/n1/long.wav", dtype="int16")[0][at:at + l["n_frames"]]).all()
    for first, last, c in l["segments"]:
        for v in range(at + first, at + last + 1, 5 * L):
            i = v // (10 * L)
            assert c == ("none" if i < 540 and i % 50 != 7 else "unknown"), (v, c)
    at += l["n_frames"]
assert at == 5405 * L and len(pieces) == 2, (at, len(pieces))
assert pieces[-1]["segments"][-1] == [pieces[-1]["n_frames"] - 5 * L, pieces[-1]["n_frames"] - 1, "unknown"]
print("ok")
