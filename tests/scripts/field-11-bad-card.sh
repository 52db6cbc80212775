#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The card in the node fails: files that cannot be read to their end, files that
# the index has and the card has not, files that come back after they were
# deleted; and a card whose folder is garbage. All else comes.
set -u
. "$TOP/tests/scripts/field.bash"
node n $(seq -f 'b1/%02g.wav' 8)
for wire in http tcp; do
	play $(wire_of $wire n) --fault read-error:40 --fault vanished:20 n
	archive "$wire" n "$URL"
	pull "$wire" --timeout 2
	[ $STATUS = 4 ] || fail "$wire: exit status $STATUS: $(cat out err)"
	none_wrong n "$wire" n
	bad=$(grep -c '^wx-pull: n: b1/..\.wav: ' err)
	have=$(find "$wire/raw/n/b1" -name '*.wav' | wc -l)
	gone=$(sed -n 's/.* \([0-9]*\) gone.*/\1/p' out)
	[ $have -ge 2 ] && [ $bad -ge 1 ] && [ "${gone:-0}" -ge 1 ] || fail "$wire: $have $bad: $(cat out err)"
	stop
	play $(wire_of $wire n) n # another card reader
	archive "$wire" n "$URL"
	pull "$wire"
	[ $STATUS = 0 ] || fail "$wire: after: $(cat out err)"
	came n "$wire" n
	stop

	# Deleted, it says, and has it still.
	play $(wire_of $wire n) --fault undead n
	archive "un-$wire" n "$URL" '"release":true'
	for _ in 1 2; do
		pull "un-$wire"
		[ $STATUS = 0 ] || fail "$wire: undead: $(cat out err)"
		came n "un-$wire" n
	done
	grep -q ' 0 new' out || fail "$wire: undead: came again: $(cat out)"
	stop
done

# Garbage for names, as a broken FAT shows them; the good file comes.
mkdir card
cp n/b1/01.wav card/20260601_120000.WAV
"$PY" - <<'P'
import os
for name in (b"\x80\x01\xff\xfe.WAV", b"A\x05B\x7f_20260601_130000.WAV", b"\xe5OLD.WAV", b"...WAV"):
    open(b"card/" + name, "wb").write(bytes(600))
os.makedirs(b"card/\xff\xff\xff")
P
archive card n 'dir:../card' '"utc_offset":"Z"'
pull card
cmp n/b1/01.wav card/raw/n/20260601_120000.WAV || fail "card: $(cat out err)"
grep -q $'[\x01\x05\x7f]' err && fail "bytes of names are printed as they are"
exit 0
