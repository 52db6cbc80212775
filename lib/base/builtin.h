/* SPDX-License-Identifier: MIT */
/* lib/base/builtin.h: the files that the Makefile builds into the tools. */
#ifndef WX_BASE_BUILTIN_H
#define WX_BASE_BUILTIN_H

struct wx_builtin {
	const char *name, *text;
};

extern const struct wx_builtin wx_builtins[]; /* ends with a NULL name */

#endif
