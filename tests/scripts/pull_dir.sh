#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Cards and folders: dated by their file names, or with the index of the node
# that wrote them; put in again, pulled out half way, with the same names anew.
set -u
. "$TOP/tests/scripts/pull.bash"

node card DCIM/20250619_030030.WAV 20250619_040030.wav S4A03895_0+1_20250619_050030.wav \
	5B07C752.WAV 20250619_060030T.WAV 19700101_000030.WAV record_7.wav
rm card/index.jsl
: >card/20250619_070030.WAV                        # recorders leave these
head -c 44 card/record_7.wav >card/20250619_080030.WAV
head -c 30001 card/record_7.wav >card/20250619_090030.WAV
head -c 400 /dev/zero >card/20250619_100030.WAV
echo note >card/CONFIG.TXT
echo note >card/README.TXT

# Whose zone? Told what to write, and nothing copied.
archive a n "dir:$PWD/card"
status 3 wx-pull -a a >out 2>err
grep -q "in UTC or local time.*\"utc_offset\": \"+02:00\"" err || fail "zone: $(cat err)"
[ -z "$(find a/raw -name '*.WAV')" ] || fail "zone: copied"

archive a n "dir:$PWD/card" '"utc_offset":"+02:00"'
status 0 wx-pull -a a >out 2>err
grep -q '^n: 12 new .*, 1 made$' out || fail "$(cat out err)"
(cd card && find . -iname '*.wav' | sort | xargs sha256sum) >want
(cd a/raw/n && find . -iname '*.wav' ! -name '*~*' | sort | xargs sha256sum) >found
diff want found || fail "bytes"
[ -e a/raw/n/CONFIG.TXT ] && [ ! -e a/raw/n/README.TXT ] || fail "not of the recorder"
while read -r f what; do
	grep -q "^wx-pull: n: $f: .*$what" err || fail "$f: $(cat err)"
done <<'L'
20250619_060030T.WAV its windows come without a start time$
19700101_000030.WAV without a start time$
record_7.wav without a start time$
20250619_070030.WAV empty (a file of 0 bytes)$
20250619_080030.WAV header_only
20250619_090030.WAV truncated .*a repaired copy is beside it$
20250619_100030.WAV null
L
[ "$(wc -l <err)" = 7 ] || fail "$(cat err)"
"$PY" - "$TOP" <<'P' || fail "index: $(cat a/raw/n/index.jsl)"
import datetime, json, jsonschema, sys, zlib
v = jsonschema.Draft202012Validator(json.load(open(sys.argv[1] + "/schemas/node-index-line.schema.json")))
lines = [json.loads(s) for s in open("a/raw/n/index.jsl")]
assert [d["n"] for d in lines] == sorted(d["n"] for d in lines) and len(lines) == 12
by = {d["n"]: d for d in lines}
def utc(n):
    return datetime.datetime.fromtimestamp(by[n]["r0"] / 1e6, datetime.timezone.utc).strftime("%Y%m%d_%H%M%S")
assert utc("DCIM/20250619_030030.WAV") == "20250619_010030"
assert utc("S4A03895_0+1_20250619_050030.wav") == "20250619_030030"
assert utc("5B07C752.WAV") == "20180525_082034"  # its own zone is UTC
for n in "19700101_000030.WAV", "record_7.wav":
    assert "r0" not in by[n] and "by" not in by[n]
t = by["20250619_060030T.WAV"]
assert utc("20250619_060030T.WAV") == "20250619_040030" and t["gap"] == "trigger", t
for n, d in by.items():
    data = open("card/" + n, "rb").read()
    assert d["l"] == len(data) and d["c"] == "%08x" % zlib.crc32(data) and d["st"] in ("closed", "recovered")
    v.validate(d)
d = by["20250619_040030.wav"]
assert (d["ns"], d["fs"], d["by"]) == (30000, 16000, "name")
d = by["20250619_090030.WAV"]
assert (d["ns"], d["st"], d["dmg"]) == (14978, "recovered", "truncated part_frame"), d
assert "ns" not in by["20250619_070030.WAV"]
P

# Eight folders deep is deep enough; what lies deeper is not passed over silently.
mkdir -p deep/1/2/3/4/5/6/7/8/9
cp card/20250619_040030.wav deep/1/2/3/4/5/6/7/8/
cp card/DCIM/20250619_030030.WAV deep/1/2/3/4/5/6/7/8/9/
archive d n "dir:$PWD/deep" '"utc_offset":"Z"'
status 0 wx-pull -a d >out 2>err
grep -q '^n: 1 new ' out || fail "deep: $(cat out)"
grep -q 'deep: what lies more than 8 folders deep is left out' err || fail "deep: $(cat err)"

# Put in again: nothing new, and no file changes.
find a -type f -printf '%p %s %T@\n' | sort >before
status 0 wx-pull -a a >out 2>err
grep -q '^n: 0 new (0.0 MB), 12 known$' out || fail "again: $(cat out)"
find a -type f -printf '%p %s %T@\n' | sort | diff before - || fail "a second run changed a file"

