"""VL02: who took a job after a referral, as referrals and as people."""

import datetime as dt
from dataclasses import replace

from assets.reports.dimensions import SEX
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.job_service import HIRINGS, LAW, PERSONS, with_persons

BY_VISIT = Indicator(
    code="VL02",
    unit="luot",
    title="Số lượt người nhận được việc làm sau giới thiệu",
    measure="flow",
    placed_by="own_date",
    counts="rows",
    numerator="Số lượt giới thiệu có ngày giới thiệu trong kỳ báo cáo và kết quả là nhận việc",
    datasets=("job_service.referrals",),
    query=Query(HIRINGS, "count(*)"),
    dimensions=(SEX,),
    bounds=(
        Bound(
            upper=30_000,
            upper_of_unit=8_000,
            reason="Số lượt nhận việc không thể bằng nửa số lượt tư vấn, giới thiệu của cả năm (VL01). Đơn vị: khoảng một phần tư của tỉnh",
            confidence="proposal",
            valid_from=dt.date(2021, 6, 1),
        ),
    ),
    legal_basis=LAW,
    valid_from=dt.date(2021, 6, 1),
    confidence="proposal",
)

BY_PERSON = replace(
    BY_VISIT,
    unit="nguoi",
    title="Số người nhận được việc làm sau giới thiệu",
    counts="distinct_persons",
    numerator="Số người khác nhau (theo số định danh; không có thì theo mã người tìm việc) của các lượt đó, mỗi người một lần trong một quý",
    datasets=(*BY_VISIT.datasets, "job_service.seekers"),
    query=Query(with_persons(HIRINGS), PERSONS),
    sum_rule="at_most",
    sum_reason="Một người có lượt ở hai đơn vị được tính ở mỗi nơi một lần nhưng toàn tỉnh một lần",
)
