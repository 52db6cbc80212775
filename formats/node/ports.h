/* SPDX-License-Identifier: MIT */
/*
 * formats/node/ports.h: the serial ports of this computer, by libserialport.
 * Nothing is opened here: to open a port may reset the board behind it.
 */
#ifndef WX_NODE_PORTS_H
#define WX_NODE_PORTS_H

#include <jansson.h>

#include "base/error.h"

/*
 * An array of objects (schema "port-line"), sorted by port, without those of
 * mainboards that have nothing behind them: only what sits on USB or Bluetooth,
 * and the named ones, whatever they are. With n > 0 only the named ones; one
 * that is no serial port is WX_ERR_IO.
 *
 *     {"port":"/dev/ttyUSB0","usb_id":"10c4:ea60","vendor":"Silicon Labs",
 *      "product":"CP2102N","serial":"0a1b"}
 */
int wx_ports_read(char *const *names, int n, json_t **out,
		  struct wx_error *err);

#endif
