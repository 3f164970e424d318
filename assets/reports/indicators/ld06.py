"""LD06: workers who left for work abroad in the period."""

import datetime as dt

from assets.reports.dimensions import SEX, Dimension
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.flows import flow

COUNTRY = Dimension(name="nuoc", title="Nước đến", code_list="countries")
DEPARTURES = flow("labour_employment_overseas_workers", "departed_date", "country_code as nuoc, sex_code::text as gioi_tinh")

INDICATOR = Indicator(
    code="LD06",
    unit="nguoi",
    title="Số lao động đi làm việc ở nước ngoài",
    measure="flow",
    placed_by="own_date",
    counts="rows",
    numerator="Số lượt xuất cảnh có ngày xuất cảnh trong kỳ báo cáo",
    datasets=("labour_employment.overseas_workers",),
    query=Query(DEPARTURES, "count(*)"),
    dimensions=(COUNTRY, SEX),
    bounds=(
        Bound(
            upper=24_000,
            upper_of_unit=6_000,
            reason="Cả năm khoảng 24.000 lượt xuất cảnh; một tháng không thể bằng cả năm. Đơn vị: một phần tư của tỉnh",
            confidence="proposal",
            valid_from=dt.date(2015, 1, 1),
        ),
    ),
    legal_basis="Luật 69/2020/QH14; NĐ 112/2021/NĐ-CP",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
