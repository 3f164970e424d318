"""TE06: children who drowned or died in traffic. The province only."""

import datetime as dt

from assets.reports.dimensions import Dimension
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.children import DIED
from assets.reports.populations.persons import DISTINCT

CAUSE = Dimension(
    name="nguyen_nhan_tu_vong",
    title="Nguyên nhân tử vong",
    code_list="child_death_cause",
    always=("1", "2"),
    protected=True,
)

INDICATOR = Indicator(
    code="TE06",
    unit="tre",
    title="Số trẻ em tử vong do đuối nước, tai nạn giao thông",
    measure="flow",
    placed_by="own_date",
    counts="distinct_persons",
    numerator="Số trẻ khác nhau chết khi chưa đủ 16 tuổi, có ngày tử vong trong kỳ số liệu, nguyên nhân là đuối nước hoặc tai nạn giao thông",
    datasets=("children.profiles",),
    query=Query(DIED, DISTINCT),
    dimensions=(CAUSE,),
    sum_rule="none",
    sum_reason="Chỉ có số toàn tỉnh",
    province_only=True,
    bounds=(
        Bound(
            upper=500,
            upper_of_unit=100,
            reason="Cả nước khoảng 2.000 trẻ em đuối nước một năm; một tỉnh quá 500 là một phần tư của cả nước",
            confidence="proposal",
            valid_from=dt.date(2017, 6, 1),
        ),
    ),
    legal_basis="Luật Trẻ em 102/2016/QH13, Điều 83",
    valid_from=dt.date(2017, 6, 1),
    confidence="proposal",
)
