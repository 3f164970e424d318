"""TE-Q: the quarterly form of children: those to whom harm was done."""

import datetime as dt

from assets.reports.form import DueRule, Form

FORM = Form(
    code="TE-Q",
    title="Báo cáo quý: trẻ em bị xâm hại, bạo lực",
    kind="quarterly",
    regime_code="ND09.Q",
    indicator_codes=("TE05",),
    due=(
        DueRule(
            after_datasets=(
                "meritorious_persons.monthly_payments",
                "social_protection.monthly_payments",
            ),
            lock_months=1,
            legal_basis="Quy ước của sở: cùng ngày với biểu AS-T của tháng cuối kỳ; NĐ 09/2019/NĐ-CP, Điều 12",
            confidence="proposal",
            valid_from=dt.date(2024, 1, 1),
        ),
    ),
    legal_basis="NĐ 09/2019/NĐ-CP, Điều 12; Luật Trẻ em 102/2016/QH13",
)
