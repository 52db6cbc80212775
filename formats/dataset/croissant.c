/* SPDX-License-Identifier: MIT */
/* formats/dataset/croissant.c: see croissant.h. */
#include "dataset/croissant.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

enum { TRAINING, TESTING, N_SIDES };
static const char *const sides[N_SIDES] = { "training", "testing" };

/* Columns, where in provenance.jsonl they are, and what they are. */
static const struct column {
	const char *name, *part, *key; /* part NULL: of the line itself */
	const char *type;              /* of schema.org */
	int decimals;                  /* -1: text */
	const char *what;
} columns[] = {
	{ "file_name", NULL, "path", "sc:Text", -1,
	  "WAV of the sample, relative to the table" },
	{ "label", NULL, "label", "sc:Text", -1, "its class" },
	{ "node", NULL, "node", "sc:Text", -1, "the device that recorded it" },
	{ "start_utc", NULL, "start_utc", "sc:DateTime", -1,
	  "when it starts, UTC" },
	{ "length_s", NULL, "length_s", "sc:Float", 3, "how long it is, s" },
	{ "max_err_s", NULL, "max_err_s", "sc:Float", 3,
	  "how wrong start_utc may be, about 2 sigma, s" },
	{ "rate_hz", NULL, "rate_hz", "sc:Float", 0, "frames per second" },
	{ "quality", NULL, "quality", "sc:Integer", 0,
	  "QARTOD code: 1 good, 2 not evaluated, 3 suspect" },
	{ "air_temp_degc", NULL, "air_temp_degc", "sc:Float", 2,
	  "temperature at the node, degC" },
	{ "rel_hum_pct", NULL, "rel_hum_pct", "sc:Float", 1,
	  "relative humidity at the node, %" },
	{ "pressure_hpa", NULL, "pressure_hpa", "sc:Float", 2,
	  "air pressure at the node, hPa" },
	{ "rain_class", "rain", "class", "sc:Text", -1, "rain, its class" },
	{ "rain_mm_h", "rain", "mm_h", "sc:Float", 2,
	  "rain rate by the station, mm/h" },
	{ "rain_p", "rain", "p", "sc:Float", 3,
	  "how probable rain_class is, given the station" },
	{ "wind_class", "wind", "class", "sc:Text", -1, "wind, its class" },
	{ "wind_m_s", "wind", "m_s", "sc:Float", 2,
	  "mean wind by the station, m/s" },
	{ "wind_p", "wind", "p", "sc:Float", 3,
	  "how probable wind_class is, given the station" },
};

struct tables {
	struct wx_file *file[N_SIDES];
	struct wx_row *row; /* one for each side */
	char last_day[11];  /* "2026-06-01" of the last sample */
	double rate_hz;     /* NAN: several */
};

static void put(struct wx_row *row, const json_t *line, const struct column *c)
{
	const json_t *from = c->part ? json_object_get(line, c->part) : line;
	const char *text = wx_json_str(from, c->key, "");

	if (c->decimals >= 0)
		wx_row_f64(row, wx_json_f64(from, c->key, NAN), c->decimals);
	else if (c == columns) /* without its folder */
		wx_row_str(row,
			   strchr(text, '/') ? strchr(text, '/') + 1 : text);
	else
		wx_row_str(row, text);
}

static int on_line(void *ctx, json_t *line, long number, struct wx_error *err)
{
	struct tables *t = ctx;
	int side = strcmp(wx_json_str(line, "category", ""), "testing") == 0;
	const char *utc = wx_json_str(line, "start_utc", "");
	double rate_hz = wx_json_f64(line, "rate_hz", NAN);

	(void)number;
	(void)err;
	for (size_t i = 0; i < WX_COUNT(columns); i++)
		put(&t->row[side], line, &columns[i]);
	wx_row_end(&t->row[side]);
	if (strncmp(utc, t->last_day, 10) > 0)
		snprintf(t->last_day, sizeof(t->last_day), "%.10s", utc);
	t->rate_hz = t->rate_hz == 0 || t->rate_hz == rate_hz ? rate_hz : NAN;
	return WX_OK;
}

static void put_header(struct wx_row *row)
{
	for (size_t i = 0; i < WX_COUNT(columns); i++)
		wx_row_str(row, columns[i].name);
	wx_row_end(row);
}

static int write_tables(const char *dir, struct tables *t, bool *changed,
			struct wx_error *err)
{
	static struct wx_row row[N_SIDES]; /* 128 KiB */
	char *path = wx_strf("%s/provenance.jsonl", dir);
	int rc = path ? WX_OK : wx_fail_nomem(err);

