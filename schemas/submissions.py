"""The submission log of a source: when a unit submitted a period of a table, how many rows, or that it has none."""

from schemas.column import Flag, Instant, Table, Text, Whole, field
from schemas.dataset import SubmissionLog
from schemas.roads import BY_ROW_HASH, Sql


class SubmissionLine(Table):
    """One word of a unit. An instant without a zone is Vietnamese time, as in every dataset."""

    unit_code: Text = field("ma_don_vi", "Mã đơn vị nộp", "Code of the unit that submitted", privacy="public")
    table: Text = field("bang", "Bảng đã nộp", "Table that was submitted", privacy="public")
    period: Text = field("ky", "Kỳ báo cáo", "Period that was submitted", privacy="public")
    submitted_at: Instant = field(
        "thoi_diem_nop", "Thời điểm nộp", "Moment of the submission", privacy="public", source_type="timestamptz"
    )
    rows: Whole = field("so_dong", "Số dòng đã nộp", "Rows that were submitted", privacy="public", source_type="bigint")
    declared_empty: Flag = field(
        "khai_rong",
        "Báo không phát sinh",
        "Whether the unit says that there was nothing to submit",
        privacy="public",
        source_type="boolean",
    )


SUBMISSION_LOG = SubmissionLog(SubmissionLine, Sql("nhat_ky_nop", BY_ROW_HASH))
