# SPDX-License-Identifier: MIT
# wx-check: nothing in an intact archive and dataset; each of many corruptions,
# made one at a time, is found under its word, and told what to do about.
exec /usr/bin/python3 "$TOP/tests/scripts/check.py"
