"""GD03: of those who graduated and were asked, the part that works."""

import datetime as dt

from assets.reports.dimensions import VOCATIONAL_LEVEL
from assets.reports.indicator import Rate
from assets.reports.measure import Query
from assets.reports.populations.vocational_education import GRADUATES, LAW

ASKED = "filter (where employed_count is not null)"  # a round of which nobody was asked yet is no round without work

INDICATOR = Rate(
    code="GD03",
    title="Tỷ lệ người tốt nghiệp giáo dục nghề nghiệp có việc làm",
    measure="flow",
    placed_by="own_date",
    numerator="Số có việc làm sau tốt nghiệp của các đợt đã có kết quả khảo sát",
    denominator="Số tốt nghiệp của các đợt có ngày công nhận trong kỳ số liệu và đã có kết quả khảo sát",
    datasets=("vocational_education.graduates",),
    query=Query(GRADUATES, f"sum(employed_count) {ASKED}", f"sum(graduate_count) {ASKED}"),
    dimensions=(VOCATIONAL_LEVEL,),
    legal_basis=LAW,
    valid_from=dt.date(2021, 1, 1),
    confidence="proposal",
)
