"""GD-T: the monthly form of vocational education, sent by the 30th."""

import datetime as dt

from assets.reports.form import DueRule, Form
from assets.reports.populations.vocational_education import LAW

FORM = Form(
    code="GD-T",
    title="Báo cáo tháng: tuyển sinh giáo dục nghề nghiệp",
    kind="monthly",
    regime_code="GDNN.T",
    indicator_codes=("GD01",),
    due=(
        DueRule(
            day=30,
            lock_months=1,
            legal_basis=f"{LAW}: Sở báo cáo chậm nhất ngày 30 hằng tháng",
            confidence="sure",
            valid_from=dt.date(2024, 1, 1),
        ),
    ),
    legal_basis=LAW,
)
