/* SPDX-License-Identifier: MIT */
/* What boards with Edge Impulse firmware print, and what may be shown of it. */
#include "node/eifw_text.h"

#include <stdlib.h>

#include "testing.h"

#define LINE(text) text "\r\n"

/* Keys and passwords in places where boards put them, and where not. */
#define API_KEY  "ei_0123456789abcdef0123456789abcdef"
#define PASSWORD "correct:horse, battery"
#define HMAC     "c0ffee00112233445566778899aabbcc"

static const char config[] = LINE("===== Device info =====") LINE(
	"ID:         AA:BB:CC:DD:EE:FF") LINE("Type:       NORDIC_THINGY53")
	LINE("AT Version: 1.8.0") LINE("Data Transfer Baudrate: 1000000") LINE(
		"") LINE("===== Sensors ======") LINE("Name: Environment, Max "
						      "sample length: 3600s, "
						      "Frequencies: [0.25Hz]")
		LINE("Name: Inertial, Max sample length: 5s, Frequencies: "
		     "[62.50Hz, 100.00Hz]") "Name: Built-in microphone, Max "
					    "sample length: 61s, Frequencies: "
					    "[8000.00Hz, 16000.00Hz, "
					    "44100.00Hz]\n" /* a lone line feed */
	LINE("===== WIFI =====") LINE("Present:    1") LINE(
		"SSID:       "
		"field:west") LINE("Password:   " PASSWORD)
		LINE("===== Sampling parameters =====") LINE(
			"Interval:   0.06 "
			"ms.") LINE("HMAC key:   " HMAC) LINE("===== Upload "
							      "settings =====")
			LINE("Api Key:    " API_KEY) LINE(
				"Host:       ingestion.edgeimpulse.com")
				LINE("===== Remote management =====") LINE(
					"Last error: " API_KEY " or " HMAC
					" refused") LINE("URL: "
							 "wss://"
							 "user:x@example.org")
					LINE("Label: " API_KEY " " HMAC) LINE(
						"Type: ei_aaaaaaaabbbb of "
						"another project")
						LINE("P~ssword: unlucky") LINE(
							"SSID: fieldPassword: "
							"joined");

static const char *shown(const struct wx_eifw_config *c, const char *section,
			 const char *key)
{
	return json_string_value(
		json_object_get(json_object_get(c->shown, section), key));
}

static void check_config(void)
{
	struct wx_eifw_secrets secrets = { 0 };
	struct wx_eifw_config c;
	const struct wx_eifw_sensor *s = NULL;
	struct wx_error err = { 0 };
	char *all;

	CHECK_INT(
		"config",
		wx_eifw_config_read(config, strlen(config), &secrets, &c, &err),
		WX_OK);
	CHECK_STR("id", c.id, "AA:BB:CC:DD:EE:FF");
	CHECK_STR("type", c.type, "NORDIC_THINGY53");
	CHECK_INT("baud", c.data_baud, 1000000);
	CHECK("version", wx_eifw_config_has(&c, 1, 8) &&
				 wx_eifw_config_has(&c, 1, 2) &&
				 !wx_eifw_config_has(&c, 1, 9) &&
				 !wx_eifw_config_has(&c, 2, 0));
	CHECK_INT("sensors", c.n_sensors, 3);
	CHECK_INT("default", wx_eifw_sensor_find(&c, NULL, &s, NULL), WX_OK);
	CHECK_STR("default", s->name, "Built-in microphone");
	CHECK_F64("longest", s->max_s, 61, 0);
	CHECK_F64("rate", wx_eifw_rate_hz(s), 16000, 0);
	CHECK_INT("named", wx_eifw_sensor_find(&c, "Inertial", &s, NULL),
		  WX_OK);
	CHECK_F64("rate", wx_eifw_rate_hz(s), 100, 0);
	CHECK_INT("none", wx_eifw_sensor_find(&c, "Camera", &s, &err),
		  WX_ERR_FORMAT);
	CHECK("none", strstr(err.text, "'Camera'; it has 'Environment', "
				       "'Inertial', 'Built-in microphone'"));

	CHECK_STR("SSID", shown(&c, "WIFI", "SSID"), "field:west");
	CHECK_STR("password", shown(&c, "WIFI", "Password"), "(set)");
	CHECK_STR("key", shown(&c, "Upload settings", "Api Key"), "(set)");
	CHECK_STR("HMAC", shown(&c, "Sampling parameters", "HMAC key"),
		  "(set)");
	CHECK_STR("free text", shown(&c, "Remote management", "Last error"),
		  "(not shown)");
	CHECK_STR("user", shown(&c, "Remote management", "URL"), "(not shown)");
	CHECK_STR("in another line", shown(&c, "Remote management", "Label"),
		  "(secret) (secret)");
	CHECK_STR("another key", shown(&c, "Remote management", "Type"),
		  "(secret) of another project");
	CHECK_STR("joined", shown(&c, "Remote management", "SSID"),
		  "(not shown)");
	CHECK_STR("changed name", shown(&c, "Remote management", "P~ssword"),
		  "(not shown)");
	all = json_dumps(c.shown, 0);
	CHECK("nowhere", all && !strstr(all, "0123456789") &&
				 !strstr(all, "horse") &&
				 !strstr(all, "c0ffee"));
	free(all);
	wx_eifw_config_fini(&c);
	wx_eifw_secrets_fini(&secrets);
}

