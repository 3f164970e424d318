"""VL03: job fairs."""

import datetime as dt

from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.flows import flow
from assets.reports.populations.job_service import LAW

INDICATOR = Indicator(
    code="VL03",
    unit="phien",
    title="Số phiên giao dịch việc làm",
    measure="flow",
    placed_by="own_date",
    counts="rows",
    numerator="Số phiên giao dịch việc làm có ngày tổ chức trong kỳ báo cáo",
    datasets=("job_service.job_fairs",),
    query=Query(flow("job_service_job_fairs", "held_date", "held_date"), "count(*)"),
    bounds=(
        Bound(
            upper=180,
            upper_of_unit=90,
            reason="Mỗi ngày làm việc nhiều nhất một phiên, nửa năm nhiều nhất khoảng 130 ngày làm việc. Đơn vị: một nửa của tỉnh",
            confidence="proposal",
            valid_from=dt.date(2021, 6, 1),
        ),
    ),
    legal_basis=LAW,
    valid_from=dt.date(2021, 6, 1),
    confidence="proposal",
)
