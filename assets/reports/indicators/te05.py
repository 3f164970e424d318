"""TE05: children to whom harm was done in the period. The province only, and no number that is a handful of children."""

import datetime as dt

from assets.reports.dimensions import LEAST_TOLD
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.children import HARMED
from assets.reports.populations.persons import DISTINCT

INDICATOR = Indicator(
    code="TE05",
    unit="tre",
    title="Số trẻ em bị xâm hại, bạo lực",
    measure="flow",
    placed_by="own_date",
    counts="distinct_persons",
    numerator="Số trẻ khác nhau, chưa đủ 16 tuổi khi đó, vào nhóm bị bạo lực, bị bóc lột, bị xâm hại tình dục hoặc bị mua bán trong kỳ số liệu",
    datasets=("children.profiles",),
    query=Query(HARMED, DISTINCT),
    sum_rule="none",
    sum_reason="Chỉ có số toàn tỉnh",
    province_only=True,
    least=LEAST_TOLD,
    bounds=(
        Bound(
            upper=2_000,
            upper_of_unit=400,
            reason="Cả nước khoảng 2.000 trẻ em bị xâm hại được ghi nhận một năm; một tỉnh không thể bằng cả nước",
            confidence="proposal",
            valid_from=dt.date(2017, 6, 1),
        ),
    ),
    legal_basis="Luật Trẻ em 102/2016/QH13, Điều 4, Điều 10",
    valid_from=dt.date(2017, 6, 1),
    confidence="proposal",
)
