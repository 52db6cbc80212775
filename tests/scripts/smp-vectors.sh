#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every SMP packet that was captured from newtmgr and from a Zephyr: read in
# both forms of map and both layouts of frames, and asked the same way by us.
[ -n "$CAPTURES" ] || { echo "no CAPTURES"; exit 77; }
n=$(wc -l <"$CAPTURES/node/smp-vectors.jsonl")
$RUN "$B/unit/test_smp_vectors" "$CAPTURES/node/smp-vectors.jsonl" >vectors ||
	{ cat vectors; exit 1; }
grep -q "^$n vectors, [1-9][0-9]* of them requests of ours" vectors ||
	{ cat vectors; echo "expected $n vectors"; exit 1; }
