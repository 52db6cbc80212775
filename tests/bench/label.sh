#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A node-month, 267,840 windows of 10 s, from a station's 10 s rows: whole
# process against the vectorised notebook, pair by pair. The notebook judges by
# one gap, so that is what is compared; beside it stands the smoother's time.
set -eu
cd "$T"
/usr/bin/python3 "$TOP/tests/bench/label_made.py" obs.csv win.csv
s() { # run, print seconds
	local a b
	a=$(date +%s.%N); "$@" >/dev/null || return; b=$(date +%s.%N)
	awk "BEGIN { print $b - $a }"
}
ours() { wx-label "$@" -q --station obs.csv --bucket 0.2 win.csv >ours.csv; }
for _ in 1 2 3 4 5; do
	o=$(s ours --no-smoother)
	r=$(s /usr/bin/python3 "$TOP/tests/bench/label_ref.py" obs.csv win.csv ref.csv)
	echo "$o $r"
done >pairs
smooth=$(for _ in 1 2 3; do s ours; done | sort -n | sed -n 2p)
[ "$(wc -l <ours.csv)" = 267841 ]
peak=$(/usr/bin/python3 - <<'PY'
import resource, subprocess
subprocess.run(["wx-label", "-q", "--station", "obs.csv", "--bucket", "0.2",
                "win.csv"], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
PY
)
awk '{ print $2 / $1, $1, $2 }' pairs | sort -n |
	awk -v peak="$peak" -v smooth="$smooth" '
	NR == 3 { printf "label: ratio %.1f (ours %.2f s, reference %.2f s, " \
		"median of 5 pairs), with the smoother %.2f s, peak %d MiB, " \
		"asked: >= 8\n", $1, $2, $3, smooth, peak }'
