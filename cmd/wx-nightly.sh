#!/bin/sh
# SPDX-License-Identifier: MIT
# wx-nightly: the whole chain over one archive, for cron or a systemd timer.
#
# The stages are tools that each finish what they can, so a stage that failed
# does not stop the next: a node that is down must not keep the others from
# being labelled. What was killed is simply run again.
set -u

version=@VERSION@
usage='usage: wx-nightly DIR

Pull, read the station, listen, align, label, export, upload, check and report,
from DIR/site.json; then say on one screen what came, what did not, what to do.

Options:
  -h, --help                   show this and exit
  -V, --version                show the version and exit
  -q, --quiet                  no progress and no remarks
  -v, --verbose                say more of what is done

The manual: man wx-nightly'

say() { echo "wx-nightly: $*" >&2; }

wrong() {
	say "$*"
	say "try 'wx-nightly -h'"
	exit 2
}

quiet='' verbose='' dir='' rest=
option() {
	case $1 in
	-h | --help) echo "$usage" && exit 0 || exit 4 ;;
	-V | --version) echo "wx-nightly (wxset) $version" && exit 0 || exit 4 ;;
	-q | --quiet) quiet=-q ;;
	-v | --verbose) verbose=-v ;;
	*) wrong "unknown option $1" ;;
	esac
}
for arg; do
	case $rest$arg in
	--) rest=/ ;; # what follows are operands
	--*) option "$arg" ;;
	-?*)
		for letter in $(printf %s "${arg#-}" | sed 's/./& /g'); do
			option "-$letter"
		done
		;;
	*)
		[ -z "$dir" ] || wrong "expected one folder, found '$dir' and '$arg'"
		dir=${arg:-.}
		;;
	esac
done
[ -n "$dir" ] || wrong 'expected the folder of an archive, found none'
case $dir in -*) dir=./$dir ;; esac
[ -f "$dir/site.json" ] || {
	say "$dir/site.json: no such file: describe the site there (wx-site(5))"
	exit 4
}

