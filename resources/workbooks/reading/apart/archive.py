"""A zip of strangers: its parts counted by the bytes that really come out, never by what it says of itself."""

import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from resources.workbooks.reading.apart.refusing import Refused, broken, too_large
from resources.workbooks.reading.limits import Limits

PIECE = 1 << 18
ENCRYPTED = 0x1


class Archive:
    """The parts of a zip by name."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise broken("không phải tệp nén đầy đủ") from None
        self._limits, self._left = limits, limits.content_bytes
        infos = self._zip.infolist()
        if len(infos) > limits.entries:
            raise too_large(f"{len(infos)} phần bên trong, cho phép {limits.entries}")
        self.names = {info.filename: info for info in infos}
        if len(self.names) < len(infos):
            raise broken("hai phần cùng tên")
        if any(info.flag_bits & ENCRYPTED for info in infos):
            raise Refused("FileLocked")

    def pieces(self, name: str) -> Iterator[bytes]:
        """A part as it is unpacked. All that is unpacked counts, each time."""
        if name not in self.names:
            raise broken("thiếu một phần")
        try:
            with self._zip.open(name) as part:
                while piece := part.read(PIECE):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise too_large(f"giải nén ra hơn {self._limits.content_bytes >> 20} MB")
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
            raise broken("một phần không giải nén được") from None

    def count(self, names: set[str]) -> None:
        """Unpack the parts that nobody looks at here, so that they are within the limits for who does."""
        for name in sorted(names):
            for _ in self.pieces(name):
                pass
