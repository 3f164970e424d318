"""GD01: who is enrolled in vocational education."""

import datetime as dt

from assets.reports.controls import parts_reach_the_whole
from assets.reports.dimensions import SEX, VOCATIONAL_LEVEL
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.vocational_education import ENROLLED, LAW

INDICATOR = Indicator(
    code="GD01",
    unit="nguoi",
    title="Số người được tuyển mới vào giáo dục nghề nghiệp",
    measure="flow",
    placed_by="list_month",
    counts="rows",
    numerator="Tổng số tuyển mới trong danh sách tuyển sinh của các tháng có ngày đầu trong kỳ số liệu",
    datasets=("vocational_education.enrolments",),
    query=Query(ENROLLED, "sum(people)"),
    dimensions=(VOCATIONAL_LEVEL, SEX),
    bounds=(
        Bound(
            upper=100_000,
            upper_of_unit=60_000,
            reason="Cả năm khoảng 60.000 đến 65.000 người; quá 100.000 là gấp rưỡi. Đơn vị: phần lớn các trường ở thành phố Vinh",
            confidence="proposal",
            valid_from=dt.date(2021, 1, 1),
        ),
    ),
    controls=(parts_reach_the_whole(VOCATIONAL_LEVEL, SEX),),
    legal_basis=LAW,
    valid_from=dt.date(2021, 1, 1),
    confidence="proposal",
)
