# SPDX-License-Identifier: MIT
"""A strict ingestion service and Studio API, for tests: a judge.

ingestion.py --state DIR [--port N] [--tls CERT KEY] [--faults JSON] [--hmac KEY]

It knows the wire from the service's documentation alone and shares no code with
wxset. It prints its port, then serves until killed; DIR keeps what it has, so
that a restart forgets nothing: samples.jsonl (what it took, in order) and
wrong.jsonl (what no client should have sent: a test wants it empty).

Faults, as shares of 1: {"503":.05,"reset":.02,"lost":.01,"refuse":.01,"seed":1}.
reset: in mid-body; lost: the reply, after all was stored; refuse: by the
content, so that it stays refused. Or all requests alike, {"always": NAME}, the
first N only with "times": N: html, false, 401, 413, 429, 500, short, slow,
count, junk, huge, redirect, project, reset.
"""
import argparse, hashlib, hmac, io, json, os, random, re, socket, ssl, struct, sys, threading, time, urllib.parse, wave
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CATEGORIES = ("training", "testing", "anomaly", "split", "validation", "post-processing")
TYPES = {"wav": "audio/wav", "cbor": "application/cbor", "json": "application/json", "csv": "text/csv", "txt": "text/plain"}
SIDE = {"structured_labels.labels": ("structured-labels", "structuredLabels"), "label_map.labels": ("label-map-labels", "labels")}
MAX_FILES, MAX_BYTES = 1000, 100 << 20
KEY = "ei_0123456789abcdef0123456789abcdef"
PROJECT = 4711


class Wrong(Exception):
    """What a client must not do."""


def need(ok, text):
    if not ok:
        raise Wrong(text)


# ---- acquisition format ----

def hmac_of(data, at, key):
    return hmac.new(key.encode(), data[:at] + b"0" * 64 + data[at + 64:], hashlib.sha256).hexdigest()


def check_tree(doc, data, key):
    """protected, signature, payload: how many values, of how many axes."""
    need(set(doc) == {"protected", "signature", "payload"}, "keys %s" % sorted(doc))
    prot, load, sig = doc["protected"], doc["payload"], doc["signature"]
    need(prot["ver"] == "v1" and prot["alg"] in ("HS256", "none"), "protected %s" % prot)
    need(set(prot) <= {"ver", "alg", "iat"}, "protected %s" % prot)
    if prot["alg"] == "HS256":
        need(re.fullmatch("[0-9a-f]{64}", sig), "signature")
        need(data.count(sig.encode()) == 1, "the signature stands twice")
        need(key is None or hmac_of(data, data.index(sig.encode()), key) == sig, "bad signature")
    need(set(load) <= {"device_name", "device_type", "interval_ms", "sensors", "values"}, "payload %s" % sorted(load))
    need(isinstance(load["device_type"], str) and load["interval_ms"] > 0, "device_type, interval_ms")
    for s in load["sensors"]:
        need(set(s) == {"name", "units"} and s["name"] and s["units"], "sensor %s" % s)
    return load


def count_values(load, tail):
    n = len(load["sensors"])
    values = load["values"]
    if values and isinstance(values[0], str):
        need(n == 1 and len(values) == 1 and values[0].rstrip(" ") == "Ref-BINARY-i16", "values %s" % values)
        need(len(tail) % 2 == 0, "half a sample")
        return len(tail) // 2
    need(not tail, "bytes after the end")
    for v in values:
        if n == 1:
            need(isinstance(v, (int, float)), "value %s" % v)
        else:
            need(isinstance(v, list) and len(v) == n and all(isinstance(x, (int, float)) for x in v), "value %s" % v)
    return len(values)


def n_values(name, data, key):
    """How many values a sample holds; Wrong if it is none."""
    ext = name.rsplit(".", 1)[-1].lower()
    if ext == "wav":
        with wave.open(io.BytesIO(data)) as w:
            need(w.getnframes() > 0, "a WAV without frames")
            return w.getnframes()
    if ext == "json":
        return count_values(check_tree(json.loads(data), data, key), b"")
    if ext == "cbor":
        import cbor2
        f = io.BytesIO(data)
        load = check_tree(cbor2.CBORDecoder(f).decode(), data, key)
        return count_values(load, data[f.tell():])
    if ext == "csv":
        rows = data.decode().split("\n")
        need(rows.pop() == "" and rows[0].split(",")[0] == "timestamp", "no timestamp column first")
        t = [float(r.split(",")[0]) for r in rows[1:]]
        need(len(t) >= 2, "a row alone")
        need(all(abs((b - a) - (t[1] - t[0])) < 1e-6 and b > a for a, b in zip(t, t[1:])), "steps differ")
        need(all(len(r.split(",")) == len(rows[0].split(",")) for r in rows), "columns differ")
        return len(t)
    raise Wrong("%s: unknown kind of file" % name)


# ---- multipart ----

