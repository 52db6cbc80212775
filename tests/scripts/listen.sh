# SPDX-License-Identifier: MIT
# wx-listen on a made archive: every number against numpy, damaged captures by
# table, again, grown, killed; with $CAPTURES also on real recordings.
exec /usr/bin/python3 "$TOP/tests/scripts/listen.py"
