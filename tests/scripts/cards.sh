#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Cards of recorders, made: what dates a recording, what comes of damage, which
# files are wanted, and what a card's logs tell of its clock and its air.
set -u
. "$TOP/tests/scripts/pull.bash"
export PYTHONPATH="$TOP/tests/servers"
made() { "$PY" - "$@" || fail "cards.sh:${BASH_LINENO[0]}"; }

# ---- a recording's own zone: no utc_offset needed, and it counts ----
made <<'P'
from make_card import *
def put_am(name, text, seed, **more):
    put("zones/" + name, audiomoth(text, sound(12, seed), **more))
put_am("20250619_030030.WAV", comment("03:00:30", "19/06/2025", "+10"), 1)
put_am("20250619_040030.WAV", comment("04:00:30", "19/06/2025", "-3:30").replace("4.2V", "less than 2.5V"), 2)
put_am("20250619_050030.WAV", comment("05:00:30", "19/06/2025", "+0:30"), 3)
put_am("20250619_060030.WAV", comment("06:00:30", "19/06/2025"), 4)
put_am("20250619_070030.WAV", comment("06:40:30", "19/06/2025", "+0:30", old=True), 5)  # the firmware's fault
put_am("20250619_080030.WAV", comment("09:00:30", "19/06/2025", "+1"), 6)  # an hour off its name
put_am("20250619_090000T.WAV", comment("09:00:00", "19/06/2025", "", " Amplitude threshold was 160 with 1s minimum trigger duration."), 7)
put_am("20250619_100000.WAV", "", 8,
       guano="GUANO|Version:1.0\nMake:Open Acoustic Devices\nTimestamp:2025-06-19T10:00:00-00:30\nTemperature Int:-2.5")
P
archive z n "dir:$PWD/zones"
status 0 wx-pull -a z >out 2>err
grep -q '^n: 8 new ' out || fail "zones: $(cat out err)"
made <<'P'
import datetime, json
by = {d["n"]: d for d in map(json.loads, open("z/raw/n/index.jsl"))}
want = {"03": "18T17:00:30", "04": "19T07:30:30", "05": "19T04:30:30", "06": "19T06:00:30",
        "07": "19T06:30:30", "08": "19T08:00:30", "09": "19T09:00:00", "10": "19T10:30:00"}
for n, d in by.items():
    utc = datetime.datetime.fromtimestamp(d["r0"] / 1e6, datetime.timezone.utc).strftime("%dT%H:%M:%S")
    assert utc == want[n[9:11]], (n, utc)
    assert d["by"] == ("name" if n[9:11] == "07" else "header"), d
assert by["20250619_090000T.WAV"]["gap"] == "trigger"
says = {d["n"][9:11]: d["says"] for d in map(json.loads, open("z/raw/n/journal.jsonl"))}
assert says["03"]["bat_v"] == 4.2 and "bat_is" not in says["03"], says["03"]
assert says["04"]["bat_v"] == 2.5 and says["04"]["bat_is"] == "below", says["04"]
assert by["20250619_030030.WAV"]["T"] == 12.3 and by["20250619_100000.WAV"]["T"] == -2.5
P
for f in 20250619_070030 20250619_080030; do
	grep -q "$f.WAV: its header is" err || fail "$f: $(cat err)"
done
[ "$(wc -l <err)" = 3 ] || fail "remarks: $(cat err)"
fits journal-line z/raw/n/journal.jsonl
fits node-index-line z/raw/n/index.jsl
status 0 wx-align -q -a z
grep -q '20250619_030030.WAV,0.000,2025-06-18T17:00:30.000Z,10.000,.*,header_dated,$' z/windows/n/2025-06-18.csv ||
	fail "$(cat z/windows/n/*)"
grep -q '20250619_090000T.WAV,.*,triggered,$' z/windows/n/undated.csv || fail "triggered: $(cat z/windows/n/*)"

# One that tells no zone among them: whose zone?
made <<'P'
from make_card import *
put("zones/20250618_000000.WAV", wav(sound(12, 9)))
P
status 3 wx-pull -a z >out 2>err
grep -q "is '20250618_000000.WAV' in UTC or local time" err || fail "one of them: $(cat err)"

# ---- which files are wanted ----
made <<'P'
import gzip, random
from make_card import *
put("mixed/Data/S4A03895_20190522_060000.wav", wav(sound(11, 1)))
put("mixed/20190522_STUDY_[-27.3+152.8]/data", wav(sound(11, 2)))
flac("mixed/20190522_STUDY_[-27.3+152.8]/20190522T070000+1000_Rec1.flac", sound(11, 3))
for n in "mixed/._20190522_060000.wav", "mixed/Data/._x.WAV", "mixed/System Volume Information/x.wav":
    put(n, wav(sound(1)))
