"""HC01: dossiers of administrative procedures that were received."""

import datetime as dt

from assets.reports.dimensions import OFFICE_LEVEL, PROCEDURE_FIELD, SUBMISSION_CHANNEL
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.procedures import LAW, OFFICES_LISTED, RECEIVED

INDICATOR = Indicator(
    code="HC01",
    unit="ho_so",
    title="Số hồ sơ thủ tục hành chính được tiếp nhận",
    measure="flow",
    placed_by="own_date",
    counts="rows",
    numerator="Số hồ sơ có ngày tiếp nhận trong kỳ báo cáo",
    datasets=("administrative_procedures.dossiers",),
    query=Query(RECEIVED, "count(*)"),
    dimensions=(OFFICE_LEVEL, PROCEDURE_FIELD, SUBMISSION_CHANNEL),
    reach=OFFICES_LISTED,
    bounds=(
        Bound(
            upper=60_000,
            upper_of_unit=15_000,
            reason="Cả năm khoảng 60.000 hồ sơ; một quý không thể bằng cả năm. Đơn vị: một phần tư của tỉnh",
            confidence="proposal",
            valid_from=dt.date(2018, 6, 21),
        ),
    ),
    legal_basis=LAW,
    valid_from=dt.date(2018, 6, 21),
    confidence="proposal",
)
