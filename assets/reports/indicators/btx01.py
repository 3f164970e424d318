"""BTX01: who receives social assistance in the community."""

import datetime as dt

from assets.reports.controls import moved_a_lot, parts_reach_the_whole
from assets.reports.dimensions import ASSISTANCE_GROUP, SEX, Dimension
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.assistance import ASSISTED
from assets.reports.populations.persons import DISTINCT

AGES = {a: f"{a} tuổi" for a in ("0-3", "4-15", "16-59", "60-74", "75-79")} | {"80+": "Từ 80 tuổi"}
AGE = Dimension(name="tuoi", title="Tuổi", values=AGES, always=tuple(AGES))

INDICATOR = Indicator(
    code="BTX01",
    unit="nguoi",
    title="Số đối tượng hưởng trợ giúp xã hội hằng tháng tại cộng đồng",
    measure="as_of",
    placed_by="first_of_month",
    counts="distinct_persons",
    numerator="Số người khác nhau (theo số định danh; không có thì theo mã đối tượng) đang hưởng vào ngày đầu của tháng báo cáo tại cộng đồng hoặc gia đình nhận nuôi",
    datasets=("social_protection.beneficiaries",),
    query=Query(ASSISTED, DISTINCT),
    dimensions=(ASSISTANCE_GROUP, SEX, AGE),
    sum_rule="at_most",
    sum_reason="Một người hưởng ở hai đơn vị hoặc hai nhóm được tính ở mỗi nơi một lần nhưng toàn tỉnh một lần",
    bounds=(
        Bound(
            upper=400_000,
            upper_of_unit=60_000,
            reason="Tỉnh khoảng 3,5 triệu dân; bảo trợ xã hội tại cộng đồng quá 400.000 người là quá 11 % dân số. Đơn vị: không huyện nào quá 60.000",
            confidence="proposal",
            valid_from=dt.date(2021, 7, 1),
        ),
    ),
    controls=(parts_reach_the_whole(ASSISTANCE_GROUP, SEX), moved_a_lot),
    legal_basis="NĐ 20/2021/NĐ-CP, Điều 5; TT 02/2021/TT-BLĐTBXH",
    valid_from=dt.date(2021, 7, 1),
    confidence="proposal",
)
