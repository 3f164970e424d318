"""What is written to the sender of a file, in words for a clerk: why it goes back, and what became of what was taken in.

Here alone the names that a clerk gave are told: to the clerk.
"""

import datetime as dt
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from resources.clock import ZONE
from resources.failing import Failure
from schemas.written import grouped

SHOWN = 200  # lines of a file that a note names
MOST_NAME = 210  # bytes of a name: a system allows 255, and the name of a file that is still being written is longer
RETURNED = "TỆP ĐƯỢC TRẢ LẠI, CHƯA NHẬN DÒNG NÀO"
RECEIVED = "TỆP ĐÃ NHẬN"
FOUND = "Những gì thấy trong tệp:"
BOM = "\ufeff"  # by which the oldest editors know the encoding


@dataclass(frozen=True)
class Sent:
    """Who sent what, in words."""

    name: str
    sender: str
    system: str
    at: dt.datetime

    def told(self) -> list[str]:
        at = self.at.astimezone(ZONE)
        return [
            f"Tệp: {shown(self.name)}",
            f"Nơi gửi: {self.sender}",
            f"Hệ thống: {self.system}",
            f"Lúc: {at:%H:%M} ngày {at:%d/%m/%Y}",
        ]


def returned(sent: Sent, why: Failure) -> str:
    """The note beside a file that goes back."""
    kind = type(why)
    return _page(
        RETURNED,
        sent.told(),
        [f"Vì sao: {_sentence(why.said)}", *([kind.means] if kind.means else [])],
        [f"Cần làm: {_sentence(why.asks)}", *(f"{number}. {step}" for number, step in enumerate(kind.steps, 1))],
        ["Tệp gốc nằm cạnh ghi chú này, không bị sửa. Sửa xong thì bỏ tệp vào hộp nhận như lần đầu."],
    )


def receipt(number: int, sent: Sequence[str], state: Sequence[str], rejected: Sequence[str], found: Sequence[str]) -> str:
    """The note of a file that was taken in. `sent` and `found` stay as they were first told."""
    return _page(f"{RECEIVED} (số {grouped(number)})", sent, state, rejected, [FOUND, *(found or ["- không có gì cần lưu ý"])])


def kept(text: str) -> tuple[list[str], list[str]]:
    """Read from a receipt that was written before: who sent what, and what was found in it."""
    paragraphs = [part.splitlines() for part in text.removeprefix(BOM).replace("\r\n", "\n").strip().split("\n\n")]
    found = next((part[1:] for part in paragraphs if part[:1] == [FOUND]), [])
    return (paragraphs[1] if len(paragraphs) > 1 else []), found


def in_list(lines: Iterable[str]) -> list[str]:
    return [f"- {shown(line)}" for line in lines]


def place(sheet: str, row: int) -> str:
    """Where a row of a file stands; a file of one nameless sheet has lines alone."""
    return f"Trang «{sheet}», dòng {row}" if sheet else f"Dòng {row}"


def shown(name: str) -> str:
    """A name as a line can hold it, whatever bytes it is made of."""
    return "".join(c if c.isprintable() else "\ufffd" for c in name)


def named(name: str, ending: str, spare: int = 0) -> str:
    """A name with an ending. The name is cut where there is no room for both, with some bytes to spare."""
    room = MOST_NAME - spare - len(os.fsencode(ending))
    raw = os.fsencode(name)
    return (name if len(raw) <= room else raw[:room].decode("utf-8", "ignore")) + ending


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(". ") + "."


def _page(heading: str, *paragraphs: Sequence[str]) -> str:
    parts = ["\n".join(lines) for lines in ([heading], *paragraphs) if lines]
    return BOM + "\r\n".join("\n\n".join(parts).splitlines()) + "\r\n"
