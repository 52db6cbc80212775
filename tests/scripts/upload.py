# SPDX-License-Identifier: MIT
"""See upload.sh. $WX_UPLOAD_N samples go through the fault mix (default 300)."""
import concurrent.futures, hashlib, io, json, os, random, shutil, signal, subprocess, sys, time, wave

TOP, T = os.environ["TOP"], os.environ["T"]
N = int(os.environ.get("WX_UPLOAD_N", "300"))
KEY = "ei_0123456789abcdef0123456789abcdef"
sys.path.insert(0, TOP + "/tests/servers")
import ingestion
import jsonschema

SCHEMA = jsonschema.Draft202012Validator(json.load(open(TOP + "/schemas/upload-line.schema.json")))
os.chdir(T)
os.environ["no_proxy"] = "*"
random.seed(7)
servers = []


class Service:
    """The local service, as another process; its state outlives it."""

    def __init__(self, state, port=0, tls=None, **faults):
        args = ["--state", state, "--port", str(port), "--faults", json.dumps(faults), *(["--tls", *tls] if tls else [])]
        self.state = state
        r, w = os.pipe()
        self.pid = os.fork()
        if not self.pid:  # no interpreter is started: there are many of these
            try:
                os.close(r)
                ingestion.main(args, os.fdopen(w, "w"))
            finally:
                os._exit(1)
        os.close(w)
        servers.append(self)
        with os.fdopen(r) as f:
            self.port = int(f.readline())
        self.url = "http%s://%s:%d" % ("s" if tls else "", "localhost" if tls else "127.0.0.1", self.port)

    def end(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.pid = 0

    def samples(self):
        path = self.state + "/samples.jsonl"
        return [json.loads(l) for l in open(path)] if os.path.exists(path) else []

    def count(self):
        path = self.state + "/samples.jsonl"
        return open(path, "rb").read().count(b"\n") if os.path.exists(path) else 0

    def wrong(self):
        path = self.state + "/wrong.jsonl"
        return open(path).read() if os.path.exists(path) else ""


def save(name, data):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def wav(n=8):
    b = io.BytesIO()
    with wave.open(b, "wb") as w:
        w.setnchannels(1), w.setsampwidth(2), w.setframerate(16000)
        w.writeframes(random.randbytes(2 * n))
    return b.getvalue()


def dataset(top, n, label=lambda i: "rain", metadata=lambda i: {"node": "n%d" % i}, category=lambda i: "testing" if i % 5 == 0 else "training",
            ndjson=False):
    files = []
    for i in range(n):
        c = category(i)
        path = "%s/x.%05d.wav" % (c if c in ("training", "testing") else "training", i)
        save("%s/%s" % (top, path), wav())
        lab = label(i)
        files.append({"path": path, "name": "x.%05d" % i, "category": c,
                      "label": {"type": "label", "label": lab} if isinstance(lab, str) else lab or {"type": "unlabeled"}})
        if metadata(i):
            files[-1]["metadata"] = metadata(i)
    write_info(top, files, ndjson)
    return files


def write_info(top, files, ndjson=False):
    if ndjson:
        text = '{"__ndjson":true,"version":1}\n' + "".join(json.dumps({"__key": "files", "__item": f}) + "\n" for f in files)
    else:
        text = json.dumps({"version": 1, "files": files})
    save(top + "/info.labels", text)


save("key", KEY + "\n")
os.chmod("key", 0o600)


def upload(top, url, *args, status=0, key="key"):
    cmd = ["wx-upload", *(["--key-file", key] if key else []), "--host", url, *args, top]
    p = subprocess.run(cmd, capture_output=True, text=True, timeout=300)
    assert p.returncode == status, (cmd, p.returncode, p.stdout[-2000:], p.stderr)
    assert KEY not in p.stdout + p.stderr
    if "--json" in args:
        p.lines = [json.loads(l) for l in p.stdout.splitlines()]
        for l in p.lines[-3:]:
            SCHEMA.validate(l)
        p.sum = p.lines[-1]
    return p


def same(service, top, files):
    """The service has exactly these, once each, as the list has them."""
    got = {s["sha256Hash"]: s for s in service.samples()}
    assert len(got) == len(service.samples())
    want = {hashlib.sha256(open(top + "/" + f["path"], "rb").read()).hexdigest(): f for f in files}
    assert set(got) == set(want), (len(got), len(want))
    for sha, f in want.items():
        s, lab = got[sha], f["label"]
        assert s["category"] == f["category"] and s["name"] == f["name"] + ".wav", (s, f)
        assert s["metadata"] == f.get("metadata", {}), (s, f)
        assert s["label"] == (lab["label"] if lab["type"] == "label" else "")
        if lab["type"] == "multi-label":
            assert s["structuredLabels"] == lab["labels"]
        if lab["type"] == "keyvalue-labels":
            assert s["labels"] == lab["labels"]
    assert not service.wrong(), service.wrong()


def check_plain():
    """Every kind of label; what is there is not sent again; nor what a lost ledger forgot."""
    hard = ["rain: heavy, 50 mm/h \u00e9", 'a "quoted" / label\\', "0.5", "x" * 300, "%41 + &"]
    labels = hard + [None, {"type": "multi-label", "labels": [{"startIndex": 0, "endIndex": 2, "label": "dry"}, {"startIndex": 3, "endIndex": 7, "label": "r"}]},
                     {"type": "keyvalue-labels", "labels": {"rain": "heavy", "wind": "calm"}}]
    meta = lambda i: {"node": "n\u00e9\u4e2d", "i": str(i), "q": 'a"b\\'} if i % 3 else {}
    for ndjson in (False, True):
        top = "plain%d" % ndjson
        files = dataset(top, 40, lambda i: labels[i % len(labels)], meta, ndjson=ndjson)
        s = Service("s-" + top)
        p = upload(top, s.url, "--json", "--dry-run")
        assert p.sum["left"] == 40 and not s.samples() and not os.path.exists(top + "/uploaded.jsonl")
        p = upload(top, s.url, "--json")
        assert p.sum["sent"] == 40 and p.sum["project"] == 4711, p.sum
        same(s, top, files)
        p = upload(top, s.url, "--json")
        assert p.sum["there"] == 40 and p.sum["requests"] == 0, p.sum
        os.rename(top + "/uploaded.jsonl", top + "/old")
        p = upload(top, s.url, "--json")
        assert p.sum["there"] == 40 and p.sum["sent"] == 0 and p.sum["requests"] > 0, p.sum
        same(s, top, files)
        upload(top, s.url, "--verify")
        s.end()


def check_batches():
    """Equal heads share a request, by a thousand at most; others do not."""
    s = Service("s-batch")
    files = dataset("batch", 60, lambda i: "ab"[i % 2], lambda i: {}, lambda i: "training")
    p = upload("batch", s.url, "--json", "--batch", "25")
    assert p.sum["requests"] == 4, p.sum
    same(s, "batch", files)
    files = dataset("batch2", 30)
    p = upload("batch2", s.url, "--json")
    assert p.sum["requests"] == 30, p.sum
    s.end()
    # A refused one does not take its batch with it.
    s = Service("s-refuse", refuse=.1)
    files = dataset("refuse", 50, metadata=lambda i: {})
    p = upload("refuse", s.url, "--json", status=3)
    bad = {l["path"] for l in p.lines[:-1] if l["end"] == "refused"}
    assert 0 < len(bad) == p.sum["refused"] and p.sum["sent"] == 50 - len(bad), p.sum
    same(s, "refuse", [f for f in files if f["path"] not in bad])
    s.end()


def check_changes():
    """Labels and sides that changed since are told of, not sent; --verify puts the ledger right."""
    s = Service("s-change")
    files = dataset("change", 10)
    upload("change", s.url)
    files[3]["label"]["label"] = "none"
    os.rename("change/" + files[4]["path"], "change/testing/x.00004.wav")
    files[4].update(category="testing", path="testing/x.00004.wav")
    write_info("change", files)
    p = upload("change", s.url, "--json", status=1)
    ends = {l["path"]: l["end"] for l in p.lines[:-1]}
    assert ends[files[3]["path"]] == "other_label" and ends[files[4]["path"]] == "moved" and p.sum["requests"] == 0, p.lines
    p = upload("change", s.url, "--verify", "--json", status=1)
    assert {l["path"]: l["end"] for l in p.lines[:-1]} == ends, p.lines
    # Somebody deletes one there: only --verify can know, and then it is sent.
    s.end()
    kept = s.samples()
    save("s-change/samples.jsonl", "".join(json.dumps(x) + "\n" for x in kept if x["name"] != "x.00007.wav"))
    s = Service("s-change")
    assert upload("change", s.url, "--json", status=1).sum["there"] == 8
    p = upload("change", s.url, "--verify", "--json", status=1)
    assert [l["path"] for l in p.lines[:-1] if l["end"] == "left"] == [files[7]["path"]], p.lines
    assert upload("change", s.url, "--json", status=1).sum["sent"] == 1
    # A torn ledger loses one line at most; one of another project is no use.
    text = open("change/uploaded.jsonl").read()
    save("change/uploaded.jsonl", text[:-20])
    p = upload("change", s.url, "--json", status=1)
    assert p.sum["there"] == 8 and p.sum["requests"] == 1, p.sum
    p = upload("change", s.url, "--json", "--project", "5", "--dry-run")
    assert p.sum["left"] == 10, p.sum
    dataset("new", 1)
    p = upload("new", s.url, "--project", "5", status=3)
    assert "into project 4711, expected 5" in p.stderr, p.stderr
    s.end()


def check_faults():
    """Whatever the service answers: told in words, and the right status."""
    dataset("f", 6)
    table = [
        # fault, times, options, status, what is said, requests at most
        ("html", 99, ["--tries", "2"], 4, "page of HTML", 99),
        ("false", 99, [], 3, "The project is full", 6),
        ("401", 99, [], 4, "does not take this key", 6),
        ("413", 99, [], 3, "413 'Request Entity Too Large'", 6),
        ("500", 99, ["--tries", "2"], 4, "500 'oops' (", 99),
        ("short", 99, ["--tries", "2"], 4, "tried 2 times", 99),
        ("slow", 1, ["--timeout", "1"], 0, "", 7),
        ("junk", 99, ["--tries", "2"], 4, 'expected JSON with "success"', 99),
        ("huge", 99, ["--tries", "2"], 4, "tried 2 times", 99),
        ("count", 99, ["--tries", "2"], 4, "answered for 0 files, expected 1", 99),
        ("redirect", 99, [], 4, "redirects are not followed", 6),
        ("429", 1, [], 0, "", 7),
        ("reset", 2, [], 0, "", 8),
        ("503", 3, [], 0, "", 9),
    ]
    def one(row):
        name, times, opts, status, said, most = row
        shutil.copytree("f", "f-" + name)
        s = Service("s-f-" + name, always=name, times=times)
        p = upload("f-" + name, s.url, "--json", *opts, status=status)
        assert said in p.stderr + p.stdout, (name, p.stdout, p.stderr)
        n = p.sum["requests"]
        assert n <= most and (status or n > 6), (name, p.sum)
        assert len(s.samples()) == (0 if status else 6) and not s.wrong(), name
        assert p.sum["sent"] + p.sum["there"] == len(s.samples())
        s.end()

    with concurrent.futures.ThreadPoolExecutor(len(table)) as pool:
        list(pool.map(one, table))
    # Nobody there.
    s = Service("s-gone")
    s.end()
    p = upload("f", s.url, "--tries", "2", "--project", "1", status=4)
    assert "tried 2 times" in p.stderr, p.stderr
    p = upload("f", s.url, "--tries", "1", status=4)


def check_input():
    """What is wrong with the dataset or the key is told before anything is sent."""
    s = Service("s-input")
    files = dataset("in", 5)
    os.truncate("in/" + files[0]["path"], 0)
    with open("in/" + files[1]["path"], "wb") as f:
        f.truncate(100 << 20)
    with open("in/" + files[2]["path"], "wb") as f:
        f.truncate(44)
    os.unlink("in/" + files[3]["path"])
    p = upload("in", s.url, "--json", status=3)
    why = {l["path"]: l.get("why", "") for l in p.lines[:-1]}
    assert "is empty" in why[files[0]["path"]] and "less than 104857600" in why[files[1]["path"]] and "cannot open" in why[files[3]["path"]], why
    assert p.sum["sent"] == 1 and p.sum["refused"] == 3 and p.sum["failed"] == 1, p.sum
    good = {"path": "training/x.wav", "category": "training", "label": {"type": "label", "label": "r"}}
    for change, said in [({"category": "train"}, "category"), ({"label": "rain"}, "label"), ({"label": {"type": "label"}}, "label"), ({"path": "../key"}, "path '../key'"),
                         ({"metadata": {"n": 5}}, "metadata"), ({"path": "/etc/passwd"}, "path"),
                         ({"label": {"type": "multi-label", "labels": [{"startIndex": 0, "endIndex": 3, "label": "a"}, {"startIndex": 5, "endIndex": 7, "label": "b"}]}},
                          "segment 2 is 5 to 7")]:
        for ndjson in (False, True):
            write_info("in2", [{**good, **change}], ndjson)
            p = upload("in2", s.url, status=3)
            assert "in2/info.labels" in p.stderr and said in p.stderr, (change, p.stderr)
    for text in ("", "\ufeff{}", "[]", '{"version":"1","files":[]}', '{"version":1}', '{ "__ndjson":true,"version":1}\n', '{"__ndjson":true,"version":2}\n'):
        save("in2/info.labels", text)
        assert "in2/info.labels" in upload("in2", s.url, status=3).stderr
    write_info("in2", [])
    assert upload("in2", s.url, "--json").sum["samples"] == 0
    upload("nowhere", s.url, status=4)
    # Keys.
    save("open", KEY), os.chmod("open", 0o644)
    save("other", "hello\n"), os.chmod("other", 0o600)
    save("old", "ei_00000000000000000000000000000000"), os.chmod("old", 0o600)
    assert "chmod 600" in upload("in", s.url, key="open", status=3).stderr
    assert "starts with ei_" in upload("in", s.url, key="other", status=3).stderr
    assert "does not take this key" in upload("in", s.url, key="old", status=4).stderr
    assert "no API key" in upload("in", s.url, key=None, status=3).stderr
    os.environ["EI_API_KEY"] = KEY
    upload("in", s.url, "--dry-run", key=None, status=3)
    del os.environ["EI_API_KEY"]
    for host in ("ftp://x", "http://x/y/", "http://", "http://u@h"):
        assert "--host" in upload("in", host, status=3).stderr
    # Of site.json; the page's examples.
    save("ridge/site.json", json.dumps({"site": "a", "nodes": [], "stations": [], "upload": {"host": s.url, "key_file": "k"}}))
    save("ridge/k", KEY), os.chmod("ridge/k", 0o600)
    files = dataset("ridge/dataset", 3)
    examples = [l[6:].split() for l in open(TOP + "/man/wx-upload.1") if l.startswith(".Dl $ ")]
    said = [subprocess.run(e, capture_output=True, text=True) for e in examples]
    assert [p.returncode for p in said] == [0, 0, 0], said
    assert said[0].stdout == "".join("%s %s\n" % (f["category"], f["path"]) for f in files) \
        + "0 of 3 samples of ridge/dataset in project 4711 (0 sent), 3 to send\n", said[0].stdout
    assert said[1].stdout == "3 of 3 samples of ridge/dataset in project 4711 (3 sent)\n", said[1].stdout
    assert said[2].stdout == "3 of 3 samples of ridge/dataset in project 4711\n", said[2].stdout
    assert len(s.samples()) == 4
    s.end()


def check_tls():
    """A clock that is wrong is thought of; a certificate of ours is taken with --ca."""
    subprocess.run("openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 3 -subj /CN=localhost -addext subjectAltName=DNS:localhost".split(),
                   check=True, capture_output=True)
    s = Service("s-tls", tls=("c.pem", "k.pem"))
    dataset("t", 2)
    assert "is this machine's clock" in upload("t", s.url, status=4).stderr
    early = dict(os.environ, LD_PRELOAD=os.environ["B"] + "/tests/clockshift.so", CLOCKSHIFT_S=str(-30 * 86400),
                 ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")
    p = subprocess.run(["wx-upload", "--key-file", "key", "--host", s.url, "--ca", "c.pem", "t"], capture_output=True, text=True, env=early)
    assert p.returncode == 4 and "is this machine's clock" in p.stderr and "not yet valid" in p.stderr, p.stderr
    upload("t", s.url, "--ca", "c.pem")
    assert len(s.samples()) == 2
    s.end()


def check_mix():
    """N samples, 5 % 503, 2 % resets, 1 % lost replies, 1 % refused, a restart, a kill: each once."""
    files = dataset("mix", N)
    faults = {"503": .05, "reset": .02, "lost": .01, "refuse": .01}
    s = Service("s-mix", seed=1, **faults)
    cmd = ["wx-upload", "--key-file", "key", "--host", s.url, "mix"]
    p = subprocess.Popen(cmd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while s.count() < N // 3:
        time.sleep(.01)
        assert p.poll() is None, p.stderr.read()
    p.send_signal(signal.SIGKILL)
    assert p.wait() == -9
    n = len(s.samples())
    p = subprocess.Popen(cmd[:-1] + ["--json", "mix"], stdout=open("mix.out", "w"), stderr=subprocess.PIPE, text=True)
    while s.count() < N // 2:
        time.sleep(.01)
        assert p.poll() is None, p.stderr.read()
    s.end()
    s2 = Service("s-mix", s.port, seed=2, **faults)
    err = p.communicate()[1]
    lines = [json.loads(l) for l in open("mix.out")]
    bad = {l["path"] for l in lines[:-1] if l["end"] == "refused"}
    assert p.returncode == (3 if bad else 0), (p.returncode, err)
    assert lines[-1]["sent"] + lines[-1]["there"] + len(bad) == N, lines[-1]
    want = {f["path"] for f in files if int(hashlib.sha256(open("mix/" + f["path"], "rb").read()).hexdigest()[:8], 16) / 2**32 < .01}
    assert bad == want, (bad, want)
    same(s2, "mix", [f for f in files if f["path"] not in bad])
    p = upload("mix", s2.url, "--json", "--verify", status=1 if bad else 0)
    assert p.sum["there"] == N - len(bad) and p.sum["left"] == len(bad), p.sum
    print("mix: %d samples, %d before the kill, %d retries, %d refused" % (N, n, lines[-1]["retries"], len(bad)))
    s2.end()


checks = [check_plain, check_batches, check_changes, check_faults, check_input, check_tls, check_mix]
try:
    for check in checks:
        if len(sys.argv) < 2 or check.__name__ == sys.argv[1]:
            t = time.time()
            check()
            print("%s: %.1f s" % (check.__name__, time.time() - t))
finally:
    for s in servers:
        s.end()
