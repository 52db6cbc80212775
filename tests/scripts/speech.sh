# SPDX-License-Identifier: MIT
# A voice-like sound in one capture: it, the captures before and behind it are
# in no dataset, the README counts them, and a person's word changes that.
exec /usr/bin/python3 "$TOP/tests/scripts/speech.py"
