#!/bin/sh
# SPDX-License-Identifier: MIT
# Print a C file that holds the files given, by name: see lib/base/json.h.
set -eu
printf '#include "base/builtin.h"\nconst struct wx_builtin wx_builtins[] = {\n'
for f; do
	printf '\t{ "%s",\n' "$f"
	sed 's/\\/\\\\/g; s/"/\\"/g; s/^/\t  "/; s/$/\\n"/' "$f"
	printf '\t},\n'
done
printf '\t{ 0, 0 },\n};\n'
