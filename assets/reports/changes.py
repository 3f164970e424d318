"""In words, why there is a new revision: what officers said, and what it changes against the one that stands."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from schemas import units
from schemas.dataset import PROVINCE
from schemas.reports.measures import STATE_TITLES, UNIT_TITLES
from schemas.reports.packet import UNIT

LONGEST = 4000  # letters that the receiver's field takes


def explained(before: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> str:
    """What the figures themselves tell."""
    old = {key(line): line for line in before["so_lieu"]}
    new = {key(line): line for line in lines}
    parts = []
    arrived = sorted({_unit(line) for k, line in new.items() if _arrived(old.get(k), line)})
    if arrived:
        parts.append(f"Bổ sung số liệu của {', '.join(_named(u, before) for u in arrived)}")
    totals = [_told(old.get(k), line) for k, line in new.items() if _is_total(line) and differs(old.get(k), line)]
    if totals:
        parts.append("Thay đổi: " + "; ".join(totals))
    elif any(differs(old.get(k), line) for k, line in new.items()) or old.keys() != new.keys():
        codes = sorted({line["ma_chi_tieu"] for k, line in new.items() if differs(old.get(k), line)})
        parts.append(f"Thay đổi số liệu chi tiết của {', '.join(codes)}" if codes else "Thay đổi phân tổ của số liệu")
    if not parts or (not totals and not arrived and any(_matured(old.get(k), line) for k, line in new.items())):
        parts.append("Số liệu của các đơn vị đã đủ và được chốt")
    return ". ".join(parts)


def worded(reasons: Sequence[str], change: str = "") -> str:
    """The officers' reasons, each once and whole, then as much of what the figures tell as there is room for."""
    said = ". ".join(dict.fromkeys(told for reason in reasons if (told := reason.strip().rstrip("."))))
    if not said or not change:
        return said or cut(change, LONGEST)
    room = LONGEST - len(said) - 2
    return f"{said}. {cut(change, room)}" if room > 1 else said


def cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def key(line: Mapping[str, Any]) -> tuple:
    """What a line of a packet is about."""
    return line["ma_chi_tieu"], line["don_vi_tinh"], tuple(sorted(line["phan_to"].items()))


def _unit(line: Mapping[str, Any]) -> str:
    return line["phan_to"].get(UNIT, PROVINCE)


def _is_total(line: Mapping[str, Any]) -> bool:
    return line["phan_to"] == {UNIT: PROVINCE}


def _arrived(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> bool:
    """A unit that had not reported and now has."""
    return (
        old is not None
        and old["trang_thai"] == "chua_bao_cao"
        and new["trang_thai"] in ("co_so_lieu", "khong_phat_sinh")
        and _unit(new) != PROVINCE
    )


def differs(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> bool:
    """Whether a line says something else than the one before it, or is new."""
    return old is None or (old["gia_tri"], old["trang_thai"]) != (new["gia_tri"], new["trang_thai"])


def _matured(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> bool:
    return old is not None and (old.get("tinh_chat"), new.get("tinh_chat")) == ("tam_thoi", "chinh_thuc")


def _told(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> str:
    before = shown(old) if old else "chưa có"
    measure = f" {UNIT_TITLES[new['don_vi_tinh']]}"
    if new["gia_tri"] is None:  # a state has no measure
        return f"{new['ma_chi_tieu']} {before}{measure if old and old['gia_tri'] is not None else ''} → {shown(new)}"
    return f"{new['ma_chi_tieu']} {before} → {shown(new)}{measure}"


def shown(line: Mapping[str, Any]) -> str:
    """The figure as officers write it, or why there is none."""
    value = line["gia_tri"]
    if value is None or line["trang_thai"] == "bi_an":
        return STATE_TITLES.get(line["trang_thai"], line["trang_thai"])
    return number(Decimal(value))


def number(value: Decimal) -> str:
    """A number as officers write it: 1026.750 -> 1.026,75."""
    whole, _, rest = f"{value:,f}".partition(".")
    rest = rest.rstrip("0")
    return whole.replace(",", ".") + (f",{rest}" if rest else "")


def _named(unit: str, before: Mapping[str, Any]) -> str:
    return units.unit_name(unit, dt.date.fromisoformat(before["den_ngay"])) or unit
