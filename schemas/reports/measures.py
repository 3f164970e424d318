"""In what a figure is given, and how it stands: the codes of a packet's lines, with their names."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

State = Literal["co_so_lieu", "khong_phat_sinh", "chua_bao_cao", "bi_an"]

STATE_TITLES: dict[str, str] = {
    "co_so_lieu": "có số liệu",
    "khong_phat_sinh": "không phát sinh",
    "chua_bao_cao": "chưa báo cáo",
    "bi_an": "bị ẩn",
}


@dataclass(frozen=True)
class Measure:
    """A unit of measure: its name, how many of it one counted thing is, and with how many decimals it is written."""

    title: str
    scale: Decimal = Decimal(1)
    decimals: int = 0


MEASURES: dict[str, Measure] = {
    "nguoi": Measure("người"),
    "ho": Measure("hộ"),
    "luot": Measure("lượt"),
    "phien": Measure("phiên"),
    "co_so": Measure("cơ sở"),
    "ho_so": Measure("hồ sơ"),
    "quyet_dinh": Measure("quyết định"),
    "phan_tram": Measure("%", Decimal(100), 2),
    "trieu_dong": Measure("triệu đồng", Decimal("0.000001"), 3),
    "dong": Measure("đồng"),
    "tre": Measure("trẻ"),
    "xa": Measure("xã"),
}
UNIT_TITLES: dict[str, str] = {code: measure.title for code, measure in MEASURES.items()}
