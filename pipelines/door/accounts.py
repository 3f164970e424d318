"""Which account of this machine is at the other end of a connection, as the kernel says (sock_diag(7), what `ss` asks).

Not /proc/net/tcp: the kernel walks all of its tables to write that, which takes some 10 ms, and may skip a line meanwhile.
"""

import socket
import struct

SOCK_DIAG = 4  # of the netlink families
BY_FAMILY, REQUEST, ANY_STATE, NO_COOKIE = 20, 1, 0xFFFFFFFF, b"\xff" * 8
HEADER = struct.Struct("=IHHII")  # nlmsghdr
ASKED = struct.Struct("=BBBxI")  # inet_diag_req_v2, before the two ends
ENDS = struct.Struct("!HH4s12x4s12x")
FOUND_AT = HEADER.size + 4 + 48  # in inet_diag_msg: after the state and the two ends
FOUND = struct.Struct("=IIIII")  # expires, rqueue, wqueue, uid, inode


def account_of(client: tuple[str, int], server: tuple[str, int]) -> int | None:
    """The user id that owns the client's end. None: it is of another machine, or closed already, or the system does not tell."""
    try:
        ends = ENDS.pack(client[1], server[1], socket.inet_aton(client[0]), socket.inet_aton(server[0]))
        asked = ASKED.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, ANY_STATE) + ends + struct.pack("=I8s", 0, NO_COOKIE)
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, SOCK_DIAG) as kernel:
            kernel.settimeout(1)
            kernel.send(HEADER.pack(HEADER.size + len(asked), BY_FAMILY, REQUEST, 0, 0) + asked)
            told = kernel.recv(4096)
    except (OSError, AttributeError):  # no IPv4 address, no such family here
        return None
    if HEADER.unpack_from(told)[1] != BY_FAMILY:
        return None
    *_, user, inode = FOUND.unpack_from(told, FOUND_AT)
    # A socket that its program has closed belongs to nobody: it is shown as root's, without an inode.
    return user if inode else None
