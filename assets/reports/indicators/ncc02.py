"""NCC02: money paid to persons with meritorious services; by kind of person as the register knows them."""

import datetime as dt

from assets.reports.dimensions import MERIT_CATEGORY, UNCLEAR
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.merit import PAYMENTS
from assets.reports.populations.payments import RECEIVED_MONEY

BY_CATEGORY = f"""
    select p.*, coalesce(f.category_code, '{UNCLEAR}') as loai from ({PAYMENTS}) p
    left join (select profile_id, min(category_code) as category_code from core.meritorious_persons_profiles group by 1) f
        using (profile_id)"""

INDICATOR = Indicator(
    code="NCC02",
    unit="trieu_dong",
    title="Kinh phí chi trả ưu đãi người có công",
    measure="flow",
    placed_by="list_month",
    counts="money",
    numerator="Tổng số tiền và truy lĩnh của các khoản đã nhận trong tháng chi trả",
    datasets=("meritorious_persons.monthly_payments",),
    also_reads=("meritorious_persons.profiles",),
    query=Query(PAYMENTS, RECEIVED_MONEY, breakdowns=Query(BY_CATEGORY, RECEIVED_MONEY)),
    dimensions=(MERIT_CATEGORY,),
    bounds=(
        Bound(
            upper=600_000,
            upper_of_unit=60_000,
            reason="200.000 người x 2.789.000 đồng (mức chuẩn, NĐ 77/2024/NĐ-CP) = 557.800 triệu đồng, gồm cả tháng có truy lĩnh. Đơn vị: một phần mười của tỉnh",
            confidence="proposal",
            valid_from=dt.date(2021, 7, 1),
        ),
    ),
    legal_basis="NĐ 131/2021/NĐ-CP; NĐ 77/2024/NĐ-CP",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
