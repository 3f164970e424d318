"""One line of a form: what is counted, for whom, the figure or why there is none, and how it stands in the packet."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schemas.dataset import PROVINCE
from schemas.reports.measures import State
from schemas.reports.packet import UNIT


@dataclass(frozen=True)
class Figure:
    """One line of a form."""

    code: str
    unit_of_measure: str
    breakdown: tuple[tuple[str, str], ...]
    value: Decimal | None
    state: State
    is_final: bool
    note: str | None = None

    @property
    def is_total(self) -> bool:
        """A line for the province as a whole (by its split, where it has no plain total)."""
        return (UNIT, PROVINCE) in self.breakdown

    def line(self) -> dict[str, Any]:
        """The figure as it stands in the packet."""
        shown = {
            "ma_chi_tieu": self.code,
            "phan_to": dict(self.breakdown),
            "gia_tri": None if self.value is None else f"{self.value:f}",
            "don_vi_tinh": self.unit_of_measure,
            "trang_thai": self.state,
            "tinh_chat": "chinh_thuc" if self.is_final else "tam_thoi",
        }
        return shown | ({"ghi_chu": self.note} if self.note else {})
