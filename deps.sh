#!/bin/sh
# SPDX-License-Identifier: MIT
# Install the Debian packages that are missing: deps.sh build [check] [demo] ...
# With nothing missing it needs neither network nor root, and says nothing.
set -eu
build='gcc libc6-dev make pkg-config libcurl4-openssl-dev libssl-dev
	libjansson-dev libcsv-dev libsndfile1-dev libmicrohttpd-dev
	libkissfft-dev libdeflate-dev libserialport-dev libcbor-dev
	libsqlite3-dev libsamplerate0-dev'
check='curl openssl procps python3 python3-jsonschema python3-numpy
	python3-cbor2 python3-soundfile mandoc man-db'
demo='python3'
fuzz='clang libclang-rt-14-dev valgrind'
browser='chromium chromium-driver python3'
bench='espeak-ng python3-pandas python3-scipy sox rsync'

want=
for set in "$@"; do
	case $set in
	build) want="$want $build" ;;
	check) want="$want $check" ;;
	demo) want="$want $demo" ;;
	fuzz) want="$want $fuzz" ;;
	browser) want="$want $browser" ;;
	bench) want="$want $bench" ;;
	*) echo "deps.sh: unknown set '$set'" >&2; exit 2 ;;
	esac
done
if ! command -v dpkg-query >/dev/null; then
	echo "deps.sh: not a Debian system; needed are:" $want >&2
	exit 0
fi
missing=
for p in $want; do
	case $(dpkg-query -W -f '${Status}' "$p" 2>/dev/null) in
	*' installed') ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "deps.sh: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
if ! $sudo apt-get install -y --no-install-recommends $missing >&2; then
	$sudo apt-get update >&2
	$sudo apt-get install -y --no-install-recommends $missing >&2
fi
