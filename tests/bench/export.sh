# SPDX-License-Identifier: MIT
# wx-export: whole captures against cp -r; long files cut against sox; ten times
# the captures. WX_BENCH_N captures of 320 kB (default 5000).
n=${WX_BENCH_N:-5000}
$PYTHON "$TOP/tests/bench/export_archive.py" whole "$n" 10 || exit 1
$PYTHON "$TOP/tests/bench/export_archive.py" tenth $((n / 10)) 10 || exit 1
$PYTHON "$TOP/tests/bench/export_archive.py" long 6 3600 || exit 1

pairs "wx-export, $n whole captures, to cp -r" '>= 0.9' \
	'wx-export -q -a whole -o d' 'cp -r whole/raw copy' \
	'rm -rf d && sync' 'rm -rf copy && sync'
pairs "wx-export --link, $n whole captures, to cp -r" '>= 1' \
	'wx-export -q -a whole --link -o dn' 'cp -r whole/raw copy' \
	'rm -rf dn && sync' 'rm -rf copy && sync'
bytes() { du -scB1 "$@" | tail -n 1 | cut -f 1; }
echo "wx-export --link: $(($(bytes whole/raw dn) * 1000 / ($(bytes whole/raw) + 1) - 1000)) thousandths of the captures' bytes are new, asked: none but lists"
pairs "wx-export, 60-minute files cut to 10 s, to sox" '>= 1.8' \
	'wx-export -q -a long -o dl' \
	"sh -c 'for f in long/raw/n1/*.wav; do mkdir -p sox && sox \"\$f\" sox/\$(basename \$f) trim 0 10 : newfile : restart; done'" \
	'rm -rf dl && sync' 'rm -rf sox && sync'
seconds wx-export -q -a whole -o d >/dev/null # again: all is there
rm -rf d dt
a=$(seconds wx-export -q -a tenth -o dt) ka=$(cat "$T/peak_kb")
b=$(seconds wx-export -q -a whole -o d) kb=$(cat "$T/peak_kb")
awk -v a="$a" -v b="$b" -v ka="$ka" -v kb="$kb" 'BEGIN { printf "wx-export, ten times the captures: %.1f x the time, %.2f x the memory (%.1f MiB), asked: <= 11 and <= 1.2\n", b / a, kb / ka, kb / 1024 }'
