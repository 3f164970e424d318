"""What the parts of the UI say of themselves, in a file each that cannot fill the disk: nobody looks at it before something is amiss."""

import os
import shutil
from pathlib import Path

LARGEST = 8 << 20  # bytes; as much again lies in the file before it


def bound(log: Path) -> None:
    """Begin a file that has become too large anew, and keep what it held as the one before.

    It is emptied and not renamed: the part and its runs have it open, and write at its end. What they say between the copy and the
    emptying is lost.
    """
    try:
        if log.stat().st_size <= LARGEST:
            return
        before = log.with_name(f"{log.name}.1")
        shutil.copyfile(log, before)
        before.chmod(0o600)
        os.truncate(log, 0)
    except OSError:
        return  # a disk that is full: the parts go on, and the doctor tells of the disk
