"""TE02: children in special circumstances, how many and which part of all children."""

import datetime as dt

from assets.reports.indicator import Bound, Indicator, Rate
from assets.reports.measure import Query
from assets.reports.populations.children import BY_GROUP, CHILDREN, LAW, SPECIAL_GROUP
from assets.reports.populations.persons import DISTINCT

NUMBER = Indicator(
    code="TE02",
    unit="tre",
    title="Số trẻ em có hoàn cảnh đặc biệt",
    measure="as_of",
    placed_by="first_of_month",
    counts="distinct_persons",
    numerator="Số trẻ khác nhau đang thuộc ít nhất một nhóm có hoàn cảnh đặc biệt vào ngày đầu của tháng báo cáo",
    datasets=("children.profiles",),
    query=Query(BY_GROUP, DISTINCT),
    dimensions=(SPECIAL_GROUP,),
    sum_rule="at_most",
    sum_reason="Một trẻ thuộc nhiều nhóm được tính ở mỗi nhóm một lần, ở hai đơn vị mỗi nơi một lần, nhưng toàn tỉnh một lần",
    bounds=(
        Bound(
            upper=100_000,
            upper_of_unit=20_000,
            reason="Tỉnh có khoảng 15.300 trẻ em có hoàn cảnh đặc biệt; quá 100.000 là một phần mười số trẻ em. Đơn vị: một phần năm",
            confidence="proposal",
            valid_from=dt.date(2017, 6, 1),
        ),
    ),
    legal_basis=LAW,
    valid_from=dt.date(2017, 6, 1),
    confidence="proposal",
)

PART = Rate(
    code="TE02",
    title="Tỷ lệ trẻ em có hoàn cảnh đặc biệt",
    measure="as_of",
    placed_by="first_of_month",
    numerator="Số trẻ khác nhau đang thuộc ít nhất một nhóm có hoàn cảnh đặc biệt vào ngày đầu của tháng báo cáo",
    denominator="Số trẻ khác nhau chưa đủ 16 tuổi vào ngày đầu của tháng báo cáo",
    datasets=("children.profiles",),
    query=Query(CHILDREN, f"{DISTINCT} filter (where is_special)", DISTINCT),
    legal_basis=LAW,
    valid_from=dt.date(2017, 6, 1),
    confidence="proposal",
)
