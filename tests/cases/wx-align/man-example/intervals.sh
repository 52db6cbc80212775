# SPDX-License-Identifier: MIT
# Three syncs and four captures, one each day: the last example of wx-align(1).
mkdir -p intervals/raw/m1
echo '{ "site": "s", "stations": [], "nodes": [
	{ "id": "m1", "source": "http://192.0.2.1/cap/" } ] }' >intervals/site.json
day=86400000000
for d in 0 1 2 3; do
	truncate -s 160044 intervals/raw/m1/$d.wav
	printf '{"n":"%d.wav","l":160044,"c":"9ae0daaf","q":%d,"b":1,"m0":%d,"m1":%d,"ns":80000,"fs":8000,"st":"closed"}\n' \
		$d $d $((d * day)) $((d * day + 10000000))
done >intervals/raw/m1/index.jsl
for sync in 0,0 1,864000 3,3456000; do
	d=${sync%,*}
	printf '{"ev":"sync","b":1,"m":%d,"utc":%d,"s":"sntp","e":12}\n' \
		$((d * day)) $((1780272000000000 + d * day + ${sync#*,}))
done >>intervals/raw/m1/index.jsl
