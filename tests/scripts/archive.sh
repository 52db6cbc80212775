#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A day of a made site, through the whole chain: every JSON that was written
# fits its schema by python3-jsonschema, every table has the columns of
# wx-archive(5), and the examples of the pages of section 5 are what they say.
set -eu
wx-sim -q -o site -d 1 -n 2 --every-s 1800 --start 2026-06-01 --climate wet
mkdir -p ridge named
# A card without an index, too: dated by the names of its files.
for h in 01 02; do
	find site/nodes/n2 -name '*.wav' | sort | sed -n "${h#0}p" |
		xargs -I{} cp {} "named/20260601_${h}0000.WAV"
done
wx-sim --serve site --site ridge/site.json >urls &
server=$!
trap 'kill $server' EXIT
for _ in $(seq 100); do
	[ -s ridge/site.json ] && [ -s urls ] && break
	sleep 0.1
done
/usr/bin/python3 - "$T/named" <<'END'
import json, sys
site = json.load(open("ridge/site.json"))
site["nodes"].append({"id": "n3", "source": f"dir:{sys.argv[1]}",
                      "utc_offset": "Z"})
json.dump(site, open("ridge/site.json", "w"))
END
wx-nightly ridge >nightly.out 2>nightly.err || {
	status=$?
	# No testing sample of a class is a finding on so short a season.
	[ $status = 1 ] || { cat nightly.out nightly.err; exit 1; }
}

# The awk of wx-archive(5), as it is on the page.
sed -n '/^\.Bd -literal -offset indent$/,/^\.Ed$/p' "$TOP/man/wx-archive.5" |
	sed -n '/^cat labels/,/^\.Ed$/p' | sed '$d' >example.sh
(cd ridge && sh ../example.sh) >classes
awk 'NF < 1 || $NF < 1 { bad = 1 } { n += $NF } END { exit bad || n < 50 }' \
	classes || { echo "the example of wx-archive(5) printed:"; cat classes; exit 1; }

/usr/bin/python3 "$TOP/tests/schemas/archive.py" "$TOP" "$B" ridge site
