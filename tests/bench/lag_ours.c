/* SPDX-License-Identifier: MIT */
/* The lag of the two series in a file of lag_made.py: lag_s, sd_s. */
#include <stdio.h>
#include <stdlib.h>

#include "clock/lag.h"

enum { N = 86400 };

int main(int argc, char *argv[])
{
	static int64_t t[2][N];
	static double v[2][N];
	struct wx_lag_series s[2] = { { t[0], v[0], N }, { t[1], v[1], N } };
	FILE *in = argc == 2 ? fopen(argv[1], "rb") : NULL;
	struct wx_lag lag;

	for (int i = 0; in && i < 2; i++)
		if (fread(t[i], sizeof(t[i]), 1, in) != 1 ||
		    fread(v[i], sizeof(v[i]), 1, in) != 1)
			return 1;
	if (!in || wx_lag(&s[0], &s[1], &WX_LAG_WEATHER, &lag, NULL) != WX_OK ||
	    lag.verdict != WX_LAG_ACCEPTED)
		return 1;
	printf("%.3f %.3f\n", lag.lag_s, lag.sd_s);
	return fclose(in) != 0;
}
