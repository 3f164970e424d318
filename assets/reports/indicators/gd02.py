"""GD02: who graduates from vocational education."""

import datetime as dt

from assets.reports.controls import parts_reach_the_whole
from assets.reports.dimensions import VOCATIONAL_LEVEL
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.vocational_education import GRADUATES, LAW

INDICATOR = Indicator(
    code="GD02",
    unit="nguoi",
    title="Số người tốt nghiệp giáo dục nghề nghiệp",
    measure="flow",
    placed_by="own_date",
    counts="rows",
    numerator="Tổng số tốt nghiệp của các đợt có ngày công nhận trong kỳ số liệu",
    datasets=("vocational_education.graduates",),
    query=Query(GRADUATES, "sum(graduate_count)"),
    dimensions=(VOCATIONAL_LEVEL,),
    bounds=(
        Bound(
            upper=100_000,
            upper_of_unit=60_000,
            reason="Không nhiều hơn số tuyển mới của một năm được coi là hợp lý (GD01)",
            confidence="proposal",
            valid_from=dt.date(2021, 1, 1),
        ),
    ),
    controls=(parts_reach_the_whole(VOCATIONAL_LEVEL),),
    legal_basis=LAW,
    valid_from=dt.date(2021, 1, 1),
    confidence="proposal",
)
