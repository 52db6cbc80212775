/* SPDX-License-Identifier: MIT */
/* lib/base/secret.c: see secret.h. */
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

enum { MAX_SECRET = 4096 };

void wx_secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

int wx_secret_read(const char *path, char **out, bool *others,
		   struct wx_error *err)
{
	struct stat st;
	char *text = NULL;
	size_t n, from = 0;
	int rc = wx_file_read(path, MAX_SECRET, &text, &n, err);

	*out = NULL;
	*others = false;
	if (rc)
		return rc;
	while (n && strchr(" \t\r\n", text[n - 1]))
		text[--n] = '\0';
	while (from < n && strchr(" \t", text[from]))
		from++;
	for (size_t i = from; i < n && !rc; i++)
		if (text[i] <= ' ' || text[i] > '~')
			rc = wx_fail(err, WX_ERR_FORMAT,
				     "%s: expected one line with a token",
				     path);
	if (!rc && from == n)
		rc = wx_fail(err, WX_ERR_FORMAT, "%s: holds no token", path);
	if (!rc)
		*others = stat(path, &st) == 0 && (st.st_mode & 077);
	if (!rc && !(*out = strdup(text + from)))
		rc = wx_fail_nomem(err);
	explicit_bzero(text, n);
	free(text);
	return rc;
}
