# SPDX-License-Identifier: MIT
# wx-pull, verification and sync included, against curl --parallel, which does
# neither, from the same server; then again with nothing new, against rsync.
"$PYTHON" "$TOP/tests/bench/pull_made.py" store "${WX_BENCH_CAPTURES:-5000}" || exit 1
wx-sim --serve store >served 2>/dev/null &
server=$!
trap 'kill $server' EXIT
until [ -s served ]; do sleep 0.1; done
url=$(grep -o 'http.*' served)
sed -n "s|.*\"n\":\"\([^\"]*\)\".*|url=\"$url\1\"\noutput=\"by-curl/\1\"|p" store/index.jsl >urls
site='{"site":"t","stations":[],"nodes":[{"id":"n","source":"'$url'"}]}'
rm -rf a && mkdir a && echo "$site" >a/site.json
wx-pull -q -a a >/dev/null || exit 1 # the server hashes each file once

pairs pull '>= 0.9' "wx-pull -q -a a" \
	"curl -s --parallel --create-dirs -K urls 2>/dev/null" \
	"rm -rf a/raw by-curl; sync" "rm -rf by-curl; sync" || exit 1
# As safe against a power cut as ours: on a disk this is the even match.
pairs 'pull, to curl and a sync' '-' "wx-pull -q -a a" \
	"sh -c 'curl -s --parallel --create-dirs -K urls 2>/dev/null; sync -f by-curl'" \
	"rm -rf a/raw by-curl; sync" "rm -rf by-curl; sync" || exit 1
[ "$(find by-curl -name '*.wav' | wc -l)" = "$(find a/raw -name '*.wav' | wc -l)" ] || {
	echo "pull: the two did not fetch the same"
	exit 1
}
rm -rf by-curl && cp -r store by-rsync
rsync -a store/ by-rsync/ || exit 1
pairs pull-again '>= 1' "wx-pull -q -a a" "rsync -a store/ by-rsync/"