def parts_of(body, boundary):
    mark = b"--" + boundary
    need(body.startswith(mark + b"\r\n"), "body does not begin with the boundary")
    need(body.endswith(b"\r\n" + mark + b"--\r\n"), "body does not end with the boundary")
    inner = body[len(mark) + 2:-len(mark) - 6]
    for piece in inner.split(b"\r\n" + mark + b"\r\n"):
        head, sep, data = piece.partition(b"\r\n\r\n")
        need(sep, "a part without a head")
        fields = dict(l.split(": ", 1) for l in head.decode("utf-8").split("\r\n"))
        fields = {k.lower(): v for k, v in fields.items()}
        m = re.fullmatch(r'form-data; name="data"; filename="([^"]*)"', fields.get("content-disposition", ""))
        need(m, "disposition %s" % fields)
        yield urllib.parse.unquote(m[1]), fields.get("content-type", ""), data


def check_segments(segments, n):
    at = 0
    for s in segments:
        need(set(s) <= {"startIndex", "endIndex", "label", "labelMap"} and s["label"], "segment %s" % s)
        need(s["startIndex"] == at and s["startIndex"] <= s["endIndex"] < n, "segment %s of %d values at %d" % (s, n, at))
        at = s["endIndex"] + 1
    need(at == n, "values from %d of %d are bare" % (at, n))


