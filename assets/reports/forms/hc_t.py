"""HC-T: the monthly form of the administrative procedures."""

import datetime as dt

from assets.reports.form import DueRule, Form

FORM = Form(
    code="HC-T",
    title="Báo cáo tháng: giải quyết thủ tục hành chính",
    kind="monthly",
    regime_code="ND09.T",
    indicator_codes=("HC01", "HC02", "HC03", "HC04"),
    due=(
        DueRule(
            day=19,
            lock_months=1,
            legal_basis="Quy ước của dự án; NĐ 61/2018/NĐ-CP, sửa đổi theo NĐ 107/2021/NĐ-CP",
            confidence="proposal",
            valid_from=dt.date(2018, 6, 21),
            valid_to=dt.date(2025, 6, 30),
        ),
        DueRule(
            day=19,
            lock_months=1,
            legal_basis="Quy ước của dự án; NĐ 118/2025/NĐ-CP, sửa đổi theo NĐ 367/2025/NĐ-CP",
            confidence="proposal",
            valid_from=dt.date(2025, 7, 1),
        ),
    ),
    legal_basis="NĐ 09/2019/NĐ-CP, Điều 12; NĐ 61/2018/NĐ-CP; NĐ 118/2025/NĐ-CP",
)
