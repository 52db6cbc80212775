#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The real-time clock was never set, is in a wrong zone, steps while it is asked,
# goes backwards through the index; the node boots in between. Times come of the
# monotonic clock and are right.
set -u
. "$TOP/tests/scripts/field.bash"
wx-sim -q -o made --days 0.014 --nodes 2 --capture-s 10 --every-s 120 --rate 8000 ||
	fail "wx-sim"

of() { # WIRE WHAT OPTION...: pull from ./m, and judge
	local a=$1-$2
	mkdir "$a"
	play $(wire_of "$1" n1) "${@:3}" --site "$a/site.json" m
	pull "$a" n1
	[ $STATUS = 0 ] || fail "$1 $2: $(cat out err)"
	stop
	in_bound "$a" made n1
}
for wire in http tcp; do
	for fault in clock-unset clock-step clock-step:86400 reboot:20; do
		rm -rf m && cp -r made m
		of $wire $fault --fault $fault
	done
	grep -q 'restarted during this pull' err || fail "$wire: a boot was not noticed: $(cat err)"
done
# The clock of the first answers and that of the last differ by an hour.
"$PY" - http-clock-step/raw/n1/clock.jsonl <<'P' || fail "clock-step: nothing stepped"
import json, sys
off = [d["r"] - d["t1"] for d in map(json.loads, open(sys.argv[1]))]
sys.exit(not -3601e6 < off[-1] - off[0] < -3599e6)
P
# Zone: all real-time stamps two hours off, and later lines first.
rm -rf m && cp -r made m
"$PY" - m/nodes/n1/index.jsl <<'P'
import json, sys
lines = [json.loads(s) for s in open(sys.argv[1])]
for d in lines:
    for k in "r0", "r":
        if k in d:
            d[k] += 7200 * 10**6
open(sys.argv[1], "w").write("".join(json.dumps(d) + "\n" for d in reversed(lines)))
P
of http zone
exit 0
