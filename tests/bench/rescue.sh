# SPDX-License-Identifier: MIT
# lib/sound/rescue.h: what is wrong with each file of a card that is cached,
# against reading the first 4 KiB of each, the least that anyone could do, and
# against Python's wave, which most scripts take. WX_BENCH_N files (default
# 100000) of ten minutes.
n=${WX_BENCH_N:-100000}
$PYTHON "$TOP/tests/bench/rescue_make.py" card "$n" | sort >expected || exit 1
${CC:-cc} -O2 -std=c17 -D_GNU_SOURCE -I"$TOP/lib" -o walk \
	"$TOP/tests/bench/rescue_walk.c" "$B/libwx.a" -Wl,--as-needed \
	$(pkg-config --libs libcrypto jansson sndfile libdeflate) -lcsv -lm || exit 1
cat >wave_ref.py <<'P'
import os, wave
for folder, _, names in os.walk("card"):
    for name in names:
        try:
            with wave.open(os.path.join(folder, name)) as w:
                w.getnframes()
        except (wave.Error, EOFError):
            pass
P
./walk card | sort | diff expected - || { echo "rescue: not the damage that was made"; exit 1; }
pairs "rescue, $n files of a card, to the first 4 KiB of each (find, head)" '>= 5000 files/s' \
	'./walk card' "find card -type f -exec head -qc 4096 {} +"
awk -v n="$n" '{ print n / $1 }' "$T/ratios" | sort -n |
	awk '{ x[NR] = $1 } END { printf "rescue: %.0f files/s (median of %d runs), asked: >= 5000\n", x[int((NR + 1) / 2)], NR }'
PAIRS=3 pairs "rescue, $n files of a card, to Python's wave" 'more' './walk card' "$PYTHON wave_ref.py"
