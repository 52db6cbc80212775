/* SPDX-License-Identifier: MIT */
/*
 * lib/base/run.h: another program is run, and what it prints is taken in. It
 * may hang, flood or crash: it has so much time and so much to say, and no more.
 */
#ifndef WX_BASE_RUN_H
#define WX_BASE_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct wx_run {
	char *text; /* what it printed, a NUL behind it; wx_run_fini frees */
	size_t n;
	int status;     /* its exit status; 128 + N: killed by signal N */
	bool timed_out; /* killed when its time was over */
	bool too_much;  /* killed when it printed more than max bytes */
};

/**
 * Run `command arg` by /bin/sh: command may hold words and quotes of the
 * shell's, arg is handed over as one word, whatever is in it.
 *
 * Its input is empty, its stderr is ours. Its whole process group is killed in
 * the end, so that nothing of it stays behind.
 *
 * @param stopped  asked ten times a second; true ends it. May be NULL.
 * @param[out] out always to be given to wx_run_fini.
 *
 * @retval WX_OK      it was run, however it ended.
 * @retval WX_ERR_IO  it could not be, or `stopped`.
 */
int wx_run(const char *command, const char *arg, double timeout_s, size_t max,
	   bool (*stopped)(void), struct wx_run *out, struct wx_error *err);
void wx_run_fini(struct wx_run *out);

#endif
