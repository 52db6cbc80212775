/* SPDX-License-Identifier: MIT */
/* The lag of the second envelope behind the first, of align-tdoa.sh. */
#include <inttypes.h>
#include <stdio.h>

#include "clock/lag.h"

enum { MAX = 4096 };

int main(int argc, char *argv[])
{
	static int64_t t[2][MAX];
	static double v[2][MAX];
	struct wx_lag_series s[2] = { { t[0], v[0], 0 }, { t[1], v[1], 0 } };
	const struct wx_lag_how how = { .high_pass_s = 0.2,
					.coarse_step_s = 0.001,
					.coarse_max_s = 0.15,
					.fine_max_s = 0.03 };
	struct wx_lag lag;

	for (int i = 0; i < 2 && argc == 3; i++) {
		FILE *in = fopen(argv[i + 1], "r");

		while (in && s[i].n < MAX &&
		       fscanf(in, "%" SCNd64 " %lf", &t[i][s[i].n],
			      &v[i][s[i].n]) == 2)
			s[i].n++;
		if (in)
			fclose(in);
	}
	if (wx_lag(&s[1], &s[0], &how, &lag, NULL) != 0)
		return 1;
	printf("%.5f %.5f %d PSR %.1f, coarse %.5f %.1f, %zu segments, %s\n",
	       lag.lag_s, lag.step_s, (int)lag.verdict, lag.psr, lag.coarse_s,
	       lag.coarse_psr, lag.n_segments, lag.why ? lag.why : "accepted");
	return 0;
}
