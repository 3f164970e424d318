"""TE-N: the yearly form of children."""

import datetime as dt

from assets.reports.form import DueRule, Form

FORM = Form(
    code="TE-N",
    title="Báo cáo năm: trẻ em",
    kind="yearly",
    regime_code="ND09.N",
    indicator_codes=("TE01", "TE02", "TE03", "TE04", "TE05", "TE06"),
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
