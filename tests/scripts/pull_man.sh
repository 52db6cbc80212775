#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The examples of wx-pull(1), as they stand there.
set -u
. "$TOP/tests/scripts/pull.bash"

node n1 b1/1.wav b1/2.wav
node card 20250619_030030.WAV && rm card/index.jsl
serve n1
mkdir ridge
cat >ridge/site.json <<X
{"site":"ridge","stations":[],"nodes":[
 {"id":"n1","source":"$URL"},
 {"id":"n3","source":"dir:../card","utc_offset":"+02:00"}]}
X
examples=$(sed -n 's/^\.Dl \$ //p' "$TOP/man/wx-pull.1")
[ "$(echo "$examples" | wc -l)" = 4 ] || fail "the page has other examples"
{ read -r all; read -r card; read -r slow; read -r look; } <<<"$examples"

eval "$card" >out || fail "$card"
grep -q '"node":"n3","ok":true,"new":1,' out || fail "$card: $(cat out)"
(cd ridge && eval "$all") >out || fail "$all"
grep -q '^n1: 2 new' out && grep -q '^n3: 0 new (0.0 MB), 1 known$' out || fail "$all: $(cat out)"
eval "$slow" >out || fail "$slow"
grep -q '^n1: 0 new (0.0 MB), 2 known$' out || fail "$slow: $(cat out)"
eval "$look" >out || fail "$look"
grep -q '^  state       healthy 1$' out || fail "$look: $(cat out)"
