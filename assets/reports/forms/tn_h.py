"""TN-H: the half-yearly form of social evils, of calendar half-years, as long as the sources reach."""

import datetime as dt

from assets.reports.form import DueRule, Form

FORM = Form(
    code="TN-H",
    title="Báo cáo 6 tháng: phòng, chống tệ nạn ma túy",
    kind="half_yearly",
    regime_code="LICH.H",
    indicator_codes=("TN01", "TN02"),
    due=(
        DueRule(
            after_datasets=(
                "social_evils_prevention.commune_forms",
                "social_evils_prevention.centre_forms",
            ),
            lock_months=1,
            legal_basis="Quy ước của sở: ngày làm việc đầu tiên sau hạn của biểu 01-BCN, 02-BCN tháng cuối kỳ (TT 05/2011/TT-BLĐTBXH: trước ngày 15 của tháng sau)",
            confidence="proposal",
            valid_from=dt.date(2024, 1, 1),
        ),
    ),
    legal_basis="TT 05/2011/TT-BLĐTBXH",
)
