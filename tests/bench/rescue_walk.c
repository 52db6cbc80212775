/* SPDX-License-Identifier: MIT */
/*
 * tests/bench/rescue_walk.c: look at every file below a folder, and count the
 * classes of damage: "20000 size_zero". Built by rescue.sh.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "sound/rescue.h"

int main(int argc, char *argv[])
{
	size_t count[32] = { 0 }, healthy = 0;
	struct wx_names names;
	struct wx_error err = { 0 };

	if (argc != 2 || wx_names_read(argv[1], 99, &names, &err))
		return 1;
	for (size_t i = 0; i < names.n; i++) {
		char *path = wx_strf("%s/%s", argv[1], names.name[i]);
		int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		struct wx_rescue r;

		if (fd < 0 || wx_rescue_look(fd, path, &r, &err)) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		healthy += !r.damage;
		for (unsigned k = 0; wx_rescue_word(k); k++)
			count[k] += r.damage >> k & 1;
		close(fd);
		free(path);
	}
	printf("%zu healthy\n", healthy);
	for (unsigned k = 0; wx_rescue_word(k); k++)
		if (count[k])
			printf("%zu %s\n", count[k], wx_rescue_word(k));
	wx_names_fini(&names);
	return 0;
}
