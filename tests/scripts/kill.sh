#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kill -9 at random moments of wx-nightly, then run again: the archive and its
# dataset are those of an undisturbed run, byte for byte, journals and clock
# logs aside; and a second run changes no file.
#
# $WX_KILLS (default 12) moments, dealt by $WX_SEED (default 1), 4 an archive;
# $WX_SITE: options of the made site.
set -u
kills=${WX_KILLS:-12}
RANDOM=${WX_SEED:-1}
die() { echo "kill.sh: $*"; exit 1; }

[ -z "${RUN:-}" ] || { echo "a kill is a kill: not behind $RUN"; exit 77; }
# shellcheck disable=SC2086
wx-sim -o made ${WX_SITE:---nodes 3 --days 0.15 --every-s 150 --seed 3} --start 2026-06-01 2>log || { cat log; die "wx-sim"; }
wx-sim --serve made --site site.json >where &
server=$!
trap 'kill $server; wait' EXIT
for _ in $(seq 100); do [ -s where ] && break; sleep 0.1; done

# What must be the same: every file, but for what tells of the pulls, the notes of
# what was read, and the page, which tells when it was made.
files() {
	find "$1" -type f ! -name journal.jsonl ! -name clock.jsonl ! -path '*/.check/*' ! -name report.html -printf '%P\n' | sort
}
sums() { (cd "$1" && files . | xargs -d '\n' sha256sum); }
times() { (cd "$1" && files . | xargs -d '\n' stat -c '%n %s %.9Y'); }
nightly() {
	wx-nightly "$1" >log 2>&1
	local status=$?
	[ $status = 0 ] || { cat log; die "wx-nightly $1: exit status $status"; }
}
now_ms() { date +%s%3N; }

mkdir calm && cp site.json calm/
t0=$(now_ms)
nightly calm
took_ms=$(($(now_ms) - t0))
sums calm >calm.sums
grep -q ' dataset/training/.*wav$' calm.sums || die "the undisturbed run made no dataset"
times calm >calm.times
nightly calm
times calm >again.times
diff calm.times again.times || die "a second run changed files"

# The undisturbed rest of the chain, from these clock logs.
with_clocks_of() {
	cp -r calm calmer
	for log in "$1"/raw/*/clock.jsonl; do cp "$log" "calmer/${log#"$1"/}"; done
	for t in align label; do wx-$t -a calmer >log 2>&1 || { cat log; die "wx-$t"; }; done
	wx-export -a calmer -o calmer/dataset >log 2>&1 || { cat log; die "wx-export"; }
	sums calmer
	rm -r calmer
}

for ((k = 0; k < kills; k++)); do
	((k % 4)) || { rm -rf torn && mkdir torn && cp site.json torn/; }
	after_ms=$((RANDOM * RANDOM % (took_ms + 50)))
	setsid wx-nightly torn >log 2>&1 &
	group=$!
	sleep "$((after_ms / 1000)).$(printf %03d $((after_ms % 1000)))"
	# It may not lead its group yet; and those in it take a while to die.
	until kill -KILL -- -$group 2>/dev/null; do kill -0 $group 2>/dev/null || break; done
	wait $group 2>/dev/null
	while kill -0 -- -$group 2>/dev/null; do sleep 0.01; done
	moments="${moments:-} $after_ms"
	((k % 4 == 3 || k == kills - 1)) || continue
	nightly torn
	sums torn >torn.sums
	# The times of the pulls differ, hence the clocks' fits, by less than
	# their rounding but for one in a hundred: then they must be the same
	# from the same clock logs.
	if ! cmp -s calm.sums torn.sums; then
		with_clocks_of torn >calm2.sums
		diff calm2.sums torn.sums ||
			die "other bytes after kills at$moments ms of $took_ms"
		other_fit=$((${other_fit:-0} + 1))
	fi
	times torn >torn.times
	nightly torn
	times torn | diff torn.times - || die "a second run after kills changed files"
	moments=
done
echo "$kills kills within $took_ms ms, $(wc -l <calm.sums) files the same," \
	"${other_fit:-0} archives with a clock's fit beyond its rounding"
