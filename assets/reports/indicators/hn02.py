"""HN02: poor households in a hundred."""

import datetime as dt

from assets.reports.controls import every_commune_is_told
from assets.reports.dimensions import AREA
from assets.reports.indicator import Rate
from assets.reports.populations.poverty import NO_RATE_BY_ETHNICITY, rate

INDICATOR = Rate(
    code="HN02",
    title="Tỷ lệ hộ nghèo",
    measure="as_of",
    placed_by="period",
    numerator="Số hộ nghèo theo kết quả được công nhận",
    denominator="Tổng số hộ dân theo kết quả được công nhận",
    datasets=("poverty.review_results",),
    query=rate("poor_count"),
    dimensions=(AREA,),
    gaps=(NO_RATE_BY_ETHNICITY,),
    controls=(every_commune_is_told("poverty.review_results"),),
    legal_basis="NĐ 07/2021/NĐ-CP; QĐ 24/2021/QĐ-TTg",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
