#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The index and open tables: read incrementally, hostile lines passed over,
# another index than before kept beside; what is open is not fetched.
set -u
. "$TOP/tests/scripts/pull.bash"

node n b1/1.wav b1/2.wav
long=$(printf 'x%.0s' $(seq 300))
cat >>n/index.jsl <<X
{"n":"b1/1.wav","l":60044,"c":"$(grep -o '"b1/1.wav","l":60044,"c":"[^"]*' n/index.jsl | tail -c 9)","st":"closed"}
{"n":"../../evil.wav","l":10,"st":"closed"}
{"n":"/etc/evil.wav","l":10,"st":"closed"}
{"n":"$long.wav","l":10,"st":"closed"}
{"n":"b1/.hidden","l":10,"st":"closed"}
{"n":"index.jsl","l":10,"st":"closed"}
{"n":"Journal.jsonl","l":10,"st":"closed"}
{"n":"index~12345678.jsl","l":10,"st":"closed"}
{"n":"b1/1.wav.part","l":10,"st":"closed"}
{"n":"b1/3.wav","st":"closed"}
{"n":"b1/3.wav","l":-4,"st":"closed"}
{"n":"b1/3.wav","l":10,"st":"half"}
{"n":7}
{"n":"torn","l":
{"ev":"sync","b":1,"m":5,"utc":1732258800125000,"s":"sntp","e":12}
{"n":"b1/9.wav","l":4000,"b":1,"q":9,"st":"open"}
{"n":"b1/env.csv","l":30,"b":1,"q":1,"st":"open"}
X
printf '{"n":"b1/\xff.wav","l":10,"st":"closed"}\n' >>n/index.jsl
whole=$(stat -c %s n/index.jsl)
printf '{"n":"b1/4.wav","l":10' >>n/index.jsl
printf 'm,air_temp_degc\n1,20.5\n2,20' >n/b1/env.csv
echo 3 >n.clock
serve n
archive a n "$URL"

status 0 wx-pull -a a >out 2>err
grep -q '^n: 2 new (0.1 MB), 0 known, 1 tables longer, 1 still open, 14 refused, 7 missing in its index, 32 clock exchanges$' out ||
	fail "$(cat out err)"
[ "$(stat -c %s a/raw/n/index.jsl)" = "$whole" ] || fail "a torn line was taken"
[ "$(cat a/raw/n/b1/env.csv)" = "$(printf 'm,air_temp_degc\n1,20.5')" ] || fail "env.csv"
[ "$(find a/raw -type f | sort | tr '\n' ' ')" = "a/raw/n/b1/1.wav a/raw/n/b1/2.wav a/raw/n/b1/env.csv a/raw/n/clock.jsonl a/raw/n/index.jsl a/raw/n/journal.jsonl " ] ||
	fail "$(find a/raw)"
[ ! -e evil.wav ] && [ ! -e a/evil.wav ] || fail "a name left its folder"
grep -q "'../../evil.wav'" err || fail "not named: $(cat err)"
[ "$(grep -c x300 err)" = 0 ] && [ "$(wc -l <err)" = 14 ] || fail "$(cat err)"

# Nothing new: no file changes, only the tail of the table and the index pass.
find a -type f -printf '%p %s %T@\n' | sort >before
fresh_log n
status 0 wx-pull -a a >out 2>err
find a -type f -printf '%p %s %T@\n' | sort | diff before - || fail "a second run changed a file"
[ "$(bytes_sent n.log index.jsl)" -le 1100 ] || fail "the index came again: $(cat n.log)"

# The power came back: the torn line is NULs now, and more follow.
truncate -s "$whole" n/index.jsl
head -c 40 /dev/zero >>n/index.jsl
status 0 wx-pull -a a >/dev/null 2>&1
[ "$(stat -c %s a/raw/n/index.jsl)" = "$whole" ] || fail "NULs were taken"
node tmp b1/5.wav b1/6.wav && cp tmp/b1/*.wav n/b1/ && cat tmp/index.jsl >>n/index.jsl
printf '.5\n3,21\n' >>n/b1/env.csv
fresh_log n
status 0 wx-pull -a a >out 2>/dev/null
cmp n/index.jsl a/raw/n/index.jsl || fail "index"
cmp n/b1/5.wav a/raw/n/b1/5.wav || fail "the line after NULs"
cmp n/b1/env.csv a/raw/n/b1/env.csv || fail "env.csv was not appended to"
grep -q "^GET index.jsl 206 " n.log || fail "the whole index came"

# The boot is over: the table is closed, and complete as its line says.
printf '4,22' >>n/b1/env.csv
crc=$("$PY" -c 'import zlib,sys; print("%08x" % zlib.crc32(open("n/b1/env.csv","rb").read()))')
echo "{\"n\":\"b1/env.csv\",\"l\":$(stat -c %s n/b1/env.csv),\"c\":\"$crc\",\"st\":\"closed\"}" >>n/index.jsl
status 0 wx-pull -a a >out 2>/dev/null
cmp n/b1/env.csv a/raw/n/b1/env.csv || fail "closed env.csv"

# Tables that were open before: one is closed, and comes in 10 kB at a time; of
# the other the node says something else than it has. That one is kept aside,
# and what came of it before stays.
closed() { echo "{\"n\":\"$1\",\"l\":$(stat -c %s "n/$1"),\"c\":\"$2\",\"st\":\"closed\"}" >>n/index.jsl; }
crc_of() { "$PY" -c 'import zlib,sys; print("%08x" % zlib.crc32(open(sys.argv[1],"rb").read()))' "$1"; }
seq -f '%.0f,20' 1000 >n/b1/cut.csv
printf 'm,air_temp_degc\n1,20\n' >n/b1/wrong.csv
for f in cut wrong; do echo "{\"n\":\"b1/$f.csv\",\"st\":\"open\"}"; done >>n/index.jsl
status 0 wx-pull -a a >out 2>err
seq -f '%.0f,20' 1001 7000 >>n/b1/cut.csv
echo 2,21 >>n/b1/wrong.csv
closed b1/cut.csv "$(crc_of n/b1/cut.csv)"
closed b1/wrong.csv 01234567
status 4 wx-pull -a a >out 2>err
cmp n/b1/cut.csv a/raw/n/b1/cut.csv || fail "closed cut.csv"
cmp n/b1/wrong.csv a/raw/n/.quarantine/b1/wrong.csv~01234567 || fail "wrong.csv is not kept aside"
[ "$(wc -l <a/raw/n/b1/wrong.csv)" = 2 ] || fail "what came of wrong.csv before"
grep -q '^wx-pull: n: b1/wrong.csv: does not agree with the index; kept as .quarantine/b1/wrong.csv~01234567, and not fetched again' err || fail "wrong.csv: $(cat err)"
fits journal-line a/raw/n/journal.jsonl
status 0 wx-pull -a a >out 2>err
grep -q ' 1 quarantined' out || fail "wrong.csv: $(cat out)"
grep -q wrong err && fail "wrong.csv is news: $(cat err)"
closed b1/wrong.csv "$(crc_of n/b1/wrong.csv)"
status 0 wx-pull -a a >out 2>err
cmp n/b1/wrong.csv a/raw/n/b1/wrong.csv || fail "wrong.csv, put right: $(cat err)"

# The node was wiped: another index, the same names with other bytes.
old=$("$PY" -c 'import zlib; print("%08x" % zlib.crc32(open("a/raw/n/index.jsl","rb").read()))')
cp a/raw/n/index.jsl old.jsl
rm -r n/b1 n/index.jsl
node tmp2 b1/7.wav && mkdir -p n/b1 && cp tmp2/b1/7.wav n/b1/1.wav && sed 's/7.wav/1.wav/' tmp2/index.jsl >n/index.jsl
status 0 wx-pull -a a >out 2>err
cmp old.jsl "a/raw/n/index~$old.jsl" || fail "the old index"
cmp n/index.jsl a/raw/n/index.jsl || fail "the new index"
crc=$(grep -o '"c":"[^"]*' n/index.jsl | tail -c 9)
cmp n/b1/1.wav "a/raw/n/b1/1.wav~$crc" || fail "beside: $(ls a/raw/n/b1)"
grep -q "b1/1.wav: another file of this name is here; this one is kept as b1/1.wav~$crc" err || fail "$(cat err)"
wx-listen -a a >out 2>err || fail "listen: $(cat err)"
grep -q "^raw/n/b1/1.wav," a/sound/n/b1.csv || fail "the old 1.wav is not listened to"
grep -q "^raw/n/b1/1.wav~$crc," a/sound/n/b1.csv || fail "the new 1.wav is not listened to"
find a -type f -printf '%p %s %T@\n' | sort >before
status 0 wx-pull -a a >out 2>&1
grep -q '0 new' out || fail "again: $(cat out)"
find a -type f -printf '%p %s %T@\n' | sort | diff before - || fail "changed again"

# Another boot is news to the clock, however young the last exchange.
n_lines=$(wc -l <a/raw/n/clock.jsonl)
echo 4 >n.clock
status 0 wx-pull -a a >out 2>&1
[ "$(wc -l <a/raw/n/clock.jsonl)" = $((n_lines + 16)) ] || fail "clock of a new boot: $(cat out)"

# Everything written is what the schemas say.
"$PY" - "$TOP" <<'P' || fail "schemas"
import json, jsonschema, sys
for name, schema in ("clock", "clock-line"), ("journal", "journal-line"):
    v = jsonschema.Draft202012Validator(json.load(open(f"{sys.argv[1]}/schemas/{schema}.schema.json")))
    lines = open(f"a/raw/n/{name}.jsonl").read().splitlines()
    assert len(lines) > 3
    for line in lines:
        v.validate(json.loads(line))
P
exit 0
