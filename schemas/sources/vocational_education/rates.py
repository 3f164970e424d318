"""Which levels an establishment of each type may teach, dated: a centre runs no college."""

from dataclasses import dataclass
from functools import cache

from schemas.dated import DatedColumn, DatedTable, read_rows
from schemas.rates import Span, span_of


@dataclass(frozen=True)
class LevelOfType:
    institution_type_code: int
    level_code: int
    span: Span


@cache
def levels_by_type() -> tuple[LevelOfType, ...]:
    return tuple(
        LevelOfType(int(r["institution_type_code"]), int(r["level_code"]), span_of(r))
        for r in read_rows("sources", "vocational_education", "rates", "levels_by_type.csv")
    )


LEVELS_BY_TYPE = DatedTable(
    "levels_by_type",
    "Trình độ mà mỗi loại hình cơ sở giáo dục nghề nghiệp được đào tạo",
    levels_by_type,
    (
        DatedColumn("institution_type_code", "bigint", "Loại hình cơ sở (mã)"),
        DatedColumn("level_code", "bigint", "Trình độ đào tạo (mã)"),
    ),
)
