"""What the receiver says it holds of a form and period, believed only where it is ours: the same sender, form and period, whole.

The hub may not know of it: it was brought back from a backup that was made before that was sent. It is compared with, and its
figures are told in the words of a correction; whatever a program could stumble over in it, or a terminal obey, makes it no packet.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resources.http import said
from schemas.reports.measures import MEASURES, STATE_TITLES
from schemas.reports.packet import PACKET_KIND, UNIT, VERSION, content_hash

CHAIN = ("don_vi_gui", "ma_bieu_mau", "ky_bao_cao")  # one submission of these stands at the receiver
NATURE = {"provisional": "tam_thoi", "final": "chinh_thuc", "correction": "dieu_chinh"}
LAST_REVISION = 9_999  # beyond any that a form could come to
LARGEST_PACKET = 16 * 1024 * 1024
MOST_LISTED = 1_000
LONGEST_TEXT = 4_000

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VALUE = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,10})?")
_NAMES = ("ma_goi", "phien_ban", "ma_giao_dich", "don_vi_gui", "don_vi_nhan", "ma_che_do", "ma_bieu_mau", "ky_bao_cao", "tu_ngay")
_NAMES += ("den_ngay", "lan_gui", "thay_the", "ly_do_dieu_chinh", "tinh_chat", "ghi_chu", "so_lieu", "bam_noi_dung")
_PACKET = frozenset((*_NAMES, "nguoi_duyet", "thoi_diem_duyet"))
_LINE = frozenset(("ma_chi_tieu", "phan_to", "gia_tri", "don_vi_tinh", "trang_thai", "tinh_chat"))


@dataclass(frozen=True)
class Held:
    """A packet that stands at the receiver: what it says, its receipt and the state that it has there."""

    packet: dict[str, Any]
    number: str
    at: str
    state: str

    @property
    def transaction_id(self) -> str:
        return self.packet["ma_giao_dich"]

    @property
    def maturity(self) -> str:
        return next(maturity for maturity, nature in NATURE.items() if nature == self.packet["tinh_chat"])

    @property
    def window(self) -> tuple[dt.date, dt.date]:
        return dt.date.fromisoformat(self.packet["tu_ngay"]), dt.date.fromisoformat(self.packet["den_ngay"])


def standing_id(listed: Any, like: dict[str, Any], states: Sequence[str]) -> str | None:
    """The id of what stands (`states`), by a list of what there is of a sender, form and period; None: nothing does."""
    found = None
    for one in listed[-MOST_LISTED:] if isinstance(listed, list) else []:
        if not isinstance(one, dict) or one.get("trang_thai") not in states or any(one.get(n) != like[n] for n in CHAIN):
            continue
        told = one.get("ma_giao_dich")
        if isinstance(told, str) and _ID.fullmatch(told):
            found = told
    return found


def is_ours(packet: Any, transaction_id: str, like: dict[str, Any]) -> bool:
    """Whether this is a packet, of this id, in the chain of another: its content is what it was hashed as."""
    try:
        return _is_packet(packet) and packet["ma_giao_dich"] == transaction_id and all(packet[n] == like[n] for n in CHAIN)
    except (RecursionError, ValueError):  # also what no encoding takes
        return False


def _is_packet(packet: Any) -> bool:
    if not isinstance(packet, dict) or packet.keys() != _PACKET:
        return False
    names = [
        packet[n]
        for n in ("don_vi_gui", "don_vi_nhan", "ma_che_do", "ma_bieu_mau", "ky_bao_cao", "nguoi_duyet", "thoi_diem_duyet")
    ]
    if (packet["ma_goi"], packet["phien_ban"]) != (PACKET_KIND, VERSION) or not all(map(_is_name, names)):
        return False
    number, earlier, why = packet["lan_gui"], packet["thay_the"], packet["ly_do_dieu_chinh"]
    notes, lines = packet["ghi_chu"], packet["so_lieu"]
    return (
        type(number) is int
        and 1 <= number <= LAST_REVISION
        and packet["tinh_chat"] in NATURE.values()
        and (earlier is None or (isinstance(earlier, str) and _ID.fullmatch(earlier) is not None))
        and (why is None or _is_text(why))
        and isinstance(notes, list)
        and all(map(_is_text, notes))
        and _is_span(packet["tu_ngay"], packet["den_ngay"])
        and isinstance(lines, list)
        and bool(lines)
        and all(map(_is_line, lines))
        and content_hash(packet) == packet["bam_noi_dung"]
    )


def _is_line(line: Any) -> bool:
    if not isinstance(line, dict) or line.keys() - {"ghi_chu"} != _LINE:
        return False
    split, value = line["phan_to"], line["gia_tri"]
    return (
        _is_name(line["ma_chi_tieu"])
        and isinstance(split, dict)
        and UNIT in split
        and all(_is_name(part) for pair in split.items() for part in pair)
        and isinstance(line["don_vi_tinh"], str)
        and line["don_vi_tinh"] in MEASURES
        and isinstance(line["trang_thai"], str)
        and line["trang_thai"] in STATE_TITLES
        and line["tinh_chat"] in ("tam_thoi", "chinh_thuc")
        and (value is None or (isinstance(value, str) and _VALUE.fullmatch(value) is not None))
        and (line["trang_thai"] != "co_so_lieu" or value is not None)
        and ("ghi_chu" not in line or _is_text(line["ghi_chu"]))
    )


def _is_name(value: Any) -> bool:
    return bool(value) and said.name(value) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and value.isprintable()


def _is_span(first: Any, last: Any) -> bool:
    try:
        return dt.date.fromisoformat(first) <= dt.date.fromisoformat(last)
    except (TypeError, ValueError):
        return False
