"""How memory that is freed goes back to the system, for the whole process. Imported by whoever moves rows, before the first."""

import ctypes
from contextlib import suppress

import pyarrow as pa

# The options of mallopt (malloc.h), and bytes: blocks from here on are the system's own, and no thread keeps more that is free.
_OWN_BLOCKS, _KEPT_FREE = (-3, 4 << 20), (-1, 8 << 20)


def give_back() -> None:
    """Have what was freed given back, where the C library can be told so."""
    # The pool that Arrow would choose keeps 50 MB more of what was freed.
    pa.set_memory_pool(pa.system_memory_pool())
    # By default glibc lets each thread keep as much as the largest block that was freed: with wide rows 80 MB more in all.
    with suppress(OSError, AttributeError):
        allocator = ctypes.CDLL(None)
        for option, size in (_OWN_BLOCKS, _KEPT_FREE):
            allocator.mallopt(option, size)
