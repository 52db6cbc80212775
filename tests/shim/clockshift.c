/* SPDX-License-Identifier: MIT */
/*
 * tests/shim/clockshift.c: a clock that is set to what a test needs.
 *
 * Preloaded (LD_PRELOAD), CLOCK_REALTIME is ahead of the system's by
 * CLOCKSHIFT_S seconds, so that midnight comes when it is asked to; or stands
 * at CLOCKSTOP_NS, since 1970. The clock for waits stays.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t id, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	const char *shift = getenv("CLOCKSHIFT_S");
	const char *stop = getenv("CLOCKSTOP_NS");
	int rc;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	rc = real(id, ts);
	if (!rc && shift && id == CLOCK_REALTIME)
		ts->tv_sec += (time_t)atoll(shift);
	if (!rc && stop && id == CLOCK_REALTIME)
		*ts = (struct timespec){ (time_t)(atoll(stop) / 1000000000),
					 (long)(atoll(stop) % 1000000000) };
	return rc;
}

/* What certificates are held against. */
time_t time(time_t *out)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_REALTIME, &ts);
	if (out)
		*out = ts.tv_sec;
	return ts.tv_sec;
}
