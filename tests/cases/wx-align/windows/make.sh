# SPDX-License-Identifier: MIT
# The captures of this archive: their sizes are all that wx-align looks at.
mkdir -p raw/n1/b0001 raw/n1/b0002 raw/n1/b0003
mv env.csv raw/n1/b0001
truncate -s 800044 raw/n1/b0001/000001.wav
truncate -s 320044 raw/n1/b0001/000002.wav raw/n1/b0001/000004.wav \
	raw/n1/b0002/000005.wav raw/n1/b0003/000006.wav
truncate -s 319000 raw/n1/b0001/000003.wav
truncate -s 640044 raw/n2/20260601_020000.WAV raw/n2/20260603_020000.WAV \
	raw/n2/20260603_030000T.WAV raw/n2/19700101_000010.WAV
