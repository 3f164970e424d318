"""`python -IS peak.py FD COMMAND ...`: run a command, write its seconds and its peak memory as JSON to a file descriptor.

A process of its own: the kernel counts the memory of whoever starts a program as that program's, so he must be small. The
peak is that of the largest process among the command and the children it waited for.
"""

import json
import os
import sys
import time


def main() -> int:
    told, command = int(sys.argv[1]), sys.argv[2:]
    os.set_inheritable(told, False)
    begun = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(pid, 0)
    seconds = time.monotonic() - begun
    unit = 1 if sys.platform == "darwin" else 1024
    os.write(told, json.dumps({"seconds": seconds, "peak_mb": used.ru_maxrss * unit / 2**20}).encode())
    return os.waitstatus_to_exitcode(status) & 0xFF


if __name__ == "__main__":
    sys.exit(main())
