"""HC03: of the dossiers that were finished, the part that was finished in time; what waited for the applicant does not count."""

import datetime as dt

from assets.reports.dimensions import OFFICE_LEVEL, PROCEDURE_FIELD, SUBMISSION_CHANNEL
from assets.reports.indicator import Rate
from assets.reports.measure import Query
from assets.reports.populations.procedures import FINISHED, LAW, OFFICES_LISTED

INDICATOR = Rate(
    code="HC03",
    title="Tỷ lệ hồ sơ giải quyết đúng hạn",
    measure="flow",
    placed_by="later_date",
    numerator="Số hồ sơ kết thúc xử lý trong kỳ báo cáo, không sau thời điểm hẹn trả, đã trừ thời gian chờ người nộp bổ sung hồ sơ "
    "hoặc thực hiện nghĩa vụ tài chính",
    denominator="Số hồ sơ có thời điểm hẹn trả, kết thúc xử lý trong kỳ báo cáo",
    datasets=("administrative_procedures.dossiers", "administrative_procedures.progress"),
    query=Query(FINISHED, "count(*) filter (where in_time)", "count(*)"),
    dimensions=(OFFICE_LEVEL, PROCEDURE_FIELD, SUBMISSION_CHANNEL),
    reach=OFFICES_LISTED,
    legal_basis=LAW,
    valid_from=dt.date(2018, 6, 21),
    confidence="proposal",
)
