# SPDX-License-Identifier: MIT
# wx-upload against a strict service on this machine: what arrived, once each and
# as it was listed; faults on the wire, bad input, kills.
exec /usr/bin/python3 "$TOP/tests/scripts/upload.py"
