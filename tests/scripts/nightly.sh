#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# wx-nightly with tools made of paper: order, lines, lock, signals, statuses.
set -u
bad=0
fail() { echo "nightly.sh:${BASH_LINENO[-2]}: $*"; bad=1; }
eq() { [ "$2" = "$3" ] || fail "$1: found '$2', expected '$3'"; }

touch findings
mkdir bin ridge && echo '{}' >ridge/site.json
cp "$B/wx-nightly" bin/
# A tool: notes how it was called, says two lines (with -q only the second), to
# standard output if all went well, and ends as ./status-NAME says.
for t in pull station listen align label export upload check report; do
	cat >bin/wx-$t <<END
#!/bin/sh
echo "wx-$t \$*" >>"$T/calls"
case " \$* " in *" -q "*) ;; *) echo "wx-$t: a remark" >&2 ;; esac
[ -e "$T/slow-$t" ] && { echo \$\$ >"$T/slow-pid"; exec sleep 60; }
[ -e "$T/warns-$t" ] && echo "wx-$t: a warning" >&2
if [ -e "$T/text-$t" ]; then
	echo "  all:   0  new"
	echo "wx-$t: \$(cat "$T/text-$t")" >&2
elif [ $t = check ]; then
	cat "$T/findings"
	case " \$* " in *" -q "*) ;; *) echo "wx-check: 12 captures: 0 faults" >&2 ;; esac
else
	echo "  3   things"
fi
exit \$(cat "$T/status-$t" 2>/dev/null || echo 0)
END
	chmod +x bin/wx-$t
done
nightly() { # into out, err, status
	rm -f calls
	bin/wx-nightly "$@" >out 2>err
	status=$?
}
seconds() { sed '/^$/,$d; s/ *[0-9]* s / N s /' out; } # their number is luck
mail() { sed -n '/^$/,$p' out | sed "1d; 2s/, 20.*/, NOW/"; }
yesterday=$(date -u -d yesterday +%Y-%m-%d)

# A good night. The example of the page.
example=$(sed -n 's/^\.Dl \(wx-nightly .*\)/\1/p' "$TOP/man/wx-nightly.1")
eq "example of the page" "$example" "wx-nightly /srv/ridge"
nightly ridge
eq "status" $status 0
eq "calls" "$(cat calls)" "wx-pull -a ridge
wx-station -a ridge
wx-listen -a ridge
wx-align -a ridge
wx-label -a ridge
wx-export -a ridge -o ridge/dataset
wx-check -a ridge --accept-losses --since $yesterday
wx-report -a ridge -o ridge/report.html"
eq "lines" "$(seconds)" "pull     ok N s  3 things
station  ok N s  3 things
listen   ok N s  3 things
align    ok N s  3 things
label    ok N s  3 things
export   ok N s  3 things
check    ok N s  12 captures: 0 faults
report   ok N s  3 things"
eq "summary" "$(mail)" "ridge, NOW
What came:
  pull: 3 things
  station: 3 things
  label: 3 things
  export: 3 things"
eq "remarks" "$(sort -u err | head -n 1)" "wx-align: a remark"
eq "nothing left" "$(ls -A ridge)" site.json

# With a project's key in site.json, the dataset goes there.
echo '{"upload": {"key_file": "k"}}' >ridge/site.json
nightly ridge
eq "upload" "$status $(grep upload calls)" "0 wx-upload -a ridge ridge/dataset"
echo '{}' >ridge/site.json

# Cron's line: its PATH is short, and with -q a good night says nothing.
cron=$(sed -n 's|^\.Dl 17 2 \* \* \* /usr/local/bin/wx-nightly||p' "$TOP/man/wx-nightly.1")
cron=${cron/\/srv/$T}
# shellcheck disable=SC2086
(cd / && env -i PATH=/usr/bin:/bin sh -c "'$T/bin/wx-nightly' $cron") >out 2>err
eq "cron's status" $? 0
eq "cron's output" "$(cat out err)" ""
eq "quiet is passed on" "$(tail -n 1 calls)" "wx-report -q -a $T/ridge -o $T/ridge/report.html"
touch warns-pull
nightly -q ridge
eq "a warning is no remark" "$(cat out err)" "wx-pull: a warning"
rm warns-pull
nightly -v ridge
eq "so is verbose" "$(head -n 1 calls)" "wx-pull -v -a ridge"

