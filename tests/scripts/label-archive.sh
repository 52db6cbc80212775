# SPDX-License-Identifier: MIT
# wx-label on an archive: days over midnight, two stations, a second run that
# changes nothing, one day at a time the same as all at once, stale days gone.
set -eu
fail() { echo "label-archive: $*"; exit 1; }

make_site() { # DIR
	mkdir -p "$1/windows/n1" "$1/windows/n2" "$1/station/cups" "$1/station/mast"
	cat >"$1/site.json" <<-'SITE'
	{ "site": "test",
	  "nodes": [ { "id": "n1", "source": "dir:card" }, { "id": "n2", "source": "dir:card2" } ],
	  "stations": [
	    { "id": "cups", "cup": { "m_s_per_hz": 0.6667, "threshold_m_s": 0.5 } },
	    { "id": "mast", "bucket_mm": 0.2 } ],
	  "labels": { "profile": "own.json" } }
	SITE
	cp "$TOP/profiles/aurora3.json" "$1/own.json"
	/usr/bin/python3 - "$1" <<-'PY'
	import os, sys
	from datetime import datetime, timedelta, timezone
	root, day0 = sys.argv[1], datetime(2026, 6, 1, tzinfo=timezone.utc)
	def z(t): return t.strftime("%Y-%m-%dT%H:%M:%S.000Z")
	tips = {86400 - 100, 86400 + 20, 86400 + 140, 2 * 86400 + 3600}
	for d in range(3):
	    date = (day0 + timedelta(days=d)).strftime("%Y-%m-%d")
	    with open(f"{root}/station/mast/{date}.csv", "w") as f:
	        f.write("utc,interval_s,tips,wind_avg_m_s,air_temp_degc\n")
	        for s in range(d * 86400, (d + 1) * 86400, 10):
	            f.write(f"{z(day0 + timedelta(seconds=s))},10,{int(s in tips)},"
	                    f"{3 + s % 70 / 20:.2f},15\n")
	    if d == 1:  # cups on the middle day alone: there they come first
	        with open(f"{root}/station/cups/{date}.csv", "w") as f:
	            f.write("utc,interval_s,cup_turns\n")
	            for s in range(d * 86400, (d + 1) * 86400, 10):
	                f.write(f"{z(day0 + timedelta(seconds=s))},10,120\n")
	    for node in ("n1", "n2"):
	        if node == "n2" and d == 2:
	            continue
	        with open(f"{root}/windows/{node}/{date}.csv", "w") as f:
	            f.write("node,capture,offset_s,start_utc,length_s,max_err_s,"
	                    "air_temp_degc,rel_hum_pct,pressure_hpa,quality,flags\n")
	            for s in range(d * 86400, (d + 1) * 86400, 60):
	                f.write(f"{node},raw/{node}/{s}.wav,0.000,"
	                        f"{z(day0 + timedelta(seconds=s))},10.000,0.040,"
	                        "15.00,,,1,\n")
	PY
	cp "$1/windows/n1/2026-06-01.csv" "$1/windows/n1/undated.csv"
}

make_site a
mv a site
wx-label -a site 2>err || fail "first run: status $?" # as in the man page
grep -q '7200 windows of 2 nodes, 5 days (5 new)' err || fail "$(cat err)"
mv site a
[ "$(ls a/labels/n1 a/labels/n2 | grep -c csv)" = 5 ] || fail "not one table a day"
for d in 2026-06-01 2026-06-02; do
	[ "$(wc -l <a/labels/n1/$d.csv)" = 1441 ] || fail "$d: not a row each window"
	cut -d, -f1-5 a/windows/n1/$d.csv | cmp - <(cut -d, -f1-5 a/labels/n1/$d.csv) ||
		fail "$d: not the windows in their order"
done
# The gap of 120 s over midnight, from both days.
grep -q '^n1,.*T23:59:00.000Z,10.000,6.02,rain,0.9[0-9]*,' a/labels/n1/2026-06-01.csv ||
	fail "the tip after midnight was not seen"
grep -q '^n1,.*-02T00:00:00.000Z,10.000,6.02,rain,' a/labels/n1/2026-06-02.csv ||
	fail "the tip before midnight was not seen"
# Wind: the cups where they were read, the mast's means elsewhere.
[ "$(cut -d, -f18 a/labels/n1/2026-06-01.csv | sort -u | tr '\n' ' ')" = "interval wind_source " ] ||
	fail "wind of the first day is not the mast's"
[ "$(grep -c ',8.00,,wind,1.000,.*,1,pulses,' a/labels/n1/2026-06-02.csv)" = 1440 ] ||
	fail "wind of the second day is not the cups'"

# A second run touches no file.
find a -type f -exec stat -c '%n %Y %Z %i' {} + | sort >before
wx-label -q -a a
find a -type f -exec stat -c '%n %Y %Z %i' {} + | sort | diff before - ||
	fail "the second run changed files"

# Somebody was at the mast for a minute: one window, its rain and its wind.
make_site m
sed -i 's|"id": "mast",|& "maintenance": ["2026-06-01T12:00:00Z/2026-06-01T12:01:00Z"],|' m/site.json
wx-label -q -a m
for k in 7 14; do
	diff <(cut -d, -f4,$k a/labels/n1/2026-06-01.csv) \
		<(cut -d, -f4,$k m/labels/n1/2026-06-01.csv) >changed || true
	[ "$(grep '^>' changed)" = '> 2026-06-01T12:00:00.000Z,' ] ||
		fail "maintenance: column $k: $(cat changed)"
