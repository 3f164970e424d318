"""Files in which something is wrong as a whole, beside the right one of the same office: most go back to who sent them."""

import datetime as dt
import io
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import xlsxwriter

from demo.offices.parcels import Parcel
from demo.people.places import places
from schemas import calendar

READ, RETURNED, REPLACED, REPEATED = "file_read", "file_returned", "file_replaced", "file_repeated"
_END, _FREE = 0xFFFFFFFE, 0xFFFFFFFF


class Office(Protocol):
    """An office that writes files."""

    def content(self, parcel: Parcel, share: float = 1.0) -> tuple[str, bytes]: ...


@dataclass(frozen=True)
class Mistake:
    """What becomes of the file; `words` are added to its name, and it came so long before or after the right one."""

    fault: str  # of the catalogue
    outcome: str
    words: str
    make: Callable[[Office, Parcel], tuple[str, bytes]]
    of: Callable[[Parcel], Parcel] = lambda parcel: parcel  # of what its name speaks
    moved: dt.timedelta = -dt.timedelta(hours=20)


def _latest(parcel: Parcel) -> Parcel:
    """Its last month alone."""
    return replace(parcel, cells=tuple(cell for cell in parcel.cells if cell[0] == parcel.periods[-1]))


def _month_before(parcel: Parcel) -> Parcel:
    return replace(parcel, cells=tuple((calendar.previous(period), unit) for period, unit in _latest(parcel).cells))


def _of_another(parcel: Parcel) -> Parcel:
    """What the next district would send."""
    units = sorted(set(places().unit_2023.tolist()))
    other = units[(units.index(parcel.cells[0][1]) + 1) % len(units)]
    return replace(parcel, cells=tuple((period, other) for period, _ in parcel.cells), communes=None)


def locked() -> bytes:
    """A workbook that asks for a password, as far as anybody sees who has none: the container of Office with what is encrypted in it."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIII", header, 44, 1, 1, 0, 4096, _END, 0, _END, 0)
    struct.pack_into("<109I", header, 76, 0, *[_FREE] * 108)
    sectors = struct.pack("<128I", 0xFFFFFFFD, _END, *[_FREE] * 126)
    entries = b"".join(_entry(name, kind) for name, kind in (("Root Entry", 5), ("EncryptionInfo", 2), ("EncryptedPackage", 2)))
    return bytes(header) + sectors + entries.ljust(512, b"\0")


def _entry(name: str, kind: int) -> bytes:
    head = name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBB", 2 * len(name) + 2, kind, 1)
    return head + b"\xff" * 12 + bytes(36) + struct.pack("<II", _END, 0) + bytes(4)


def empty(at: dt.datetime) -> bytes:
    """A workbook in which nobody has written yet."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        book.set_properties({"created": at})
        book.add_worksheet("Sheet1")
    return held.getvalue()


MISTAKES = {
    "password": Mistake("F-28", RETURNED, " (mật khẩu)", lambda office, parcel: ("xlsx", locked())),
    "empty": Mistake("F-30", RETURNED, " (mẫu)", lambda office, parcel: ("xlsx", empty(parcel.at)), _latest),
    "last_month": Mistake("F-30", RETURNED, " (1)", lambda office, parcel: office.content(_month_before(parcel)), _latest),
    "of_another": Mistake("F-30", RETURNED, " (2)", lambda office, parcel: office.content(_of_another(parcel))),
    "sent_before": Mistake("F-31", REPLACED, " (bản đầu)", lambda office, parcel: office.content(parcel, 0.9)),
    "sent_twice": Mistake(
        "F-31", REPEATED, " - Copy", lambda office, parcel: office.content(parcel), moved=dt.timedelta(hours=1)
    ),
}
