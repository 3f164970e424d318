"""VL-H: the half-yearly form of the employment service centre, sent before 20 June and 20 December."""

import datetime as dt

from assets.reports.form import DueRule, Form

FORM = Form(
    code="VL-H",
    title="Báo cáo 6 tháng: tình hình hoạt động của trung tâm dịch vụ việc làm",
    kind="half_yearly",
    regime_code="ND09.H",
    indicator_codes=("VL01", "VL02", "VL03"),
    due=(
        DueRule(
            day=19,
            lock_months=1,
            legal_basis="NĐ 23/2021/NĐ-CP, Mẫu số 05: trước ngày 20 tháng 6, trước ngày 20 tháng 12",
            confidence="sure",
            valid_from=dt.date(2021, 6, 1),
        ),
    ),
    legal_basis="NĐ 09/2019/NĐ-CP, Điều 12; NĐ 23/2021/NĐ-CP, Mẫu số 05",
)
