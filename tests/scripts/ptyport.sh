#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The shim that other tests stand on: libserialport opens a pty, sets its speed,
# asks for its lines, finds it by listing; and is as strict as ever without.
set -u
cat >port.py <<'P'
import ctypes, fcntl, os, struct, sys
lib = ctypes.CDLL("libserialport.so.0")
master, slave = os.openpty()
name = os.ttyname(slave)
port = ctypes.c_void_p()
def get(fn, *args):
    f = lib[fn]  # another object each time
    f.restype = ctypes.c_char_p
    return f(*args)
rc = lib.sp_get_port_by_name(name.encode(), ctypes.byref(port))
if sys.argv[1:] == ["without"]:
    sys.exit(rc != -1)  # SP_ERR_ARG
assert rc == 0, rc
assert lib.sp_open(port, 3) == 0, "open"
assert lib.sp_set_baudrate(port, 921600) == 0, "baud"
two = fcntl.ioctl(slave, 0x802C542A, bytes(44))  # TCGETS2: it sets BOTHER
assert struct.unpack("36xII", two) == (921600, 921600)
assert lib.sp_set_flowcontrol(port, 0) == 0, "flow control"
assert lib.sp_set_dtr(port, 1) == 0 and lib.sp_set_rts(port, 1) == 0, "lines"
assert lib.sp_blocking_write(port, b"ping", 4, 1000) == 4
assert os.read(master, 9) == b"ping"
os.write(master, b"pong\n\r\xff\0")
buf = ctypes.create_string_buffer(9)
assert lib.sp_blocking_read(port, buf, 8, 1000) == 8 and buf.raw[:8] == b"pong\n\r\xff\0"
assert lib.sp_close(port) == 0
ctypes.CDLL(None).setenv(b"PTYPORT_LIST", name.encode(), 1)
found = ctypes.POINTER(ctypes.c_void_p)()
assert lib.sp_list_ports(ctypes.byref(found)) == 0
i = 0
while found[i] and get("sp_get_port_name", ctypes.c_void_p(found[i])) != name.encode():
    i += 1
assert found[i], "not listed"
p = ctypes.c_void_p(found[i])
assert get("sp_get_port_usb_serial", p) == b"PTY" + name[9:].encode()
v, d = ctypes.c_int(), ctypes.c_int()
assert lib.sp_get_port_usb_vid_pid(p, ctypes.byref(v), ctypes.byref(d)) == 0
assert (v.value, d.value) == (0x1a86, 0x7523)
P
/usr/bin/python3 port.py without || { echo "a pty passes without the shim"; exit 1; }
PTYPORT_LINES=$PWD/lines LD_PRELOAD=$B/tests/ptyport.so /usr/bin/python3 port.py || exit 1
grep -q 0x6 lines || { cat lines; echo "no line was set"; exit 1; }
