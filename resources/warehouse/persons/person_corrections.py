"""The flag beside a row of which a person asked a correction: a warning in quarantine, until the source's row changes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from resources.warehouse.naming import named
from resources.warehouse.persons import person_rows
from resources.warehouse.persons.person_rows import Values, count_again
from resources.warehouse.quarantine import merging
from schemas.dataset import Dataset
from schemas.persons import Place
from schemas.registry import dataset_named, is_declared

RULE = "correction_requested"
WORDS = (
    "Người được nêu trong dòng yêu cầu đính chính trường này; đã chuyển đơn vị quản lý nguồn. Cảnh báo tự khép khi dòng ở nguồn đổi "
    "(Luật 91/2025/QH15; NĐ 356/2025/NĐ-CP)."
)

__all__ = ["count_again", "current", "flag", "flagged", "unflag"]


@dataclass(frozen=True)
class Flagged:
    """A row that is flagged, and what its field says now. `stands`: the row is still there."""

    id: int
    dataset: str
    column: str
    row_key: str
    stands: bool
    value: Any = field(repr=False)

    @property
    def of(self) -> Dataset:
        return dataset_named(self.dataset)


def current(connection: sa.Connection, place: Place, column: str, values: Values) -> Sequence[sa.Row]:
    """The person's own current rows, and what a field of them says."""
    return connection.execute(
        sa.text(f"""select period, unit_code, row_key, {column} from history.{place.dataset.table} h
            where recorded_to is null and {person_rows.own(place)} order by period, unit_code, row_key"""),
        person_rows.hashes(place, values),
    ).all()


def flag(connection: sa.Connection, dataset: Dataset, column: str, row: tuple[str, str, str], now: dt.datetime) -> None:
    period, unit, key = row
    connection.execute(
        sa.text(merging.see_remarks(f"select :period as period, :unit as unit_code, :key as row_key, {merging.WARNED_OVER_SET}")),
        named(dataset)
        | {"period": period, "unit": unit, "key": key, "rule": RULE, "column": column, "message": WORDS, "now": now},
    )


def flagged(connection: sa.Connection) -> list[Flagged]:
    found = []
    rows = connection.execute(
        sa.text("""select id, source || '.' || dataset as dataset, period, unit_code, row_key, "column" from quarantine.remarks
            where rule = :rule and resolved_at is null order by id"""),
        {"rule": RULE},
    ).all()
    for row in rows:
        if not is_declared(row.dataset):
            continue
        dataset = dataset_named(row.dataset)
        now = connection.execute(
            sa.text(f"""select {dataset.column(row.column).name} as value from core.{dataset.table}
                where row_key = :key and period = :period limit 1"""),
            {"key": row.row_key, "period": row.period},
        ).one_or_none()
        found.append(Flagged(row.id, row.dataset, row.column, row.row_key, now is not None, now.value if now else None))
    return found


def unflag(connection: sa.Connection, ids: Sequence[int], now: dt.datetime) -> None:
    connection.execute(
        sa.text("update quarantine.remarks set resolved_at = :now where id = any(:ids)"), {"now": now, "ids": list(ids)}
    )
