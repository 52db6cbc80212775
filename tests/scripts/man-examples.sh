#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The examples of wx-label(1), wx-export(1) and wx-profile(5), as they stand
# there; and those that cases run, wx-align(1)'s and wx-station(1)'s, are still
# the page's. The other pages have tests of their own.
set -u
bad=0
fail() { echo "man-examples.sh:${BASH_LINENO[-2]}: $*"; bad=1; }

# commands PAGE: one a line
commands() { sed -n 's/^\.Dl \(\$ \)\{0,1\}//p' "$TOP/man/$1" | sed 's/\\e/\\/g'; }
# run PAGE N: every example of the page, of which there are N
run() {
	commands "$1" >examples
	[ "$(wc -l <examples)" = "$2" ] || fail "$1: other examples: $(cat examples)"
	while IFS= read -r line; do
		(eval "$line") >"$T/said" 2>&1 || fail "$1: $line: $(cat "$T/said")"
	done <examples
}

# Tables by hand, and an archive: a card of ten captures, a gauge that tips.
cat >windows.csv <<X
start_utc,length_s
2026-06-01T12:00:00Z,10
2026-06-01T12:03:00Z,10
X
{ echo utc,tips; for m in 0 2 4 6; do echo "2026-06-01T12:0$m:30Z,1"; done; } >obs.csv
{ echo utc,tips; for m in 0 2 4 6; do echo "2026-06-01T12:0$m:30Z,1"; done; } >tips.csv
/usr/bin/python3 - <<'P'
import os, random, wave
random.seed(1)
os.makedirs("ridge/card")
for m in range(10):
    with wave.open(f"ridge/card/20260601_120{m}00.WAV", "wb") as w:
        w.setnchannels(1), w.setsampwidth(2), w.setframerate(8000)
        w.writeframes(random.randbytes(160000))
with open("ridge/gauge.csv", "w") as f:
    f.write("utc,tips,wind_avg_m_s\n")
    for m in range(0, 180):
        f.write(f"2026-06-01T{11 + m // 60}:{m % 60:02d}:00Z,{int(55 < m < 75)},3\n")
P
cat >ridge/site.json <<X
{"site":"ridge","nodes":[{"id":"n1","source":"dir:card","utc_offset":"Z"}],
 "stations":[{"id":"mast","source":"file:gauge.csv","utc_offset":"Z","bucket_mm":0.2}]}
X
wx-nightly -q ridge >nightly 2>&1 || fail "wx-nightly: $(cat nightly)"
ln -s ridge site

run wx-label.1 6
[ "$(tail -n 1 said | cut -d , -f 11)" = tips ] || fail "by tips: $(cat said)"
run wx-export.1 2
/usr/bin/python3 - <<'P' || fail "wx-export --json: $(cat said)"
import json, pathlib
lines = [l for l in pathlib.Path("said").read_text().splitlines() if l[0] == "{"]
n = len(list(pathlib.Path("ridge-rain/training").glob("rain.n1-*.wav")))
assert n > 5 and f'{n}' in lines[0] and json.loads(lines[0]), (n, lines)
P

# wx-profile(5): a profile that wx-label takes.
sed -n '/^\.Bd -literal/,/^\.Ed/{//!p}' "$TOP/man/wx-profile.5" >night.json
wx-label -c ./night.json --bucket 0.2 --station obs.csv windows.csv >out || fail "night.json"
[ "$(sed -n 3p out | cut -d , -f 7)" = wet ] || fail "night.json: $(cat out)"

# What cases run.
for page in wx-align wx-station; do
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$TOP/man/$page.1" | sed 's/^\.Dl //; s/\\e/\\/g' |
		grep '^ *\(wx-\|--\)' >examples
	[ "$(wc -l <examples)" -ge 3 ] || fail "$page(1): $(cat examples)"
	while IFS= read -r line; do
		cat "$TOP"/tests/cases/$page/man*/cmd | grep -qF -e "$line" ||
			fail "$page(1): no case runs: $line"
	done <examples
done
exit $bad
