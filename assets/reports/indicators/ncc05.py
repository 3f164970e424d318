"""NCC05: of those who received money for meritorious services, the part that was paid into an account or a wallet.

A payee is a person, as in NCC01, whatever the number of files. Who was paid in two ways is one payee, and is paid by account where any of
the payments was: the figure tells whom the money can reach so. A payment whose way is not told is a payment, and none by account.
"""

import datetime as dt

from assets.reports.indicator import Rate
from assets.reports.measure import Query
from assets.reports.populations.merit import PAID_PERSONS
from assets.reports.populations.persons import DISTINCT

INDICATOR = Rate(
    code="NCC05",
    title="Tỷ lệ người có công được chi trả qua tài khoản",
    measure="flow",
    placed_by="list_month",
    numerator="Số người khác nhau đã nhận tiền, có ít nhất một khoản qua ngân hàng hoặc ví điện tử",
    denominator="Số người khác nhau (theo số định danh; không có thì theo mã hồ sơ) đã nhận tiền",
    datasets=("meritorious_persons.monthly_payments", "meritorious_persons.profiles"),
    query=Query(
        PAID_PERSONS,
        f"{DISTINCT} filter (where is_received and payment_way_code in (2, 3))",
        f"{DISTINCT} filter (where is_received)",
    ),
    legal_basis="NĐ 131/2021/NĐ-CP",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
