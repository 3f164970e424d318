"""LD07: decisions to pay an unemployment benefit, under the employment law in force."""

import datetime as dt
from dataclasses import replace

from assets.reports.dimensions import SEX
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.labour_flows import DECISIONS

LAW_OF_2013 = Indicator(
    code="LD07",
    unit="quyet_dinh",
    title="Số quyết định hưởng trợ cấp thất nghiệp",
    measure="flow",
    placed_by="own_date",
    counts="rows",
    numerator="Số quyết định có ngày quyết định trong kỳ báo cáo",
    datasets=("labour_employment.unemployment_decisions",),
    query=Query(DECISIONS, "count(*)"),
    dimensions=(SEX,),
    bounds=(
        Bound(
            upper=23_000,
            upper_of_unit=6_000,
            reason="Cả năm khoảng 22.500 quyết định; một tháng không thể bằng cả năm. Đơn vị: một phần tư của tỉnh",
            confidence="proposal",
            valid_from=dt.date(2015, 1, 1),
        ),
    ),
    legal_basis="Luật Việc làm 38/2013/QH13, Điều 50; NĐ 28/2015/NĐ-CP",
    valid_from=dt.date(2015, 1, 1),
    valid_to=dt.date(2025, 12, 31),
    confidence="proposal",
)

LAW_OF_2025 = replace(
    LAW_OF_2013,
    legal_basis="Luật Việc làm 74/2025/QH15",
    valid_from=dt.date(2026, 1, 1),
    valid_to=None,
)
