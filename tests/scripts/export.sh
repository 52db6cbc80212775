# SPDX-License-Identifier: MIT
# wx-export on a made archive: what is in the dataset, bit for bit, and what is
# not; again, changed, killed; with hostile neighbours.
exec /usr/bin/python3 "$TOP/tests/scripts/export.py"