for n in "a.wac", "b.WAC", "c.mp3", "notes.csv", "photo.jpg":
    put("mixed/" + n, b"x" * 9000)
put("mixed/x.WAV~recovered.wav", wav(sound(1)))
put("mixed/CONFIG.TXT", "Device ID                       : 24F3190361DA3578\r\nFirmware                        : AudioMoth-Firmware-Basic (1.8.0)\r\n\r\n"
    "Time zone                       : UTC+10\r\n")
put("mixed/GPS_log.csv", "GPS log file\n")
put("mixed/page_20190522_080000.wav", "<!DOCTYPE html><html>Login</html>")
put("mixed/annex_20190522_080002.wav", "/annex/objects/SHA256E-s5--0.wav\n")
put("mixed/wac_20190522_080003.wav", b"WAac\1\2\x80\0 \0" + b"x" * 90)
put("mixed/mp3_20190522_080004.wav", b"ID3\4\0\0" + b"x" * 90)
put("mixed/packed_20190522_080005.wav", gzip.compress(bytes(random.Random(1).randbytes(40000))))
put("mixed/lfs_20190522_080001.wav", "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5\n")
P
archive m n "dir:$PWD/mixed" '"utc_offset":"Z"'
status 0 wx-pull -a m >out 2>err
grep -q '^n: 11 new .*, 1 refused, 3 of other kinds, 1 made$' out || fail "mixed: $(cat out err)"
(cd m/raw/n && find . -type f | sort) >found
diff - found <<'L' || fail "mixed"
./20190522_STUDY_[-27.3+152.8]/20190522T070000+1000_Rec1.flac
./20190522_STUDY_[-27.3+152.8]/20190522T070000+1000_Rec1.flac~0001.wav
./20190522_STUDY_[-27.3+152.8]/data
./CONFIG.TXT
./Data/S4A03895_20190522_060000.wav
./GPS_log.csv
./annex_20190522_080002.wav
./index.jsl
./journal.jsonl
./lfs_20190522_080001.wav
./mp3_20190522_080004.wav
./packed_20190522_080005.wav
./page_20190522_080000.wav
./wac_20190522_080003.wav
L
while read -r what; do
	grep -q "$what" err || fail "no '$what': $(cat err)"
