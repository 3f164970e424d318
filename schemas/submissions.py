"""The submission log of a source: when a unit submitted a period of a table, how many rows, or that it has none."""

from schemas.dataset import Flag, Instant, SubmissionLog, Table, Text, Whole, field
from schemas.roads import BY_ROW_HASH, Sql


class SubmissionLine(Table):
    """One word of a unit. An instant without a zone is Vietnamese time, as in every dataset."""

    unit_code: Text = field("ma_don_vi", "Mã đơn vị nộp", privacy="public")
    table: Text = field("bang", "Bảng đã nộp", privacy="public")
    period: Text = field("ky", "Kỳ báo cáo", privacy="public")
    submitted_at: Instant = field("thoi_diem_nop", "Thời điểm nộp", privacy="public", source_type="timestamptz")
    rows: Whole = field("so_dong", "Số dòng đã nộp", privacy="public", source_type="bigint")
    declared_empty: Flag = field("khai_rong", "Báo không phát sinh", privacy="public", source_type="boolean")


SUBMISSION_LOG = SubmissionLog(SubmissionLine, Sql("nhat_ky_nop", BY_ROW_HASH))
