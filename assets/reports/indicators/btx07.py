"""BTX07: social assistance that was not collected and is carried over, as persons and as money."""

import datetime as dt
from dataclasses import replace

from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.assistance import LISTED_PERSONS, PAYMENTS
from assets.reports.populations.persons import DISTINCT

NOT_COLLECTED = Indicator(
    code="BTX07",
    unit="nguoi",
    title="Số người chưa nhận tiền chuyển kỳ sau",
    measure="flow",
    placed_by="list_month",
    counts="distinct_persons",
    numerator="Số người khác nhau (theo số định danh; không có thì theo mã đối tượng) có khoản chưa nhận trong tháng chi trả",
    datasets=("social_protection.monthly_payments", "social_protection.beneficiaries"),
    query=Query(LISTED_PERSONS, f"{DISTINCT} filter (where not is_received)"),
    sum_rule="at_most",
    sum_reason="Một người có khoản chưa nhận ở hai đơn vị được tính ở mỗi nơi một lần nhưng toàn tỉnh một lần",
    bounds=(
        Bound(
            upper=400_000,
            upper_of_unit=60_000,
            reason="Số người chưa nhận không thể nhiều hơn số người hưởng (BTX01)",
            confidence="proposal",
            valid_from=dt.date(2021, 7, 1),
        ),
    ),
    legal_basis="NĐ 20/2021/NĐ-CP",
    valid_from=dt.date(2021, 7, 1),
    confidence="proposal",
)

MONEY = replace(
    NOT_COLLECTED,
    unit="dong",
    title="Số tiền chưa nhận chuyển kỳ sau",
    counts="money",
    datasets=("social_protection.monthly_payments",),
    sum_rule="equal",
    sum_reason="",
    numerator="Tổng số tiền và truy lĩnh chưa nhận trong tháng chi trả",
    query=Query(PAYMENTS, "sum(money) filter (where not is_received)"),
    bounds=(
        Bound(
            upper=500_000_000_000,
            upper_of_unit=40_000_000_000,
            reason="Số tiền chưa nhận không thể nhiều hơn kinh phí của tháng (BTX02), tính bằng đồng",
            confidence="proposal",
            valid_from=dt.date(2021, 7, 1),
        ),
    ),
)
