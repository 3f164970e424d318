"""HN05: households that are poor in any of the dimensions, in a hundred."""

import datetime as dt

from assets.reports.indicator import Bound, Indicator
from assets.reports.populations.poverty import rate

INDICATOR = Indicator(
    code="HN05",
    unit="phan_tram",
    title="Tỷ lệ nghèo đa chiều",
    measure="as_of",
    placed_by="period",
    counts="rate",
    numerator="Số hộ nghèo và hộ cận nghèo theo kết quả được công nhận",
    denominator="Tổng số hộ dân theo kết quả được công nhận",
    datasets=("poverty.review_results",),
    query=rate("poor_count::numeric + near_poor_count"),
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
    legal_basis="NĐ 07/2021/NĐ-CP; QĐ 24/2021/QĐ-TTg",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
