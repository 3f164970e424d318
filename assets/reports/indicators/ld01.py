"""LD01: the labour force from 15 years on."""

import datetime as dt

from assets.reports.dimensions import AREA, SEX
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.labour import FORCE, WORKERS

INDICATOR = Indicator(
    code="LD01",
    unit="nguoi",
    title="Lực lượng lao động từ 15 tuổi",
    measure="as_of",
    placed_by="period",
    counts="rows",
    numerator="Số phiếu có tình trạng có việc làm hoặc thất nghiệp",
    datasets=("labour_employment.workers",),
    query=Query(WORKERS, FORCE),
    dimensions=(SEX, AREA),
    bounds=(
        Bound(
            upper=2_600_000,
            upper_of_unit=500_000,
            reason="Tỉnh khoảng 3,5 triệu dân, ba phần tư từ 15 tuổi trở lên. Đơn vị: thành phố Vinh mở rộng khoảng 580.000 dân",
            confidence="proposal",
            valid_from=dt.date(2022, 1, 1),
        ),
    ),
    legal_basis="TT 01/2022/TT-BLĐTBXH, Mẫu 04",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
