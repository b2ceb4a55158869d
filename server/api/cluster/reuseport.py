"""Which of the listening sockets of one port (SO_REUSEPORT) a new connection goes to.

A classic BPF program on the group answers a place in it; the kernel asks it once for each new connection
(Linux, ``SO_ATTACH_REUSEPORT_CBPF`` in socket(7); the places are those in which the sockets began to listen).
"""

import ctypes
import socket
import struct

_SO_ATTACH_REUSEPORT_CBPF = 51
_RANDOM = 0xFFFFF000 + 56
"""Where a program finds a random number: ``SKF_AD_OFF + SKF_AD_RANDOM`` (linux/filter.h)."""
_LOAD, _MODULO, _ANSWER = 0x20, 0x94, 0x16


def reuseport_among_first(listeners: list[socket.socket], first: int) -> bool:
    """Let new connections go to the ``first`` listeners only, evenly; whether the system can do that.

    Where it cannot, they go to all of them: whoever accepts on the others then gets more than a fair share.
    """
    program = b"".join(
        struct.pack("HBBI", *step)
        for step in ((_LOAD, 0, 0, _RANDOM), (_MODULO, 0, 0, first), (_ANSWER, 0, 0, 0))
    )
    held = ctypes.create_string_buffer(program)
    try:
        listeners[0].setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_REUSEPORT_CBPF, struct.pack("HL", 3, ctypes.addressof(held))
        )
    except OSError:
        return False
    return True
