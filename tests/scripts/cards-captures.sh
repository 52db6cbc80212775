#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Real recorders' files are read or refused as they deserve: AudioMoth of four
# firmwares, one triggered, one of 0 and one of 45 bytes; GPS-Sync with its
# pulses; clips that OpenSoundscape saved again; WAC; a CONFIG.TXT and a log.
set -u
. "$TOP/tests/scripts/pull.bash"
[ -n "$CAPTURES" ] && [ -d "$CAPTURES/node" ] || exit 77

# As on a card: side files under their own names, and what the captures' names
# add to theirs is cut off.
mkdir -p card/gps card/old card/fl card/sm
node=$CAPTURES/node
cp "$node/audiomoth/20210201_210100T.WAV" card/
cp "$node/audiomoth/20220104_183000_zero_byte.WAV" card/20220104_183000.WAV
cp "$node/audiomoth/CONFIG_1.8.0.TXT" card/CONFIG.TXT
cp "$node/audiomoth/oss_empty_2c_truncated45B.wav" card/old/20200101_000000.wav
cp "$node/audiomoth/oss_metadata_fw1.2-1.3style.wav" card/old/20200404_102500.WAV
cp "$node/gps_sync/oss_audiomoth_gps.wav" card/gps/20240528_100000.WAV
cp "$node/gps_sync/oss_audiomoth_gps.csv" card/gps/20240528_100000.CSV
cp "$node/songmeter/test-wac-1.wac" card/sm/S4A_20200101_000000.wac
cp "$node/frontierlabs/GPS_log_3.14.csv" card/fl/GPS_log.csv
cp "$node"/tdoa/*.wav card/
(cd card && find . -type f | sort | xargs sha256sum) >want

archive a n "dir:$PWD/card" '"utc_offset":"Z"'
status 0 wx-pull -a a >out 2>err
grep -q '^n: 10 new (2.2 MB), 0 known, 1 of other kinds$' out || fail "$(cat out err)"
(cd a/raw/n && find . -type f ! -name '*.jsl' ! -name '*.jsonl' | sort | xargs sha256sum) | diff want - |
	grep -v wac | grep '^[<>]' && fail "bytes"
while read -r what; do
	grep -q "^wx-pull: n: $what" err || fail "no '$what': $(cat err)"
done <<'L'
1 left on the card, 'sm/S4A_20200101_000000.wac': WAC (Wildlife Acoustics' compressed sound): make WAV
20210201_210100T.WAV: a triggered recording, its samples leave time out
20220104_183000.WAV: empty (a file of 0 bytes)
old/20200101_000000.wav: truncated
CONFIG.TXT: the recorder was set to UTC+10:00, site.json's utc_offset is +00:00
L
# It is of several recorders, as no card in the field should be.
[ "$(grep -c 'made by recorder' err)" = 2 ] && [ "$(wc -l <err)" = 7 ] || fail "remarks: $(cat err)"
fits journal-line a/raw/n/journal.jsonl
fits node-index-line a/raw/n/index.jsl
"$PY" - <<'P' || fail "index: $(cat a/raw/n/index.jsl)"
import datetime, json
lines = [json.loads(s) for s in open("a/raw/n/index.jsl")]
by = {d["n"]: d for d in lines if "n" in d}
says = {d["n"]: d.get("says", {}) for d in map(json.loads, open("a/raw/n/journal.jsonl")) if "n" in d}
def utc(n):
    return datetime.datetime.fromtimestamp(by[n]["r0"] / 1e6, datetime.timezone.utc).isoformat()[:22]
t = by["20210201_210100T.WAV"]
assert utc(t["n"]) == "2021-02-01T21:01:00+00" and t["gap"] == "trigger" and t["T"] == 5.8 and t["ns"] == 480000, t
assert says[t["n"]]["dev"] == "11X111111X111111"  # masked, and no hex
old = by["old/20200404_102500.WAV"]
assert utc(old["n"]) == "2020-04-04T10:25:00+00" and old["by"] == "header" and old["ns"] == 479022, old
assert says[old["n"]]["bat_v"] == 4.7, says[old["n"]]
assert by["20220104_183000.WAV"]["dmg"] == "empty" and "ns" not in by["20220104_183000.WAV"]
short = by["old/20200101_000000.wav"]
assert short["ns"] == 0 and short["dmg"].split()[0] == "truncated" and short["st"] == "closed", short
a, b = (by["LOCA_2021_09_24_652_8%s.wav" % s] for s in ("", "_late_start"))
assert b["r0"] - a["r0"] == 100000 and (a["ns"], b["ns"]) == (22050, 19845), (a, b)
gps = by["gps/20240528_100000.WAV"]
ev = [d for d in lines if d.get("ev") == "sync"]
assert [e["utc"] for e in ev] == [1716890400000000 + i * 1000000 for i in (0, 1, 2, 3)], ev
assert gps["m0"] == 0 and all(e["b"] == gps["b"] and e["s"] == "pps" for e in ev), gps
P

# Windows of what is dated; the sample of the first pulse to the millisecond.
sed -i 's/"stations"/"windows":{"length_s":1,"hop_s":1},"stations"/' a/site.json
status 0 wx-listen -q -a a
status 0 wx-align -q -a a
grep -q 'gps/20240528_100000.WAV,0.000,2024-05-28T10:00:00.000Z,1.000,0.00[0-9]*,,,,[0-9],[^,]*,[^,]*$' a/windows/n/2024-05-28.csv ||
	fail "gps: $(cat a/windows/n/2024-05-28.csv)"
grep -q 'header_dated' a/windows/n/2024-05-28.csv && fail "gps: by its header"
grep -q '20210201_210100T.WAV,0.000,,1.000,.*triggered' a/windows/n/undated.csv || fail "triggered"

# Without a word of site.json: the headers tell their zone.
archive b n "dir:$PWD/card"
rm card/20220104_183000.WAV card/old/20200101_000000.wav
status 0 wx-pull -q -a b >out 2>err
grep -q '"n":"20210201_210100T.WAV".*"r0":1612213260000000' b/raw/n/index.jsl || fail "zone: $(cat out err)"
exit 0
