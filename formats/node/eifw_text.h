/* SPDX-License-Identifier: MIT */
/*
 * formats/node/eifw_text.h: what a board with Edge Impulse firmware prints.
 *
 *     ===== Device info =====
 *     ID:         AA:BB:CC:DD:EE:FF
 *     Type:       NORDIC_THINGY53
 *     AT Version: 1.8.0
 *     Data Transfer Baudrate: 115200
 *     ===== Sensors ======
 *     Name: Built-in microphone, Max sample length: 61s, Frequencies: [16000.00Hz]
 *     ===== Upload settings =====
 *     Api Key:   ei_...
 *
 * AT+CONFIG? prints keys and passwords as they are. They are taken out here,
 * where the text comes in: what leaves these functions holds none.
 *
 * Source: edgeimpulse/firmware-nordic-thingy53 and firmware-espressif-esp32,
 * AT command set 1.8.0; edge-impulse-cli, ei-serial-protocol.ts.
 */
#ifndef WX_NODE_EIFW_TEXT_H
#define WX_NODE_EIFW_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum { WX_EIFW_TEXT = 101, WX_EIFW_SENSORS = 16, WX_EIFW_RATES = 16 };

struct wx_eifw_sensor {
	char name[WX_EIFW_TEXT]; /* printable ASCII, no comma */
	double max_s;            /* longest sample; NAN: not told */
	double rate_hz[WX_EIFW_RATES];
	size_t n_rates;
};

/* Values that must not be shown; from AT+CONFIG?. */
struct wx_eifw_secrets {
	char **text;
	size_t n, room;
};
void wx_eifw_secrets_fini(struct wx_eifw_secrets *s);

struct wx_eifw_config {
	char id[WX_EIFW_TEXT], type[WX_EIFW_TEXT]; /* fit for a message; "" */
	char version[WX_EIFW_TEXT];                /* of the command set */
	int major, minor;
	int data_baud; /* of data, when asked for; 0: not told */
	struct wx_eifw_sensor sensor[WX_EIFW_SENSORS];
	size_t n_sensors;
	json_t *shown; /* {"WIFI": {"SSID": "field", "Password": "(set)"}} */
};

/*
 * WX_ERR_FORMAT: no "AT Version" in it. Secrets it holds are added to secrets.
 * *out is to be given to _fini in any case.
 */
int wx_eifw_config_read(const char *text, size_t n,
			struct wx_eifw_secrets *secrets,
			struct wx_eifw_config *out, struct wx_error *err);
void wx_eifw_config_fini(struct wx_eifw_config *c);
/* What it tells, as WX_NODE_INFO has it; NULL: no memory. */
json_t *wx_eifw_config_info(const struct wx_eifw_config *c);
/* Is the command set at least this? */
bool wx_eifw_config_has(const struct wx_eifw_config *c, int major, int minor);

/*
 * The sensor by its name; without one (NULL) the first that has "audio" or
 * "microphone" in its name. WX_ERR_FORMAT says which there are.
 */
int wx_eifw_sensor_find(const struct wx_eifw_config *c, const char *name,
			const struct wx_eifw_sensor **out,
			struct wx_error *err);
/* The rate next to 16 kHz; NAN: it told none. */
double wx_eifw_rate_hz(const struct wx_eifw_sensor *s);

/*
 * A board's text made fit for a message: without secrets, nor anything else
 * that looks like an API key, and quoted. Returns buf.
 */
const char *wx_eifw_quote(const struct wx_eifw_secrets *s, const char *text,
			  size_t n, char buf[WX_QUOTE_SIZE]);

/* ---- replies ---- */

/* Is there a prompt at its end: "> " at the start of a line? */
bool wx_eifw_has_prompt(const char *text, size_t n);
/*
 * The part of a reply that is behind the echo of command and before the
 * prompt. False: the echo is not there, the command may have come wrong.
 */
bool wx_eifw_body(const char *text, size_t n, const char *command,
		  const char **body, size_t *n_body);
/* The line that says that a command failed; NULL: there is none. */
const char *wx_eifw_complaint(const char *body, size_t n, size_t *n_line);
bool wx_eifw_is_ok(const char *body, size_t n); /* an OK, wherever it stands */

/* What AT+SAMPLESTART says of where the sample is. */
struct wx_eifw_sample {
	int64_t from, to;        /* of the buffer; 0, 0: not in it */
	char file[WX_EIFW_TEXT]; /* "": none */
	int64_t n_collected;     /* -1: not told */
};
void wx_eifw_sample_read(const char *body, size_t n,
			 struct wx_eifw_sample *out);

/*
 * Bytes from a reply in base64 (or in hexadecimal, of AT below 1.2); lines of
 * it joined, an OK around it left out. want: how many; -1: as many as come.
 * *out is the caller's to free. WX_ERR_FORMAT: anything else in it, or another
 * number of bytes.
 */
int wx_eifw_bytes(const char *body, size_t n, bool hex, int64_t want,
		  uint8_t **out, size_t *n_out, struct wx_error *err);

#endif
