"""LD02: who has work."""

import datetime as dt

from assets.reports.dimensions import SEX, Dimension
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.labour import WORKERS

POSITION = Dimension(name="vi_the", title="Vị thế việc làm", code_list="employment_position")
EMPLOYED = f"select * from ({WORKERS}) workers where activity_code = 1"

INDICATOR = Indicator(
    code="LD02",
    unit="nguoi",
    title="Số người có việc làm",
    measure="as_of",
    placed_by="period",
    counts="rows",
    numerator="Số phiếu có tình trạng có việc làm",
    datasets=("labour_employment.workers",),
    query=Query(EMPLOYED, "count(*)"),
    dimensions=(SEX, POSITION),
    bounds=(
        Bound(
            upper=2_600_000,
            upper_of_unit=500_000,
            reason="Số người có việc làm không thể nhiều hơn lực lượng lao động (LD01)",
            confidence="proposal",
            valid_from=dt.date(2022, 1, 1),
        ),
    ),
    legal_basis="TT 01/2022/TT-BLĐTBXH, Mẫu 04",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