	t->row = row;
	for (int i = 0; !rc && i < N_SIDES; i++) {
		char *to = wx_strf("%s/%s/metadata.csv", dir, sides[i]);

		rc = to ? wx_file_create(to, &t->file[i], err)
			: wx_fail_nomem(err);
		free(to);
		if (!rc) {
			wx_row_init(&row[i], wx_file_get(t->file[i]));
			put_header(&row[i]);
		}
	}
	if (!rc)
		rc = wx_jsonl_read(path, NULL, on_line, t, NULL, err);
	for (int i = 0; i < N_SIDES; i++) {
		bool one = false;

		if (!rc) {
			wx_row_flush(&row[i]);
			rc = wx_file_commit(t->file[i], &one, err);
		} else {
			wx_file_abort(t->file[i]);
		}
		*changed = *changed || one;
	}
	free(path);
	return rc;
}

/* ---- croissant.json ---- */

/* Short names of the vocabulary, as the specification has them. */
static const char context[] =
	"{\"@language\":\"en\",\"@vocab\":\"https://schema.org/\","
	"\"arrayShape\":\"cr:arrayShape\",\"citeAs\":\"cr:citeAs\","
	"\"column\":\"cr:column\",\"conformsTo\":\"dct:conformsTo\","
	"\"containedIn\":\"cr:containedIn\","
	"\"cr\":\"http://mlcommons.org/croissant/\","
	"\"data\":{\"@id\":\"cr:data\",\"@type\":\"@json\"},"
	"\"dataType\":{\"@id\":\"cr:dataType\",\"@type\":\"@vocab\"},"
	"\"dct\":\"http://purl.org/dc/terms/\","
	"\"equivalentProperty\":\"cr:equivalentProperty\","
	"\"examples\":{\"@id\":\"cr:examples\",\"@type\":\"@json\"},"
	"\"extract\":\"cr:extract\",\"field\":\"cr:field\","
	"\"fileObject\":\"cr:fileObject\",\"fileProperty\":\"cr:fileProperty\","
	"\"fileSet\":\"cr:fileSet\",\"format\":\"cr:format\","
	"\"includes\":\"cr:includes\",\"isArray\":\"cr:isArray\","
	"\"isLiveDataset\":\"cr:isLiveDataset\",\"jsonPath\":\"cr:jsonPath\","
	"\"key\":\"cr:key\",\"md5\":\"cr:md5\",\"parentField\":\"cr:"
	"parentField\","
	"\"path\":\"cr:path\",\"recordSet\":\"cr:recordSet\","
	"\"references\":\"cr:references\",\"regex\":\"cr:regex\","
	"\"repeated\":\"cr:repeated\",\"replace\":\"cr:replace\","
	"\"samplingRate\":\"cr:samplingRate\",\"sc\":\"https://schema.org/\","
	"\"separator\":\"cr:separator\",\"source\":\"cr:source\","
	"\"subField\":\"cr:subField\",\"transform\":\"cr:transform\"}";

/* A file with its hash. */
static json_t *file_object(const char *dir, const char *side,
			   struct wx_error *err)
{
	char *rel = wx_strf("%s/metadata.csv", side);
	char *path = rel ? wx_strf("%s/%s", dir, rel) : NULL;
	uint8_t digest[WX_SHA256_LEN];
	char hex[WX_SHA256_HEX];
	json_t *obj = NULL;

	if (!path)
		wx_fail_nomem(err);
	else if (wx_file_hash(path, NULL, digest, NULL, err) == WX_OK) {
		wx_hex(digest, sizeof(digest), hex);
		obj = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "@type",
				"cr:FileObject", "@id", rel, "name", rel,
				"contentUrl", rel, "encodingFormat", "text/csv",
				"sha256", hex);
	}
	free(rel);
	free(path);
	return obj;
}

static json_t *field(const char *set, const struct column *c, const char *table)
{
	return json_pack("{s:s, s:s+++, s:s, s:s, s:s, s:{s:{s:s}, s:{s:s}}}",
			 "@type", "cr:Field", "@id", set, "/", c->name, "",
			 "name", c->name, "description", c->what, "dataType",
			 c->type, "source", "fileObject", "@id", table,
			 "extract", "column", c->name);
}

/* The rows of one side, each with the columns of its table. */
static json_t *record_set(const char *side)
{
	char *table = wx_strf("%s/metadata.csv", side);
	json_t *fields = json_array(), *obj = NULL;

	for (size_t i = 0; table && i < WX_COUNT(columns); i++)
		json_array_append_new(fields, field(side, &columns[i], table));
	if (table)
		obj = json_pack("{s:s, s:s, s:s, s:s++, s:O}", "@type",
				"cr:RecordSet", "@id", side, "name", side,
				"description", "samples of the ", side,
				" side, a row each", "field", fields);
	json_decref(fields);
	free(table);
	return obj;
}

