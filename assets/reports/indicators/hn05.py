"""HN05: households that are poor in any of the dimensions, in a hundred."""

import datetime as dt

from assets.reports.indicator import Rate
from assets.reports.populations.poverty import rate

INDICATOR = Rate(
    code="HN05",
    title="Tỷ lệ nghèo đa chiều",
    measure="as_of",
    placed_by="period",
    numerator="Số hộ nghèo và hộ cận nghèo theo kết quả được công nhận",
    denominator="Tổng số hộ dân theo kết quả được công nhận",
    datasets=("poverty.review_results",),
    query=rate("poor_count::numeric + near_poor_count"),
    legal_basis="NĐ 07/2021/NĐ-CP; QĐ 24/2021/QĐ-TTg",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
