"""TE03: children at risk."""

import datetime as dt

from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.children import AT_RISK, MOST_OF_UNIT
from assets.reports.populations.persons import DISTINCT

INDICATOR = Indicator(
    code="TE03",
    unit="tre",
    title="Số trẻ em có nguy cơ rơi vào hoàn cảnh đặc biệt",
    measure="as_of",
    placed_by="first_of_month",
    counts="distinct_persons",
    numerator="Số trẻ khác nhau được ghi ít nhất một nguy cơ vào ngày đầu của tháng báo cáo",
    datasets=("children.profiles",),
    query=Query(AT_RISK, DISTINCT),
    sum_rule="at_most",
    sum_reason="Một trẻ có hồ sơ ở hai đơn vị được tính ở mỗi nơi một lần nhưng toàn tỉnh một lần",
    bounds=(
        Bound(
            upper=500_000,
            upper_of_unit=MOST_OF_UNIT,
            reason="Tỉnh có khoảng 116.000 trẻ em có nguy cơ; quá 500.000 là một nửa số trẻ em. Đơn vị: mọi trẻ em của đơn vị đông nhất",
            confidence="proposal",
            valid_from=dt.date(2017, 6, 1),
        ),
    ),
    legal_basis="Luật Trẻ em 102/2016/QH13, Điều 49",
    valid_from=dt.date(2017, 6, 1),
    confidence="proposal",
)
