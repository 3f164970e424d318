"""HC04: of the applicants who said how satisfied they are, the part that is."""

import datetime as dt

from assets.reports.dimensions import OFFICE_LEVEL, PROCEDURE_FIELD
from assets.reports.indicator import Rate
from assets.reports.measure import Query
from assets.reports.populations.procedures import OFFICES_LISTED, RETURNED, SATISFIED

INDICATOR = Rate(
    code="HC04",
    title="Tỷ lệ người nộp hồ sơ hài lòng",
    measure="flow",
    placed_by="later_date",
    numerator="Số hồ sơ trả kết quả trong kỳ báo cáo được đánh giá từ mức 4 trên 5",
    denominator="Số hồ sơ trả kết quả trong kỳ báo cáo có đánh giá",
    datasets=("administrative_procedures.dossiers",),
    query=Query(
        RETURNED, f"count(*) filter (where satisfaction_code >= {SATISFIED})", "count(*) filter (where satisfaction_code > 0)"
    ),
    dimensions=(OFFICE_LEVEL, PROCEDURE_FIELD),
    reach=OFFICES_LISTED,
    legal_basis="NĐ 61/2018/NĐ-CP, Điều 31; NĐ 118/2025/NĐ-CP",
    valid_from=dt.date(2018, 6, 21),
    confidence="proposal",
)
