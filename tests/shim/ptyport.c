/* SPDX-License-Identifier: MIT */
/*
 * tests/shim/ptyport.c: a pseudo-terminal passes for a serial port.
 *
 * libserialport looks for a port in sysfs and asks it for its modem lines; a
 * pty has neither, so that a test could not reach the code that talks to one.
 * Preloaded (LD_PRELOAD), this answers for /dev/pts/N alone what a USB port
 * would: all else is the system's.
 *
 *     PTYPORT_LIST="/dev/pts/3 /dev/pts/7"   these are also found by listing
 *     PTYPORT_LINES=FILE                     each setting of the modem lines is
 *                                            logged: "fd lines\n", as TIOCM_*
 *
 * A listed port's USB facts: 1a86:7523, bus 1, device N, "Made port", serial
 * number "PTYN".
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSFS "/sys/class/tty/"

enum { MAX_FD = 1024 };

/* What the kernel asserts when a port is opened. */
static int lines[MAX_FD];
static const char *listed; /* what is left of PTYPORT_LIST */

int __lxstat(int version, const char *path, struct stat *st);
int readdir_r(DIR *dir, struct dirent *entry, struct dirent **result);

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* "pts/N" and what follows, of a path in sysfs; NULL: another's. */
static const char *pts_of(const char *path)
{
	if (strncmp(path, SYSFS "pts/", strlen(SYSFS "pts/")) != 0)
		return NULL;
	return path + strlen(SYSFS);
}

/* ---- sysfs ---- */

int __lxstat(int version, const char *path, struct stat *st)
{
	int (*real)(int, const char *, struct stat *) = next("__lxstat");

	if (!pts_of(path))
		return real(version, path, st);
	memset(st, 0, sizeof(*st));
	st->st_mode = S_IFLNK | 0777;
	return 0;
}

int lstat(const char *path, struct stat *st)
{
	int (*real)(const char *, struct stat *) = next("lstat");

	return pts_of(path) ? __lxstat(1, path, st) : real(path, st);
}

ssize_t readlink(const char *path, char *buf, size_t size)
{
	static const char to[] = "../../devices/usb1/1-1/1-1:1.0/tty/pty";
	ssize_t (*real)(const char *, char *, size_t) = next("readlink");
	size_t n = sizeof(to) - 1;

	if (!pts_of(path))
		return real(path, buf, size);
	n = n < size ? n : size;
	memcpy(buf, to, n);
	return (ssize_t)n;
}

static FILE *text_file(const char *text)
{
	FILE *f = tmpfile();

	if (f) {
		fputs(text, f);
		rewind(f);
	}
	return f;
}

FILE *fopen(const char *path, const char *mode)
{
	static const char *const facts[][2] = {
		{ "busnum", "1\n" },          { "idVendor", "1a86\n" },
		{ "idProduct", "7523\n" },    { "manufacturer", "Nobody\n" },
		{ "product", "Made port\n" },
	};
	FILE *(*real)(const char *, const char *) = next("fopen");
	const char *pts = pts_of(path), *base = strrchr(path, '/');
	char text[32];

	if (!pts)
		return real(path, mode);
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		if (!strcmp(base + 1, facts[i][0]))
			return text_file(facts[i][1]);
	if (strcmp(base + 1, "devnum") != 0 &&
	    strcmp(base + 1, "serial") != 0) {
		errno = ENOENT;
		return NULL;
	}
	snprintf(text, sizeof(text), "%s%d\n", base[1] == 's' ? "PTY" : "",
		 atoi(pts + strlen("pts/")));
	return text_file(text);
}

/* ---- listing ---- */

DIR *opendir(const char *path)
{
	DIR *(*real)(const char *) = next("opendir");

	if (!strcmp(path, "/sys/class/tty"))
		listed = getenv("PTYPORT_LIST");
	return real(path);
}

int readdir_r(DIR *dir, struct dirent *entry, struct dirent **result)
{
	int (*real)(DIR *, struct dirent *, struct dirent **) =
		next("readdir_r");
	int rc = real(dir, entry, result);
	size_t n;

	if (rc != 0 || *result || !listed)
		return rc;
	listed += strspn(listed, " ");
	n = strcspn(listed, " ");
	if (strncmp(listed, "/dev/", 5) != 0 || n >= sizeof(entry->d_name)) {
		listed = NULL;
		return rc;
	}
	snprintf(entry->d_name, sizeof(entry->d_name), "%.*s", (int)n - 5,
		 listed + 5);
	listed += n;
	*result = entry;
	return 0;
}

/* ---- modem lines ---- */

static void log_lines(int fd)
{
	const char *path = getenv("PTYPORT_LINES");
	int log = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
			      0666)
		       : -1;

	if (log < 0)
		return;
	dprintf(log, "%d %#x\n", fd, (unsigned)lines[fd]);
	close(log);
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, ...) = next("ioctl");
	va_list args;
	int *arg, rc, before = errno;

	va_start(args, request);
	arg = va_arg(args, int *);
	va_end(args);
	rc = real(fd, request, arg);
	if (rc == 0 || fd < 0 || fd >= MAX_FD || !isatty(fd))
		return rc;
	switch (request) {
	case TIOCMGET:
		*arg = lines[fd] ? lines[fd] : TIOCM_DTR | TIOCM_RTS;
		*arg |= TIOCM_CTS | TIOCM_DSR | TIOCM_CAR;
		break;
	case TIOCMSET:
		lines[fd] = *arg;
		break;
	case TIOCMBIS:
		lines[fd] |= *arg;
		break;
	case TIOCMBIC:
		lines[fd] &= ~*arg;
		break;
	default:
		return rc;
	}
	if (request != TIOCMGET)
		log_lines(fd);
	errno = before;
	return 0;
}
