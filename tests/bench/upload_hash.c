/* SPDX-License-Identifier: MIT */
/*
 * Bytes a second of CPU through base/hash.h, one buffer over and over: as openssl
 * speed counts.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char *argv[])
{
	static unsigned char buffer[262144];
	bool hmac = argc > 1 && strcmp(argv[1], "hmac") == 0;
	uint8_t digest[WX_SHA256_LEN];
	double began = now_s(), s;
	long n = 0;

	do {
		if (hmac)
			wx_hmac_sha256("0123456789abcdef0123456789abcdef", 32,
				       buffer, sizeof(buffer), digest);
		else
			wx_sha256(buffer, sizeof(buffer), digest);
		buffer[0] ^= digest[0];
		n++;
		s = now_s() - began;
	} while (s < 1);
	printf("%.0f\n", (double)n * sizeof(buffer) / s);
	return 0;
}
