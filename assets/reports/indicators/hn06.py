"""HN06: households that left poverty, fell into it again, or became poor. The yearly review only."""

import datetime as dt

from assets.reports.dimensions import Dimension
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query

CHANGES = {"thoat_ngheo": "Thoát nghèo", "tai_ngheo": "Tái nghèo", "phat_sinh": "Phát sinh nghèo"}
CHANGE = Dimension(name="bien_dong", title="Biến động", values=CHANGES, always=tuple(CHANGES))

# Left poverty: poor last year and not now. The two others by the reason of the change.
CHANGED = """
    select unit_code as unit, 'thoat_ngheo' as bien_dong from core.poverty_households
        where period = :year and previous_class_code = 1 and class_code <> 1
    union all
    select unit_code, 'tai_ngheo' from core.poverty_households where period = :year and change_reason_code = 1
    union all
    select unit_code, 'phat_sinh' from core.poverty_households where period = :year and change_reason_code = 2"""

INDICATOR = Indicator(
    code="HN06",
    unit="ho",
    title="Số hộ thoát nghèo, tái nghèo, phát sinh nghèo",
    measure="flow",
    placed_by="period",
    counts="rows",
    numerator="Thoát nghèo: năm trước là hộ nghèo, nay không; tái nghèo, phát sinh: theo lý do biến động 1, 2 của kỳ rà soát",
    datasets=("poverty.households",),
    query=Query(CHANGED, "count(*)"),
    split=CHANGE,
    bounds=(
        Bound(
            upper=300_000,
            upper_of_unit=60_000,
            reason="Số hộ thoát, tái, phát sinh nghèo không thể nhiều hơn số hộ nghèo có thể có (HN01)",
            confidence="proposal",
            valid_from=dt.date(2022, 1, 1),
        ),
    ),
    legal_basis="QĐ 24/2021/QĐ-TTg; TT 07/2021/TT-BLĐTBXH",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
