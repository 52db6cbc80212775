# SPDX-License-Identifier: MIT
# wx-report: a node-year of labels (a window a minute; WX_BENCH_N of them), and
# a month of four nodes for the size of its page.
n=${WX_BENCH_N:-525600}
$PYTHON "$TOP/tests/bench/report_made.py" year 1 "$n" || exit 1
$PYTHON "$TOP/tests/bench/report_made.py" month 4 43200 || exit 1
pairs "wx-report, $n labelled windows, to cat" '>= 0.01' \
	'wx-report -q -a year -o year.html' "sh -c 'cat year/windows/*/* year/labels/*/* >all'"
awk '{ print $1 }' "$T/ratios" | sort -n | awk '{ x[NR] = $1 } END { printf "wx-report, a node-year: %.2f s (median of %d runs), asked: < 5 s and 128 MiB\n", x[int((NR + 1) / 2)], NR }'
wx-report -q -a month -o month.html || exit 1
awk -v n="$(stat -c %s month.html)" 'BEGIN { printf "wx-report, a month of 4 nodes: %.2f MB, asked: < 5 MB\n", n / 1e6 }'