static void check_poor_config(void)
{
	static const char none[] = LINE("===== Device info =====")
		LINE("AT Version: 1.2.0") LINE("===== WIFI =====")
			LINE("Password:") LINE("===== Sensors =====")
				LINE("Name: Microphone") LINE("Name:")
					LINE("Name: a\tb, x");
	static const char other[] = LINE("login: root") LINE("Password:");
	struct wx_eifw_secrets secrets = { 0 };
	const struct wx_eifw_sensor *s = NULL;
	struct wx_eifw_config c;

	CHECK_INT("poor",
		  wx_eifw_config_read(none, strlen(none), &secrets, &c, NULL),
		  WX_OK);
	CHECK_INT("no baud", c.data_baud, 0);
	CHECK_INT("sensors", c.n_sensors, 1);
	CHECK_INT("default", wx_eifw_sensor_find(&c, NULL, &s, NULL), WX_OK);
	CHECK("no rate, no length",
	      isnan(wx_eifw_rate_hz(s)) && isnan(s->max_s));
	CHECK_STR("not set", shown(&c, "WIFI", "Password"), "");
	wx_eifw_config_fini(&c);
	CHECK_INT("another device",
		  wx_eifw_config_read(other, strlen(other), &secrets, &c, NULL),
		  WX_ERR_FORMAT);
	wx_eifw_config_fini(&c);
	wx_eifw_secrets_fini(&secrets);
}

/* Secrets that a bad line, or each other, could uncover. */
static void check_odd_secrets(void)
{
	static const char text[] =
		LINE("===== A =====") LINE("Key: \0abcd\0hunter22")
			LINE("Token: hunt") LINE("Pass: HUNT")
				LINE("Label: hunter22 HUNT hunt abcd");
	struct wx_eifw_secrets secrets = { 0 };
	struct wx_eifw_config c;

	wx_eifw_config_read(text, sizeof(text) - 1, &secrets, &c, NULL);
	CHECK_INT("found", secrets.n, 4);
	CHECK_STR("hidden", shown(&c, "A", "Label"),
		  "(secret) (secret) (secret) (secret)");
	wx_eifw_config_fini(&c);
	wx_eifw_secrets_fini(&secrets);
}

static const struct {
	const char *label, *reply, *command, *body; /* NULL: no echo */
	bool prompt;
} replies[] = {
	{ "usual", "AT+X\r\nOK\r\n> ", "AT+X", "\r\nOK\r\n", true },
	{ "behind a prompt of before", "> AT+X\r\nOK\r\n> ", "AT+X",
	  "\r\nOK\r\n", true },
	{ "behind log text", "<inf> hello\r\nAT+X\r\nOK\r\n> ", "AT+X",
	  "\r\nOK\r\n", true },
	{ "no prompt yet", "AT+X\r\nO", "AT+X", "\r\nO", false },
	{ "not at the start of a line", "AT+X\r\n-> ", "AT+X", "\r\n-> ",
	  false },
	{ "a character lost", "AT+\r\nOK\r\n> ", "AT+X", NULL, true },
	{ "a character more", "AT+XY\r\nOK\r\n> ", "AT+X", NULL, true },
	{ "torn", "AT+X", "AT+X", NULL, false },
};

static void check_replies(void)
{
	for (size_t i = 0; i < WX_COUNT(replies); i++) {
		const char *body = NULL;
		size_t n = strlen(replies[i].reply), n_body = 0;
		bool has = wx_eifw_body(replies[i].reply, n, replies[i].command,
					&body, &n_body);
		char *copy = strndup(has ? body : "", n_body);

		CHECK_INT(replies[i].label,
			  wx_eifw_has_prompt(replies[i].reply, n),
			  replies[i].prompt);
		CHECK_INT(replies[i].label, has, replies[i].body != NULL);
		if (has)
			CHECK_STR(replies[i].label, copy, replies[i].body);
		free(copy);
	}
}

static const struct {
	const char *label, *body, *complaint; /* NULL: none */
} complaints[] = {
	{ "fine", "\r\nOK\r\n", NULL },
	{ "no command", "\r\nNot a valid AT command (b)\r\n",
	  "Not a valid AT command (b)" },
	{ "unknown", "\r\nCommand not found! (AT+X)\r\n",
	  "Command not found! (AT+X)" },
	{ "no handler", "No handler for command! (X)",
	  "No handler for command! (X)" },
	{ "few", "\nToo few arguments! Required: 2\n",
	  "Too few arguments! Required: 2" },
	{ "ERR", "x\r\nERR: no memory\r\n", "ERR: no memory" },
};

