#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Recorders' files, made: import it, or run it for a card of many files."""
import array
import ctypes
import os
import random
import struct
import sys

RATE = 8000


def sound(seconds, seed=1, rate=RATE):
    """Noise of 60 dB below full scale: no bytes as if by chance."""
    return array.array("h", [b - 128 for b in random.Random(seed).randbytes(int(seconds * rate))]).tobytes()


def audiomoth(comment, pcm, rate=RATE, closed=True, guano=None):
    """488 bytes of header as AudioMoth's firmware writes it, and the sound."""
    info = (b"INFO" + b"ICMT" + struct.pack("<I", 384) + comment.encode().ljust(384, b"\0")
            + b"IART" + struct.pack("<I", 32) + b"AudioMoth 24F3190361DA3578".ljust(32, b"\0"))
    tail = b"guan" + struct.pack("<I", len(guano)) + guano.encode() if guano else b""
    size = len(pcm) if closed else 0
    return (b"RIFF" + struct.pack("<I", 480 + (len(pcm) + len(tail) if closed else 0)) + b"WAVE"
            + b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16)
            + b"LIST" + struct.pack("<I", len(info)) + info
            + b"data" + struct.pack("<I", size) + pcm + tail)


def comment(clock, date, zone="", more="", old=False):
    if old:  # firmware 1.2.2
        return (f"Recorded at {clock} {date} (UTC{zone}) by AudioMoth 24F3190361DA3578 "
                f"at gain setting 2 while battery state was 4.2V.{more}")
    return (f"Recorded at {clock} {date} (UTC{zone}) by AudioMoth 24F3190361DA3578 at medium gain "
            f"while battery was 4.2V and temperature was 12.3C.{more}")


def wav(pcm, rate=RATE):
    return (b"RIFF" + struct.pack("<I", 36 + len(pcm)) + b"WAVEfmt "
            + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16)
            + b"data" + struct.pack("<I", len(pcm)) + pcm)


def put(path, data):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def flac(path, pcm, rate=RATE):
    class Info(ctypes.Structure):
        _fields_ = [("frames", ctypes.c_int64)] + [(k, ctypes.c_int) for k in (
            "samplerate", "channels", "format", "sections", "seekable")]
    lib = ctypes.CDLL("libsndfile.so.1")
    lib.sf_open.restype = ctypes.c_void_p
    lib.sf_writef_short.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64]
    lib.sf_close.argtypes = [ctypes.c_void_p]
    info = Info(0, rate, 1, 0x170000 | 0x0002, 0, 0)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    out = lib.sf_open(path.encode(), 0x20, ctypes.byref(info))
    assert out, path
    lib.sf_writef_short(out, pcm, len(pcm) // 2)
    lib.sf_close(out)


if __name__ == "__main__":  # DIR N: a season of small files, a few of them damaged
    root, n = sys.argv[1], int(sys.argv[2])
    pcm = sound(0.02)
    for i in range(n):
        day, s = 20250101 + i // 5000 % 28, i % 5000
        name = f"{root}/{day}/{day}_{s // 3600:02d}{s // 60 % 60:02d}{s % 60:02d}.WAV"
        text = comment(f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}", f"{day % 100:02d}/01/2025", "+1")
        body = audiomoth(text, pcm + struct.pack("<I", i), closed=i % 100 != 7)
        put(name, b"" if i % 100 == 3 else body)
