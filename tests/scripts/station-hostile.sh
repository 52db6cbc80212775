#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is no log is refused by each format; a log whose line ends were changed,
# or that has rubbish in its midst, gives the table that it gave before, and is
# known for what it is without -f.
set -u
bad=0
fail() { echo "$*"; bad=1; }

formats=$(wx-station -f none x 2>&1 | sed -n 's/.*one of \(.*\), found.*/\1/p' | tr -d ,)
[ "$(wc -w <<<"$formats")" -ge 15 ] || fail "formats: found '$formats'"
head -c 5000 "$B/wx-station" >binary
printf 'a,b\n1,2\n' | gzip >gzip
: >empty
head -c 10000000 /dev/zero | tr '\0' x >long
printf 'x\0y\0\n' >nul
printf 'Temp \260C;a\r1;2\r' >latin1
for f in '' $formats; do
	for h in binary gzip empty long nul latin1; do
		wx-station ${f:+-f $f} --utc-offset Z --bucket 0.2 $h >out 2>err
		status=$?
		[ $status = 3 ] && [ "$(wc -l <out)" = 1 ] && grep -q "$h" err ||
			fail "$h as ${f:-anything}: status $status: $(tail -n 1 err)"
	done
done

wx-sim -q --logs m -s 3 --days 0.1 --climate wet || exit 1
table() { wx-station -q "${options[@]}" "$1" 2>err; }
for log in m/logs/*; do
	options=(--zone Europe/Zurich --bucket 0.2 --date-order dmy)
	case $log in
	*.dmp | *.wlk | *.sdb) continue ;; # no text
	*hobo*) options=(--bucket 0.2 --date-order mdy) ;;
	*weatherlink*)
		options+=(--columns 'rain_mm=Rain,wind_avg_m_s=Wind Speed [m/s]') ;;
	esac
	tr -d '\r' <$log | sed '$d' >lf # whole lines
	table lf >expected && [ "$(wc -l <expected)" -gt 10 ] ||
		fail "$log: $(tail -n 1 err)"
	sed 's/$/\r/' lf >crlf
	tr '\n' '\r' <lf >cr
	{ printf '\xef\xbb\xbf'; cat crlf; } >bom
	sed 's/$/<br \/>/' lf >html
	sed '20a x\x00y' lf >has-nul
	sed '20a \xb0C and so on' lf >has-latin1
	{ head -n 20 lf; cat long; echo; tail -n +21 lf; } >has-long
	for v in crlf cr bom html has-nul has-latin1 has-long; do
		table $v >found
		cmp -s expected found ||
			fail "$log as $v: $(wc -l <found) rows of $(wc -l <expected): $(tail -n 1 err)"
	done
done
exit $bad