class Service:
    def __init__(self, args):
        self.dir, self.hmac = args.state, args.hmac
        self.faults = json.loads(args.faults)
        self.random = random.Random(self.faults.get("seed", 1) * 1000003 + int(time.time() * 1000) * bool(self.faults.get("luck")))
        self.lock, self.n_requests, self.n_faulty = threading.Lock(), 0, 0
        self.by_hash, self.all = {}, []
        os.makedirs(self.dir, exist_ok=True)
        path = os.path.join(self.dir, "samples.jsonl")
        if os.path.exists(path):
            for line in open(path):
                self.know(json.loads(line))
        self.out = open(path, "a")

    def know(self, s):
        self.all.append(s)
        self.by_hash[s["sha256Hash"]] = s

    def wrong(self, text):
        with self.lock, open(os.path.join(self.dir, "wrong.jsonl"), "a") as f:
            f.write(json.dumps(text) + "\n")

    def fault(self):
        with self.lock:
            self.n_requests += 1
            if "always" in self.faults:
                if self.n_faulty >= self.faults.get("times", 1 << 60):
                    return None
                self.n_faulty += 1
                return self.faults["always"]
            x = self.random.random()
            for name in ("503", "reset", "lost"):
                x -= self.faults.get(name, 0)
                if x < 0:
                    return name
            return None

    def store(self, category, label, name, data, metadata, more):
        sha = hashlib.sha256(data).hexdigest()
        if int(sha[:8], 16) / 2**32 < self.faults.get("refuse", 0):
            return {"success": False, "error": "Could not parse this file, \u00fc"}
        with self.lock:
            if sha in self.by_hash:
                return {"success": False, "error": "An item with this hash already exists (ids: %d)" % self.by_hash[sha]["id"]}
            stem, ext = os.path.splitext(name)
            s = {"id": len(self.all) + 1, "filename": stem + ".%08x" % self.random.getrandbits(32), "sha256Hash": sha, "category": category,
                 "label": label, "metadata": metadata, "name": name, **more}
            self.know(s)
            self.out.write(json.dumps(s) + "\n")
            self.out.flush()
            return {"success": True, "projectId": self.faults.get("project", PROJECT), "sampleId": s["id"], "fileName": s["filename"] + ext}

    def take(self, category, head, body):
        """A request to /files: the answer's object."""
        need(category in CATEGORIES, "category %s" % category)
        m = re.fullmatch(r"multipart/form-data; boundary=(\S+)", head.get("content-type", ""))
        need(m, "content-type %s" % head.get("content-type"))
        need(head.get("x-disallow-duplicates") == "1", "no x-disallow-duplicates: sending again is no longer harmless")
        parts = list(parts_of(body, m[1].encode()))
        sides = {name: json.loads(data) for name, kind, data in parts if name in SIDE}
        files = [(name, kind, data) for name, kind, data in parts if name not in SIDE]
        need(0 < len(files) <= MAX_FILES, "%d files" % len(files))
        need(len({f[0] for f in files}) == len(files), "two files of one name")
        label, none = head.get("x-label"), head.get("x-no-label")
        need((label is not None) + (none == "1") + bool(sides) == 1, "label %s, none %s, sides %s" % (label, none, list(sides)))
        if label is not None:
            need(re.fullmatch(r"([A-Za-z0-9_.!~*'()-]|%[0-9A-F]{2})+", label), "x-label %s" % label)
            label = urllib.parse.unquote(label, errors="strict")
        metadata = json.loads(head.get("x-metadata", "{}"))
        need(head.get("x-metadata", "").isascii() and all(isinstance(v, str) for v in metadata.values()), "x-metadata")
        by_name = {}
        for name, doc in sides.items():
            kind, key = SIDE[name]
            need(doc.get("version") == 1 and doc.get("type") == kind and set(doc) == {"version", "type", key}, "%s: %s" % (name, doc))
            need(set(doc[key]) == {f[0] for f in files}, "%s: names" % name)
            by_name = {k: {key: v} for k, v in doc[key].items()}
        out = []
        for name, kind, data in files:
            need(name not in ("info.labels", ""), "Invalid mimetype")
            need(kind == TYPES.get(name.rsplit(".", 1)[-1].lower(), "application/octet-stream"), "%s as %s" % (name, kind))
            need(len(data) < MAX_BYTES, "%s: too large" % name)
            n = n_values(name, data, self.hmac)
            more = by_name.get(name, {})
            if "structuredLabels" in more:
                check_segments(more["structuredLabels"], n)
            out.append(self.store(category, label or "", name, data, metadata, more))
        return {"success": True, "files": out}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def log_message(self, *args):
        pass

    def answer(self, status, body, kind="application/json", more=()):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        body = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for k, v in more:
            self.send_header(k, v)
        self.end_headers()
        self.wfile.write(body)

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def allowed(self):
        key = self.headers.get("x-api-key", "")
        if key == KEY:
            return True
        if not key.startswith("ei_"):
            self.server.service.wrong("a key that does not start with ei_")
        self.close_connection = True
        self.answer(401, "Invalid API key", "text/plain")
        return False

    def do_GET(self):
        service = self.server.service
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if not self.allowed():
            return
        if url.path == "/v1/api/projects":
            self.answer(200, {"success": True, "projects": [{"id": PROJECT, "name": "made"}]})
        elif url.path == "/v1/api/%d/raw-data" % PROJECT:
            a, n = int(query["offset"]), min(int(query["limit"]), 100)
            with service.lock:
                of = [s for s in service.all if s["category"] == query["category"]]
            self.answer(200, {"success": True, "totalCount": len(of), "samples": of[a:a + n]})
        else:
            service.wrong("GET " + self.path)
            self.answer(200, {"success": False, "error": "No such page"})

    def always(self, fault):
        """An answer that is the same whatever was sent: True if it was given."""
        answers = {
            "html": (200, "<html><body>Please log in to the hotel's network</body></html>", "text/html"),
            "false": (200, {"success": False, "error": "The project is full"}),
            "401": (401, "Invalid API key", "text/plain"),
            "413": (413, "Request Entity Too Large", "text/plain"),
            "500": (500, "oops", "text/plain"),
            "503": (503, "busy", "text/plain"),
            "junk": (200, '{"success":true,"files":[{"succ', "application/json"),
            "huge": (200, '{"success":true,"files":[' + " " * (5 << 20) + "]}", "application/json"),
            "count": (200, {"success": True, "files": []}),
        }
        if fault == "429":
            self.answer(429, "slow down", "text/plain", [("Retry-After", "1")])
        elif fault == "redirect":
            self.answer(307, "", "text/plain", [("Location", "http://127.0.0.1:1/api/training/files")])
        elif fault == "short":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{\"success\":true")
            self.close_connection = True
        elif fault == "slow":
            time.sleep(2)
            self.close_connection = True
        elif fault in answers:
            self.answer(*answers[fault])
        else:
            return False
        return True

    def do_POST(self):
        service = self.server.service
        fault = service.fault()
        length = int(self.headers.get("Content-Length", "-1"))
        if fault == "401" or not self.allowed():
            self.close_connection = True
            return fault == "401" and self.always(fault)
        if fault == "reset":
            self.rfile.read(length // 2)
            return self.reset()
        body = self.rfile.read(length) if length >= 0 else b""
        if len(body) != length:
            self.close_connection = True
            return None  # the client went away
        if fault and fault != "lost" and self.always(fault):
            return None
        m = re.fullmatch("/api/([a-z-]+)/files", self.path)
        try:
            need(m, "POST " + self.path)
            need(self.headers.get("Expect") is None, "Expect")
            head = {k.lower(): v for k, v in self.headers.items()}
            need(len(head) == len(self.headers.items()), "a field that stands twice")
            answer = service.take(m[1], head, body)
        except Exception as e:  # whatever it is, the client sent it
            service.wrong("%s: %s: %s" % (self.path, type(e).__name__, e))
            answer = {"success": False, "error": str(e)}
        if fault == "lost":
            return self.reset()
        return self.answer(200, answer)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # clients are killed in tests


def main(argv, out):
    p = argparse.ArgumentParser()
    p.add_argument("--state", required=True)
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--tls", nargs=2)
    p.add_argument("--faults", default="{}")
    p.add_argument("--hmac")
    args = p.parse_args(argv)
    server = Server(("127.0.0.1", args.port), Handler)
    server.service = Service(args)
    if args.tls:
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(*args.tls)
        server.socket = ctx.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], file=out, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdout)
