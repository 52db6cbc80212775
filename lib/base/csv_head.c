/* SPDX-License-Identifier: MIT */
/* lib/base/csv_head.c: what a table's header must have, and must not. */
#include <string.h>

#include "base/csv.h"
#include "base/text.h"

int wx_csv_need(const struct wx_csv *csv, const char *name, int *col,
		struct wx_error *err)
{
	char found[400] = "";
	size_t n = 0;

	*col = wx_csv_col(csv, name);
	if (*col >= 0)
		return WX_OK;
	for (int i = 0; i < wx_csv_n_cols(csv) && n < sizeof(found) - 90; i++) {
		char q[WX_QUOTE_SIZE];

		wx_quote(wx_csv_col_name(csv, i),
			 strlen(wx_csv_col_name(csv, i)), q);
		n += (size_t)snprintf(found + n, sizeof(found) - n, "%s%.80s",
				      i ? ", " : "", q);
	}
	return wx_fail(err, WX_ERR_FORMAT,
		       "%s:1: expected a column '%s', found: %s",
		       wx_csv_name(csv), name, found);
}

int wx_csv_check_head(const struct wx_csv *csv, struct wx_error *err)
{
	char q[WX_QUOTE_SIZE];

	for (int i = 1; i < wx_csv_n_cols(csv); i++) {
		const char *name = wx_csv_col_name(csv, i);
		int first = *name ? wx_csv_col(csv, name) : i;

		if (first == i)
			continue;
		wx_quote(name, strlen(name), q);
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s:1: columns %d and %d are both named '%s': "
			       "which is meant? rename one",
			       wx_csv_name(csv), first + 1, i + 1, q);
	}
	return WX_OK;
}