# Mounted with another zone: other times of change, the same bytes.
find card -iname '*.wav' -exec touch -d '2025-07-01 12:00' {} +
status 0 wx-pull -a a >out 2>err
grep -q '^n: 0 new (0.0 MB), 12 known$' out || fail "touched: $(cat out err)"

# A wrong offset is corrected in site.json alone.
archive a n "dir:$PWD/card" '"utc_offset":"Z"'
status 0 wx-pull -a a >out 2>err
grep -q '"n":"20250619_040030.wav".*"r0":1750305630000000,' a/raw/n/index.jsl || fail "offset"

# A counter that began anew: the same name and length, other sound.
node other 60044 x.wav && cp other/x.wav card/record_7.wav
status 0 wx-pull -a a >out 2>err
grep -q 'record_7.wav: another file of this name is here' err || fail "$(cat err)"
cmp other/x.wav a/raw/n/record_7.wav~* || fail "beside"
[ "$(sha256sum <a/raw/n/record_7.wav)" = "$(grep record_7 want | sed 's/ .*/  -/')" ] || fail "overwritten"
status 0 wx-pull -a a >out 2>err
grep -q '^n: 0 new' out || fail "beside again: $(cat out)"

# Pulled out half way.
rm -rf a/raw && mv card gone && mkdir card && cp gone/20250619_0[4-6]* card/
status 0 wx-pull -a a >/dev/null 2>&1
rm -r card
status 4 wx-pull -a a >out 2>err
grep -q 'is the card in? .*"by_hand": true.*wx-pull --from' err || fail "no card: $(cat err)"
# Brought by hand, it is not missed, and read where it is put in.
archive h n "dir:$PWD/card" '"utc_offset":"Z","by_hand":true'
status 0 wx-pull -a h >out 2>err
[ ! -s out ] && grep -q 'name those whose card is in' err || fail "by hand: $(cat out err)"
status 0 wx-pull -a h --from dir:gone n >out 2>err
grep -q '^n: [1-9][0-9]* new' out && [ -e h/raw/n/index.jsl ] || fail "--from: $(cat out err)"
status 2 wx-pull -a h --from dir:gone >out 2>err
mv gone card
status 0 wx-pull -a a >out 2>err
(cd card && find . -iname '*.wav' | sort | xargs sha256sum) >want
(cd a/raw/n && find . -iname '*.wav' ! -name '*~*' | sort | xargs sha256sum) | diff want - || fail "the rest"

# A card that a node wrote is read as the node is: what its index says counts.
node c2 b1/1.wav b1/2.wav b1/3.wav
printf '\1' | dd of=c2/b1/2.wav bs=1 seek=500 conv=notrunc status=none
printf 'm,air_temp_degc\n1,20\n' >c2/b1/env.csv
echo '{"n":"b1/env.csv","l":22,"st":"open"}' >>c2/index.jsl
archive b n "dir:$PWD/c2"
status 4 wx-pull -a b >out 2>err
grep -q '^n: 2 new (0.1 MB), 0 known, 1 tables longer, 1 quarantined$' out || fail "$(cat out)"
grep -q 'b1/2.wav: CRC-32 .* does not agree with the index' err || fail "$(cat err)"
cmp c2/index.jsl b/raw/n/index.jsl || fail "index"
cmp c2/b1/env.csv b/raw/n/b1/env.csv || fail "env.csv"
[ ! -e b/raw/n/b1/2.wav ] || fail "a damaged file was taken"

# Released on a card: only what is as we have it.
archive b n "dir:$PWD/c2" '"release":true'
echo >>c2/b1/3.wav
status 0 wx-pull -a b >out 2>err
grep -q 'b1/3.wav: not released, for it changed' err || fail "$(cat err)"
[ ! -e c2/b1/1.wav ] && [ -e c2/b1/2.wav ] && [ -e c2/b1/3.wav ] || fail "release: $(ls c2/b1)"

[ -n "$CAPTURES" ] || exit 0
# Real recordings, a real day of them and damaged ones.
archive r n "dir:$CAPTURES/composed-day/card" '"utc_offset":"Z"'
status 0 wx-pull -a r >out 2>err
grep -q '^n: 56 new (17.9 MB), 0 known$' out || fail "composed day: $(cat out)"
grep -q '{"n":"20250619_030030.WAV","l":320044,.*"ns":160000,"fs":16000,"r0":1750302030000000,"st":"closed","by":"name"}' \
	r/raw/n/index.jsl || fail "composed day: index"
archive m n "dir:$CAPTURES/node/audiomoth" '"utc_offset":"Z"'
status 0 wx-pull -a m >out 2>err
grep -q '^n: 4 new ' out || fail "audiomoth: $(cat out err)"
(cd "$CAPTURES/node/audiomoth" && sha256sum -- *.wav *.WAV) >want
(cd m/raw/n && sha256sum -c --quiet) <want || fail "audiomoth: bytes"
exit 0
