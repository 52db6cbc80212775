/* SPDX-License-Identifier: MIT */
/* formats/node/ports.c: see ports.h. */
#include "node/ports.h"

#include <libserialport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void put_text(json_t *o, const char *key, const char *text)
{
	char quoted[WX_QUOTE_SIZE];

	/* USB descriptors are a stranger's. */
	if (text && *text)
		json_object_set_new(
			o, key,
			json_string(wx_quote(text, strlen(text), quoted)));
}

static json_t *describe(const struct sp_port *port)
{
	json_t *o = json_object();
	int vid, pid;
	char id[16];

	put_text(o, "port", sp_get_port_name(port));
	if (sp_get_port_usb_vid_pid(port, &vid, &pid) == SP_OK) {
		snprintf(id, sizeof(id), "%04x:%04x", vid & 0xffff,
			 pid & 0xffff);
		put_text(o, "usb_id", id);
	}
	put_text(o, "vendor", sp_get_port_usb_manufacturer(port));
	put_text(o, "product", sp_get_port_usb_product(port));
	put_text(o, "serial", sp_get_port_usb_serial(port));
	return o;
}

static int read_named(char *const *names, int n, json_t *out,
		      struct wx_error *err)
{
	for (int i = 0; i < n; i++) {
		/* sysfs does not know the links of /dev/serial/by-id. */
		char *real = realpath(names[i], NULL);
		struct sp_port *port = NULL;
		char quoted[WX_QUOTE_SIZE];
		enum sp_return rc =
			sp_get_port_by_name(real ? real : names[i], &port);

		free(real);
		if (rc != SP_OK)
			return wx_fail(
				err, WX_ERR_IO,
				"%s: no serial port of this computer; --ports "
				"alone lists them",
				wx_quote(names[i], strlen(names[i]), quoted));
		json_array_append_new(out, describe(port));
		sp_free_port(port);
	}
	return WX_OK;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(sp_get_port_name(*(struct sp_port *const *)a),
		      sp_get_port_name(*(struct sp_port *const *)b));
}

static int read_all(json_t *out, struct wx_error *err)
{
	struct sp_port **ports = NULL;
	size_t n = 0;

	if (sp_list_ports(&ports) != SP_OK)
		return wx_fail(err, WX_ERR_IO,
			       "cannot list this computer's serial ports");
	while (ports[n])
		n++;
	qsort(ports, n, sizeof(*ports), by_name);
	for (size_t i = 0; i < n; i++)
		if (sp_get_port_transport(ports[i]) != SP_TRANSPORT_NATIVE)
			json_array_append_new(out, describe(ports[i]));
	sp_free_port_list(ports);
	return WX_OK;
}

int wx_ports_read(char *const *names, int n, json_t **out, struct wx_error *err)
{
	int rc;

	*out = json_array();
	if (!*out)
		return wx_fail_nomem(err);
	rc = n > 0 ? read_named(names, n, *out, err) : read_all(*out, err);
	if (rc) {
		json_decref(*out);
		*out = NULL;
	}
	return rc;
}
