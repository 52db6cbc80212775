# SPDX-License-Identifier: MIT
# A real day of a mast, with a foggy night: nothing of its air, wind and rain is
# doubted. (tests/unit/test_doubt.c has what must be.)
[ -n "$CAPTURES" ] || exit 77
cd "$T" || exit 1
wx-station --utc-offset Z --columns "time=time_utc,rain_mm=rain_mm,\
wind_avg_m_s=wind_m_s,wind_dir_deg=wind_dir_deg,air_temp_degc=air_temp_c,\
rel_hum_pct=rh_pct,pressure_hpa=press_kpa [kPa]" \
	"$CAPTURES/composed-day/station.csv" >obs.csv || exit 1
{
	echo start_utc,length_s
	for hour in $(seq -w 0 23); do
		for minute in $(seq -w 1 58); do
			echo "2025-06-19T$hour:$minute:00Z,10"
		done
	done
} >windows.csv
wx-label --station obs.csv --bucket 0.254 windows.csv >labels.csv || exit 1
[ "$(wc -l <labels.csv)" = 1393 ] || exit 1
! grep -E "air_|_step|_still|gust_below|_range|dry_rain|_bad|unheard" labels.csv
