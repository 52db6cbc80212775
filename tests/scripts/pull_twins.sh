#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same bytes under another name are kept once, whichever wire they come by,
# and never fetched again; the same CRC-32 alone is no proof.
set -u
. "$TOP/tests/scripts/pull.bash"

# like DIR FROM TO: the line of TO, whose bytes are those of FROM
like() { sed -n "s|\"n\":\"$2\"|\"n\":\"$3\"|p" "$1/index.jsl" >>"$1/index.jsl"; }

node n b1/1.wav b1/2.wav b1/3.wav
cp n/b1/1.wav n/b1/copy.wav && like n b1/1.wav b1/copy.wav
mkdir n/new && cp n/b1/2.wav n/new/2.wav && like n b1/2.wav new/2.wav
# Small files and those of nothing are as they are; env tables often are alike.
printf 'm,air_temp_degc\n' | tee n/b1/env.csv >n/new/env.csv
head -c 3000 /dev/zero | tee n/b1/nul1.wav >n/b1/nul2.wav
head -c 90000 /dev/zero | tee n/b1/nul3.wav >n/b1/nul4.wav
: >n/b1/none1.wav && : >n/b1/none2.wav
"$PY" - <<'P'
import random, zlib
out = open("n/index.jsl", "a")
def line(name, data):
    out.write('{"n":"%s","l":%d,"c":"%08x","st":"closed"}\n' % (name, len(data), zlib.crc32(data)))
for f in "b1/env.csv", "new/env.csv", *("b1/nul%d.wav" % i for i in (1, 2, 3, 4)), "b1/none1.wav", "b1/none2.wav":
    line(f, open("n/" + f, "rb").read())
# Other bytes of the length and CRC-32 of b1/3.wav: four bytes at the end bend it.
want = open("n/b1/3.wav", "rb").read()
table = []
for i in range(256):
    c = i
    for _ in range(8):
        c = (c >> 1) ^ (0xedb88320 if c & 1 else 0)
    table.append(c)
other = want[:44] + random.Random(7).randbytes(len(want) - 48)
c = zlib.crc32(want) ^ 0xffffffff
for _ in range(4):  # back through four bytes
    i = next(i for i in range(256) if table[i] >> 24 == c >> 24)
    c = ((c ^ table[i]) << 8 | i) & 0xffffffff
tail = c ^ zlib.crc32(other) ^ 0xffffffff
other += tail.to_bytes(4, "little")
assert zlib.crc32(other) == zlib.crc32(want) and other != want
open("n/new/collides.wav", "wb").write(other)
line("new/collides.wav", other)
P
serve n
archive a n "$URL"
status 0 wx-pull -a a >out 2>err
grep -q '^n: 12 new (.*, 0 known, 2 duplicates$' out || fail "$(cat out err)"
[ -s err ] && fail "$(cat err)"
(cd n && find . -name '*.wav' ! -name copy.wav ! -path ./new/2.wav -o -name env.csv | sort | xargs sha256sum) >want
(cd a/raw/n && sha256sum -c --quiet) <want || fail "bytes"
[ ! -e a/raw/n/b1/copy.wav ] && [ ! -e a/raw/n/new/2.wav ] || fail "kept twice"
grep -q '^{"alias":"b1/copy.wav","of":"b1/1.wav","l":60044,"crc":' a/raw/n/journal.jsonl || fail "alias: $(cat a/raw/n/journal.jsonl)"
[ -z "$(find a/raw/n/.part -type f 2>/dev/null)" ] || fail "part files are left"

fits journal-line a/raw/n/journal.jsonl

fresh_log n
find a -type f -printf '%p %s %T@\n' | sort >before
status 0 wx-pull -a a >out 2>err
grep -q '^n: 0 new (0.0 MB), 14 known$' out || fail "again: $(cat out err)"
grep -q '\.wav' n.log && fail "fetched again: $(cat n.log)"
find a -type f -printf '%p %s %T@\n' | sort | diff before - || fail "a second run changed a file"