# Failures: the rest goes on, the worst counts.
echo 4 >status-pull
echo 'node n2: connection refused' >text-pull
echo 1 >status-label
nightly ridge -q
eq "a node down" "$status $(wc -l <calls)" "4 8"
eq "only what went wrong" "$(seconds)" "pull     failed N s  all: 0 new
label    found N s  3 things"
eq "in the tool's own words" "$(cat err)" "wx-pull: node n2: connection refused"
{
	printf 'raw/n1/index.jsl: 2026-06-01: 1 files [gap]\n    look after the node\nraw/n1/a.wav: 3 bytes [size]\n    restore it\n'
	for i in 1 2 3 4 5 6 7 8 9; do printf 'raw/n1/%d.wav: 3 bytes [size]\n' $i; done
	printf 'raw/n2: gone [gap]\n    look after the node\n'
} >findings
nightly ridge -q
eq "the mail" "$(mail)" "ridge, NOW
What came:
  pull: all: 0 new
  station: 3 things
  export: 3 things
What did not, or is wrong:
  pull: node n2: connection refused
  label found: 3 things
  raw/n1/index.jsl: 2026-06-01: 1 files [gap]
  raw/n1/a.wav: 3 bytes [size]
$(for i in 1 2 3 4 5 6; do echo "  raw/n1/$i.wav: 3 bytes [size]"; done)
  and 4 more
What to do:
  look after the nodes that pull names: wx-pull --probe SOURCE tells whether one is alive
  look after the node
  restore it"
[ "$(wc -l <out)" -le 24 ] || fail "the mail is longer than a screen"
: >findings
nightly ridge
eq "the same with remarks" "$(seconds | head -n 1)" "pull     failed N s  node n2: connection refused"
grep -q '^wx-pull: node n2: connection refused$' err || fail "the tool's own words are lost"
echo 1 >status-pull
nightly ridge
eq "found" $status 1
echo 'kill -KILL $$' >>bin/wx-align && sed -i '/^exit/d' bin/wx-align
nightly ridge
eq "killed counts as a system's failure" $status 4
grep -q '^align  *killed ' out || fail "not told: killed"
sed -i '/^kill/d' bin/wx-align
mv bin/wx-listen kept
PATH=/usr/bin:/bin nightly ridge
eq "a tool that is not there" $status 4
mv kept bin/wx-listen
rm -f status-* text-*

# A site.json that all stumble over is told of twice, not six times.
for t in pull station align; do
	echo 3 >status-$t
	echo 'ridge/site.json:1:2: expected a key' >text-$t
done
nightly ridge
eq "the same again" "$status $(wc -l <calls)" "3 2"
rm -f status-* text-*

# One at a time; a signal ends the stage and the run, and leaves nothing.
touch slow-align
bin/wx-nightly ridge >out 2>err &
pid=$!
for _ in $(seq 100); do [ -s slow-pid ] && break; sleep 0.1; done
bin/wx-nightly ridge >out2 2>err2
eq "in use" "$? $(cat err2)" \
	"4 wx-nightly: ridge/.lock/nightly is in use by process $pid (wx-nightly): wait for its end, or end it"
kill -TERM $pid
wait $pid
eq "SIGTERM" $? 4
kill -0 "$(cat slow-pid)" 2>/dev/null && fail "the stage still runs"
eq "the stages after it do not run" "$(tail -n 1 calls | cut -d ' ' -f 1)" wx-align
eq "nothing left" "$(ls -A ridge)" site.json

# kill -9: the lock goes when the stage does, and the next run cleans up.
rm slow-pid
setsid bin/wx-nightly ridge >out 2>err &
for _ in $(seq 100); do [ -s slow-pid ] && break; sleep 0.1; done
pid=$(ps -o pgid= -p "$(cat slow-pid)" | tr -d ' ')
kill -KILL -- "-$pid"
wait 2>/dev/null
rm slow-align
nightly ridge
eq "after kill -9" "$status $(ls -A ridge)" "0 site.json"

# Usage.
nightly
eq "no folder" "$status $(head -n 1 err)" "2 wx-nightly: expected the folder of an archive, found none"
nightly ridge twice
eq "two folders" $status 2
nightly --fast ridge
eq "unknown option" "$status $(head -n 1 err)" "2 wx-nightly: unknown option --fast"
nightly nowhere
eq "no site" "$status $(cat err)" "4 wx-nightly: nowhere/site.json: no such file: describe the site there (wx-site(5))"
eq "version" "$(bin/wx-nightly -V)" "$(wx-pull -V | sed 's/wx-pull/wx-nightly/')"
exit $bad
