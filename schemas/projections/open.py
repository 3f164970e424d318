"""Projection of an OpenTable to its released columns: name, types, words. Nothing connects, nothing is computed."""

from dataclasses import dataclass

import pyarrow as pa

from schemas.dataset import Dataset
from schemas.release import TOTAL, OpenTable, Share
from schemas.rounding import STATUSES, STATUSES_EN, rule_in_words

MATURITIES = {"provisional": "tạm thời", "final": "chính thức", "corrected": "đã đính chính"}


@dataclass(frozen=True)
class OpenColumn:
    """One released column."""

    name: str
    sql_type: str
    arrow_type: pa.DataType
    json_type: str  # Frictionless table schema
    title: str
    description: str
    nullable: bool = False
    choices: tuple[str, ...] = ()


def released_name(dataset: Dataset, table: OpenTable) -> str:
    return f"{dataset.source.name}_{table.name}"


def value_title(table: OpenTable) -> str:
    return f"Giá trị ({table.measure.unit})"


def open_columns(dataset: Dataset, table: OpenTable) -> tuple[OpenColumn, ...]:
    text = pa.string()
    columns = [
        OpenColumn("period", "text", text, "string", "Kỳ", "YYYY-MM, YYYY-Qn hoặc YYYY; năm học là YYYY-YYYY"),
        OpenColumn(
            "unit_code",
            "text",
            text,
            "string",
            "Mã đơn vị",
            "có hiệu lực vào ngày cuối kỳ; 40 là toàn tỉnh, unknown là chưa xác định được địa bàn",
        ),
        OpenColumn("unit_name", "text", text, "string", "Tên đơn vị", "vào ngày cuối kỳ"),
    ]
    if table.by:
        title = dataset.column(table.by).title if not isinstance(table.measure, Share) else "Nhóm"
        columns += [
            OpenColumn(table.by, "text", text, "string", title, f"mã của nhóm; {TOTAL} là tất cả các nhóm"),
            OpenColumn(label_column(table.by), "text", text, "string", f"{title} (tên)", f"tên của nhóm trong cột {table.by}"),
        ]
    is_rate = isinstance(table.measure, Share)
    columns += [
        OpenColumn(
            "value",
            "numeric(5,1)" if is_rate else "bigint",
            pa.decimal128(5, 1) if is_rate else pa.int64(),
            "number" if is_rate else "integer",
            value_title(table),
            f"{table.title}, làm tròn; trống khi dưới 5, quá ít người hoặc chưa có báo cáo",
            nullable=True,
        ),
        OpenColumn(
            "value_status",
            "text",
            text,
            "string",
            "Tình trạng giá trị",
            "; ".join(f"{code}: {words} ({STATUSES_EN[code]})" for code, words in STATUSES.items()),
            choices=tuple(STATUSES),
        ),
        OpenColumn(
            "maturity",
            "text",
            text,
            "string",
            "Mức độ hoàn chỉnh",
            "; ".join(f"{code}: {words}" for code, words in MATURITIES.items()),
            choices=tuple(MATURITIES),
        ),
    ]
    return tuple(columns)


def label_column(by: str) -> str:
    return f"{by.removesuffix('_code')}_label"


def key_columns(table: OpenTable) -> tuple[str, ...]:
    return ("period", "unit_code", *((table.by,) if table.by else ()))


def description(dataset: Dataset, table: OpenTable) -> str:
    """What a reader must know, in Vietnamese."""
    parts = [f"{table.title}. Nguồn: {dataset.source.title}. Căn cứ: {dataset.legal}.", table.note, rule_in_words()[0]]
    return " ".join(p for p in parts if p)
