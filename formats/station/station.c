/* SPDX-License-Identifier: MIT */
/* formats/station/station.c: the table of readers; see station.h. */
#include "station/station.h"

#include <math.h>
#include <string.h>

#include "station/rawlog.h"

#define ROW(name) &wx_station_##name,
static const struct wx_station_format *const formats[] = { WX_STATION_FORMATS(
	ROW) };
#undef ROW

const struct wx_station_format *wx_station_format_find(const char *name)
{
	for (size_t i = 0; i < WX_COUNT(formats); i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

const char *wx_station_format_names(char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < WX_COUNT(formats) && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", i ? ", " : "",
				      formats[i]->name);
	return buf;
}

/*
 * The surest reader for what in holds; WX_ERR_FORMAT when none is sure. An
 * empty file is WX_ERR_FORMAT too.
 */
static int probe(FILE *in, const char *name,
		 const struct wx_station_format **out, struct wx_error *err)
{
	uint8_t buf[4096], *head = buf;
	size_t n = fread(buf, 1, sizeof(buf), in);
	char names[400];
	int best = 0, rc = WX_OK;

	*out = NULL;
	if (ferror(in))
		return wx_fail_errno(err, "%s: cannot read", name);
	if (fseek(in, 0, SEEK_SET) != 0)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: a pipe cannot be looked at first; give -f "
			       "FORMAT",
			       name);
	if (!n)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected a station's log, found an empty "
			       "file",
			       name);
	if (n > 3 && !memcmp(head, "\xef\xbb\xbf", 3)) { /* a byte-order mark */
		head += 3;
		n -= 3;
	}
	for (size_t i = 0; i < WX_COUNT(formats); i++) {
		int sure = formats[i]->probe(head, n);

		if (sure > best) {
			best = sure;
			*out = formats[i];
		}
	}
	if (!*out || !(*out)->binary)
		rc = wx_text_check(head, n, name, err);
	if (rc)
		return rc;
	if (*out)
		return WX_OK;
	return wx_fail(err, WX_ERR_FORMAT,
		       "%s: no known format of station logs; give -f with one "
		       "of %s",
		       name, wx_station_format_names(names, sizeof(names)));
}

void wx_station_opts_init(struct wx_station_opts *opts)
{
	*opts = (struct wx_station_opts){ .interval_s = NAN,
					  .bucket_mm = NAN,
					  .modulus = NAN,
					  .m_s_per_hz = NAN,
					  .cup_offset_m_s = NAN };
}

int wx_station_read(const char *path, const struct wx_station_format *format,
		    const struct wx_station_opts *opts, wx_obs_fn *row,
		    void *ctx, struct wx_log *log, struct wx_error *err)
{
	bool is_stdin = !strcmp(path, "-");
	const char *name = is_stdin ? "stdin" : path;
	FILE *in = is_stdin ? stdin : fopen(path, "re");
	int rc = WX_OK;

	if (!in)
		return wx_fail_errno(err, "%s: cannot open", path);
	/* The readers have a buffer of their own. */
	setvbuf(in, NULL, _IONBF, 0);
	if (!format)
		rc = probe(in, name, &format, err);
	if (!rc)
		rc = format->read(in, name, opts, row, ctx, log, err);
	if (!is_stdin)
		fclose(in);
	return rc;
}
