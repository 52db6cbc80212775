# SPDX-License-Identifier: MIT
# wx-check: an archive of WX_BENCH_N captures (default 100,000) whose hashes are
# noted, against a walk that only looks at each file; and ten times the captures.
n=${WX_BENCH_N:-100000}
$PYTHON "$TOP/tests/bench/check_made.py" ridge "$n" || exit 1
$PYTHON "$TOP/tests/bench/check_made.py" tenth $((n / 10)) || exit 1
sleep 1.1 # what is younger is not noted
for a in ridge tenth; do
	wx-check -q -a $a || { echo "wx-check finds something in an intact archive"; exit 1; }
done
pairs "wx-check, $n captures with noted hashes, to find -ls" '>= 0.1' \
	'wx-check -q -a ridge' 'find ridge -type f -ls'
sort -n "$T/ratios" | awk '{ x[NR] = $1 } END { printf "wx-check, noted hashes: %.2f s (median of %d runs), asked: < 3 s of 100,000 captures\n", x[int((NR + 1) / 2)], NR }'
a=$(seconds wx-check -q -a tenth) ka=$(cat "$T/peak_kb")
b=$(seconds wx-check -q -a ridge) kb=$(cat "$T/peak_kb")
awk -v a="$a" -v b="$b" -v ka="$ka" -v kb="$kb" 'BEGIN { printf "wx-check, ten times the captures: %.1f x the time, %.0f MiB instead of %.0f (the names of a node are held)\n", b / a, kb / 1024, ka / 1024 }'
