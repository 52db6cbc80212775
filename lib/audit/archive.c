/* SPDX-License-Identifier: MIT */
/* lib/audit/archive.c: an archive as a whole; see audit.h. */
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "audit/parts.h"
#include "base/json.h"
#include "base/text.h"

/* Folders of the site's nodes or stations, and of nobody. */
static void check_folder(struct audit *au, const char *table, bool of_nodes)
{
	char *full = wx_strf("%s/%s", au->root, table);
	DIR *dir = full ? opendir(full) : NULL;
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		const char *id = e->d_name;
		char *path;

		if (!strcmp(id, ".") || !strcmp(id, "..") ||
		    (of_nodes ? (const void *)wx_site_node(au->a->site, id)
			      : wx_site_station(au->a->site, id)))
			continue;
		path = wx_strf("%s/%s", table, id);
		if (path)
			audit_found(
				au, WX_AUDIT_FAULT, "orphan", path,
				"add it to site.json, or move the folder "
				"elsewhere",
				"site.json has no %s '%s': no tool reads it",
				of_nodes ? "node" : "station", id);
		free(path);
	}
	if (dir)
		closedir(dir);
	free(full);
}

/* Keys and tokens are for their owner's eyes. */
static void check_secret(struct audit *au, const char *what, const char *path)
{
	struct stat st;

	if (path && stat(path, &st) == 0 && (st.st_mode & 077))
		audit_found(au, WX_AUDIT_FAULT, "secret", "site.json",
			    "chmod 600 that file",
			    "others may read the %s, mode %03o, expected 600",
			    what, st.st_mode & 0777U);
}

static void check_site(struct audit *au)
{
	const struct wx_site *site = au->a->site;
	const char *key = wx_json_str(json_object_get(site->doc, "upload"),
				      "key_file", NULL);
	char *key_path = NULL;

	for (size_t i = 0; i < site->n_nodes; i++)
		check_secret(au, "token_file of a node",
			     site->nodes[i].token_file);
	if (key)
		key_path = *key == '/' ? strdup(key)
				       : wx_strf("%s/%s", au->root, key);
	check_secret(au, "key_file of the upload", key_path);
	free(key_path);
	if (!au->profile)
		audit_found(au, WX_AUDIT_FAULT, "site", "site.json",
			    "see labels.profile in wx-site(5)",
			    "the profile '%.100s' cannot be read",
			    site->profile);
}

/* Less room than what there is grew by on an average day. */
static void check_disk(struct audit *au, size_t n_days)
{
	struct statvfs fs;
	uint64_t daily = n_days ? au->st->size_bytes / n_days : 0;

	if (statvfs(au->root, &fs) != 0)
		return;
	au->st->free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (au->st->free_bytes < daily)
		audit_found(au, WX_AUDIT_FAULT, "disk", ".",
			    "make room, or move the archive",
			    "%.1f GB free, expected at least the %.1f GB of a "
			    "usual day",
			    (double)au->st->free_bytes / 1e9,
			    (double)daily / 1e9);
}

/* Days that any node has windows of: the most of all. */
static size_t count_days(struct audit *au)
{
	size_t most = 0;

	for (size_t i = 0; i < au->a->site->n_nodes; i++) {
		struct wx_days days;

		if (wx_archive_days(au->a, "windows", au->a->site->nodes[i].id,
				    &days, NULL) != WX_OK)
			continue;
		most = days.n > most ? days.n : most;
		wx_days_fini(&days);
	}
	return most;
}

static void check_tracks(struct audit *au, const struct audit_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const char *name = audit_name(f, i);
		size_t n = strcspn(name, "/");
		char id[256];
		char *path;

		if (!name[n] || n >= sizeof(id))
			continue;
		memcpy(id, name, n);
		id[n] = '\0';
		if (wx_site_node(au->a->site, id))
			continue;
		path = wx_strf("tracks/%s", name);
		if (path)
			audit_found(au, WX_AUDIT_FAULT, "orphan", path,
				    "name its folder after the node",
				    "site.json has no node '%.64s': no tool "
				    "reads it",
				    id);
		free(path);
	}
}

static int check_all(struct audit *au, struct wx_error *err)
{
	const struct wx_site *site = au->a->site;
	static const char *const of_node[] = { "raw", "sound", "windows",
					       "labels" };
	struct audit_files tracks = { 0 };
	struct stat st;
	size_t n_sound;
	int rc = WX_OK;

	check_site(au);
	for (size_t i = 0; i < WX_COUNT(of_node); i++)
		check_folder(au, of_node[i], true);
	check_folder(au, "station", false);
	for (size_t i = 0; i < site->n_stations && rc == WX_OK; i++)
		if (!au->o->n_nodes)
			rc = audit_station_tables(au, &site->stations[i], err);
	for (size_t i = 0; i < site->n_nodes && rc == WX_OK; i++) {
		if (!audit_wants_node(au, site->nodes[i].id))
			continue;
		rc = audit_raw(au, &site->nodes[i], &n_sound, err);
		if (rc == WX_OK)
			rc = audit_node_tables(au, site->nodes[i].id, n_sound,
					       err);
	}
	if (rc == WX_OK && audit_stat(au, "tracks", &st))
		rc = audit_files_read(au, "tracks", &tracks, err);
	check_tracks(au, &tracks);
	audit_files_fini(&tracks);
	if (rc == WX_OK)
		check_disk(au, count_days(au));
	return rc;
}

int wx_audit_archive(const struct wx_archive *a,
		     const struct wx_audit_opts *opts,
		     struct wx_audit_stats *out, struct wx_error *err)
{
	struct audit au = { .root = a->root, .a = a, .o = opts, .st = out };
	struct wx_profile profile;
	struct wx_error save = { 0 };
	char *notes = wx_archive_path(a, ".check/seen");
	int rc = notes ? wx_seen_open(notes, opts->full, &au.seen, err)
		       : wx_fail_nomem(err);

	*out = (struct wx_audit_stats){ 0 };
	if (wx_profile_read(a->site->profile, &profile, NULL) == WX_OK)
		au.profile = &profile;
	if (rc == WX_OK)
		rc = check_all(&au, err);
	/* Of an archive that cannot be written to nothing is noted. */
	if (au.seen)
		wx_seen_save(au.seen, rc != WX_OK || opts->n_nodes, &save);
	wx_seen_free(au.seen);
	free(notes);
	return rc;
}
