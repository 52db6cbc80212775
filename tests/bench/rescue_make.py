# SPDX-License-Identifier: MIT
"""rescue_make.py DIR N: a card of N recordings of ten minutes, some damaged.

Holes stand for most of the sound: each file takes two blocks of the disk.
"""
import os
import struct
import sys

FRAMES = 16000 * 600
SIZE = 2 * FRAMES
SOUND = bytes(range(1, 251)) * 16
LIST = b"LIST" + struct.pack("<I", 436) + b"INFO" + b"x" * 432


def header(data, riff=None):
    return (b"RIFF" + struct.pack("<I", 480 + SIZE if riff is None else riff) +
            b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16)
            + LIST + b"data" + struct.pack("<I", data))


# What, how often in 1000, head, bytes in all, end.
KINDS = [
    ("healthy", 900, header(SIZE), 488 + SIZE, SOUND),
    ("size_zero", 60, header(0, 480), 488 + SIZE, SOUND),
    ("truncated", 20, header(SIZE), 488 + SIZE // 2, SOUND),
    ("preallocated", 5, header(2 * SOUND.__len__() + 131072) + SOUND,
     488 + 2 * len(SOUND) + 131072, b""),
    ("header_only", 5, header(0, 480), 488, b""),
    ("empty", 5, b"", 0, b""),
    ("null", 2, b"", 131072, b""),
    ("lfs_pointer", 3, b"version https://git-lfs.github.com/spec/v1\n"
     b"oid sha256:" + b"0" * 64 + b"\nsize 1\n", 128, b""),
]

root, n = sys.argv[1], int(sys.argv[2])
kinds = [k for k in KINDS for _ in range(k[1])]
assert len(kinds) == 1000
for i in range(n):
    _, _, head, size, end = kinds[i * 7919 % 1000]
    folder = f"{root}/{i // 1000:03}"
    if i % 1000 == 0:
        os.makedirs(folder)
    with open(f"{folder}/{i:06}.WAV", "wb") as f:
        f.write(head)
        f.truncate(size)
        if end:
            f.seek(size - len(end))
            f.write(end)
for name, share, *_ in KINDS:
    print(n * share // 1000, name)
