"""HC02: of the dossiers that were received, the part that came online."""

import datetime as dt

from assets.reports.dimensions import OFFICE_LEVEL, PROCEDURE_FIELD
from assets.reports.indicator import Rate
from assets.reports.measure import Query
from assets.reports.populations.procedures import LAW, OFFICES_LISTED, ONLINE, RECEIVED

INDICATOR = Rate(
    code="HC02",
    title="Tỷ lệ hồ sơ nộp trực tuyến",
    measure="flow",
    placed_by="own_date",
    numerator="Số hồ sơ nộp trực tuyến có ngày tiếp nhận trong kỳ báo cáo",
    denominator="Số hồ sơ có ngày tiếp nhận trong kỳ báo cáo",
    datasets=("administrative_procedures.dossiers",),
    query=Query(RECEIVED, f"count(*) filter (where channel_code = {ONLINE})", "count(*)"),
    dimensions=(OFFICE_LEVEL, PROCEDURE_FIELD),
    reach=OFFICES_LISTED,
    legal_basis=f"{LAW}; NĐ 45/2020/NĐ-CP",
    valid_from=dt.date(2020, 4, 8),
    confidence="proposal",
)
