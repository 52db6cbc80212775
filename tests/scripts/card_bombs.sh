#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A card whose logs and packed recordings are far larger than any recorder's:
# they come, memory stays below 64 MiB, and what lies beside them is as ever.
set -u
. "$TOP/tests/scripts/pull.bash"
export PYTHONPATH="$TOP/tests/servers"

"$PY" - <<'P' || fail "card"
import random
from make_card import *
put("card/20250619_000000.WAV", audiomoth(comment("00:00:00", "19/06/2025"), sound(11, 1)))
minutes = [f" {h:02d}:{m:02d}:00.000 UTC: Time was updated. The internal clock was 5ms slow.\r\n" for h in range(24) for m in range(60)]
put("card/GPS.TXT", "".join(f"{d % 28 + 1:02d}/{d // 28 % 12 + 1:02d}/{2025 + d // 336}{t}" for d in range(300) for t in minutes))
put("card/b/GPS.TXT", b"\0" * 3000000 + b"x" * 3000000 + b"\n31/12/9999 23:59:59.999 UTC: Time was updated. The internal clock was "
    + b"9" * 400 + b"ms slow.\n")
head = "PPS_NUMBER,AUDIOMOTH_TIME,SAMPLES,TOTAL_SAMPLES,TIMER_COUNT,BUFFERS_FILLED,BUFFERS_WRITTEN,LAST_RMC_AUDIOMOTH_TIME,LAST_RMC_GPS_TIME,STATUS\r\n"
put("card/pps/20250620_000000.WAV", audiomoth(comment("00:00:00", "20/06/2025"), sound(11, 2)))
put("card/pps/20250620_000000.CSV", head + "".join(
    f"{i},2025-06-{20 + i // 86400:02d}T{i // 3600 % 24:02d}:{i // 60 % 60:02d}:{i % 60:02d}.000,8000,{(i + 1) * 8000},0,{i},{i},,,\r\n" for i in range(300000)))
put("card/undated.wav", wav(sound(11, 3)))
put("card/deep.cbor", b"\xa3iprotected\xa0isignatureax" + b"gpayload" + b"\x81" * 1000000)
P
archive a n "dir:$PWD/card" '"utc_offset":"Z"'
"$PY" - <<'P' || fail "wx-pull"
import os, resource, subprocess, sys
rc = subprocess.run(["wx-pull", "-a", "a"], stdout=open("out", "w"), stderr=open("err", "w"), timeout=120).returncode
kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
plain = not os.environ["RUN"] and "-san" not in os.environ["B"]
sys.exit(f"status {rc}, {kib} KiB" if rc or (plain and kib > 64 << 10) else 0)
P
grep -q '^n: 7 new .*, 0 known$' out || fail "$(cat out err)"
grep -q 'its logs tell of the clock more than 262144 times' err || fail "$(cat err)"
grep -q 'deep.cbor: not_audio' err || fail "$(cat err)"
grep -q '"n":"20250619_000000.WAV".*"ns":88000.*"r0":1750291200000000' a/raw/n/index.jsl || fail "the recording beside GPS.TXT"
"$PY" - <<'P' || fail "index: $(grep -v sync a/raw/n/index.jsl)"
import json
lines = [json.loads(s) for s in open("a/raw/n/index.jsl")]
at = {d["n"]: d for d in lines if "n" in d}
pps = [d for d in lines if d.get("s") == "pps"]
assert len(pps) == 13 and {d["b"] for d in pps} == {at["pps/20250620_000000.WAV"]["b"]}, pps
P
wx-listen -q -a a && wx-align -q -a a || fail "wx-listen or wx-align"
grep -q '/undated.wav,' a/windows/n/undated.csv || fail "undated: $(ls a/windows/n)"
find a -type f -printf '%p %s %T@\n' | sort >before
status 0 wx-pull -q -a a >out 2>err
find a -type f -printf '%p %s %T@\n' | sort | diff before - || fail "a second run changed a file"
exit 0
