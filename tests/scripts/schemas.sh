# SPDX-License-Identifier: MIT
# The interpreter of schemas agrees with python3-jsonschema, on the tables in
# tests/schemas and on some thousand mutants of their good documents.
set -eu
exec /usr/bin/python3 "$TOP/tests/schemas/agree.py" "$TOP/schemas" \
	"$TOP/tests/schemas" "$B/unit/test_schema"