# cron's PATH is short: the tools are where this one is.
case $0 in */*) PATH=$(dirname "$0"):$PATH ;; esac

# One run at a time. Like every lock of an archive it goes away with its
# holder, so look whether it is still the file of that name.
lock=$dir/.lock/nightly
while :; do
	mkdir -p "$dir/.lock" && touch "$lock" || exit 4
	exec 9>>"$lock"
	flock -n 9 || {
		read -r holder <"$lock"
		say "$lock is in use by process ${holder:-?}: wait for its end, or end it"
		exit 4
	}
	[ "$(stat -c %d:%i "$lock")" = "$(stat -Lc %d:%i /dev/fd/9)" ] && break
done
echo "$$ (wx-nightly)" >"$lock"

said=$dir/.lock/nightly.said # what the stage at work wrote
told=$dir/.lock/nightly.told # with -q, its standard output alone
found=$dir/.lock/nightly.found # what wx-check found
came=$dir/.lock/nightly.came   # for the mail: what stages did,
wrong=$dir/.lock/nightly.wrong # and what they did not
tool=                        # its process
stopped=
# shellcheck disable=SC2317 # called by trap
at_end() {
	rm -f "$said" "$told" "$found" "$came" "$wrong" "$lock"
	rmdir "$dir/.lock" 2>/dev/null
}
trap at_end EXIT
stop() {
	stopped=1
	[ -z "$tool" ] || kill -TERM "$tool" 2>/dev/null
}
trap stop INT TERM HUP

# 0 done, 1 a check found something, 2 usage, 3 input, 4 system; else killed.
status_name() {
	case $1 in
	0) echo ok ;;
	1) echo found ;;
	2) echo usage ;;
	3) echo input ;;
	4) echo failed ;;
	*) echo killed ;;
	esac
}

worst=0
last_failure=

# Of the stage at work, "$@": with -q only what went wrong is shown, and that is
# on standard error; else both are, in their order.
run() {
	if [ "$name" = check ]; then
		wx-check $quiet $verbose "$@" >"$found" 2>"$said" &
	elif [ -n "$quiet" ]; then
		"wx-$name" -q $verbose "$@" >"$told" 2>"$said" &
	else
		"wx-$name" $verbose "$@" >"$said" 2>&1 &
	fi
	tool=$!
}

# All that it said but its summary, which comes in the stage's line. An error
# comes in both, for whoever has standard output go elsewhere.
rest_of_said() {
	case $quiet$status,$(tail -n 1 "$said") in
	-q* | [1-9]*,"wx-$name: "*) cat "$said" ;;
	*) sed '$d' "$said" ;;
	esac >&2
}

# What the mail will tell of the stage.
note() {
	case $name,$status,$last in
	pull,*,all:* | pull,0,?* | station,0,?* | label,0,?* | export,0,?* | upload,0,?*)
		printf '  %s: %s\n' "$name" "$last" >>"$came"
		;;
	esac
	[ "$status" != 0 ] && [ "$name" != check ] || return
	# A node each; other tools say last why they ended.
	if [ "$name" = pull ] && grep -q '^wx-pull: ' "$said"; then
		sed -n 's/^wx-pull: /  pull: /p' "$said" >>"$wrong"
	else
		printf '  %s %s: %s\n' "$name" "$(status_name "$status")" "$last" >>"$wrong"
	fi
}

# first N of a list on standard input, and how many more there are.
first() {
	awk -v n="$1" 'NR <= n { print } END { if (NR > n) printf "  and %d more\n", NR - n }'
}

# What to do: for a node that could not be reached, and as wx-check says.
advice() {
	! grep -q '^  pull' "$wrong" ||
		echo "  look after the nodes that pull names: wx-pull --probe SOURCE tells whether one is alive"
	! grep -q '^  station ' "$wrong" ||
		echo "  see whether the station's logger still writes, and in the same format"
	awk '/^    / && !seen[$0]++ { print "  " substr($0, 5) }' "$found"
}

# On one screen: what came, what did not, what to do. With -q after a night
# that was not good; as the mail of cron(8) it is read on a telephone.
mail() {
	[ -z "$quiet" ] || [ "$worst" != 0 ] || return
	printf '\n%s, %s\n' "$(basename "$(cd "$dir" && pwd)")" "$(date -u '+%Y-%m-%d %H:%M UTC')"
	[ ! -s "$came" ] || { echo "What came:" && cat "$came"; }
	if [ -s "$wrong" ] || [ -s "$found" ]; then
		echo "What did not, or is wrong:"
		{ cat "$wrong" && sed -n '/^    /!s/^/  /p' "$found"; } | first 10
	fi
	advice >"$told"
	[ ! -s "$told" ] || { echo "What to do:" && first 5 <"$told"; }
	[ ! -s "$dir/report.html" ] || echo "The season on one page: $dir/report.html"
}

# stage NAME ARGUMENTS...: run wx-NAME, show what it said, sum it up in a line.
stage() {
	name=$1
	shift
	[ -z "$stopped" ] || return
	began=$(date +%s)
	: >"$told"
	run "$@"
	wait "$tool"
	status=$?
	while kill -0 "$tool" 2>/dev/null; do # a signal of ours ended the wait
		wait "$tool"
		status=$?
	done
	tool=
	took=$(($(date +%s) - began))
	last=$({ cat "$said" && tail -n 1 "$told"; } | tail -n 1 |
		sed "s/^wx-$name: //; s/^ *//; s/  */ /g")
	rest_of_said
	note
	if [ "$status" = 0 ]; then
		[ -n "$quiet" ] || printf '%-8s %-7s %5d s  %s\n' "$name" ok "$took" "$last"
		return
	fi
	printf '%-8s %-7s %5d s  %s\n' "$name" "$(status_name "$status")" "$took" "$last"
	[ "$status" -le 4 ] || status=4
	[ "$status" -le "$worst" ] || worst=$status
	if [ "$last" = "$last_failure" ]; then
		say "stopped: $name failed as the stage before it"
		stopped=1
	fi
	last_failure=$last
}

: >"$found" && : >"$came" && : >"$wrong" || exit 4
stage pull -a "$dir"
stage station -a "$dir"
stage listen -a "$dir"
stage align -a "$dir"
stage label -a "$dir"
stage export -a "$dir" -o "$dir/dataset"
# Only where a project waits for it. (site.json is checked by all the others; a
# key of that name has no other place in it.)
if grep -q '"key_file"[[:space:]]*:' "$dir/site.json"; then
	stage upload -a "$dir" "$dir/dataset"
fi
# Of gaps, clocks and sound those of yesterday and today; a loss that nothing can
# mend does not make a night bad.
stage check -a "$dir" --accept-losses --since "$(date -u -d yesterday +%Y-%m-%d)"
stage report -a "$dir" -o "$dir/report.html"
# Only where the site has a rule for it, and all went well.
if [ "$worst" = 0 ] && grep -q '"raw_sound_days"[[:space:]]*:' "$dir/site.json"; then
	stage listen -a "$dir" --forget
fi
[ -z "$stopped" ] || [ "$worst" != 0 ] || worst=4
mail
exit "$worst"
