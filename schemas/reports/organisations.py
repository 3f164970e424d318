"""Who files, and with whom, on a day: from organisations.csv."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from schemas.dated import Dated, dates, read_rows

Role = Literal["sender", "receiver"]
ROLE_TITLES: dict[Role, str] = {"sender": "đơn vị gửi", "receiver": "đơn vị nhận"}


@dataclass(frozen=True)
class Organisation(Dated):
    role: str
    code: str
    name: str
    confidence: str
    valid_from: dt.date
    valid_to: dt.date | None


def organisation(role: Role, on: dt.date) -> Organisation:
    """The organisation that has a role on a day: the one that files, or the one that receives."""
    for r in read_rows("reports", "organisations.csv"):
        found = Organisation(r["role"], r["code"], r["name"], r["confidence"], *dates(r))
        if found.role == role and found.holds(on):
            return found
    raise LookupError(
        f"Lập báo cáo ngày {on:%d/%m/%Y}: chưa có mã định danh còn hiệu lực của {ROLE_TITLES[role]}. "
        "Thêm một dòng vào reports/organisations.csv của địa phương (ANSINH_CONFIG) theo quyết định cấp mã."
    )
