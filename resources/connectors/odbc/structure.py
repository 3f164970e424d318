"""What of a source differs from the declaration, and how its columns are held: from its catalogue alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from resources.connectors.odbc.dialects.dialect import Family, Held, Relation
from resources.connectors.odbc.sessions import Session
from resources.servers.names import listed, shown
from schemas.column import Column, SourceType
from schemas.dataset import Dataset, SubmissionLog
from schemas.roads import as_sql

# What may hold a column of each declared type. What is declared as text is read as its text, whatever has one that is exact.
HOLDS: Mapping[SourceType, frozenset[Family]] = {
    "text": frozenset({"text", "bytes", "integer", "whole", "decimal", "number", "day", "instant", "timed", "other"}),
    "date": frozenset({"day", "timed"}),
    "smallint": frozenset({"integer", "whole", "number"}),
    "integer": frozenset({"integer", "whole", "number"}),
    "bigint": frozenset({"integer", "whole", "decimal", "number"}),
    "boolean": frozenset({"integer", "whole", "number"}),
    "timestamptz": frozenset({"instant", "timed"}),
}


@dataclass(frozen=True)
class Found:
    """A declared table as the source has it. `columns`: what this login may read of it, by the name in small letters."""

    declared: Dataset | SubmissionLog
    relation: Relation | None
    columns: Mapping[str, Held]

    @cached_property
    def faults(self) -> list[str]:
        """What differs from the declaration, in words: a column missing, added, renamed (both), or of another type.

        An added column is a fault as well: it may be the new name of another, or hold what nobody has classed yet. One that this
        login may not read is not: nothing of it comes.
        """
        road = as_sql(self.declared.road)
        if self.relation is None:
            return [f"không thấy {road.place} trong cơ sở dữ liệu, hoặc tài khoản không có quyền đọc"]
        if self.relation.faults:  # of what cannot be read nothing more was asked
            return list(self.relation.faults)
        faults = []
        for column in self.declared.columns:
            held = self.columns.get(column.source_column.lower())
            if held is None:
                faults.append(f"thiếu cột {column.source_column} ({column.title}), hoặc tài khoản không có quyền đọc")
            elif held.family not in HOLDS[column.source_type]:
                told = shown(held.told.replace(" ", "_"), "kiểu lạ").replace("_", " ")
                faults.append(f"cột {column.source_column} có kiểu {told}, khai báo là {column.source_type}")
        ours = {c.source_column.lower() for c in self.declared.columns}
        added = [(place, held.name) for place, (name, held) in enumerate(self.columns.items(), 1) if name not in ours]
        if added:
            told = listed([shown(name, f"cột thứ {place}") for place, name in added])
            faults.append(f"bảng có thêm cột chưa khai báo: {told}")
        return faults

    def held(self, column: Column) -> Held:
        """How a declared column is held. Where `faults` are none each is."""
        return self.columns[column.source_column.lower()]


def look(session: Session, declared: Dataset | SubmissionLog) -> Found:
    dialect, schema, table = session.dialect, as_sql(declared.road).own_schema, as_sql(declared.road).table
    rows = session.rows(dialect.relation(schema, table))
    if not rows:
        return Found(declared, None, {})
    # From here on by the names that the catalogue has: a database may take small letters for capitals, or know a table by another name.
    if (relation := dialect.as_relation(rows[0], ())).faults:
        return Found(declared, relation, {})
    pages = [str(name) for (name, *_) in session.rows(dialect.unique(relation.schema, relation.table))]
    held = map(dialect.as_held, session.rows(dialect.columns(relation.schema, relation.table)))
    return Found(declared, dialect.as_relation(rows[0], pages), {column.name.lower(): column for column in held})
