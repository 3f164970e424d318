"""GD-NH: the form of vocational education for a school year, sent on 15 October, after the list of graduates is due."""

import datetime as dt
from collections.abc import Iterator

from assets.reports.form import DueRule, Form
from assets.reports.populations.vocational_education import LAW
from assets.reports.reconcile import Counted, Finding, by_unit, has_all


def who_teaches_is_registered(counted: Counted) -> Iterator[Finding]:
    """Where somebody was enrolled or graduated, an establishment stands; one may have closed since."""
    if not has_all(counted.figures, "GD04"):
        return
    standing = by_unit(counted.figures, "GD04")
    for code, done in (("GD01", "tuyển mới"), ("GD02", "tốt nghiệp")):
        for unit, people in by_unit(counted.figures, code).items():
            if people and not standing.get(unit):
                told = f"{counted.unit_name(unit)}: {people:f} người {done}, nhưng không có cơ sở nào đang hoạt động vào cuối kỳ"
                yield Finding(code, told, "to_explain")


FORM = Form(
    code="GD-NH",
    title="Báo cáo năm học: tuyển sinh, tốt nghiệp, cơ sở giáo dục nghề nghiệp",
    kind="school_year",
    regime_code="GDNN.NH",
    indicator_codes=("GD01", "GD02", "GD03", "GD04"),
    due=(
        DueRule(
            day=15,
            months_after=2,
            lock_months=1,
            legal_basis="Quy ước của sở: sau hạn của danh sách tốt nghiệp (TT 05/2021/TT-BLĐTBXH)",
            confidence="proposal",
            valid_from=dt.date(2024, 1, 1),
        ),
    ),
    controls=(who_teaches_is_registered,),
    legal_basis=LAW,
)
