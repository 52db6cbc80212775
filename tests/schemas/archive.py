#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Is an archive what its man pages and schemas say?

archive.py TOP BUILD ARCHIVE MADE_SITE
"""
import csv
import json
import pathlib
import re
import subprocess
import sys

from jsonschema import Draft202012Validator

top, build, archive, made = map(pathlib.Path, sys.argv[1:5])
bad = []


def validator(name):
    text = (top / f"schemas/{name}.schema.json").read_text()
    return Draft202012Validator(json.loads(text))


def check_json(name, paths, lines, may_be_torn=False):
    n = n_torn = 0
    v = validator(name)
    for path in paths:
        text = path.read_text()
        docs = text.splitlines() if lines else [text]
        for number, doc in enumerate(docs, 1):
            n += 1
            try:
                value = json.loads(doc)
            except json.JSONDecodeError:
                n_torn += 1
                continue
            for e in list(v.iter_errors(value))[:1]:
                bad.append(f"{path}:{number}: {e.json_path}: {e.message}")
    if n == 0 or n_torn > (n / 10 if may_be_torn else 0):
        bad.append(f"{name}: {n_torn} of {n} are torn")


check_json("site", [archive / "site.json", made / "site.json"], False)
check_json("sim", [made / "sim.json"], False)
# Made nodes lose their power now and then, in the middle of a line.
check_json("node-index-line", made.glob("nodes/*/index.jsl"), True, True)
check_json("node-index-line", archive.glob("raw/*/index.jsl"), True, True)
check_json("clock-line", archive.glob("raw/*/clock.jsonl"), True)
check_json("journal-line", archive.glob("raw/*/journal.jsonl"), True)
check_json("provenance-line", archive.glob("dataset/provenance.jsonl"), True)
labels = archive / "dataset/info.labels"
check_json("info-labels", [labels],
           labels.read_bytes().startswith(b'{"__ndjson":true'))
known = {"site.json", "index.jsl", "clock.jsonl", "journal.jsonl",
         "provenance.jsonl", "info.labels"}
for path in archive.rglob("*"):
    if path.suffix in (".json", ".jsonl", ".jsl") and path.name not in known:
        bad.append(f"{path}: of no schema")

# The columns of each table, in the page's order.
page = (top / "man/wx-archive.5").read_text()
columns = {}
table = None
for line in page.splitlines():
    if line.startswith(".Ss "):
        table = line[4:].split("/")[0]
        columns[table] = []
    elif line.startswith(".It Cm ") and table:
        columns[table] += line[7:].split(" , ")
for table in ("station", "sound", "windows", "labels"):
    # "DATE.csv" of a station, not its own files
    found = [p for p in archive.glob(f"{table}/*/**/*.csv")
             if "raw" not in p.parts[len(archive.parts):]]
    if not found:
        bad.append(f"no table of {table}/")
    for path in found:
        with open(path, newline="") as f:
            header = next(csv.reader(f))
        if header != columns[table]:
            bad.append(f"{path}: has {header}, wx-archive(5) says "
                       f"{columns[table]}")

# The keys and the examples of site.json.
page = (top / "man/wx-site.5").read_text()
schema = json.loads((top / "schemas/site.schema.json").read_text())


def keys(part):
    if isinstance(part, list):
        for p in part:
            yield from keys(p)
    elif isinstance(part, dict):
        for name, sub in part.items():
            if name == "properties":
                yield from sub
            yield from keys(sub)


told = {w.strip('"') for m in re.findall(r"\bCm (.+)$", page, re.M)
        for w in m.split()}
for key in sorted(set(keys(schema)) - told):
    bad.append(f"wx-site(5) does not tell of '{key}'")
examples = re.findall(r"^\.Bd -literal\n(\{.*?^\})\n\.Ed", page, re.M | re.S)
if len(examples) != 2:
    bad.append(f"wx-site(5): {len(examples)} examples")
for i, text in enumerate(examples):
    doc = json.loads(text)
    if not validator("site").is_valid(doc):
        bad.append(f"wx-site(5): example {i} is no site")
    folder = pathlib.Path(f"example{i}")
    folder.mkdir(exist_ok=True)
    (folder / "site.json").write_text(text)
    # A tool takes it: there is nothing yet that it could do with it.
    run = subprocess.run(["wx-label", "-a", folder], text=True,
                         stderr=subprocess.PIPE)
    if run.returncode not in (0, 1):
        bad.append(f"wx-site(5): example {i}: {run.stderr}")

print("\n".join(bad[:20]))
sys.exit(len(bad) > 0)
