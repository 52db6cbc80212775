#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a station's archive holds is a function of the logs that were given,
# not of when and in which order: downloads that overlap, grow, repeat, come
# late; a kill at any moment; a second run.
set -eu
/usr/bin/python3 - <<'P'
import random
random.seed(1)
head = ('"TOA5","m","CR1000","1","S","P","1","T"\r\n'
        '"TIMESTAMP","RECORD","WS_ms","Rain_mm_%s"\r\n'
        '"TS","RN","m/s","mm"\r\n"","","Avg","%s"\r\n')
total = 0
tot, smp = [], []
for i in range(3 * 1440):
    tips = random.choice([0] * 19 + [1])
    total += tips
    d, m = divmod(i, 1440)
    stamp = f'"2026-06-{d + 1:02d} {m // 60:02d}:{m % 60:02d}:00",{i},'
    wind = round(random.random() * 9, 3)
    tot.append(f"{stamp}{wind},{tips * 0.2:.1f}\r\n")
    smp.append(f"{stamp}{wind},{total * 0.2:.1f}\r\n")
def put(name, rows, kind):
    with open(name, "w", newline="") as f:
        f.write(head % (kind, kind) + "".join(rows))
put("all.dat", tot, "Tot")
put("early.dat", tot[:2000], "Tot")
put("late.dat", tot[1500:], "Tot")
for d in range(3):
    put(f"smp{d}.dat", smp[d * 1440:(d + 1) * 1440], "Smp")
put("smp-over.dat", smp[1000:3000], "Smp")
open("total", "w").write(f"{total}\n")
P
site() {
	mkdir -p "$1"
	echo '{"site":"s","nodes":[],"stations":[{"id":"mast","utc_offset":"Z",
	"bucket_mm":0.2}]}' >"$1/site.json"
}
tips() { cat "$1"/station/mast/*.csv | awk -F, '{ t += $3 } END { print t }'; }
state() { (cd "$1" && find . -type f -printf '%p %T@ %i\n' | sort); }
same() { diff -r -x raw "$1/station" "$2/station"; }

site a; wx-station -q -a a all.dat
[ "$(tips a)" = "$(cat total)" ]
[ "$(cat a/station/mast/*.csv | wc -l)" = $((3 * 1440 + 3)) ] # and headers

# a second run, with the file and without, touches nothing
state a >before; sleep 0.02
wx-station -q -a a all.dat
wx-station -q -a a early.dat 2>/dev/null && [ -f a/station/mast/raw/early.dat ]
rm a/station/mast/raw/early.dat
state a | diff before -
[ ! -e a/station/mast/.work ]

# overlapping downloads in either order, one given twice
site b; wx-station -q -a b late.dat; wx-station -q -a b early.dat late.dat
same a b
# the same name for both: kept beside, nothing lost
mkdir x; cp late.dat x/early.dat
site c; wx-station -q -a c early.dat; wx-station -q -a c x/early.dat
same a c
[ "$(ls c/station/mast/raw | wc -l)" = 2 ]
ls c/station/mast/raw | grep -q '^early~[0-9a-f]\{8\}\.dat$'
cmp c/station/mast/raw/early~*.dat late.dat
# a log that grows, torn in mid-row on the way; then an old copy of it
site d; cp all.dat y.dat; wc=$(wc -c <all.dat)
for n in 40000 77777 "$wc" 50000; do
	head -c $n all.dat >y.dat
	wx-station -q -a d y.dat 2>/dev/null
done
same a d
cmp d/station/mast/raw/y.dat all.dat
[ "$(ls d/station/mast/raw)" = y.dat ]
# a beside-kept one grows: it is replaced, not joined by another
head -c 60000 late.dat >x/early.dat
site e; wx-station -q -a e early.dat; wx-station -q -a e x/early.dat 2>/dev/null
cp late.dat x/early.dat; wx-station -q -a e x/early.dat
[ "$(ls e/station/mast/raw | wc -l)" = 2 ]
same a e

# a counter goes on from file to file; what overlaps is there once
site f; wx-station -q -a f smp0.dat smp1.dat smp2.dat
site g; wx-station -q -a g smp2.dat; wx-station -q -a g smp-over.dat smp0.dat smp1.dat
first=$(awk -F, 'NR == 2 { print ($3 == "") }' f/station/mast/2026-06-01.csv)
[ "$first" = 1 ] # what fell before the first reading is not known
for s in f g; do
	[ "$(cat $s/station/mast/*.csv | grep -c ^2026)" = $((3 * 1440)) ]
	got=$(tips $s); all=$(cat total)
	[ "$got" -le "$all" ] && [ "$got" -ge $((all - 1)) ]
done
same f g

# what cannot be read is not kept, and does not stop the rest
site h; printf 'no log\n' >junk.dat
if wx-station -q -a h junk.dat all.dat 2>err; then exit 1; else [ $? = 3 ]; fi
[ "$(ls h/station/mast/raw)" = all.dat ]
same a h
# a day that no log tells of any more goes
cp a/station/mast/2026-06-01.csv h/station/mast/2020-01-01.csv
wx-station -q -a h all.dat
same a h

# kill -9 at any moment, then run again
for ms in 1 3 6 10 15 22 30 45; do
	rm -rf k; site k; wx-station -q -a k early.dat
	wx-station -q -a k late.dat & p=$!
	sleep 0.0$(printf %02d $ms); kill -9 $p 2>/dev/null || true
	wait $p 2>/dev/null || true
	wx-station -q -a k late.dat
	same a k
	[ "$(cd k && find . -type f | sort | tr '\n' ' ')" = "./site.json \
./station/mast/2026-06-01.csv ./station/mast/2026-06-02.csv \
./station/mast/2026-06-03.csv ./station/mast/raw/early.dat \
./station/mast/raw/late.dat " ]
done
