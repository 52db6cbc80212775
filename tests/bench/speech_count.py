# SPDX-License-Identifier: MIT
"""speech_count.py ARCHIVE: captures called speech, by folder."""
import csv
import glob
import os
import sys

ASKED = {"rain": "<= 0.05", "wind": "<= 0.05", "snr+05": ">= 0.90",
         "snr+10": ">= 0.95", "snr+20": ">= 0.95"}


def order(path):
    kind = os.path.basename(path)[:-4]
    return kind.startswith("snr"), int(kind[3:]) if kind[3:4] in "+-" else 0, kind


for path in sorted(glob.glob(f"{sys.argv[1]}/sound/n1/*.csv"), key=order):
    heard = {}
    with open(path, newline="") as f:
        for r in csv.DictReader(f):
            c = r["capture"]
            heard[c] = heard.get(c, False) or "speech" in r["flags"].split()
    kind = os.path.basename(path)[:-4]
    share = sum(heard.values()) / len(heard)
    what = (f"called speech though there is none ({kind})"
            if not kind.startswith("snr") else
            f"speech at {int(kind[3:]):+d} dB found")
    print(f"wx-listen, {what}: {share:.2f} of {len(heard)} captures"
          + (f", asked: {ASKED[kind]}" if kind in ASKED else ""))
