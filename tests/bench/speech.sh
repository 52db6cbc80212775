# SPDX-License-Identifier: MIT
# The speech score of wx-listen: how many captures of a made site's rain and
# wind it calls speech, and how many of those into which espeak-ng speaks, by
# the level of the active speech over the noise. Whole captures of 10 s; the
# sound is made, not recorded: distant voices outdoors are harder.
wx-sim -q -o made --days 1 --nodes 1 --climate wet --seed 5 || exit 1
mkdir -p said
i=0
for voice in en en-us+f3 en+m5 de fr es it+f2 nl; do
	while read -r line; do
		i=$((i + 1))
		espeak-ng -v $voice -s $((130 + i % 5 * 15)) -w "said/$i.wav" "$line" || exit 1
	done <<-'END'
		Good morning, did you see how much it rained last night up at the hut
		Well, I told him that we would come back on Thursday with the new batteries
		Look at this box, what do you think it is for, some kind of microphone maybe
	END
done
$PYTHON "$TOP/tests/bench/speech_mix.py" made said ridge || exit 1
wx-listen -q -a ridge || exit 1
$PYTHON "$TOP/tests/bench/speech_count.py" ridge
