# SPDX-License-Identifier: MIT
# Progress is one line on a terminal, with rate and time left; anywhere else, and
# with -q, there is none.
exec /usr/bin/python3 "$TOP/tests/scripts/progress.py"
