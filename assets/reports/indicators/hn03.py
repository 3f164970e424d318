"""HN03: near-poor households."""

import datetime as dt

from assets.reports.controls import list_agrees_with_the_result
from assets.reports.dimensions import AREA, ETHNICITY, LABOUR_CAPACITY
from assets.reports.indicator import Bound, Indicator
from assets.reports.populations.poverty import of_class

INDICATOR = Indicator(
    code="HN03",
    unit="ho",
    title="Số hộ cận nghèo",
    measure="as_of",
    placed_by="period",
    counts="rows",
    numerator="Số hộ cận nghèo theo kết quả được công nhận; phân tổ theo danh sách rà soát của năm",
    datasets=("poverty.review_results",),
    also_reads=("poverty.households",),
    query=of_class("near_poor_count", 2),
    dimensions=(AREA, ETHNICITY, LABOUR_CAPACITY),
    bounds=(
        Bound(
            upper=300_000,
            upper_of_unit=60_000,
            reason="Tỉnh khoảng 900.000 hộ; hộ cận nghèo quá 300.000 là quá một phần ba số hộ. Đơn vị: như HN01",
            confidence="proposal",
            valid_from=dt.date(2022, 1, 1),
        ),
    ),
    controls=(list_agrees_with_the_result,),
    legal_basis="NĐ 07/2021/NĐ-CP; QĐ 24/2021/QĐ-TTg",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
