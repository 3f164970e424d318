"""LD08: what the decisions of the period grant as unemployment benefit, under the employment law in force."""

import datetime as dt
from dataclasses import replace

from assets.reports.dimensions import SEX
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.labour_flows import DECISIONS

LAW_OF_2013 = Indicator(
    code="LD08",
    unit="trieu_dong",
    title="Kinh phí trợ cấp thất nghiệp theo các quyết định trong kỳ",
    measure="flow",
    placed_by="own_date",
    counts="money",
    numerator="Tổng mức hưởng nhân số tháng hưởng của các quyết định trong kỳ báo cáo",
    datasets=("labour_employment.unemployment_decisions",),
    query=Query(DECISIONS, "sum(money)"),
    dimensions=(SEX,),
    bounds=(
        Bound(
            upper=460_000,
            upper_of_unit=120_000,
            reason="23.000 quyết định x 20 triệu đồng (bình quân 5 tháng, 4 triệu đồng một tháng) = 460.000 triệu đồng. Đơn vị: 6.000 quyết định",
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
