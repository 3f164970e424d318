"""QD01: contributions to the gratitude fund, by who gave."""

import datetime as dt

from assets.reports.dimensions import Dimension
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query

GIVER = Dimension(name="doi_tuong", title="Đối tượng đóng góp", code_list="giver_kind", always=("1", "2", "3"))

INDICATOR = Indicator(
    code="QD01",
    unit="trieu_dong",
    title="Số tiền đóng góp vào Quỹ Đền ơn đáp nghĩa",
    measure="flow",
    placed_by="own_date",
    counts="money",
    numerator="Tổng số tiền các khoản đóng góp có ngày đóng góp trong kỳ báo cáo",
    datasets=("gratitude_fund.contributions",),
    query=Query(
        """
        select unit_code as unit, giver_kind_code::text as doi_tuong, amount_vnd from core.gratitude_fund_contributions
        where period = any(:flow_periods) and given_date between :window_start and :window_end""",
        "sum(amount_vnd)",
    ),
    dimensions=(GIVER,),
    bounds=(
        Bound(
            upper=100_000,
            upper_of_unit=20_000,
            reason="Cả năm chưa quá 100.000 triệu đồng; một tháng không thể bằng cả năm. Đơn vị: một phần năm của tỉnh",
            confidence="proposal",
            valid_from=dt.date(2024, 1, 1),
        ),
    ),
    legal_basis="NĐ 131/2021/NĐ-CP, Điều 155",
    valid_from=dt.date(2024, 1, 1),
    confidence="proposal",
)
