/* SPDX-License-Identifier: MIT */
/*
 * formats/node/link_serial.c: a serial port, by libserialport.
 *
 * The kernel asserts DTR and RTS when a port is opened, and what is set here
 * says so again in one call: no edge, no reset. With HUPCL off they stay as
 * they are when the port is closed, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

#include "node/link_in.h"

/* Before the port is set to anything: another program may be using it. */
static int lock(struct wx_link *l, const char *path, struct wx_error *err)
{
	l->lock_fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (l->lock_fd < 0 && errno == EACCES)
		return wx_fail(err, WX_ERR_IO,
			       "%s: may not be opened: is its user in the "
			       "group dialout?",
			       path);
	if (l->lock_fd < 0)
		return wx_fail_errno(err,
				     "%s: is the node plugged in? Cannot "
				     "open it",
				     path);
	if (!isatty(l->lock_fd))
		return wx_fail(err, WX_ERR_IO, "%s: no serial port", path);
	if (flock(l->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return wx_fail(err, WX_ERR_IO,
			       "%s: another program is using it", path);
	return WX_OK;
}

static int fail_sp(struct wx_error *err, const char *path, const char *what,
		   enum sp_return rc)
{
	if (rc == SP_ERR_MEM)
		return wx_fail_nomem(err);
	if (rc == SP_ERR_FAIL)
		return wx_fail(err, WX_ERR_IO, "%s: %s: %s", path, what,
			       strerror(sp_last_error_code()));
	return wx_fail(err, WX_ERR_IO, "%s: %s: not possible with this port",
		       path, what);
}

static enum sp_return configure(struct sp_port *port, int baud)
{
	struct sp_port_config *c = NULL;
	struct termios t;
	enum sp_return rc = SP_ERR_FAIL;
	int fd;

	if (sp_get_port_handle(port, &fd) != SP_OK || tcgetattr(fd, &t) != 0)
		return rc;
	t.c_cflag &= ~(tcflag_t)HUPCL;
	if (tcsetattr(fd, TCSANOW, &t) != 0)
		return rc;
	rc = sp_new_config(&c);
	if (rc != SP_OK)
		return rc;
	sp_set_config_baudrate(c, baud);
	sp_set_config_bits(c, 8);
	sp_set_config_parity(c, SP_PARITY_NONE);
	sp_set_config_stopbits(c, 1);
	sp_set_config_rts(c, SP_RTS_ON);
	sp_set_config_cts(c, SP_CTS_IGNORE);
	sp_set_config_dtr(c, SP_DTR_ON);
	sp_set_config_dsr(c, SP_DSR_IGNORE);
	sp_set_config_xon_xoff(c, SP_XONXOFF_DISABLED);
	rc = sp_set_config(port, c);
	sp_free_config(c);
	return rc;
}

int link_serial_open(struct wx_link *l, const char *path, int baud,
		     struct wx_error *err)
{
	/* sysfs does not know the links of /dev/serial/by-id. */
	char *real = realpath(path, NULL);
	enum sp_return rc;
	int fd;

	if (lock(l, path, err)) {
		free(real);
		return WX_ERR_IO;
	}
	rc = sp_get_port_by_name(real ? real : path, &l->port);
	free(real);
	if (rc != SP_OK)
		return fail_sp(err, path, "no serial port", rc);
	rc = sp_open(l->port, SP_MODE_READ_WRITE);
	if (rc != SP_OK) {
		sp_free_port(l->port);
		l->port = NULL;
		return fail_sp(err, path, "cannot open it", rc);
	}
	rc = configure(l->port, baud);
	if (rc != SP_OK)
		return fail_sp(err, path, "cannot set it up", rc);
	if (sp_get_port_handle(l->port, &fd) != SP_OK)
		return fail_sp(err, path, "cannot open it", SP_ERR_SUPP);
	l->baud = baud;
	l->watch.fd = fd;
	return WX_OK;
}

int link_serial_speed(struct wx_link *l, int baud, struct wx_error *err)
{
	enum sp_return rc = sp_set_baudrate(l->port, baud);

	if (rc != SP_OK)
		return fail_sp(err, sp_get_port_name(l->port),
			       "cannot change its speed", rc);
	l->baud = baud;
	return WX_OK;
}

int link_serial_waiting(struct wx_link *l)
{
	return sp_output_waiting(l->port);
}

void link_serial_drain(struct wx_link *l)
{
	sp_drain(l->port);
}

void link_serial_close(struct wx_link *l)
{
	if (l->port) {
		sp_close(l->port);
		sp_free_port(l->port);
	}
	if (l->lock_fd >= 0)
		close(l->lock_fd);
	l->port = NULL;
	l->lock_fd = -1;
}
