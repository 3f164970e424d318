"""HC05: results that exist as signed files, and how often a paper that the store holds was used instead of being asked for again."""

import datetime as dt

from assets.reports.dimensions import PROCEDURE_FIELD
from assets.reports.indicator import Bound, Indicator, Rate
from assets.reports.measure import Query
from assets.reports.populations.procedures import DIGITISED, OFFICES_LISTED, REUSED

REUSE_LAW = "NĐ 45/2020/NĐ-CP; NĐ 107/2021/NĐ-CP; NĐ 118/2025/NĐ-CP"

OF_RESULTS = Rate(
    code="HC05",
    title="Tỷ lệ kết quả thủ tục hành chính được số hóa",
    measure="flow",
    placed_by="later_date",
    numerator="Số hồ sơ kết thúc xử lý trong kỳ báo cáo có giấy tờ kết quả ký số hợp lệ, có mã băm của tệp",
    denominator="Số hồ sơ kết thúc xử lý trong kỳ báo cáo",
    datasets=("administrative_procedures.dossiers", "administrative_procedures.result_papers"),
    query=Query(DIGITISED, "count(*) filter (where is_digitised)", "count(*)"),
    dimensions=(PROCEDURE_FIELD,),
    reach=OFFICES_LISTED,
    legal_basis=REUSE_LAW,
    valid_from=dt.date(2021, 12, 6),
    confidence="proposal",
)

USES = Indicator(
    code="HC05",
    unit="luot",
    title="Số lượt tái sử dụng giấy tờ kết quả",
    measure="flow",
    placed_by="later_date",
    counts="rows",
    numerator="Số lượt dùng giấy tờ có trong kho kết quả thay cho yêu cầu nộp lại, mỗi giấy tờ một lần trong một hồ sơ; đơn vị là nơi "
    "tiếp nhận hồ sơ được dùng",
    datasets=("administrative_procedures.dossiers", "administrative_procedures.result_papers"),
    query=Query(REUSED, "count(*)"),
    dimensions=(PROCEDURE_FIELD,),
    reach=OFFICES_LISTED,
    bounds=(
        Bound(
            upper=200_000,
            upper_of_unit=50_000,
            reason="Mỗi hồ sơ dùng lại không quá vài giấy tờ; cả năm khoảng 60.000 hồ sơ. Đơn vị: một phần tư của tỉnh",
            confidence="proposal",
            valid_from=dt.date(2021, 12, 6),
        ),
    ),
    legal_basis=REUSE_LAW,
    valid_from=dt.date(2021, 12, 6),
    confidence="proposal",
)
