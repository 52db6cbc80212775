#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# wx-sim -o: what it writes is whole, true to itself, and always the same.
set -u
bad=0
fail() { echo "sim-make.sh:${BASH_LINENO[0]}: $*"; bad=1; }
sums() { (cd "$1" && find . -type f | LC_ALL=C sort | xargs -d '\n' sha256sum); }
stamps() { (cd "$1" && find . -type f -printf '%p %T@\n' | LC_ALL=C sort); }
make_site() { # DIR [OPTIONS]: 2.4 hours, 3 nodes, small captures
	local dir=$1
	shift
	wx-sim -q -o "$dir" --start 2024-06-01 --days 0.1 --nodes 3 \
		--climate wet --rate 8000 --capture-s 2 -s 4 "$@"
}

make_site a || fail "status $?"
find a -name '*.part' | grep . && fail "left-over .part"

# The man page's list of files.
for f in sim.json site.json nodes/n1/index.jsl nodes/n3/index.jsl \
	station/mast.dat station/tips.csv station/mast.csv \
	truth/weather.csv truth/captures.csv truth/tips.csv; do
	[ -s a/$f ] || fail "no a/$f"
done

# A second run changes nothing; nor do other numbers of threads.
sums a >want; stamps a >before
make_site a || fail "second run: status $?"
stamps a | cmp - before || fail "the second run touched files"
wx-sim -q -o a --days 0.1 --nodes 3 --climate wet --rate 8000 --capture-s 2 \
	-s 4 ||
	fail "the start is not taken from the site"
make_site one -j 1 && sums one | cmp - want || fail "-j 1 makes other bytes"
make_site many -j 8 && sums many | cmp - want || fail "-j 8 makes other bytes"
make_site other -s 2 && sums other >sum && cmp -s sum want &&
	fail "seed 2 is seed 4"

# Killed at any moment and run again: the same bytes.
for ms in 002 005 010 020 040 080; do
	rm -rf k
	(make_site k -j 2) 2>/dev/null &
	sleep 0.$ms
	pkill -9 -P $! 2>/dev/null; wait $! 2>/dev/null
	make_site k || fail "after a kill at 0.$ms s: status $?"
	sums k | cmp - want || fail "after a kill at 0.$ms s: other bytes"
done

# What rotted or went missing is made again.
set -- a/nodes/n1/b*/*.wav
printf x | dd of="$3" bs=1 seek=999 conv=notrunc status=none
rm "$5" a/nodes/n2/index.jsl a/truth/tips.csv
echo >>a/station/mast.dat
make_site a && sums a | cmp - want || fail "damage was not mended"

# Folders that are not ours stay as they are.
mkdir foreign && echo mine >foreign/notes.txt
make_site foreign 2>err && fail "took a foreign folder"
[ "$(ls foreign)" = notes.txt ] || fail "wrote into a foreign folder"
make_site a -s 2 2>err && fail "took a site of other options"
grep -q 'made with other options' err || fail "$(cat err)"
sums a | cmp - want || fail "other options changed the site"
# 24 TB: no disk of ours.
wx-sim -q -o big --days 400 --nodes 64 --rate 96000 --capture-s 600 \
	--every-s 601 2>err
[ $? = 4 ] || fail "no room: status"
grep -q 'the site needs [0-9]* MB, [0-9]* MB are free' err || fail "$(cat err)"
[ -e big ] && fail "no room, but files"
# A full disk in the midst.
(ulimit -f 20; trap '' XFSZ; make_site full 2>err) && fail "full disk: status"
grep -q 'cannot write' err || fail "$(cat err)"
make_site full && sums full | cmp - want || fail "after a full disk"

# Only a mast, for long enough to fail now and then.
wx-sim -q -o mast --start 2024-06-01 -n 0 || fail "mast alone"
[ -s mast/station/mast.dat ] && [ ! -e mast/nodes ] || fail "mast alone"

for s in a mast; do
	/usr/bin/python3 "$TOP/tests/scripts/sim-make.py" "$TOP" $s || bad=1
done
exit $bad