# The catalogue knows what lies here: sound is listened to once.
wx-listen -q -a a >/dev/null 2>&1
cat a/sound/n/*.csv | cut -d, -f1 | sort -u >heard
grep -q copy heard && fail "heard twice"
grep -q collides heard || fail "the colliding one is not heard: $(cat heard)"

# The one that was kept is gone from the archive: both names are asked again.
rm a/raw/n/b1/2.wav
status 0 wx-pull -a a >out 2>err
[ -e a/raw/n/b1/2.wav ] && [ ! -e a/raw/n/new/2.wav ] || fail "the original did not come back: $(cat out err)"
# Where only the other name is left on the node, its bytes come under that.
rm a/raw/n/b1/2.wav n/b1/2.wav && sed -i '/"b1\/2.wav"/d' n/index.jsl
status 0 wx-pull -a a >out 2>err
cmp n/new/2.wav a/raw/n/new/2.wav || fail "the alias is all there is: $(cat out err)"

# A SHA-256 on both sides is proof enough: nothing is fetched.
node h x/1.wav && cp h/x/1.wav h/x/2.wav && like h x/1.wav x/2.wav
sum=$(sha256sum h/x/1.wav | cut -d' ' -f1)
sed -i "s/\"q\"/\"h\":\"$sum\",\"q\"/" h/index.jsl
serve h
archive b h "$URL" '"release":true'
status 0 wx-pull -a b >out 2>err
grep -q '^h: 1 new (0.1 MB), 0 known, 1 duplicates, 2 released$' out || fail "by SHA-256: $(cat out err)"
grep -q '^GET x/2.wav' h.log && fail "fetched for nothing"
[ ! -e h/x/1.wav ] && [ ! -e h/x/2.wav ] || fail "not released"

# A card: the names that came first stay, in folders or out of them.
node card 20250619_030030.WAV DCIM/20250619_040030.WAV && rm card/index.jsl
archive c n "dir:$PWD/card" '"utc_offset":"Z"'
status 0 wx-pull -a c >out 2>err
mkdir card/backup && cp card/20250619_030030.WAV card/DCIM/* card/backup/
status 0 wx-pull -a c >out 2>err
grep -q '^n: 0 new (0.0 MB), 2 known, 2 duplicates$' out || fail "card: $(cat out err)"
[ ! -e c/raw/n/backup ] || fail "card: kept twice"
[ "$(wc -l <c/raw/n/index.jsl)" = 2 ] || fail "card: index"
status 0 wx-pull -a c >out 2>err
grep -q '^n: 0 new (0.0 MB), 4 known$' out || fail "card again: $(cat out err)"
archive c n "dir:$PWD/card" '"utc_offset":"Z","release":true'
status 0 wx-pull -a c >out 2>err
[ -z "$(find card -type f)" ] || fail "card: not released: $(cat out err)"

# A name without a date came first: the one with a date still dates it.
node named record_1.wav record_2.wav && rm named/index.jsl
archive f n "dir:$PWD/named" '"utc_offset":"+02:00"'
status 0 wx-pull -a f >out 2>err
cp named/record_1.wav named/20250619_030030.WAV
status 0 wx-pull -a f >out 2>err
grep -q '2 known, 1 duplicates$' out || fail "dated: $(cat out err)"
grep -q '"n":"record_1.wav",.*"r0":1750294830000000,.*"by":"name"' f/raw/n/index.jsl || fail "dated: $(cat f/raw/n/index.jsl)"
grep '"n":"record_2.wav"' f/raw/n/index.jsl | grep -q r0 && fail "dated: the other, too"

# Of a card's pairs the first stays, whichever was hashed first; and of one that
# had got its name when a pull was killed, before its line of the journal.
pairs=$(seq -f '%02g' 24)
node pairs $(printf '%s/1.wav ' $pairs) && rm pairs/index.jsl
for i in $pairs; do cp pairs/$i/1.wav pairs/$i/2.wav; done
archive d n "dir:$PWD/pairs" '"utc_offset":"Z"'
archive e n "dir:$PWD/pairs" '"utc_offset":"Z"'
mkdir -p e/raw/n/03 && cp pairs/03/1.wav e/raw/n/03
for a in d e; do
	status 0 wx-pull -a $a >out 2>err
	[ "$(find $a/raw/n -name 1.wav | wc -l)" = 24 ] || fail "pairs: $(cat out err)"
	[ -z "$(find $a/raw/n -name 2.wav)" ] || fail "pairs: kept twice: $(find $a/raw/n -name 2.wav)"
done
exit 0
