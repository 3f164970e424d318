"""What is this machine itself: what is sent there passes no line that anybody could listen at."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether a name or number is this machine itself, by its writing alone: no name is looked up.

    An IPv4 number may be written as one of IPv6 (`::ffff:127.0.0.1`), as a socket that takes both tells it.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
