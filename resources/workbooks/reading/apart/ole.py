"""The container of old workbooks (MS-CFB): its names, and the bytes of one of its streams. Chains that run in circles end."""

import struct
from dataclasses import dataclass

from resources.workbooks.reading.apart.refusing import broken

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = 512
_ENTRY = 128
_LAST_SECTOR = 0xFFFFFFFA
_STREAM, _ROOT = 2, 5


@dataclass(frozen=True)
class Entry:
    """A line of the directory."""

    start: int
    size: int


class Container:
    """The streams of a file by name. Raises Refused where the container contradicts itself."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER or not data.startswith(SIGNATURE):
            raise broken("không phải tệp .xls")
        self._data = data
        self._shift, self._mini_shift = struct.unpack_from("<HH", data, 30)
        if self._shift not in (9, 12) or self._mini_shift != 6:
            raise broken("kích thước khối sai")
        directory, _, self._cutoff, mini_start, _, more, _ = struct.unpack_from("<IIIIIII", data, 48)
        self._fat = self._allocation(more)
        self.entries, root = self._directory(directory)
        self._mini_fat = self._numbers(self._chain(mini_start))
        self._mini = self._chain(root.start)

    def _allocation(self, more: int) -> list[int]:
        listed = list(struct.unpack_from("<109I", self._data, 76))
        seen: set[int] = set()
        while more < _LAST_SECTOR and more not in seen:
            seen.add(more)
            numbers = self._numbers(self._sector(more))
            listed += numbers[:-1]
            more = numbers[-1] if numbers else _LAST_SECTOR
        return self._numbers(b"".join(self._sector(number) for number in dict.fromkeys(listed) if number < _LAST_SECTOR))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) << self._shift
        return self._data[start : start + (1 << self._shift)]

    @staticmethod
    def _numbers(data: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))

    def _chain(self, start: int) -> bytes:
        parts, seen, number = [], set(), start
        while number < _LAST_SECTOR:
            if number in seen or number >= len(self._fat):
                raise broken("chuỗi khối sai")
            seen.add(number)
            parts.append(self._sector(number))
            number = self._fat[number]
        return b"".join(parts)

    def _directory(self, start: int) -> tuple[dict[str, Entry], Entry]:
        data, found, root = self._chain(start), {}, Entry(_LAST_SECTOR, 0)
        for at in range(0, len(data) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", data, at + 64)
            first, size = struct.unpack_from("<II", data, at + 116)
            name = data[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            if kind == _ROOT:
                root = Entry(first, size)
            elif kind:
                found[name] = Entry(first, size)
        return found, root

    def stream(self, name: str) -> bytes:
        entry = self.entries[name]
        if entry.size >= self._cutoff:
            return self._chain(entry.start)[: entry.size]
        parts, seen, number = [], set(), entry.start
        while number < _LAST_SECTOR:
            if number in seen or number >= len(self._mini_fat):
                raise broken("chuỗi khối sai")
            seen.add(number)
            parts.append(self._mini[number << self._mini_shift : (number + 1) << self._mini_shift])
            number = self._mini_fat[number]
        return b"".join(parts)[: entry.size]
