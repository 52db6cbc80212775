# SPDX-License-Identifier: MIT
"""What recorders write: made up here, by the layouts that are published.

    audiomoth(sound, comment)      a WAV with AudioMoth's header
    said("12:00:00 01/06/2026")    its comment, of firmware 1.6
    sound(seed, seconds)           16 bit, 8000 Hz: a tone and some noise
"""
import math
import random
import struct

RATE = 8000


def sound(seed, seconds=10):
    r = random.Random(seed)
    tone = [int(2000 * math.sin(i / 5)) for i in range(RATE)]
    return b"".join(struct.pack("<h", tone[i % RATE] + r.randrange(-300, 300)) for i in range(int(seconds * RATE)))


def said(when, zone="", tail="", by="by AudioMoth 24F3190361DA2B51 at medium gain while battery was 4.1V and temperature was 12.3C."):
    return f"Recorded at {when} (UTC{zone}) {by}{tail}"


def audiomoth(data, comment, riff=None, size=None):
    """riff, size: what the header says instead of the truth."""
    info = (b"LIST" + struct.pack("<I", 436) + b"INFOICMT" + struct.pack("<I", 384) + comment.encode().ljust(384, b"\0")
            + b"IART" + struct.pack("<I", 32) + b"AudioMoth 24F3190361DA2B51".ljust(32, b"\0"))
    return (b"RIFF" + struct.pack("<I", 480 + len(data) if riff is None else riff) + b"WAVEfmt "
            + struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16) + info
            + b"data" + struct.pack("<I", len(data) if size is None else size) + data)
