#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# wx-sim --serve held to every clause of wx-node(7), "Over HTTP", by curl.
set -u
bad=0
fail() { echo "serve.sh:${BASH_LINENO[-2]}: $*"; bad=1; }
eq() { [ "$2" = "$3" ] || fail "$1: found '$2', expected '$3'"; }

free_port() {
	/usr/bin/python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# A store of a node: two closed captures, one open, a table, an empty file, a
# CRC that the bytes do not have (rotten), a folder, a link out of the store.
mkdir -p store/b0017 && echo secret >outside
/usr/bin/python3 - <<'END'
import hashlib, json, os, zlib
os.chdir("store")
def line(name, data, **more):
    open(name, "wb").write(data)
    d = {"n": name, "l": len(data), "c": "%08x" % zlib.crc32(data), "b": 17}
    d.update(more)
    return json.dumps(d) + "\n"
wav = bytes((i * 7 + i // 251) % 256 for i in range(100_000))
with open("index.jsl", "w") as f:
    f.write('{"ev":"boot","b":17,"m":0}\n')
    f.write(line("b0017/000001.wav", wav, st="closed", q=1))
    f.write(line("b0017/000002.wav", wav[1:], st="closed", q=2,
                 h=hashlib.sha256(wav[1:]).hexdigest()))
    f.write(line("b0017/000003.wav", wav[:999], st="open", q=3))
    f.write(line("b0017/empty.wav", b"", st="closed", q=4))
    f.write(line("b0017/rotten.wav", wav, st="closed", c="deadbeef"))
    f.write(line("env.csv", b"m,air_temp_degc\n1,2.5\n", st="closed"))
    f.write('{"n":"../outside","l":7,"c":"00000000","st":"closed"}\n')
open("unlisted.bin", "wb").write(b"abc")
open(".hidden", "wb").write(b"abc")
os.symlink("../outside", "link")
END
ln -s .. store/up

wx-sim --serve store >where 2>errors &
server=$!
trap 'kill $server 2>/dev/null; wait' EXIT
for _ in $(seq 100); do [ -s where ] && break; sleep 0.1; done
read -r id url <where || { cat errors; exit 1; }
eq "id" "$id" store
[[ $url =~ ^http://127\.0\.0\.1:[0-9]+/cap/$ ]] || fail "address '$url'"

# req CURL-ARGS... PATH: status in $code, headers in $head, body in ./body
req() {
	local path=${!#}
	set -- "${@:1:$#-1}"
	: >body
	code=$(curl -s --path-as-is -D ./head -o body -w '%{http_code}' "$@" "$url$path")
	head=$(tr -d '\r' <./head)
}
header() { sed -n "s/^$1: //Ip" <<<"$head"; }

wav=b0017/000001.wav
len=$(stat -c %s store/$wav)
crc=$(/usr/bin/python3 -c "import zlib;print('%08x'%zlib.crc32(open('store/$wav','rb').read()))")
tag="\"$crc-$len\""
b64() { openssl dgst -sha256 -binary "$1" | base64; }

# GET: the bytes, and what is said of them.
req $wav
eq "GET" "$code" 200
cmp body store/$wav || fail "GET: other bytes"
eq "ETag" "$(header ETag)" "$tag"
eq "Content-Length" "$(header Content-Length)" "$len"
eq "Accept-Ranges" "$(header Accept-Ranges)" bytes
eq "Repr-Digest" "$(header Repr-Digest)" "sha-256=:$(b64 store/$wav):"
req b0017/000002.wav
eq "digest of the index" "$(header Repr-Digest)" "sha-256=:$(b64 store/b0017/000002.wav):"
req b0017/empty.wav
eq "empty" "$code $(header ETag) $(header Content-Length)" '200 "00000000-0" 0'
req b0017/000003.wav
eq "an open one as it is" "$code $(stat -c %s body)" "200 999"
req unlisted.bin
eq "not in the index" "$code $(header ETag)" '200 "352441c2-3"'
req b0017/rotten.wav # a node says what its index says: the host must notice
eq "rotten" "$code $(header ETag)" '200 "deadbeef-100000"'

# HEAD: the same without the bytes; Range is not for it.
req -I -H 'Range: bytes=5-9' $wav
eq "HEAD" "$code $(header Content-Length) $(header ETag)" "200 $len $tag"
[ -n "$(header Repr-Digest)" ] || fail "HEAD: no digest"

# Range.
range() { # RANGE CODE CONTENT-RANGE SKIP COUNT
	req -H "Range: $1" $wav
	eq "Range $1" "$code $(header Content-Range)" "$2 $3"
	[ "$2" = 416 ] || cmp body <(tail -c +$(($4 + 1)) store/$wav | head -c "$5") ||
		fail "Range $1: other bytes"
	[ "$2" = 416 ] || eq "Range $1: length" "$(header Content-Length)" "$5"
	eq "Range $1: ETag" "$(header ETag)" "$tag"
	eq "Range $1: digest of the whole file" "$(header Repr-Digest)" \
		"sha-256=:$(b64 store/$wav):"
}
range bytes=0-99 206 "bytes 0-99/$len" 0 100
range bytes=50000- 206 "bytes 50000-99999/$len" 50000 50000
range bytes=99999- 206 "bytes 99999-99999/$len" 99999 1
range bytes=99990-200000 206 "bytes 99990-99999/$len" 99990 10
range bytes=-7 206 "bytes 99993-99999/$len" 99993 7
range bytes=-200000 206 "bytes 0-99999/$len" 0 100000
range bytes=100000- 416 "bytes */$len"
range bytes=99999999999999999999999- 416 "bytes */$len"
range bytes=-0 416 "bytes */$len"
range bytes=9-5 200 "" 0 "$len"       # malformed, several, another unit:
range bytes=0-4,10-14 200 "" 0 "$len" # the whole
range lines=0-4 200 "" 0 "$len"
range bytes=- 200 "" 0 "$len"
req -H 'Range: bytes=0-' b0017/empty.wav
eq "Range of nothing" "$code $(header Content-Range)" "416 bytes */0"

# Conditions.
req -H "If-Range: $tag" -H 'Range: bytes=10-' $wav
eq "If-Range, same" "$code" 206
req -H "If-Range: \"00000000-$len\"" -H 'Range: bytes=10-' $wav
eq "If-Range, changed" "$code $(header Content-Length)" "200 $len"
req -H "If-Range: W/$tag" -H 'Range: bytes=10-' $wav
eq "If-Range, weak" "$code" 200
req -H "If-Range: \"00000000-$len\"" -H 'Range: bytes=100000-' $wav
eq "If-Range, changed, past the end" "$code" 200
req -H "If-None-Match: $tag" $wav
eq "If-None-Match" "$code $(header ETag) $(stat -c %s body)" "304 $tag 0"
req -H "If-None-Match: \"x\", W/$tag" $wav
eq "If-None-Match, list" "$code" 304
req -H 'If-None-Match: *' $wav
eq "If-None-Match *" "$code" 304
req -H 'If-None-Match: "x"' $wav
eq "If-None-Match, other" "$code" 200
req -H 'If-Match: "x"' $wav
eq "If-Match, other" "$code" 412

# The index grows; its ETag with it.
req index.jsl
old=$(header ETag) n=$(stat -c %s body)
eq "index" "$code $(header Repr-Digest)" "200 sha-256=:$(b64 store/index.jsl):"
req -H "If-None-Match: $old" index.jsl
eq "index, same" "$code" 304
echo '{"ev":"sync","b":17,"m":5}' >>store/index.jsl
req -H "If-None-Match: $old" index.jsl
eq "index, grown" "$code" 200
[ "$(header ETag)" != "$old" ] || fail "index grown, ETag the same"
req -H "Range: bytes=$n-" index.jsl
eq "index, the rest" "$code $(cat body)" '206 {"ev":"sync","b":17,"m":5}'
req -X DELETE -H "If-Match: $(header ETag)" index.jsl
eq "index, delete" "$code" 405

# Names: nothing outside, nothing hidden.
for name in ../outside b0017/../../outside %2e%2e/outside link up/outside \
	.hidden b0017 b0017/ "" /etc/passwd nothing.wav b0017//000001.wav \
	./env.csv 'env.csv%00' 'b0017\000001.wav' "$(printf 'a%.0s' {1..300})"; do
	req "$name"
	[ "$name" = 'env.csv%00' ] && [ "$code" = 200 ] && continue # C's end of text
	eq "name '$name'" "$code" 404
done

# The clock: a fresh boot after those of the index, monotonic, t1 given back.
json() { # values of the body, blanks between
	/usr/bin/python3 -c "import json;d=json.load(open('body'));print(*($1,))"
}
req 'clock?t1=1732258800123456'
eq "clock" "$code $(header Cache-Control)" "200 no-store"
eq "clock" "$(json 'd["t1"],d["b"],d["s"],"r" in d,d["m2"]<=d["m3"]')" \
	"1732258800123456 18 none False True"
m=$(json 'd["m3"]')
req 'clock?t1=1'
[ "$(json 'd["m2"]')" -gt "$m" ] || fail "m does not rise"
req 'clock?t1=now'
eq "clock, t1 no number" "$code" 400
req -d '{"utc":1732258800000000}' clock
eq "clock set" "$code" 204
req 'clock?t1=1'
eq "clock after" "$(json 'd["s"],0<=d["r"]-1732258800000000<60e6')" "set True"
eq "logged" "$(tail -n 1 store/index.jsl | cut -c 1-14)" '{"ev":"set","b'
req -d 'utc=1' clock
eq "clock set, no JSON" "$code" 400
req -d "{\"utc\":1,\"x\":\"$(printf 'a%.0s' {1..2000})\"}" clock
eq "clock set, too long" "$code" 413
req -X PUT clock
eq "clock, method" "$code $(header Allow)" "405 GET, POST"

req info
eq "info" "$code $(json 'd["id"],d["rec"],0<d["fs_free"]<=d["fs_total"],"fw" in d')" \
	"200 store b0017/000003.wav True True"
req -X PUT $wav
eq "method" "$code $(header Allow)" "405 GET, HEAD, DELETE"

# DELETE: only what is named by its bytes, closed, and there.
lines=$(wc -l <store/index.jsl)
req -X DELETE $wav
eq "DELETE, no If-Match" "$code" 428
req -X DELETE -H 'If-Match: *' $wav
eq "DELETE, If-Match *" "$code" 428
req -X DELETE -H 'If-Match: "00000000-7"' $wav
eq "DELETE, changed" "$code" 412
req -X DELETE -H "If-Match: W/$tag" $wav
eq "DELETE, weak" "$code" 412
req b0017/000003.wav
req -X DELETE -H "If-Match: $(header ETag)" b0017/000003.wav
eq "DELETE, open" "$code" 409
[ -e store/$wav ] && [ -e store/b0017/000003.wav ] || fail "deleted too soon"
req -X DELETE -H "If-Match: $tag" $wav
eq "DELETE" "$code" 204
[ ! -e store/$wav ] || fail "DELETE left the file"
eq "index lines kept" "$(wc -l <store/index.jsl)" "$lines"
req $wav
eq "GET after DELETE" "$code" 404
req -X DELETE -H "If-Match: $tag" $wav
eq "DELETE again" "$code" 404

# A whole folder of requests at once over few connections.
for i in $(seq 200); do printf 'url="%sb0017/000002.wav"\noutput="many.%s"\n' "$url" "$i"; done >many
curl -s --no-progress-meter --parallel --parallel-max 8 -K many || fail "many at once"
eq "many at once" "$(sha256sum many.* | cut -d ' ' -f 1 | sort -u)" \
	"$(sha256sum <store/b0017/000002.wav | cut -d ' ' -f 1)"

kill -TERM $server
wait $server
eq "exit status after SIGTERM" $? 0
eq "stderr" "$(cat errors)" ""

# A token, read from a file; and a port of one's choice.
echo 's3cret' >token && chmod 600 token
port=$(free_port)
rm where
wx-sim --serve store --token-file token --port $port >where 2>errors &
server=$!
for _ in $(seq 100); do [ -s where ] && break; sleep 0.1; done
read -r id url <where || { cat errors; exit 1; }
eq "port" "$url" "http://127.0.0.1:$port/cap/"
req env.csv
eq "no token" "$code $(header WWW-Authenticate)" '401 Bearer realm="node"'
req -H 'Authorization: Bearer s3cre' env.csv
eq "wrong token" "$code" 401
req -H 'Authorization: Bearer s3cretX' info
eq "longer token" "$code" 401
req -H 'Authorization: Bearer s3cret' env.csv
eq "token" "$code" 200
kill -INT $server
wait $server
eq "exit status after SIGINT" $? 0

# The examples of wx-node(7), on a port that is free.
port=$(free_port)
sed -n 's/^\$ //p' "$TOP/man/wx-node.7" | sed "s/8017/$port/
	s/ &\$/ >where \& for i in 1 2 3 4 5 6 7 8 9; do [ -s where ] || sleep 0.2; done/" >page
[ "$(wc -l <page)" -ge 4 ] || fail "wx-node(7) has no examples"
{ echo 'set -e'; cat page; echo 'kill $!; wait $!'; } >page.sh
: >where
sh page.sh >out 2>errors || { fail "an example of wx-node(7) failed:"; cat errors; }
eq "the page's address" "$(cat where)" "n1 http://127.0.0.1:$port/cap/"
grep -q '^{"ev":"boot"' out || fail "the page's example: no index"
tail -n 1 out | grep -q '"t1":1780272000000000' || fail "the page's example: no clock"

mkdir nothing
wx-sim --serve nothing 2>errors
eq "no store" "$? $(cat errors)" "3 wx-sim: nothing: expected a sim.json (a made site) or an index.jsl (a node's folder), found neither"
wx-sim --serve nowhere 2>errors
eq "no folder" "$? $(cat errors)" "4 wx-sim: nowhere: No such file or directory"
exit $bad
