# SPDX-License-Identifier: MIT
"""A node's store: pull_made.py DIR N makes N captures of 320 kB and its index."""
import os
import sys
import zlib

root, n = sys.argv[1], int(sys.argv[2])
lines = ['{"ev":"boot","b":1,"m":0}']
for i in range(n):
    if i % 1000 == 0:
        os.makedirs(f"{root}/b{i // 1000 + 1:04d}")
    name = f"b{i // 1000 + 1:04d}/{i:06d}.wav"
    data = (b"RIFF\x24\xe2\x04\x00WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\x00\xe2\x04\x00"
            + os.urandom(320000))
    with open(f"{root}/{name}", "wb") as f:
        f.write(data)
    lines.append(f'{{"n":"{name}","l":{len(data)},"c":"{zlib.crc32(data):08x}","q":{i},"b":{i // 1000 + 1},'
                 f'"m0":{i * 10**7},"m1":{(i + 1) * 10**7},"ns":160000,"fs":16000,"st":"closed"}}')
with open(f"{root}/index.jsl", "w") as f:
    f.write("\n".join(lines) + "\n")
