# SPDX-License-Identifier: MIT
# The examples of wx-sim(1), as they stand there, the last one shortened.
set -eu
grep -q -- '--days 30 --nodes 0' "$TOP/man/wx-sim.1"
sed -n 's/^\.Dl \$ //p' "$TOP/man/wx-sim.1" |
	sed -e 's/--days 30 --nodes 0/--days 1 --nodes 0/' \
		-e 's/^\(wx-sim --serve .*\) &$/\1 >where 2>served \& server=$!; for i in $(seq 100); do [ -s where ] \&\& break; sleep 0.1; done/' \
		-e 's/^\(wx-sim --judge .*\)/\1 >judged/' \
		-e 's/^wx-nightly .*/& >nightly 2>\&1 || { cat nightly; exit 1; }/' >examples
[ "$(wc -l <examples)" -ge 6 ] || { echo "few examples"; exit 1; }
trap 'kill $server 2>/dev/null; wait' EXIT
server=
. ./examples
grep -q '^n1 http://127.0.0.1:[0-9]*/cap/$' where || { cat where served; exit 1; }
# All that was made was pulled, and it is dated well.
read -r _ made pulled verified < <(grep -A9 ^captures judged | grep '^ *all')
[ "$made" -gt 50 ] && [ "$made" = "$pulled" ] && [ "$made" = "$verified" ] || {
	cat judged
	exit 1
}
[ "$(wc -l <mast/station/mast.dat)" -gt 8500 ]
