# SPDX-License-Identifier: MIT
# wx-upload against curl --parallel, both with 8 connections, on the tests' own
# strict service, which has all samples already: both are answered the same.
# SHA-256 and HMAC against openssl. WX_BENCH_N samples of 320 kB (default 500).
n=${WX_BENCH_N:-500}
export no_proxy='*'
$PYTHON "$TOP/tests/bench/upload_made.py" set "$n" || exit 1
$PYTHON "$TOP/tests/servers/ingestion.py" --state state >port &
service=$!
trap 'kill $service' EXIT
while [ ! -s port ]; do sleep 0.05; done
url=http://127.0.0.1:$(cat port)
key=$(sed -n 's/^KEY = "\(.*\)"/\1/p' "$TOP/tests/servers/ingestion.py")
(umask 077; echo "$key" >key)
# A request a sample for curl, with the heads and the body that ours have.
$PYTHON - "$url" "$key" >list <<'P'
import json, sys
for i, f in enumerate(json.load(open("set/info.labels"))["files"]):
    if i:
        print("next")
    print('url = "%s/api/%s/files"' % (sys.argv[1], f["category"]))
    print('form = "data=@set/%s;type=audio/wav"' % f["path"])
    for h in ("x-api-key: " + sys.argv[2], "x-disallow-duplicates: 1", "x-label: " + f["label"]["label"], "x-metadata: " + json.dumps(f["metadata"]), "Expect:"):
        print('header = "%s"' % h.replace('"', '\\"'))
    print('output = "/dev/null"')
P
ours="wx-upload -q --key-file key --host $url set"
$ours >/dev/null || exit 1
pairs "wx-upload, $n samples, to curl --parallel with 8 connections" '>= 0.85, <= 64 MiB' \
	"$ours" "curl -sS --no-progress-meter --parallel --parallel-immediate --parallel-max 8 -K list" \
	'rm -f set/uploaded.jsonl'
pairs "wx-upload, $n samples, to curl with one connection" '>= 1' \
	"$ours" "curl -sS -K list" 'rm -f set/uploaded.jsonl'
[ ! -s state/wrong.jsonl ] || { head -n 3 state/wrong.jsonl; exit 1; }

# A buffer of 256 KiB over and over, by CPU time, as openssl speed does it.
gcc -O2 -D_GNU_SOURCE -I"$TOP/lib" -o hash "$TOP/tests/bench/upload_hash.c" "$B/libwx.a" -lcrypto -ldeflate || exit 1
openssl_speed() {
	openssl speed -mr -seconds 1 -bytes 262144 -evp sha256 2>/dev/null | sed -n 's/^+F:.*:\([0-9.]*\)$/\1/p'
}
for what in sha256 hmac; do
	for _ in 1 2 3; do echo "$(./hash $what) $(openssl_speed)"; done | sort -n -k1,1 | sed -n 2p |
		awk -v w=$what '{ printf "%s, to openssl speed of sha256: ratio %.2f (ours %.0f MB/s), asked: >= 0.9\n", w, $1 / $2, $1 / 1e6 }'
done
