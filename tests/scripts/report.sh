#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# wx-report without a browser: the page is whole or not there, says what is
# missing, and what of a stranger's it shows is text; the examples of the page.
set -u
bad=0
fail() { echo "report.sh:${BASH_LINENO[-2]}: $*"; bad=1; }
eq() { [ "$2" = "$3" ] || fail "$1: found '$2', expected '$3'"; }
has() { grep -q -- "$2" "$1" || fail "$1 lacks '$2'"; }

# A site, stage by stage: each page says what is not there yet.
wx-sim -q -o made --nodes 2 --days 0.4 --every-s 300 --capture-s 4 --rate 8000 --climate wet --seed 3 --start 2026-06-01 || exit 1
mkdir ridge
/usr/bin/python3 - <<'END'
import json, os
site = json.load(open("made/site.json"))
for n in site["nodes"]:
    n["source"] = f"dir:{os.getcwd()}/made/nodes/{n['id']}"
for s in site["stations"]:
    s["source"] = f"file:{os.getcwd()}/made/station/*.dat"
site["windows"] = {"length_s": 4}
json.dump(site, open("ridge/site.json", "w"))
END
report() { wx-report "$@" 2>err; eq "status of $*" $? 0; }
report -q -a ridge -o page.html
eq "says nothing" "$(cat err)" ""
for text in 'No node has windows' 'No station has told' 'No window is labelled' 'No level of sound' 'nothing to review' '</html>'; do
	has page.html "$text"
done
wx-pull -q -a ridge && wx-station -q -a ridge && wx-listen -q -a ridge && wx-align -q -a ridge || exit 1
report -q -a ridge -o page.html
has page.html 'id="rain"'
has page.html 'id="clock-0"'
has page.html 'No window is labelled'
wx-label -q -a ridge || exit 1
before=$(find ridge -type f -exec sha256sum {} + | sort)
report -a ridge --review 3 -o page.html
eq "sums up" "$(sed 's/[0-9.]* MB/N MB/; s/[0-9]* windows/N windows/' err)" "wx-report: page.html: 1 days, N windows, 3 to review, N MB"
eq "clips" "$(grep -c '<article class="clip"' page.html)" 3
eq "without sound" "$(grep -c '<audio' page.html)" 0
eq "the archive is as it was" "$(find ridge -type f -exec sha256sum {} + | sort)" "$before"
eq "the same picks as wx-label --review" "$(grep -o 'data-row="[^"]*"' page.html | cut -f 8,9)" \
	"$(wx-label -q -a ridge --review 3 && sed 1d ridge/tracks/review-1.txt | cut -f 8,9)"
rm -r ridge/tracks
eq "no clip wanted" "$(wx-report -q -a ridge --review 0 -o p0.html && grep -c 'nothing to review' p0.html)" 1
[ "$(stat -c %s page.html)" -lt 2000000 ] || fail "the page is $(stat -c %s page.html) bytes"
# Nothing is fetched: no URL but data and places in the page.
grep -oE '(src|href)="[^"]{0,20}' page.html | grep -vE '="(#|data:)' && fail "something is fetched"
has page.html "Content-Security-Policy"

# A capture that is gone, a table that is torn, journals of nonsense: told.
cp -r ridge torn
rm -r torn/raw/n1/b*
echo '<script>alert(1)</script>' >>torn/raw/n2/journal.jsonl
sed -i '3s/.*/<script>alert(2)<\/script>/' torn/windows/n2/2026-06-01.csv
sed -i '4s/$/<script>alert(3)<\/script>/' torn/windows/n1/2026-06-01.csv
report -a torn -o torn.html
has torn.html 'script&gt;alert(3)'
grep -q '<script>alert' torn.html && fail "a stranger's script"
has torn.html 'Its sound cannot be read'
has torn.html 'things were found amiss'

# Whole or not at all: a disk that is full, a signal, a place that cannot be.
cp page.html old.html
(ulimit -f 20; trap '' XFSZ; wx-report -q -a ridge -o old.html) 2>err
eq "a full disk" $? 4
cmp -s page.html old.html || fail "the old page is gone"
eq "nothing is left" "$(ls ./*.part 2>/dev/null)" ""
wx-report -q -a ridge -o no/such/../dir/ 2>err && fail "a folder is no page"
wx-report -q -a nowhere -o x.html 2>err
eq "no archive" $? 4
wx-report -q -a ridge 2>err
eq "no -o" $? 2
[ ! -e x.html ] || fail "a page of nothing"

# The examples of the page, in their order.
sed -n 's/^\.Dl \$ //p' "$TOP/man/wx-report.1" >examples
eq "examples" "$(wc -l <examples)" 4
mkdir ridge/tracks
printf 'Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tBegin Path\tFile Offset (s)\tAnnotation\tSpeech\n%srain=rain\t\n' \
	"$(grep -o 'data-row="[^"]*"' page.html | head -n 1 | sed 's/^data-row="//; s/"$//')" >heard-ridge-1.txt
while IFS= read -r line; do
	bash -c "$line" >said 2>&1 || fail "$line: $(cat said)"
done <examples
eq "sound in the page" "$(grep -c '<audio' ridge.html)" "$(grep -c '<article class="clip"' ridge.html)"
eq "what was heard is a label" "$(cat ridge/labels/*/*.csv | grep -c 'tracks/heard-ridge-1.txt:2')" 1
exit $bad
