# SPDX-License-Identifier: MIT
"""speech_mix.py MADE SAID ARCHIVE: captures of a made site as they are, in
folders rain, wind and calm by its truth, and with speech, in folders snr-05
to snr+20 by the level of the active speech over the noise in dB."""
import csv
import glob
import json
import os
import sys

import numpy as np
from scipy.io import wavfile
from scipy.signal import resample_poly

made, said, top = sys.argv[1:]
RATE, N_MIXED = 16000, 96


def load(path):
    rate, x = wavfile.read(path)
    x = x.astype(float) / 32768
    return x - x.mean() if rate == RATE else resample_poly(x, RATE, rate)


def active_rms(x):
    """RMS of the 10 ms frames within 26 dB of the loudest."""
    e = (x[:len(x) // 160 * 160].reshape(-1, 160) ** 2).mean(axis=1)
    return np.sqrt(e[e > e.max() / 400].mean())


def weather():
    with open(f"{made}/truth/weather.csv", newline="") as f:
        return {r["utc"][:16]: r for r in csv.DictReader(f)
                if r["utc"][17:19] == "00"}


def save(folder, name, x):
    path = f"{top}/raw/n1/{folder}/{name}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    wavfile.write(path, RATE, np.clip(np.round(x * 32768), -32768,
                                      32767).astype("<i2"))
    index.append(json.dumps({"n": f"{folder}/{name}", "st": "closed",
                             "l": os.path.getsize(path)}))


index, noise, sky = [], [], weather()
with open(f"{made}/truth/captures.csv", newline="") as f:
    for r in csv.DictReader(f):
        path = f"{made}/nodes/{r['capture'].replace('raw/', '', 1)}"
        w = sky.get(r["start_utc"][:16])
        if not w or not os.path.exists(path):
            continue
        x = load(path)
        kind = ("rain" if float(w["rain_mm_h"]) > 0.1 else
                "wind" if float(w["wind_m_s"]) > 3 else "calm")
        save(kind, os.path.basename(path), x)
        if kind != "calm":
            noise.append(x)
voices = [load(p) for p in sorted(glob.glob(f"{said}/*.wav"))]
rng = np.random.default_rng(1)
for snr in (-5, 0, 5, 10, 20):
    for i in range(N_MIXED):
        x = noise[rng.integers(len(noise))].copy()
        v = voices[i % len(voices)][:len(x)]
        at = rng.integers(len(x) - len(v) + 1)
        gain = np.sqrt((x ** 2).mean()) / active_rms(v) * 10 ** (snr / 20)
        x[at:at + len(v)] += gain * v
        save(f"snr{snr:+03}", f"{i:03}.wav", x)
with open(f"{top}/site.json", "w") as f:
    json.dump({"site": "bench", "stations": [], "nodes": [
        {"id": "n1", "source": "http://127.0.0.1:1/cap/"}]}, f)
with open(f"{top}/raw/n1/index.jsl", "w") as f:
    f.write("\n".join(index) + "\n")
