"""NCC05: of those who received money for meritorious services, the part that was paid into an account or a wallet."""

import datetime as dt

from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.merit import PAYMENTS

INDICATOR = Indicator(
    code="NCC05",
    unit="phan_tram",
    title="Tỷ lệ người có công được chi trả qua tài khoản",
    measure="flow",
    placed_by="payment_month",
    counts="rate",
    numerator="Số người nhận đã nhận tiền qua ngân hàng hoặc ví điện tử",
    denominator="Số người nhận đã nhận tiền",
    datasets=("meritorious_persons.monthly_payments",),
    query=Query(
        PAYMENTS, "count(*) filter (where is_received and payment_way_code in (2, 3))", "count(*) filter (where is_received)"
    ),
    sum_rule="none",
    sum_reason="Tỷ lệ không cộng được",
    bounds=(
        Bound(
            upper=100,
            upper_of_unit=100,
            reason="Tỷ lệ: tử số là một phần của mẫu số",
            confidence="sure",
            valid_from=dt.date(2021, 7, 1),
        ),
    ),
    legal_basis="NĐ 131/2021/NĐ-CP",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
