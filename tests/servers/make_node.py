# SPDX-License-Identifier: MIT
"""Write captures and their index: make_node.py DIR [SIZE] NAME...

Each is a WAV of SIZE bytes (default 60044) of noise that its name seeds.
"""
import os
import random
import struct
import sys
import zlib

root, names = sys.argv[1], sys.argv[2:]
size = 60044
if names[0].isdigit():
    size = int(names.pop(0))
with open(f"{root}/index.jsl" if os.path.isdir(root) else os.devnull, "a"):
    pass
os.makedirs(root, exist_ok=True)
with open(f"{root}/index.jsl", "a") as index:
    for q, name in enumerate(names):
        n = size - 44
        data = (b"RIFF" + struct.pack("<I", n + 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16)
                + b"data" + struct.pack("<I", n) + random.Random(name).randbytes(n))
        os.makedirs(os.path.dirname(f"{root}/{name}"), exist_ok=True)
        with open(f"{root}/{name}", "wb") as f:
            f.write(data)
        index.write(f'{{"n":"{name}","l":{size},"c":"{zlib.crc32(data):08x}","q":{q},"b":1,"ns":{n // 2},"fs":16000,"st":"closed"}}\n')
