"""Which account of this machine is at the other end of a connection, as the kernel says."""

from pathlib import Path

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))  # a program of two families has its socket in the second


def account_of(client: tuple[str, int], server: tuple[str, int]) -> int | None:
    """The user id that owns the client's end. None: it is of another machine, or closed already, or the system does not tell."""
    if ":" in client[0]:
        return None  # the UI listens on IPv4 alone
    ends = _written(client), _written(server)
    for table in (*TABLES, *TABLES):  # read while others change it, a table may skip a line
        try:
            lines = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, remote, _, _, _, _, user, _, inode, *_ = line.split()
            # A socket that its program has closed belongs to nobody: it is shown with inode 0, as root's.
            if inode != "0" and local.endswith(ends[0]) and remote.endswith(ends[1]):
                return int(user)
    return None


def _written(end: tuple[str, int]) -> str:
    """As the kernel writes an IPv4 address, which ends a mapped IPv6 one as well: bytes reversed, port in hex."""
    host, port = end
    return "".join(f"{int(part):02X}" for part in reversed(host.split("."))) + f":{port:04X}"