static json_t *audio_set(const struct tables *t)
{
	json_t *source = json_pack("{s:{s:s}, s:{s:s}}", "fileSet", "@id",
				   "wav", "extract", "fileProperty", "content");

	if (t->rate_hz > 0)
		json_object_set_new(source, "samplingRate",
				    json_integer(llround(t->rate_hz)));
	return json_pack("{s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s, s:s, s:o}]}",
			 "@type", "cr:RecordSet", "@id", "clips", "name",
			 "clips", "description", "the sound of all samples",
			 "field", "@type", "cr:Field", "@id", "clips/audio",
			 "name", "audio", "dataType", "sc:AudioObject",
			 "source", source);
}

static void set_about(json_t *doc, const struct wx_croissant *c,
		      const struct tables *t)
{
	json_object_set_new(doc, "@type", json_string("sc:Dataset"));
	json_object_set_new(doc, "conformsTo",
			    json_string("http://mlcommons.org/croissant/1.1"));
	json_object_set_new(doc, "name", json_string(c->name));
	json_object_set_new(doc, "description", json_string(c->what));
	/* Required: what is not known is said to be so. */
	json_object_set_new(
		doc, "license",
		json_string(c->license ? c->license : "none stated"));
	json_object_set_new(doc, "url",
			    json_string(c->url ? c->url : "README.md"));
	json_object_set_new(doc, "creator",
			    json_pack("{s:s, s:s}", "@type", "sc:Organization",
				      "name",
				      c->creator ? c->creator : "not stated"));
	json_object_set_new(
		doc, "datePublished",
		json_string(*t->last_day ? t->last_day : "1970-01-01"));
	json_object_set_new(doc, "version", json_string("1.0.0"));
}

static json_t *describe(const char *dir, const struct wx_croissant *c,
			const struct tables *t, struct wx_error *err)
{
	json_t *doc =
		json_pack("{s:o}", "@context", json_loads(context, 0, NULL));
	json_t *files = json_array(), *sets = json_array();

	set_about(doc, c, t);
	for (int i = 0; i < N_SIDES; i++) {
		json_t *file = file_object(dir, sides[i], err);

		if (!file) {
			json_decref(doc);
			json_decref(files);
			json_decref(sets);
			return NULL;
		}
		json_array_append_new(files, file);
		json_array_append_new(sets, record_set(sides[i]));
	}
	json_array_append_new(
		files, json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "@type",
				 "cr:FileSet", "@id", "wav", "name", "wav",
				 "encodingFormat", "audio/wav", "includes",
				 "training/*.wav", "testing/*.wav"));
	json_array_append_new(sets, audio_set(t));
	json_object_set_new(doc, "distribution", files);
	json_object_set_new(doc, "recordSet", sets);
	return doc;
}

int wx_croissant_write(const char *dir, const struct wx_croissant *c,
		       bool *changed, struct wx_error *err)
{
	struct tables t = { 0 };
	char *path = wx_strf("%s/croissant.json", dir);
	struct wx_file *f = NULL;
	json_t *doc = NULL;
	bool one = false;
	int rc =
		path ? write_tables(dir, &t, changed, err) : wx_fail_nomem(err);

	if (!rc) {
		doc = describe(dir, c, &t, err);
		rc = doc ? wx_file_create(path, &f, err) : WX_ERR_IO;
	}
	if (!rc && json_dumpf(doc, wx_file_get(f), JSON_INDENT(1)) != 0 &&
	    !ferror(wx_file_get(f)))
		rc = wx_fail_nomem(err);
	if (!rc) {
		putc('\n', wx_file_get(f));
		rc = wx_file_commit(f, &one, err);
	} else {
		wx_file_abort(f);
	}
	*changed = *changed || one;
	json_decref(doc);
	free(path);
	return rc;
}

int wx_croissant_drop(const char *dir, bool *changed, struct wx_error *err)
{
	static const char *const names[] = { "training/metadata.csv",
					     "testing/metadata.csv",
					     "croissant.json" };
	int rc = WX_OK;

	for (size_t i = 0; !rc && i < WX_COUNT(names); i++) {
		char *path = wx_strf("%s/%s", dir, names[i]);

		if (!path)
			return wx_fail_nomem(err);
		if (unlink(path) == 0)
			*changed = true;
		else if (errno != ENOENT)
			rc = wx_fail_errno(err, "%s: cannot remove", path);
		free(path);
	}
	return rc;
}
