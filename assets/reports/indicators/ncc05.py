"""NCC05: of those who received money for meritorious services, the part that was paid into an account or a wallet."""

import datetime as dt

from assets.reports.indicator import Rate
from assets.reports.measure import Query
from assets.reports.populations.merit import PAYMENTS

INDICATOR = Rate(
    code="NCC05",
    title="Tỷ lệ người có công được chi trả qua tài khoản",
    measure="flow",
    placed_by="list_month",
    numerator="Số người nhận đã nhận tiền qua ngân hàng hoặc ví điện tử",
    denominator="Số người nhận đã nhận tiền",
    datasets=("meritorious_persons.monthly_payments",),
    query=Query(
        PAYMENTS, "count(*) filter (where is_received and payment_way_code in (2, 3))", "count(*) filter (where is_received)"
    ),
    legal_basis="NĐ 131/2021/NĐ-CP",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
