"""NCC01: who receives a monthly allowance for meritorious services, the relatives included."""

import datetime as dt

from assets.reports.controls import moved_a_lot, parts_reach_the_whole
from assets.reports.dimensions import MERIT_CATEGORY, SEX
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.merit import DRAWN_MONTHLY
from assets.reports.populations.persons import DISTINCT, ENTITLED, person
from assets.reports.populations.places import OWN_CELL, placed

_COLUMNS = f"{person('profile_id')} as person, category_code as loai, sex_code::text as gioi_tinh"
ENTITLED_PERSONS = f"{placed('meritorious_persons_profiles', _COLUMNS, OWN_CELL)} where {ENTITLED} and {DRAWN_MONTHLY}"

INDICATOR = Indicator(
    code="NCC01",
    unit="nguoi",
    title="Số người có công và thân nhân hưởng trợ cấp hằng tháng",
    measure="as_of",
    placed_by="first_of_month",
    counts="distinct_persons",
    numerator="Số người khác nhau (theo số định danh; không có thì theo mã hồ sơ) đang hưởng vào ngày đầu của tháng báo cáo, không kể hồ sơ liệt sĩ và hồ sơ chỉ hưởng trợ cấp một lần",
    datasets=("meritorious_persons.profiles",),
    query=Query(ENTITLED_PERSONS, DISTINCT),
    dimensions=(MERIT_CATEGORY, SEX),
    sum_rule="at_most",
    sum_reason="Một người có hồ sơ ở hai đơn vị hoặc hai loại được tính ở mỗi nơi một lần nhưng toàn tỉnh một lần",
    bounds=(
        Bound(
            upper=200_000,
            upper_of_unit=40_000,
            reason="Tỉnh khoảng 3,5 triệu dân; người có công và thân nhân hưởng hằng tháng quá 200.000 người là quá 5 % dân số. Đơn vị: một phần năm của tỉnh",
            confidence="proposal",
            valid_from=dt.date(2021, 7, 1),
        ),
    ),
    controls=(parts_reach_the_whole(MERIT_CATEGORY, SEX), moved_a_lot),
    legal_basis="Pháp lệnh 02/2020/UBTVQH14; NĐ 131/2021/NĐ-CP; TT 01/2018/TT-BLĐTBXH",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
