# SPDX-License-Identifier: MIT
# A disk that is full (here: files of 4 KiB at most) is told, by every
# tool, with status 4; what was there stays; with room again it comes out as if
# nothing had been.
set -eu
wx-sim -q -o made --start 2026-06-01 --days 0.3 --nodes 2 --capture-s 10
for a in a b; do
	mkdir -p $a
	sed "s|dir:nodes|dir:$PWD/made/nodes|; s|file:station|file:$PWD/made/station|" \
		made/site.json >$a/site.json
done
stages='wx-pull wx-station wx-listen wx-align wx-label'
for s in $stages; do
	$s -q -a a >/dev/null
done
wx-export -q -a a -o a/dataset >/dev/null

starved() { # COMMAND...
	rc=0
	(ulimit -f 4; exec "$@") >out 2>err || rc=$?
	[ "$rc" = 4 ] || { echo "$*: status $rc, expected 4"; cat err; exit 1; }
	grep -q 'File too large\|No space left' err ||
		{ echo "$*: does not say why"; cat err; exit 1; }
}
for s in $stages; do
	starved $s -q -a b
	$s -q -a b >/dev/null
done
starved wx-export -q -a b -o b/dataset
wx-export -q -a b -o b/dataset >/dev/null
for a in a b; do
	(cd $a && find . -type f ! -name journal.jsonl ! -name clock.jsonl \
		! -name site.json ! -path './.lock/*' -exec sha256sum {} + |
		sort -k 2) >$a.sums
done
diff a.sums b.sums
[ "$(grep -c wav a.sums)" -gt 20 ]
# and standard output
wx-label -h >/dev/full 2>err && exit 1
grep -q 'No space left' err