done <<'L'
2 left on the card, 'a.wac' first: WAC (Wildlife Acoustics' compressed sound)
1 left on the card, 'c.mp3': lossy sound
x.WAV~recovered.wav': the archive makes files of this name itself
CONFIG.TXT: the recorder was set to UTC+10:00, site.json's utc_offset is +00:00
page_20190522_080000.wav: a web page
annex_20190522_080002.wav and 1 more: a pointer to a file that was never fetched
wac_20190522_080003.wav: Wildlife Acoustics' compressed WAC
mp3_20190522_080004.wav: MP3, which is not read
packed_20190522_080005.wav: compressed with gzip
L
made <<'P'
import json
from make_card import *
f = "m/raw/n/20190522_STUDY_[-27.3+152.8]/20190522T070000+1000_Rec1.flac~0001.wav"
assert open(f, "rb").read() == wav(sound(11, 3))
d = [d for d in map(json.loads, open("m/raw/n/index.jsl")) if d["n"].endswith("~0001.wav")]
says = {d["n"]: d["says"] for d in map(json.loads, open("m/raw/n/journal.jsonl")) if "says" in d}
assert says["annex_20190522_080002.wav"] == {"dmg": ["lfs_pointer"], "kind": "git-lfs"}, says
assert says["packed_20190522_080005.wav"] == {"dmg": ["not_audio"], "kind": "gzip"}, says
assert says["wac_20190522_080003.wav"] == {"kind": "wac"}, says
assert [(x["ns"], x["fs"], x["r0"]) for x in d] == [(88000, 8000, 1558472400000000)], d
P
find m -type f -printf '%p %s %T@\n' | sort >before
status 0 wx-pull -a m >out 2>err
grep -q '^n: 0 new (0.0 MB), 11 known, 1 refused, 3 of other kinds$' out || fail "again: $(cat out)"
find m -type f -printf '%p %s %T@\n' | sort | diff before - || fail "a second run changed a file"
grep -q 'left on the card' err && fail "what is left on the card is news: $(cat err)"
cp mixed/a.wac mixed/d.wac
status 0 wx-pull -a m >out 2>err
grep -q "1 left on the card, 'd.wac': WAC" err || fail "a new WAC: $(cat err)"

# ---- damage: told, classed, mended beside; a pull killed before that ----
made <<'P'
from make_card import *
put("bad/20250619_000000.WAV", audiomoth(comment("00:00:00", "19/06/2025", "", " Recording stopped due to SD card write error."), sound(12, 1), closed=False))
P
archive b n "dir:$PWD/bad"
status 0 wx-pull -a b >out 2>err
grep -q '^n: 1 new .*, 1 made$' out || fail "damage: $(cat out err)"
grep -q '20250619_000000.WAV: size_zero (.*a repaired copy is beside it$' err || fail "$(cat err)"
cmp bad/20250619_000000.WAV b/raw/n/20250619_000000.WAV || fail "the original"
grep -q '"ns":96000,"fs":8000,"r0":1750291200000000,.*"st":"recovered","by":"header","dmg":"size_zero"' b/raw/n/index.jsl || fail "$(cat b/raw/n/index.jsl)"
sha256sum b/raw/n/*~recovered.wav >want && rm b/raw/n/*~recovered.wav
status 0 wx-pull -a b >out 2>err
grep -q '^n: 0 new (0.0 MB), 1 known, 1 made$' out || fail "killed before: $(cat out)"
sha256sum -c --quiet want || fail "another copy"
[ ! -s err ] || fail "told twice: $(cat err)"

# ---- GPS.TXT: a clock that lost 1.2 s in 12 h, then was right ----
made <<'P'
from make_card import *
for h in 0, 6, 12, 13:
    put(f"gps/20250619_{h:02d}0000.WAV", audiomoth(comment(f"{h:02d}:00:00", "19/06/2025"), sound(12, h)))
put("gps/GPS.TXT", "18/06/2025 23:55:00.000 UTC: Time was set from GPS.\r\n"
    "19/06/2025 11:55:00.000 UTC: Time was updated. The internal clock was 1200ms slow.\r\n"
    "19/06/2025 13:55:00.000 UTC: Time was not updated. The internal clock was correct.\r\n")
P
archive g n "dir:$PWD/gps"
status 0 wx-pull -a g >out 2>err
status 0 wx-align -q -a g
made <<'P'
import csv
rows = {r["capture"][-10:-8]: r for r in csv.DictReader(open("g/windows/n/2025-06-19.csv"))}
def s(r):
    h, m, x = r["start_utc"][11:-1].split(":")
    return int(h) * 3600 + int(m) * 60 + float(x)
for h, late in ("00", 1.2 * 300 / 43200), ("06", 1.2 * 21900 / 43200), ("12", 0), ("13", 0):
    r = rows[h]
    assert abs(s(r) - int(h) * 3600 - late) < 0.02, r
    assert r["flags"] == "" and float(r["max_err_s"]) < 1, r
P

# ---- GPS-Sync: samples counted by the pulses of a GPS, a crystal 20 ppm fast ----
made <<'P'
from make_card import *
rows = ["PPS_NUMBER,AUDIOMOTH_TIME,SAMPLES,TOTAL_SAMPLES,TIMER_COUNT,BUFFERS_FILLED,BUFFERS_WRITTEN,LAST_RMC_AUDIOMOTH_TIME,LAST_RMC_GPS_TIME,STATUS,LAT_DEG,LAT_MIN,LAT_DIR,LONG_DEG,LONG_MIN,LONG_DIR"]
def pulses(hour, first, second):
    name, table, last = f"pps/20250619_{hour:02d}0000", rows[:], 0
    put(name + ".WAV", audiomoth(comment(f"{hour:02d}:00:00", "19/06/2025"), sound(62, hour + 1)))
    for i in range(60):
        at, s = (first + i) * 8000 * 1.00002, second + i
        n = int(at)
        table.append(f"{i},2025-06-19T{hour:02d}:{s // 60:02d}:{s % 60:02d}.000,{n - last},{n},{int((at - n) * 6000)},{i},{i},,,,,,,,,")
        last = n
    put(name + ".CSV", "\r\n".join(table) + "\r\n")
pulses(0, 0.25, 1)
pulses(1, 0, 0)  # begun by a pulse: of its first sample, nothing is finished yet
P
# A table under the name of another recording is not believed.
mkdir late && cp pps/20250619_000000.WAV late/20250619_010500.WAV
cp pps/20250619_010000.CSV late/20250619_010500.CSV
archive l n "dir:$PWD/late"
status 0 wx-pull -a l >out 2>err
grep -q '20250619_010500.CSV: its pulses are of no use' err || fail "late: $(cat err)"
grep -q pps l/raw/n/index.jsl && fail "late: $(cat l/raw/n/index.jsl)"
archive p n "dir:$PWD/pps"
status 0 wx-pull -a p >out 2>err
status 0 wx-align -q -a p
made <<'P'
import csv, json
rows = [r for r in csv.DictReader(open("p/windows/n/2025-06-19.csv")) if "_000000" in r["capture"]]
assert len(rows) == 6, rows
lines = [json.loads(s) for s in open("p/raw/n/index.jsl")]
b, = [d["b"] for d in lines if d.get("n") == "20250619_010000.WAV"]
ev = [d for d in lines if d.get("ev") == "sync" and d["b"] == b]
assert len(ev) == 13 and (ev[0]["m"], ev[0]["utc"]) == (0, 1750294800000000), ev
for i, r in enumerate(rows):  # the sample of offset t was taken at 0.75 + t / 1.00002
    at = float(r["start_utc"][17:-1])
    assert abs(at - (0.75 + i * 10 / 1.00002)) < 0.0025, r
    assert r["flags"] == "" and float(r["max_err_s"]) <= 0.01, r
P

# ---- Song Meter: its notes are the air of its windows ----
made <<'P'
from make_card import *
put("sm/Data/S4A_20210921_170000.wav", wav(sound(12, 1)))
put("sm/S4A_Summary.txt", "DATE,TIME,LAT,,LON,,POWER(V),TEMP(C),#FILES\r\n"
    "2021-Sep-21,17:00:00,46.23,N,7.36,E,6.4,13.75,0\r\n2021-Sep-21,17:01:00,46.23,N,7.36,E,6.4,14.75,1\r\n")
P
archive s n "dir:$PWD/sm" '"utc_offset":"+02:00"'
status 0 wx-pull -a s >out 2>err
grep -q '^n: 2 new .*, 1 made$' out || fail "song meter: $(cat out err)"
status 0 wx-align -q -a s
grep -q '170000.wav,0.000,2021-09-21T15:00:00.000Z,10.000,1.000,13.8[0-9]*,,,2,name_dated' s/windows/n/2021-09-21.csv ||
	fail "air: $(cat s/windows/n/* s/raw/n/index.jsl)"
fits node-index-line s/raw/n/index.jsl
# The recorder goes on; its card is put in again.
made <<'P'
from make_card import *
put("sm/Data/S4A_20210921_180000.wav", wav(sound(12, 2)))
with open("sm/S4A_Summary.txt", "a") as f:
    f.write("2021-Sep-21,18:00:00,46.23,N,7.36,E,6.4,9.5,1\r\n")
P
status 0 wx-pull -a s >out 2>err
grep -q '^n: 1 new (0.2 MB), 1 known, 1 tables longer' out || fail "longer: $(cat out err)"
[ ! -s err ] || fail "longer: $(cat err)"
status 0 wx-align -q -a s
grep -q '180000.wav,0.000,2021-09-21T16:00:00.000Z,10.000,1.[0-9]*,9.5[0-9]*,,,2,name_dated' s/windows/n/2021-09-21.csv ||
	fail "air: $(cat s/windows/n/* s/raw/n/index.jsl)"
find s -type f -printf '%p %s %T@\n' | sort >before
status 0 wx-pull -a s >out 2>err
grep -q '^n: 0 new (0.0 MB), 3 known$' out || fail "again: $(cat out err)"
find s -type f -printf '%p %s %T@\n' | sort | diff before - || fail "a second run changed a file"

# ---- two cards of one recorder are one node; another's is told ----
made <<'P'
from make_card import *
for card, hour, other in (("first", 3, 0), ("second", 4, 0), ("wrong", 5, 1)):
    for minute in (0, 30):
        wave = audiomoth(comment(f"0{hour}:{minute:02d}:00", "19/06/2025"), sound(2, hour * 60 + minute))
        put(f"{card}/20250619_0{hour}{minute:02d}00.WAV", wave.replace(b"24F3190361DA3578", b"24F3190361DA0000") if other else wave)
P
for card in first second wrong; do
	archive w n "dir:$PWD/$card"
	status 0 wx-pull -a w >out 2>"$card.err"
	grep -q '^n: 2 new ' out || fail "$card: $(cat out)"
done
[ ! -s first.err ] && [ ! -s second.err ] || fail "two cards: $(cat first.err second.err)"
grep -q "^wx-pull: n: 20250619_050000.WAV and 1 more: made by recorder 24F3190361DA0000, but this node's first by 24F3190361DA3578: is it the right card?" wrong.err ||
	fail "another's card: $(cat wrong.err)"
status 0 wx-pull -a w >out 2>err
[ ! -s err ] || fail "another's card is told once: $(cat err)"
exit 0
