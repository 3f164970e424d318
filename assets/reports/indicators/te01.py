"""TE01: children under sixteen."""

import datetime as dt

from assets.reports.controls import parts_reach_the_whole
from assets.reports.dimensions import SEX, Dimension
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.children import CHILDREN, MOST, MOST_OF_UNIT
from assets.reports.populations.persons import DISTINCT

AGES = {a: f"{a} tuổi" for a in ("0-5", "6-10", "11-15")}
AGE = Dimension(name="do_tuoi", title="Độ tuổi", values=AGES, always=tuple(AGES))

INDICATOR = Indicator(
    code="TE01",
    unit="tre",
    title="Số trẻ em dưới 16 tuổi",
    measure="as_of",
    placed_by="first_of_month",
    counts="distinct_persons",
    numerator="Số trẻ khác nhau (theo số định danh; không có thì theo mã trẻ em) chưa đủ 16 tuổi vào ngày đầu của tháng báo cáo",
    datasets=("children.profiles",),
    query=Query(CHILDREN, DISTINCT),
    dimensions=(SEX, AGE),
    sum_rule="at_most",
    sum_reason="Một trẻ có hồ sơ ở hai đơn vị được tính ở mỗi nơi một lần nhưng toàn tỉnh một lần",
    bounds=(
        Bound(
            upper=MOST,
            upper_of_unit=MOST_OF_UNIT,
            reason="Tỉnh có hơn 992.000 trẻ em năm 2025; quá 1.500.000 là gấp rưỡi. Đơn vị: một phần sáu của tỉnh",
            confidence="proposal",
            valid_from=dt.date(2017, 6, 1),
        ),
    ),
    controls=(parts_reach_the_whole(SEX, AGE),),
    legal_basis="Luật Trẻ em 102/2016/QH13, Điều 1",
    valid_from=dt.date(2017, 6, 1),
    confidence="proposal",
)
