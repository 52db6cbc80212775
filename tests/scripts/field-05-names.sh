#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Names: of a counter that began anew, of two nodes alike, of a stranger, of
# blanks and brackets. No file is lost to another, none leaves its folder.
set -u
. "$TOP/tests/scripts/field.bash"

# The flash was erased: the same names hold other sound.
node n b1/1.wav b1/2.wav
node again 50044 b1/1.wav b1/3.wav
for wire in http tcp; do
	rm -rf was
	cp -r n was
	play $(wire_of $wire was) was
	archive "$wire" n "$URL"
	pull "$wire"
	[ $STATUS = 0 ] || fail "$wire: $(cat err)"
	stop
	rm -rf was && cp -r again was && echo '{"ev":"boot","b":1,"m":5}' >>was/index.jsl
	play $(wire_of $wire was) was
	archive "$wire" n "$URL"
	pull "$wire"
	[ $STATUS = 0 ] || fail "$wire: erased: $(cat err)"
	pull "$wire"
	[ $STATUS = 0 ] && grep -q '^n: 0 new' out || fail "$wire: once more: $(cat out err)"
	stop
	came n "$wire" n # what was there first stays under its name
	crc=$(sed -n 's/.*"b1\/1.wav".*"c":"\([^"]*\)".*/\1/p' again/index.jsl)
	cmp again/b1/1.wav "$wire/raw/n/b1/1.wav~$crc" || fail "$wire: the new b1/1.wav: $(find "$wire/raw/n")"
	cmp again/b1/3.wav "$wire/raw/n/b1/3.wav" || fail "$wire: b1/3.wav"
done

# Two nodes with the same names.
mkdir two
play n && one=$URL
play again && two=$URL
echo "{\"site\":\"t\",\"stations\":[],\"nodes\":[{\"id\":\"x\",\"source\":\"$one\"},{\"id\":\"y\",\"source\":\"$two\"}]}" >two/site.json
pull two
[ $STATUS = 0 ] || fail "two: $(cat err)"
came n two x
came again two y

# Blanks, brackets, plus, colon, percent: nothing is special in a URL or in CBOR.
node odd 'b 1/201905 8T1200+0200.wav' 'b 1/a[1]:2%41?x=1&y#z.wav' 'b 1/é'"'"'".wav' 2>/dev/null ||
	fail "make_node"
sed -i 's|"n":"b 1/é.*wav",|"n":"b 1/é\x27\\".wav",|' odd/index.jsl
for wire in http tcp serial; do
	play $(wire_of $wire odd) odd
	archive "odd-$wire" n "$URL"
	pull "odd-$wire"
	[ $STATUS = 0 ] || fail "odd names, $wire: $(cat out err)"
	came odd "odd-$wire" n
	stop
done

# Names that no host may take.
for wire in http tcp; do
	play $(wire_of $wire n) --fault evil-names n
	archive "evil-$wire" n "$URL"
	pull "evil-$wire"
	[ $STATUS = 0 ] || fail "evil names, $wire: $(cat err)"
	grep -q ' 1[2-9] refused' out || fail "evil names, $wire: $(cat out)"
	grep -q $'\x1b' err && fail "a name commands the terminal"
	came n "evil-$wire" n
	none_wrong n "evil-$wire" n
	[ -z "$(find . /tmp/evil.wav -name '*evil*.wav' 2>/dev/null)" ] || fail "a name left its folder"
	stop
done
exit 0
