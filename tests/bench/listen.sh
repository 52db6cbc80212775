# SPDX-License-Identifier: MIT
# wx-listen: a table from captures of 10 s at 16 kHz, against the same table by
# numpy and scipy (float32, one core; without scores of speech), and against the
# sound's own length.
# WX_BENCH_N captures (default 1000).
n=${WX_BENCH_N:-1000}
$PYTHON "$TOP/tests/bench/listen_make.py" ridge "$n" || exit 1
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
pairs "wx-listen, $n captures of 10 s, to numpy and scipy" '>= 3' \
	'wx-listen -q -a ridge' \
	"$PYTHON $TOP/tests/bench/listen_ref.py ridge/raw/n1/b raw/n1/b ref.csv" \
	'rm -rf ridge/sound && sync'
$PYTHON - <<'P' || exit 1
import pandas as pd
a, b = pd.read_csv("ref.csv"), pd.read_csv("ridge/sound/n1/b.csv")
assert len(a) == len(b) and (a["flags"].fillna("") == b["flags"].fillna("")).all()
numbers = [c for c in a.columns if c not in ("capture", "flags", "speech")]
worst = (a[numbers] - b[numbers]).abs().max().max()
assert worst < 0.11, worst  # one last digit
P
awk -v s="$((n * 10))" '{ print s / $1 }' "$T/ratios" | sort -n |
	awk '{ x[NR] = $1 } END { printf "wx-listen, one core: %.0f x real time (median of %d runs), asked: >= 800\n", x[int((NR + 1) / 2)], NR }'
