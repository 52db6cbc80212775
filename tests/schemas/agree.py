#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Does our interpreter of schemas say what python3-jsonschema says?

agree.py SCHEMAS TABLES HELPER: for each table NAME.jsonl of [fits, document,
why], the verdict of both on the document, and on what becomes of a good one
when each of its values in turn is removed, replaced or joined by a stranger.
"""
import copy
import json
import pathlib
import subprocess
import sys

from jsonschema import Draft202012Validator

STRANGERS = [
    None, True, False, 0, 1, -1, 2.0, 0.5, 10**9, 9007199254740993, "", "x",
    "../x", "n/1", "a b", "start", "rain", "label", "http://h/", "dir:x",
    "+25:00", "\u00e9" * 64, "\u00e9" * 65, "y" * 3000, [], [1], ["x", "x"],
    {}, {"x": 1},
]


def places(doc, path=()):
    """Paths of all values below doc, doc itself first."""
    yield path
    if isinstance(doc, dict):
        for k, v in doc.items():
            yield from places(v, path + (k,))
    elif isinstance(doc, list):
        for i, v in enumerate(doc):
            yield from places(v, path + (i,))


def at(doc, path):
    for step in path:
        doc = doc[step]
    return doc


def mutants(doc):
    for path in places(doc):
        here = at(doc, path)
        if isinstance(here, dict):
            made = copy.deepcopy(doc)
            at(made, path)["stranger"] = 1
            yield made
        if isinstance(here, list) and here:
            made = copy.deepcopy(doc)
            at(made, path).append(copy.deepcopy(here[-1]))
            yield made
        if not path:
            continue
        made = copy.deepcopy(doc)
        del at(made, path[:-1])[path[-1]]
        yield made
        for stranger in STRANGERS:
            made = copy.deepcopy(doc)
            at(made, path[:-1])[path[-1]] = stranger
            yield made


def main():
    schemas, tables, helper = map(pathlib.Path, sys.argv[1:4])
    n_bad = n_docs = 0
    for schema_path in sorted(schemas.glob("*.schema.json")):
        name = schema_path.name.removesuffix(".schema.json")
        schema = json.loads(schema_path.read_text())
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        table = tables / f"{name}.jsonl"
        if not table.exists():
            sys.exit(f"{schema_path} has no table {table}: write one, a line "
                     "[fits, document, why] each")
        rows = [json.loads(line) for line in table.read_text().splitlines()]
        if {row[0] for row in rows} != {True, False}:
            sys.exit(f"{name}: the table needs good and bad documents")
        docs = [(fits, doc, why) for fits, doc, why in rows]
        docs += [(None, m, f"mutant of '{why}'")
                 for fits, doc, why in rows if fits for m in mutants(doc)]
        ours = subprocess.run(
            [helper, name], check=True, text=True, stdout=subprocess.PIPE,
            input="".join(json.dumps(doc) + "\n" for _, doc, _ in docs),
        ).stdout.splitlines()
        assert len(ours) == len(docs), f"{name}: {len(ours)} verdicts"
        for (fits, doc, why), verdict in zip(docs, ours):
            theirs = validator.is_valid(doc)
            n_docs += 1
            if verdict.startswith("yes") != theirs or fits not in (None, theirs):
                n_bad += 1
                if n_bad > 10:
                    continue
                print(f"{name}: {why}: expected {fits}, jsonschema {theirs}, "
                      f"ours {verdict}\n  {json.dumps(doc)[:300]}")
    print(f"{n_docs} documents, {n_bad} disagreements")
    sys.exit(n_bad > 0)


main()
