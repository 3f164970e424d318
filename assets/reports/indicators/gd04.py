"""GD04: the establishments of vocational education that are in operation."""

import datetime as dt

from assets.reports.controls import parts_reach_the_whole
from assets.reports.dimensions import Dimension
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.places import placed

INSTITUTION_TYPE = Dimension(name="loai_hinh", title="Loại hình cơ sở", code_list="institution_type", always=("1", "2", "3", "4"))
OPERATING = f"""{placed("vocational_education_institutions", "institution_type_code::text as loai_hinh")}
    where registered_date <= :first_of_month and (closed_date is null or closed_date > :first_of_month)"""

INDICATOR = Indicator(
    code="GD04",
    unit="co_so",
    title="Số cơ sở giáo dục nghề nghiệp đang hoạt động",
    measure="as_of",
    placed_by="first_of_month",
    counts="rows",
    numerator="Số cơ sở đã đăng ký và chưa chấm dứt hoạt động vào ngày đầu của tháng cuối kỳ",
    datasets=("vocational_education.institutions",),
    query=Query(OPERATING, "count(*)"),
    dimensions=(INSTITUTION_TYPE,),
    bounds=(
        Bound(
            upper=120,
            upper_of_unit=60,
            reason="Tỉnh có 62 cơ sở năm 2022, 49 cơ sở năm 2025; quá 120 là gấp đôi. Đơn vị: một nửa của tỉnh",
            confidence="proposal",
            valid_from=dt.date(2021, 1, 1),
        ),
    ),
    controls=(parts_reach_the_whole(INSTITUTION_TYPE),),
    legal_basis="Luật Giáo dục nghề nghiệp 74/2014/QH13, Điều 5; NĐ 15/2019/NĐ-CP",
    valid_from=dt.date(2021, 1, 1),
    confidence="proposal",
)
