#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# README's first deployment, as it stands there: its site.json, its look at a
# card and at the station, its nights by hand and by cron; and what it links to.
set -u
. "$TOP/tests/scripts/pull.bash"
readme=$TOP/README.md

wx-sim -q -o made --start 2026-06-01 --days 0.1 --nodes 2
mkdir -p ridge/logs ridge/cards/n2
cp made/station/mast.dat ridge/logs/today.dat
node card 400044 20260601_000030.WAV 20260601_010000.WAV && rm card/index.jsl
cp card/*.WAV ridge/cards/n2
sed -n '/^   ```json/,/^   ```$/{//!p}' "$readme" | sed 's|http://192.168.4.21/cap/|http://127.0.0.1:1/cap/|' >ridge/site.json

# Its commands, with this place's card; a port and a node are not at hand.
n=0
while read -r line; do
	n=$((n + 1))
	case $line in
	*--ports* | *smp:* | *http:*) ;;
	*) eval "${line//\/media\/card/card}" >out 2>err || fail "$line: $(cat err)" ;;
	esac
done < <(sed -n '/^   ```sh/,/^   ```$/{//!p}' "$readme")
[ "$n" = 4 ] && grep -q '^  captures    2, ' out || fail "its look: $n: $(cat out)"
station=$(sed -n 's/^3\. .*`\(wx-station .*\)`\.$/\1/p' "$readme")
eval "$station" >out && [ -s out ] || fail "its station: $station: $(cat out)"

# The node is off, and all else is done.
grep -q '^4\. Run the chain: `wx-nightly ridge`' "$readme" || fail "another chain"
status 4 wx-nightly ridge >out 2>err
grep -q '^label    ok .*  [1-9][0-9]* windows of 2 nodes' out || fail "its night: $(cat out err)"
grep -q '^wx-pull: n1: Failed to connect .*: is it on, in reach, and is its address right?$' err || fail "its node: $(cat err)"
grep -q '^n2: 2 new' err || fail "its card: $(cat err)"

# By cron: short, and in it what went wrong.
night=$(sed -n 's|^   `0 2 \* \* \* /usr/local/bin/\(wx-nightly .*\) /srv/ridge`\.$|\1|p' "$readme")
[ -n "$night" ] || fail "no line for cron"
(env -i PATH=/usr/bin:/bin "$WX_BIN"/$night ridge) >mail 2>&1
[ "$(wc -l <mail)" -le 24 ] || fail "cron's mail: $(cat mail)"
grep -q '^  pull: n1: Failed to connect' mail || fail "cron's mail does not tell of n1: $(cat mail)"
grep -q '^What to do:$' mail || fail "cron's mail does not say what to do: $(cat mail)"

for link in $(grep -o '](\([^)]*\))' "$readme" | tr -d '()' | sed 's/^]//'); do
	[ -e "$TOP/$link" ] || fail "no $link"
done
