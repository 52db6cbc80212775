#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each format, from a mast whose truth is known through its log to the table:
# tips of each row as they were, nothing made up, wind as finely as the format
# has it; over a change of the clock, with minutes missing, a counter that
# began anew, messages sent twice and a last row that is cut.
set -u
bad=0

# TRUTH OBSERVED...: prints rows, tips and what differs
compare() {
	awk -F, '
	FNR == 1 { n_files++; next }
	{ t = $1; sub(/(\.000)?Z$/, "", t) }
	n_files == 1 {
		row[t]
		if ($2 != "") { told[t]; tips[t] += $2; sum += $2 }
		if ($3 != "") { wind[t] = $3; within[t] = $4 + 0.0006 }
		if ($5) torn[t]
		next
	}
	$3 != "" { got[t] += $3 }
	$6 != "" { speed[t] = $6 }
	END {
		for (t in row) {
			n++
			if (t in torn && !(t in got) && !(t in speed)) continue
			if (t in told && got[t] "" != tips[t] "" &&
			    !(t in torn && got[t] == 0))
				print t, "tips: found", got[t], "expected", tips[t]
			if (t in wind && !(t in torn) && (!(t in speed) ||
			    (speed[t] - wind[t]) ^ 2 > within[t] ^ 2))
				print t, "wind: found", speed[t], "expected", wind[t]
		}
		for (t in got)
			if (got[t] > 0 && !(t in told))
				print t, "tips: found", got[t], "where none can be"
		print "rows", n, "tips", sum + 0
	}' "$@"
}

for seed in $(seq 20); do
	wx-sim -q --logs m$seed -s $seed --days 0.25 --climate wet || exit 1
	wx-station -q -a m$seed >out 2>err || {
		echo "seed $seed: status $?"
		cat err
		bad=1
	}
	for truth in m$seed/truth/*.csv; do
		name=${truth##*/}
		name=${name%.csv}
		compare $truth m$seed/station/$name/*.csv >differs
		read -r _ n _ tips < <(tail -n 1 differs)
		echo $((n)) $((tips)) >>$name.sums
		[ "$(wc -l <differs)" = 1 ] && [ "$n" -gt 10 ] && continue
		echo "seed $seed, $name:"
		head -n 8 differs
		bad=1
	done
done
# There was rain to lose.
for sums in *.sums; do
	awk '{ n += $2 } END { exit !(NR == 20 && n > 200) }' "$sums" || {
		echo "$sums: too little rain to tell"
		bad=1
	}
done
exit $bad
