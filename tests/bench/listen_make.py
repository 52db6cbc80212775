# SPDX-License-Identifier: MIT
"""listen_make.py DIR N: an archive of N captures of 10 s, 16 kHz, 16 bit."""
import json
import os
import sys

import numpy as np
from scipy.io import wavfile

top, n = sys.argv[1], int(sys.argv[2])
folder = f"{top}/raw/n1/b"
os.makedirs(folder, exist_ok=True)
with open(f"{top}/site.json", "w") as f:
    json.dump({"site": "bench", "stations": [], "nodes": [
        {"id": "n1", "source": "http://127.0.0.1:1/cap/"}]}, f)
r = np.random.default_rng(1)
hiss = r.standard_normal(1_600_000)
wind = np.convolve(r.standard_normal(1_600_000), np.ones(400) / 20, "same")
with open(f"{top}/raw/n1/index.jsl", "w") as index:
    for i in range(n):
        at = int(r.integers(0, 1_440_000))
        x = hiss[at:at + 160_000] * 300 + wind[-at - 160_001:-at - 1] * 600
        name = f"{i:06}.wav"
        wavfile.write(f"{folder}/{name}", 16000, x.astype("<i2"))
        index.write(json.dumps({"n": f"b/{name}", "l": 320044,
                                "st": "closed"}) + "\n")
