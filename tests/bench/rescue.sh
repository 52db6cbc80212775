# SPDX-License-Identifier: MIT
# lib/sound/rescue.h: what is wrong with each file of a card that is cached,
# to the first 4 KiB of each, the least that anyone could read. WX_BENCH_N
# files (default 100000) of ten minutes.
n=${WX_BENCH_N:-100000}
$PYTHON "$TOP/tests/bench/rescue_make.py" card "$n" | sort >expected || exit 1
${CC:-cc} -O2 -std=c17 -D_GNU_SOURCE -I"$TOP/lib" -o walk \
	"$TOP/tests/bench/rescue_walk.c" "$B/libwx.a" -Wl,--as-needed \
	$(pkg-config --libs libcrypto jansson sndfile libdeflate) -lcsv -lm || exit 1
./walk card | sort | diff expected - || { echo "rescue: not the damage that was made"; exit 1; }
pairs "rescue, $n files of a card, to the first 4 KiB of each (find, head)" '>= 5000 files/s' \
	'./walk card' "find card -type f -exec head -qc 4096 {} +"
awk -v n="$n" '{ print n / $1 }' "$T/ratios" | sort -n |
	awk '{ x[NR] = $1 } END { printf "rescue: %.0f files/s (median of %d runs), asked: >= 5000\n", x[int((NR + 1) / 2)], NR }'
