#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same bytes twice: under two names, after the journal was lost, from a card
# that is put in again in another slot. Kept once, fetched once.
set -u
. "$TOP/tests/scripts/field.bash"
node n b1/1.wav b1/2.wav
cp n/b1/1.wav n/b1/twin.wav
sed -n 's|"n":"b1/1.wav"|"n":"b1/twin.wav"|p' n/index.jsl >twin && cat twin >>n/index.jsl
for wire in http tcp serial; do
	play -v $(wire_of $wire n) n
	archive "$wire" n "$URL"
	pull "$wire"
	[ $STATUS = 0 ] && grep -q '^n: 2 new .* 1 duplicates' out || fail "$wire: $(cat out err)"
	[ ! -e "$wire/raw/n/b1/twin.wav" ] && grep -q '"alias":"b1/twin.wav"' "$wire/raw/n/journal.jsonl" ||
		fail "$wire: twin.wav was kept twice"
	sent=$(got play.err)
	rm "$wire/raw/n/journal.jsonl"
	pull "$wire"
	[ $STATUS = 0 ] || fail "$wire: no journal: $(cat out err)"
	[ "$(got play.err)" -le $((sent + 60044)) ] || fail "$wire: no journal: all came again"
	[ "$(find "$wire/raw/n" -name '*.wav' | wc -l)" -le 3 ] || fail "$wire: no journal: $(find "$wire/raw/n")"
	stop
done
card <<'P'
for i in range(3):
    open(f"20260601_120{i}00.WAV", "wb").write(audiomoth(sound(i), said(f"12:0{i}:00 01/06/2026")))
P
archive c n 'dir:../card' '"utc_offset":"Z"'
pull c
[ $STATUS = 0 ] && grep -q '^n: 3 new' out || fail "card: $(cat out err)"
mv card slot2 && touch slot2/*
archive c n 'dir:../slot2' '"utc_offset":"Z"'
pull c
[ $STATUS = 0 ] && grep -q '^n: 0 new' out || fail "another slot: $(cat out err)"
[ "$(find c/raw/n -name '*.WAV*' | wc -l)" = 3 ] || fail "another slot: $(find c/raw/n)"
exit 0
