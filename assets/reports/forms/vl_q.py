"""VL-Q: the quarterly form of the employment service centre."""

import datetime as dt

from assets.reports.form import DueRule, Form

FORM = Form(
    code="VL-Q",
    title="Báo cáo quý: tư vấn, giới thiệu việc làm",
    kind="quarterly",
    regime_code="ND09.Q",
    indicator_codes=("VL01", "VL02", "VL03"),
    due=(
        DueRule(
            day=19,
            lock_months=1,
            legal_basis="Quy ước của sở: cùng ngày trong tháng với Mẫu số 05 (NĐ 23/2021/NĐ-CP)",
            confidence="proposal",
            valid_from=dt.date(2021, 6, 1),
        ),
    ),
    legal_basis="NĐ 09/2019/NĐ-CP, Điều 12; NĐ 23/2021/NĐ-CP",
)
