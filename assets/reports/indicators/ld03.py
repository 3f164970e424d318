"""LD03: the unemployed, in a hundred of the labour force."""

import datetime as dt

from assets.reports.dimensions import AREA, SEX
from assets.reports.indicator import Rate
from assets.reports.measure import Query
from assets.reports.populations.labour import FORCE, WORKERS

INDICATOR = Rate(
    code="LD03",
    title="Tỷ lệ thất nghiệp",
    measure="as_of",
    placed_by="period",
    numerator="Số phiếu có tình trạng thất nghiệp",
    denominator="Số phiếu có tình trạng có việc làm hoặc thất nghiệp",
    datasets=("labour_employment.workers",),
    query=Query(WORKERS, "count(*) filter (where activity_code = 2)", FORCE),
    dimensions=(SEX, AREA),
    legal_basis="TT 01/2022/TT-BLĐTBXH, Mẫu 04",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