done
grep -q 'T12:00:00.000Z.*,no_rain_record maintenance no_wind,' m/labels/n1/2026-06-01.csv ||
	fail "maintenance is no flag"

# Day by day and node by node gives the same bytes.
make_site b
for d in 2026-06-03 2026-06-01 2026-06-02; do
	for n in n2 n1; do wx-label -q -a b --node $n --date $d; done
done
diff -r a/labels b/labels || fail "one day at a time differs"

# A day sees of its neighbours all that matters: the filter, which sees
# everything at once, says the same.
for d in 1 2 3; do tail -n +2 a/windows/n1/2026-06-0$d.csv; done |
	cat <(head -n 1 a/windows/n1/2026-06-01.csv) - >windows.csv
for d in 1 2 3; do tail -n +2 a/station/mast/2026-06-0$d.csv; done |
	cat <(head -n 1 a/station/mast/2026-06-01.csv) - >obs.csv
wx-label --station obs.csv --bucket 0.2 windows.csv | tail -n +2 | cut -d, -f1-11 >all.csv
for d in 1 2 3; do tail -n +2 a/labels/n1/2026-06-0$d.csv; done | cut -d, -f1-11 |
	cmp - all.csv || fail "rain differs from the filter's"

# A site's day that has lost its windows loses its labels; others stay.
rm a/windows/n1/2026-06-01.csv
wx-label -q -a a
[ ! -e a/labels/n1/2026-06-01.csv ] || fail "stale labels are still there"
[ -e a/labels/n2/2026-06-01.csv ] || fail "labels of another node are gone"

# One bad table does not stop the rest.
printf 'start_utc\n' >b/windows/n1/2026-06-02.csv
rm -r b/labels
wx-label -q -a b 2>err && fail "a bad table went unseen"
grep -q "2026-06-02.csv:1: expected a column 'length_s'" err || fail "$(cat err)"
[ "$(find b/labels -name '*.csv' | wc -l)" = 4 ] || fail "the rest was not labelled"

# A node that is not there.
if wx-label -q -a a --node n9 2>err; then fail "node n9 was found"; fi
grep -q "site.json has no node 'n9'" err || fail "$(cat err)"
[ "$(wx-label -q -a a --node n9 2>/dev/null; echo $?)" = 2 ] || fail "node n9: no wrong usage"

# Stopped in the middle it says so, with status 4; the next run does the rest.
mkdir -p c/windows/n1
echo '{"site":"c","nodes":[{"id":"n1","source":"dir:x"}],"stations":[]}' >c/site.json
for d in $(seq 600); do
	day=$(date -u -d "2026-01-01 $d days" +%F)
	printf 'node,capture,offset_s,start_utc,length_s\nn1,a.wav,0,%sT12:00:00Z,10\n' "$day" >"c/windows/n1/$day.csv"
done
for _ in 1 2 3 4 5; do
	rm -rf c/labels
	wx-label -q -a c 2>err &
	pid=$!
	while [ ! -e c/labels/n1/2026-01-02.csv ] && kill -0 $pid 2>/dev/null; do :; done
	kill -TERM $pid 2>/dev/null || true
	stopped=0
	wait $pid || stopped=$?
	[ $stopped = 0 ] || break # else it was through already
done
[ $stopped = 4 ] && grep -q '^wx-label: stopped; run again' err || fail "stopped: status $stopped, $(cat err)"
n=$(find c/labels -name '*.csv' | wc -l)
[ "$n" -lt 600 ] || fail "stopped: $n days"
wx-label -q -a c || fail "run again"
[ "$(find c/labels -type f | wc -l)" = 600 ] || fail "run again: $(find c/labels -type f | wc -l) files"

# A stage that was left out is named.
wx-label -a c 2>err
[ ! -s err ] || ! grep -q ' run wx-' err || fail "nothing is missing: $(cat err)"
rm -r c/windows
wx-label -a c 2>err
grep -q '^wx-label: c/windows: nothing with a time; run wx-align$' err || fail "$(cat err)"
rm -r a/station/mast
wx-label -a a 2>err
[ "$(grep ' run wx-' err)" = 'wx-label: station mast: no observations; run wx-station' ] || fail "$(cat err)"

# A station's log of other days: said in so many words.
mkdir -p d/windows/n1 d/station/mast
printf '{"site":"d","nodes":[{"id":"n1","source":"dir:x"}],"stations":[{"id":"mast","bucket_mm":0.2}]}' >d/site.json
printf 'node,capture,offset_s,start_utc,length_s\nn1,a.wav,0,2026-01-02T12:00:00Z,10\n' >d/windows/n1/2026-01-02.csv
cp b/station/mast/2026-06-02.csv d/station/mast/
wx-label -a d 2>err || fail "$(cat err)"
grep -q 'no window is at a time that a station recorded' err || fail "$(cat err)"
wx-label -a a 2>err || fail "$(cat err)"
grep -q 'no window is at' err && fail "$(cat err)"
exit 0
