/* SPDX-License-Identifier: MIT */
/*
 * lib/base/secret.h: a token or a key, from a file of one line. It is never put
 * into a message.
 */
#ifndef WX_BASE_SECRET_H
#define WX_BASE_SECRET_H

#include <stdbool.h>

#include "base/error.h"

/*
 * The line without the blanks around it: one word of printable ASCII. *others:
 * may others than its owner read the file? Free *out with wx_secret_free.
 */
int wx_secret_read(const char *path, char **out, bool *others,
		   struct wx_error *err);
void wx_secret_free(char *secret); /* wiped first; NULL is allowed */

#endif
