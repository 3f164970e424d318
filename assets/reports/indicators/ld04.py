"""LD04: workers with a degree or certificate, in a hundred of the labour force."""

import datetime as dt

from assets.reports.dimensions import SEX
from assets.reports.indicator import Rate
from assets.reports.measure import Query
from assets.reports.populations.labour import FORCE, WORKERS

INDICATOR = Rate(
    code="LD04",
    title="Tỷ lệ lao động qua đào tạo có bằng cấp, chứng chỉ",
    measure="as_of",
    placed_by="period",
    numerator="Lực lượng lao động có trình độ từ sơ cấp trở lên",
    denominator="Lực lượng lao động",
    datasets=("labour_employment.workers",),
    query=Query(WORKERS, "count(*) filter (where activity_code in (1, 2) and training_level_code between 4 and 8)", FORCE),
    dimensions=(SEX,),
    legal_basis="TT 01/2022/TT-BLĐTBXH, Mẫu 04",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
