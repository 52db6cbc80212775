# SPDX-License-Identifier: MIT
"""upload_made.py FOLDER N: a dataset of N WAVs of ten seconds."""
import json, os, sys, wave

top, n = sys.argv[1], int(sys.argv[2])
os.makedirs(top + "/training")
files = []
for i in range(n):
    name = "rain.n1-%05d" % i
    with wave.open("%s/training/%s.wav" % (top, name), "wb") as w:
        w.setnchannels(1), w.setsampwidth(2), w.setframerate(16000)
        w.writeframes(os.urandom(320000))
    files.append({"path": "training/%s.wav" % name, "name": name, "category": "training", "label": {"type": "label", "label": "rain"},
                  "metadata": {"node": "n1", "i": str(i)}})
json.dump({"version": 1, "files": files}, open(top + "/info.labels", "w"))
