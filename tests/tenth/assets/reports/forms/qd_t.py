"""QD-T: the monthly form of the gratitude fund."""

import datetime as dt

from assets.reports.form import DueRule, Form

FORM = Form(
    code="QD-T",
    title="Báo cáo tháng: Quỹ Đền ơn đáp nghĩa",
    kind="monthly",
    regime_code="ND09.T",
    indicator_codes=("QD01",),
    due=(
        DueRule(
            after_datasets=("gratitude_fund.contributions",),
            lock_months=1,
            legal_basis="Quy ước của sở: ngày làm việc đầu tiên sau hạn của danh sách đóng góp",
            confidence="proposal",
            valid_from=dt.date(2024, 1, 1),
        ),
    ),
    legal_basis="NĐ 131/2021/NĐ-CP, Điều 155",
)
