#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Several nodes: one down and one that never answers hold up nobody. Tokens,
# pinned keys, release.
set -u
. "$TOP/tests/scripts/pull.bash"

node n good-1.wav good-2.wav
serve n
good=$URL
"$PY" - >mute.url <<'P' &
import socket, sys, time
s = socket.create_server(("127.0.0.1", 0))  # accepts, says nothing
print(f"http://127.0.0.1:{s.getsockname()[1]}/cap/", flush=True)
time.sleep(60)
P
PIDS="$PIDS $!"
down=$("$PY" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
until [ -s mute.url ]; do sleep 0.05; done
mkdir a
cat >a/site.json <<X
{"site":"t","stations":[],"nodes":[
 {"id":"mute","source":"$(cat mute.url)"},
 {"id":"down","source":"http://127.0.0.1:$down/cap/"},
 {"id":"n","source":"$good"}]}
X
status 4 wx-pull -a a --timeout 1 >out 2>err
head -n 1 out | grep -q '^n: 2 new' || fail "the good one waited: $(cat out)"
grep -q '^wx-pull: mute: .*[Tt]oo slow' err || fail "mute: $(cat err)"
grep -q "^wx-pull: down: Failed to connect to 127.0.0.1 port $down" err || fail "down: $(cat err)"
[ "$(wc -l <err)" = 2 ] || fail "$(cat err)"
status 0 wx-pull -a a n >out 2>err
grep -q '^n: 0 new (0.0 MB), 2 known$' out || fail "$(cat out)"
status 2 wx-pull -a a nosuch 2>err
grep -q "site.json has no node 'nosuch'" err || fail "$(cat err)"

# No release unless the site says so; then only what is as we have it.
grep -q DELETE n.log && fail "deleted without being told to"
archive a n "$good" '"release":true'
echo >>n/good-2.wav
status 0 wx-pull -a a >out 2>err
[ ! -e n/good-1.wav ] || fail "good-1 was not released"
[ -e n/good-2.wav ] || fail "good-2 was released, though it had changed"
grep -q 'good-2.wav: not released, for it changed' err || fail "$(cat err)"
grep -q '"released":"good-1.wav"' a/raw/n/journal.jsonl || fail "journal"
fresh_log n
status 0 wx-pull -a a >out 2>err
[ "$(grep -c 'DELETE good-1' n.log)" = 0 ] || fail "released twice"
[ -e a/raw/n/good-1.wav ] || fail "ours went too"

# A token, from a file alone.
node t good-1.wav
echo s3cret-t0ken >t.token
serve t
archive tok n "$URL"
status 4 wx-pull -a tok >out 2>err
grep -q 'answered 401: it wants a token' err || fail "$(cat err)"
archive tok n "$URL" '"token_file":"token"'
cp t.token tok/token && chmod 644 tok/token
status 0 wx-pull -v -a tok >out 2>err
grep -q 'tok/token: others may read this token: chmod 600 it' err || fail "$(cat err)"
chmod 600 tok/token
status 0 wx-pull -v -a tok >>out 2>err2
[ ! -s err2 ] || fail "$(cat err2)"
grep -rq s3cret out err tok/raw && fail "the token is in the open"

# HTTPS by a key of its own.
if command -v openssl >/dev/null; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=node -keyout key -out cert 2>/dev/null
	cat cert key >s.pem
	pin=sha256//$(openssl x509 -in cert -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
	node s good-1.wav
	serve s
	archive tls n "$URL"
	status 4 wx-pull -a tls >out 2>err
	grep -qi 'certificate' err || fail "unknown key: $(cat err)"
	archive tls n "$URL" "\"pin\":\"sha256//$(head -c 32 /dev/zero | base64)\""
	status 4 wx-pull -a tls >out 2>err
	grep -qi 'pinned' err || fail "other key: $(cat err)"
	archive tls n "$URL" "\"pin\":\"$pin\""
	status 0 wx-pull -a tls >out 2>err
	cmp s/good-1.wav tls/raw/n/good-1.wav || fail "https"
fi
exit 0
