"""VL01: who was consulted or referred to a job, as visits and as people."""

import datetime as dt
from dataclasses import replace

from assets.reports.dimensions import SEX
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.job_service import LAW, PERSONS, SERVICE, VISITS, with_persons

BY_VISIT = Indicator(
    code="VL01",
    unit="luot",
    title="Số lượt người được tư vấn, giới thiệu việc làm",
    measure="flow",
    placed_by="own_date",
    counts="rows",
    numerator="Số lượt tư vấn và số lượt giới thiệu có ngày trong kỳ báo cáo",
    datasets=("job_service.consultations", "job_service.referrals"),
    query=Query(VISITS, "count(*)"),
    dimensions=(SERVICE, SEX),
    bounds=(
        Bound(
            upper=60_000,
            upper_of_unit=15_000,
            reason="Cả năm khoảng 60.000 lượt; nửa năm không thể bằng cả năm. Đơn vị: một phần tư của tỉnh",
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
    title="Số người được tư vấn, giới thiệu việc làm",
    counts="distinct_persons",
    numerator="Số người khác nhau (theo số định danh; không có thì theo mã người tìm việc) của các lượt đó, mỗi người một lần trong một quý",
    datasets=(*BY_VISIT.datasets, "job_service.seekers"),
    query=Query(with_persons(VISITS), PERSONS),
    sum_rule="at_most",
    sum_reason="Một người có lượt ở hai đơn vị hoặc hai dịch vụ được tính ở mỗi nơi một lần nhưng toàn tỉnh một lần",
)
