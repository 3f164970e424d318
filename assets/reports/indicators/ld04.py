"""LD04: workers with a degree or certificate, in a hundred of the labour force."""

import datetime as dt

from assets.reports.dimensions import SEX
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.labour import FORCE, WORKERS

INDICATOR = Indicator(
    code="LD04",
    unit="phan_tram",
    title="Tỷ lệ lao động qua đào tạo có bằng cấp, chứng chỉ",
    measure="as_of",
    placed_by="period",
    counts="rate",
    numerator="Lực lượng lao động có trình độ từ sơ cấp trở lên",
    denominator="Lực lượng lao động",
    datasets=("labour_employment.workers",),
    query=Query(WORKERS, "count(*) filter (where activity_code in (1, 2) and training_level_code between 4 and 8)", FORCE),
    dimensions=(SEX,),
    sum_rule="none",
    sum_reason="Tỷ lệ không cộng được",
    bounds=(
        Bound(
            upper=100,
            upper_of_unit=100,
            reason="Tỷ lệ: tử số là một phần của mẫu số",
            confidence="sure",
            valid_from=dt.date(2022, 1, 1),
        ),
    ),
    legal_basis="TT 01/2022/TT-BLĐTBXH, Mẫu 04",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
