"""GD-H: the half-yearly form of vocational education, sent before the 15th of the last month."""

import datetime as dt

from assets.reports.form import DueRule, Form
from assets.reports.populations.vocational_education import LAW

FORM = Form(
    code="GD-H",
    title="Báo cáo 6 tháng: tuyển sinh, tốt nghiệp giáo dục nghề nghiệp",
    kind="half_yearly",
    regime_code="GDNN.H",
    indicator_codes=("GD01", "GD02", "GD03"),
    due=(
        DueRule(
            day=14,
            lock_months=1,
            legal_basis=f"{LAW}: 6 tháng một lần, trước ngày 15 của tháng cuối kỳ",
            confidence="sure",
            valid_from=dt.date(2024, 1, 1),
        ),
    ),
    legal_basis=LAW,
)
