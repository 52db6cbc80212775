# SPDX-License-Identifier: MIT
# Every layout of wx-export, read back by readers that are not ours: samples,
# labels, metadata, signatures; and taken by a strict service.
exec /usr/bin/python3 "$TOP/tests/scripts/layouts.py"
