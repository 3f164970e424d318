"""LD05: jobs found in the period, under the employment law in force."""

import datetime as dt
from dataclasses import replace

from assets.reports.dimensions import SEX, Dimension
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.flows import flow

CHANNEL = Dimension(name="kenh", title="Nơi làm việc", code_list="job_channel", always=("1", "2", "3", "4"))
JOBS = flow("labour_employment_jobs_created", "started_date", "channel_code::text as kenh, sex_code::text as gioi_tinh")

LAW_OF_2013 = Indicator(
    code="LD05",
    unit="nguoi",
    title="Số lao động được giải quyết việc làm",
    measure="flow",
    placed_by="own_date",
    counts="rows",
    numerator="Số lượt giải quyết việc làm có ngày bắt đầu trong kỳ báo cáo",
    datasets=("labour_employment.jobs_created",),
    query=Query(JOBS, "count(*)"),
    dimensions=(CHANNEL, SEX),
    bounds=(
        Bound(
            upper=50_000,
            upper_of_unit=10_000,
            reason="Cả năm khoảng 48.000 lượt việc làm; một tháng không thể bằng cả năm. Đơn vị: một phần năm của tỉnh",
            confidence="proposal",
            valid_from=dt.date(2015, 1, 1),
        ),
    ),
    legal_basis="Luật Việc làm 38/2013/QH13",
    valid_from=dt.date(2015, 1, 1),
    valid_to=dt.date(2025, 12, 31),
    confidence="proposal",
)

LAW_OF_2025 = replace(
    LAW_OF_2013,
    legal_basis="Luật Việc làm 74/2025/QH15",
    valid_from=dt.date(2026, 1, 1),
    valid_to=None,
)
