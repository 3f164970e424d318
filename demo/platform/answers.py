"""A page of a listing as its service gives it: where it begins, its envelope, and what a fault makes of both."""

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.platform.switches import Fault
from schemas.services import Service

NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")
if TYPE_CHECKING:
    from demo.platform.listing import Listing

ROWS = "\0rows"  # where the rows stand in an envelope that is written before them


@dataclass(frozen=True)
class Page:
    """A page of a listing; the first is 1."""

    number: int
    size: int


def page_of(listing: "Listing", page: Page, fault: Fault | None) -> tuple[list[str], int, bool]:
    """The rows of a page, how many all pages have, and whether a page follows."""
    kind = fault.loi if fault else None
    total = listing.total // 2 if kind == "bot_dong" else listing.total
    first = (page.number - 1) * page.size
    if fault and page.number >= fault.page:
        first += {"mat_trang": page.size, "lap_trang": -page.size, "chong_trang": -fault.lech}.get(fault.loi, 0)
    first = max(0, first)
    count = max(0, min(page.size, total - first))
    rows = listing.rows(first, count) if count else []
    if fault:
        rows = [] if kind == "trang_rong" and page.number == fault.page else [_spoiled(row, fault) for row in rows]
    said = max(0, total + fault.lech) if fault and kind == "tong_sai" else total
    return rows, said, first + count < total


def envelope(service: Service, rows: list[str], total: int, following: str | None, fault: Fault | None) -> bytes:
    told: dict[str, Any] = {}
    _put(told, service.code_at, fault.ma if fault and fault.loi == "ma_thanh_cong" else service.success_codes[0])
    told |= {"error": None, "message": "Thành công"}
    _put(told, service.total_at, total)
    _put(told, service.rows_at, ROWS)
    if service.paging == "cursor":
        _put(told, service.next_at, following)
    return json.dumps(told, ensure_ascii=False).replace(json.dumps(ROWS), "[" + ",".join(rows) + "]").encode()


def refusal(service: Service | None, code: str, message: str) -> dict[str, Any]:
    """The envelope of what is not given."""
    told: dict[str, Any] = {}
    _put(told, service.code_at if service else "error_code", code)
    return told | {"error": code, "message": message, "data": None}


def _put(told: dict[str, Any], place: str, value: Any) -> None:
    """Put a value where the service says; nowhere, where it says nothing."""
    if not place:
        return
    *above, name = place.split(".")
    for level in above:
        told = told.setdefault(level, {})
    told[name] = value


def _spoiled(row: str, fault: Fault) -> str:
    match fault.loi:
        case "so_thay_chu":
            values = {name: int(v) if NUMBER.fullmatch(v or "") else v for name, v in json.loads(row).items()}
        case "null_chu":
            values = {name: "null" if v is None else v for name, v in json.loads(row).items()}
        case "cot_la":
            values = json.loads(row) | {"truong_la": "x"}
        case _:
            return row
    return json.dumps(values, ensure_ascii=False)
