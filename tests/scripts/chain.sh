#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The real tools from end to end on a small made site: a node that is down does
# not keep the others from being labelled; nodes that ask for a token; a node
# whose captures may be released; and the judge finds nothing amiss.
set -u
bad=0
fail() { echo "chain.sh:${BASH_LINENO[-2]}: $*"; bad=1; }
eq() { [ "$2" = "$3" ] || fail "$1: found '$2', expected '$3'"; }

echo s3cret >token && chmod 600 token
wx-sim -o made --nodes 3 --days 0.1 --every-s 120 --climate wet --seed 4 --start 2026-06-01 2>log || { cat log; exit 1; }
wx-sim --serve made --site site.json --token-file token >where 2>log &
server=$!
trap 'kill $server 2>/dev/null; wait' EXIT
for _ in $(seq 100); do [ -s where ] && break; sleep 0.1; done
[ -s where ] || { cat log; exit 1; }
mkdir archive
# n2 is down: its port has nobody. n1 may be released.
n2=$(sed -n 's/^n2 //p' where)
/usr/bin/python3 - "$n2" <<'END'
import json, socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
site = json.load(open("site.json"))
for n in site["nodes"]:
    assert n["source"].startswith("dir:/") or n["token_file"].endswith("/token"), n
    if n["id"] == "n1":
        n["release"] = True
    if n["id"] == "n2":
        n["source"] = "http://127.0.0.1:%d/cap/" % s.getsockname()[1]
json.dump(site, open("archive/site.json", "w"), indent=2)
END
made() { find "made/nodes/$1" -name '*.wav' | wc -l; }
before=$(made n1)

wx-nightly -q archive >out 2>err
eq "status, n2 down" $? 4
eq "only the pull failed" "$(sed '/^$/,$d' out | cut -d ' ' -f 1)" pull
grep -q '^  pull: .*n2' out || { fail "the mail does not name n2"; cat out; }
grep -q '^  look after the nodes that pull names' out || fail "the mail does not say what to do"
grep -q 'n2' err || { fail "nothing tells of n2"; cat err; }
[ -s archive/labels/n1/2026-06-01.csv ] || fail "n1 has no labels"
[ ! -e archive/labels/n2 ] || fail "n2 has labels"
wx-sim --judge archive made >judge
eq "the judge misses n2" $? 1
# Released: gone from the node, here in full. What is open stays.
[ "$before" -gt 10 ] || fail "only $before captures were made"
eq "left on n1" "$(made n1)" 1
eq "made, pulled, verified" "$(sed -n 's/  n1 *//p' judge | head -n 1 | awk '{print $2 - $1, $3 - $1}')" "0 0"

# n2 is back, and so is a wrong token, for once.
/usr/bin/python3 - "$n2" <<'END'
import json, sys
site = json.load(open("archive/site.json"))
for n in site["nodes"]:
    if n["id"] == "n2":
        n["source"] = sys.argv[1]
json.dump(site, open("archive/site.json", "w"), indent=2)
END
echo wrong >token
wx-nightly -q archive >out 2>err
eq "status, wrong token" $? 4
grep -q s3cret out err && fail "a token in what was said"
echo s3cret >token
wx-nightly archive >out 2>err
eq "status, all well" $? 0
eq "stages" "$(sed '/^$/,$d' out | awk '{print $1, $2}' | xargs)" \
	"pull ok station ok listen ok align ok label ok export ok check ok report ok"
grep -q '</html>' archive/report.html || fail "no report"
wx-sim --judge archive made >judge
eq "the judge" $? 0
wx-sim --judge archive made --json | /usr/bin/python3 -c '
import json, sys
j = json.load(sys.stdin)
a = j["all"]
assert a["made"] == a["pulled"] == a["verified"] > 100, a
assert a["windows"] > 100 and a["undated"] == a["never_made"] == 0, a
assert a["within_bound"] > 0.95 and a["error_max_s"] < 0.5, a
assert j["rain"]["all"]["accuracy"] > 0.7 and j["wind"]["all"]["accuracy"] > 0.7, j
assert j["dataset"]["leaks"] == j["dataset"]["untimed"] == 0, j
' || { fail "the judge:"; cat judge; }
exit $bad
