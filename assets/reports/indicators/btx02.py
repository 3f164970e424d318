"""BTX02: money paid as social assistance; by group as the register knows the payees."""

import datetime as dt

from assets.reports.dimensions import ASSISTANCE_GROUP, UNCLEAR
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.assistance import GROUP, PAYMENTS
from assets.reports.populations.payments import RECEIVED_MONEY

BY_GROUP = f"""
    select p.*, coalesce(b.nhom, '{UNCLEAR}') as nhom from ({PAYMENTS}) p
    left join (select beneficiary_id, min({GROUP}) as nhom from core.social_protection_beneficiaries group by 1) b
        using (beneficiary_id)"""

INDICATOR = Indicator(
    code="BTX02",
    unit="trieu_dong",
    title="Kinh phí trợ giúp xã hội hằng tháng",
    measure="flow",
    placed_by="list_month",
    counts="money",
    numerator="Tổng số tiền và truy lĩnh của các khoản đã nhận trong tháng chi trả",
    datasets=("social_protection.monthly_payments",),
    also_reads=("social_protection.beneficiaries",),
    query=Query(PAYMENTS, RECEIVED_MONEY, breakdowns=Query(BY_GROUP, RECEIVED_MONEY)),
    dimensions=(ASSISTANCE_GROUP,),
    bounds=(
        Bound(
            upper=500_000,
            upper_of_unit=40_000,
            reason="400.000 người x 500.000 đồng (NĐ 76/2024/NĐ-CP) x hệ số cao nhất 2,5 = 500.000 triệu đồng. Đơn vị: 60.000 người, hệ số bình quân 1,3",
            confidence="proposal",
            valid_from=dt.date(2021, 7, 1),
        ),
    ),
    legal_basis="NĐ 20/2021/NĐ-CP, Điều 6; NĐ 76/2024/NĐ-CP",
    valid_from=dt.date(2021, 7, 1),
    confidence="proposal",
)