static void check_complaints(void)
{
	for (size_t i = 0; i < WX_COUNT(complaints); i++) {
		size_t n = 0;
		const char *line = wx_eifw_complaint(
			complaints[i].body, strlen(complaints[i].body), &n);
		char *copy = line ? strndup(line, n) : NULL;

		CHECK_STR(complaints[i].label, copy, complaints[i].complaint);
		free(copy);
	}
}

static const struct {
	const char *label, *body;
	int64_t from, to, collected;
	const char *file;
} samples[] = {
	{ "Thingy:53",
	  "Sampling settings:\r\n\tFile name: rain\r\nSampling...\r\n"
	  "Done sampling, total bytes collected: 320000\r\n"
	  "Not uploading file, not connected to WiFi. Used buffer, from=0, "
	  "to=320248.\r\nOK\r\n",
	  0, 320248, 320000, "rain" },
	{ "not from 0", "Used buffer, from=4096, to=8192.", 4096, 8192, -1,
	  "" },
	{ "file only", "File name: /fs/rain\r\nDone sampling", 0, 0, -1,
	  "/fs/rain" },
	{ "backwards", "Used buffer, from=9, to=3.", 0, 0, -1, "" },
	{ "torn", "Used buffer, from=0, to=", 0, 0, -1, "" },
	{ "huge", "Used buffer, from=0, to=99999999999999999999.", 0, 0, -1,
	  "" },
	{ "negative", "Used buffer, from=-5, to=4.", 0, 0, -1, "" },
	/* it would be a second argument */
	{ "a comma", "File name: rain,y\r\n", 0, 0, -1, "rain" },
};

static void check_samples(void)
{
	for (size_t i = 0; i < WX_COUNT(samples); i++) {
		struct wx_eifw_sample s;

		wx_eifw_sample_read(samples[i].body, strlen(samples[i].body),
				    &s);
		CHECK_INT(samples[i].label, s.from, samples[i].from);
		CHECK_INT(samples[i].label, s.to, samples[i].to);
		CHECK_INT(samples[i].label, s.n_collected,
			  samples[i].collected);
		CHECK_STR(samples[i].label, s.file, samples[i].file);
	}
}

static const struct {
	const char *label, *body;
	bool hex;
	int64_t want;
	int rc;
	const char *out;
} data[] = {
	{ "plain", "\r\nUmFpbg==\r\n", false, 4, WX_OK, "Rain" },
	{ "as many as come", "UmFpbg==", false, -1, WX_OK, "Rain" },
	{ "in lines", "UmFp\r\nbg==\r\n", false, 4, WX_OK, "Rain" },
	{ "OK in lines of its own", "\r\nOK\r\nUmFpbg==\r\nOK\r\n", false, 4,
	  WX_OK, "Rain" },
	{ "two OK in one", "\r\nOKOK\r\nUmFpbg==", false, 4, WX_OK, "Rain" },
	{ "OK glued before", "\r\nOKUmFpbg==\r\n", false, 4, WX_OK, "Rain" },
	{ "OK glued behind", "\r\nUmFpbg==OK\r\n", false, 4, WX_OK, "Rain" },
	{ "OK on both sides", "OKUmFpbg==OK", false, 4, WX_OK, "Rain" },
	{ "OK glued, length unknown", "OKUmFpbg==", false, -1, WX_OK, "Rain" },
	{ "data that reads OK", "OKUm", false, 3, WX_OK, "8\xa5&" },
	{ "too short", "UmFp", false, 4, WX_ERR_FORMAT, NULL },
	{ "too long", "UmFpbnN0", false, 4, WX_ERR_FORMAT, NULL },
	{ "a character lost", "UmFpbg=", false, 4, WX_ERR_FORMAT, NULL },
	{ "another character", "Um!pbg==", false, 4, WX_ERR_FORMAT, NULL },
	{ "padding within", "Um==bg==", false, -1, WX_ERR_FORMAT, NULL },
	{ "log text", "UmFp\r\n<wrn> slow\r\nbg==", false, 4, WX_ERR_FORMAT,
	  NULL },
	{ "hexadecimal", "\r\n5261696E\r\n", true, -1, WX_OK, "Rain" },
	{ "odd", "5261696", true, -1, WX_ERR_FORMAT, NULL },
	{ "no digit", "52616g6e", true, -1, WX_ERR_FORMAT, NULL },
	{ "nothing", "\r\nOK\r\n", false, 0, WX_OK, "" },
};

static void check_data(void)
{
	for (size_t i = 0; i < WX_COUNT(data); i++) {
		const char *label = data[i].label;
		uint8_t *out = NULL;
		size_t n = 0;
		int rc = wx_eifw_bytes(data[i].body, strlen(data[i].body),
				       data[i].hex, data[i].want, &out, &n,
				       NULL);

		CHECK_INT(label, rc, data[i].rc);
		if (rc == WX_OK) {
			CHECK_INT(label, n, strlen(data[i].out));
			CHECK(label, n == strlen(data[i].out) &&
					     !memcmp(out, data[i].out, n));
		}
		free(out);
	}
}

int main(void)
{
	check_config();
	check_poor_config();
	check_odd_secrets();
	check_replies();
	check_complaints();
	check_samples();
	check_data();
	return wx_test_end();
}
