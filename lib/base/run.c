/* SPDX-License-Identifier: MIT */
/* lib/base/run.c: see run.h. */
#include "base/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

enum { POLL_MS = 100, CHUNK = 1 << 16 };

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* In the child; only what is safe after fork in a program with threads. */
static void become(char *const argv[], int out)
{
	int null = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(out, STDOUT_FILENO) >= 0)
		execv("/bin/sh", argv);
	_exit(127);
}

static int start(const char *script, const char *arg, pid_t *pid, int *fd,
		 struct wx_error *err)
{
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" },
			       (char *)script,   (char[]){ "sh" },
			       (char *)arg,      NULL };
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC))
		return wx_fail_errno(err, "cannot make a pipe");
	*pid = fork();
	if (*pid == 0)
		become(argv, pipes[1]);
	close(pipes[1]);
	if (*pid < 0) {
		close(pipes[0]);
		return wx_fail_errno(err, "cannot run '%s'", script);
	}
	setpgid(*pid, *pid); /* whoever comes first */
	*fd = pipes[0];
	return WX_OK;
}

/* Take in what is there: 1, at its end 0, or a failure. */
static int take(int fd, size_t max, struct wx_run *out, struct wx_error *err)
{
	char *text = realloc(out->text, out->n + CHUNK + 1);
	ssize_t n;

	if (!text)
		return wx_fail_nomem(err);
	out->text = text;
	n = read(fd, text + out->n, CHUNK);
	if (n < 0)
		return errno == EINTR ? 1 : wx_fail_errno(err, "cannot read");
	out->n += (size_t)n;
	text[out->n] = '\0';
	out->too_much = out->n > max;
	return n > 0;
}

static int listen(int fd, double end_s, size_t max, bool (*stopped)(void),
		  struct wx_run *out, struct wx_error *err)
{
	int more = 1;

	while (more > 0 && !out->too_much) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int n = poll(&p, 1, POLL_MS);

		if (stopped && stopped())
			return wx_fail(err, WX_ERR_IO, "stopped");
		if (n > 0)
			more = take(fd, max, out, err);
		out->timed_out = more > 0 && now_s() > end_s;
		if (out->timed_out)
			break;
	}
	return more < 0 ? more : WX_OK;
}

/* It has closed its output: it may still run on. */
static int wait_for(pid_t pid, double end_s, bool kill_now, struct wx_run *out)
{
	const struct timespec nap = { 0, 5000000 };
	int status = 0;

	while (!kill_now && waitpid(pid, &status, WNOHANG) == 0) {
		if (now_s() > end_s) {
			out->timed_out = kill_now = true;
			break;
		}
		nanosleep(&nap, NULL);
	}
	kill(-pid, SIGKILL);
	if (kill_now)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

int wx_run(const char *command, const char *arg, double timeout_s, size_t max,
	   bool (*stopped)(void), struct wx_run *out, struct wx_error *err)
{
	char *script = wx_strf("%s \"$1\"", command);
	double end_s = now_s() + timeout_s;
	pid_t pid = -1;
	int fd = -1, rc;

	*out = (struct wx_run){ 0 };
	rc = script ? start(script, arg, &pid, &fd, err) : wx_fail_nomem(err);
	free(script);
	if (rc != WX_OK)
		return rc;
	rc = listen(fd, end_s, max, stopped, out, err);
	close(fd);
	out->status =
		wait_for(pid, end_s,
			 rc != WX_OK || out->timed_out || out->too_much, out);
	if (rc == WX_OK && !out->text && !(out->text = strdup("")))
		rc = wx_fail_nomem(err);
	return rc;
}

void wx_run_fini(struct wx_run *out)
{
	free(out->text);
	out->text = NULL;
}
