# SPDX-License-Identifier: MIT
# wx-listen --forget: sound goes by the site's rule, when the journal has said
# so, and nothing else is lost or comes back.
exec /usr/bin/python3 "$TOP/tests/scripts/forget.py"
