#!/bin/sh
# SPDX-License-Identifier: MIT
# Some sixty names of real recordings, each that of a made WAV file on a card:
# wx-pull dates them as the people who collected them do, or says that it cannot.
set -eu
names=$CAPTURES/node/filenames/FileNameParsingFixtures.csv
[ -n "$CAPTURES" ] && [ -f "$names" ] || { echo "needs CAPTURES"; exit 77; }
/usr/bin/python3 - "$names" <<'P'
import csv, json, os, struct, sys

os.makedirs("card")
for i, r in enumerate(csv.DictReader(open(sys.argv[1]))):
    data = struct.pack("<hh", i, i + 1)  # no two alike
    name = os.path.splitext(r["Filename"])[0] + ".wav"
    with open("card/" + name, "wb") as f:
        f.write(b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " +
                struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) +
                b"data" + struct.pack("<I", len(data)) + data)
os.makedirs("a")
json.dump({"site": "s", "nodes": [
    {"id": "n", "source": "dir:" + os.getcwd() + "/card", "utc_offset": "Z"}], "stations": []},
    open("a/site.json", "w"))
P
wx-pull -a a >out 2>err || { cat out err; exit 1; }
exec /usr/bin/python3 - "$names" <<'P'
import csv, json, os, sys
from datetime import datetime, timedelta, timezone

index = {}
for line in open("a/raw/n/index.jsl"):
    o = json.loads(line)
    index[o["n"]] = o.get("r0")

def expected(r):
    t = r["ExpectedDateTime"]
    if not t:
        return None
    day = "T24:" in t
    t = datetime.fromisoformat(t.replace("T24:", "T00:").ljust(19))
    z = r["ExpectedTzOffset"]
    if z:
        t -= (1 if z[0] == "+" else -1) * timedelta(hours=int(z[1:3]), minutes=int(z[4:6]))
    t = t.replace(tzinfo=timezone.utc) + timedelta(days=day)
    return (t - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)

# Undated here, with the reason; a guess would be worse.
unset = ("00000000", "EMER_2000", "EMER_2004")  # no clock that anybody set
no_recorder = ("weird20180801_240000", "short_time_180801", "a_2359-01012015")
# "-9" and "-09" may be counters: taken as local.
counter = ("123_20131012",)

agreed = undated = refused = 0
for r in csv.DictReader(open(sys.argv[1])):
    name = os.path.splitext(r["Filename"])[0] + ".wav"
    want, got = expected(r), index[name]
    if name.startswith(counter):
        assert got == 1381581296000000, (name, got)
        refused += 1
    elif name.startswith(unset + no_recorder):
        assert want is not None and got is None, (name, want, got)
        refused += 1
    else:
        assert got == want, (name, want, got)
        agreed += want is not None
        undated += want is None
print(agreed, "agreed,", undated, "undated for both,", refused, "not taken")
assert (agreed, undated, refused) == (43, 4, 10), (agreed, undated, refused)
P
