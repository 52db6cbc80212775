/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/sound.h: what a made microphone hears of the weather.
 *
 * Rain is noise between 0.6 and 7 kHz (as the 0.6 power of the rate) and drops
 * that strike the box (Poisson in number, lognormal in strength, ringing at
 * its resonances). Wind is pressure turbulence at the capsule: flat to about
 * 100 Hz, then falling steeply, its amplitude as the square of the speed, and a
 * little rustle of leaves. Around it: birds by day, crickets by night, a faint
 * pink rest; then the microphone's own noise, gain and offset, and the limits
 * of 16 bits. Speeds, rates and levels follow the truth of that very second.
 */
#ifndef WX_SIM_SOUND_H
#define WX_SIM_SOUND_H

#include <stddef.h>
#include <stdint.h>

struct wx_sim_mic {
	double gain_db;    /* 0: the levels of the comment above */
	double noise_dbfs; /* of its own */
	double dc;         /* of full scale */
};

/*
 * What there is to hear, at n_s whole seconds; between them straight lines.
 * first_s: where the first frame lies in it, 0 <= first_s < 1. The last frame
 * lies before n_s - 1.
 */
struct wx_sim_scene {
	const double *rain_mm_h, *wind_m_s;
	size_t n_s;
	double first_s;
	double hour; /* of local solar time, 0..24 */
};

/* n frames at rate_hz (8000 and more), -32768..32767. */
void wx_sim_sound(const struct wx_sim_mic *mic,
		  const struct wx_sim_scene *scene, uint64_t key, int rate_hz,
		  size_t n, int16_t *out);

#endif
