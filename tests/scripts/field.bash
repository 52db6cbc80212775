# SPDX-License-Identifier: MIT
# Sourced by the field-NN tests: each is one kind of what happens to recorders,
# their wires and their hosts, and what has to come of it.
. "$TOP/tests/scripts/pull.bash"

# wire_of http|tcp|serial|udp ID: the options of wx-sim for it
wire_of() {
	case $1 in
	http) ;;
	serial) echo "--smp-serial $2=port" ;;
	*) echo "--smp-$1 $2" ;;
	esac
}

# pull ARCHIVE OPTION...: wx-pull, its exit status in $STATUS, out and err
pull() {
	STATUS=0
	"${SERIAL[@]}" wx-pull -a "$@" >out 2>err || STATUS=$?
}

# came DIR ARCHIVE ID: every WAV of DIR is there, byte for byte
came() {
	local f
	while read -r f; do
		cmp "$1/$f" "$2/raw/$3/$f" || fail "$f is missing or has other bytes: $(cat out err)"
	done < <(cd "$1" && find . -name '*.wav' -printf '%P\n')
}

# none_wrong DIR ARCHIVE ID: what is there is right, whatever is missing
none_wrong() {
	local f
	while read -r f; do
		[ -e "$1/$f" ] && cmp -s "$1/$f" "$2/raw/$3/$f" ||
			fail "$f was taken for what it is not"
	done < <(cd "$2/raw/$3" 2>/dev/null && find . -name '*.wav' ! -path './.part/*' ! -path './.quarantine/*' -printf '%P\n')
}

# in_bound ARCHIVE SITE ID: its windows have the times that are true
in_bound() {
	wx-listen -q -a "$1" >/dev/null && wx-align -q -a "$1" >/dev/null || fail "wx-listen or wx-align"
	wx-sim --judge "$1" --json "$2" >judge 2>&1
	"$PY" - "$3" <<'P' || fail "times: $(head -c 400 judge)"
import json, sys
n = json.load(open("judge"))["nodes"][sys.argv[1]]
sys.exit(not (n["windows"] > 3 and n["undated"] == 0 and n["within_bound"] == 1 and n["error_max_s"] < 0.1))
P
}

# card: runs Python in ./card, with tests/servers/recorder.py
card() {
	mkdir -p card && (cd card && PYTHONPATH=$TOP/tests/servers "$PY" -c "from recorder import *
$(cat)") || fail "card"
}

# line ARCHIVE NAME: of a card's file in the index that was made of it
line() { grep -F "{\"n\":\"$2\"," "$1/raw/n/index.jsl"; }
