"""The rows of a parcel, out of the books of the offices, or out of what a database was never given, as texts."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from demo.databases import cells
from demo.databases.database import Database, quoted
from demo.faults import truth
from demo.offices.parcels import Parcel
from demo.offices.sheets import Part, Row
from demo.people.places import places
from resources.clock import ZONE
from resources.embedded import EmbeddedServer
from schemas import calendar
from schemas.dataset import PROVINCE, Dataset
from schemas.units import unit_name

Key = tuple[str | None, ...]


@dataclass
class Books:
    """What the offices of a system hold of a dataset. `is_held`: of a system with a database, what that was never given."""

    found: EmbeddedServer
    played: Database
    cursor: Any
    dataset: Dataset
    is_held: bool = False

    def parts(self, parcel: Parcel) -> list[Part]:
        """The rows in parts: by commune for a register, else by month."""
        found: list[Part] = []
        by_period: dict[str, list[str]] = defaultdict(list)
        for period, unit in parcel.cells:
            by_period[period].append(unit)
        for period, units in sorted(by_period.items()):
            rows = [row for unit in units for row in self._cell(parcel, period, unit)]
            if self.dataset.kind == "register":
                found += self._by_commune(rows)
            else:
                name = None if parcel.sender == PROVINCE else unit_name(units[0], calendar.span(period)[1])
                found.append(Part(name or "Toàn tỉnh", rows, f"Kỳ {period}"))
        return found

    def key(self, row: Row) -> Key:
        return tuple(row[name] for name in self._keys)

    def _by_commune(self, rows: Sequence[Row]) -> list[Part]:
        where, column = places(), cells.commune_column(self.dataset)
        names = dict(zip(where.codes.tolist(), where.names.tolist(), strict=True))
        by_commune: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_commune[self._strays.get(self.key(row)) or row[column] or ""].append(row)
        return [Part(names[code], rows, f"{code} {names[code]}") for code, rows in sorted(by_commune.items())]

    def _cell(self, parcel: Parcel, period: str, unit: str) -> list[Row]:
        """A row whose commune was spoiled is by its code nobody's, or another's: the office that holds it sends it all the same."""
        if self.is_held:
            return self._select(self.played.later(self.dataset.road.at_source), "_ky = %s and _don_vi = %s", [period, unit])
        where, values = cells.condition(self.dataset, period, unit)
        communes = parcel.communes
        if communes is not None:
            where += f" and {self._commune} in ({', '.join(['%s'] * len(communes))})"
            values = [*values, *communes]
        table = quoted(self.dataset.road.at_source)
        rows = [row for row in self._select(table, where, values) if self.key(row) not in self._strays]
        own = set(communes or cells.communes_of(self.dataset, period, unit) or ())
        at_home = [key for key, commune in self._strays.items() if commune in own]
        for key in at_home:
            same = " and ".join(f"{quoted(name)} = %s" for name in self._keys)
            rows += self._select(table, same, [*key])
        return rows

    def _select(self, table: str, where: str, values: Sequence[object]) -> list[Row]:
        columns = [c.source_column for c in self.dataset.columns]
        self.cursor.execute(f"select {quoted(*columns)} from {table} where {where} order by {quoted(*self._keys)}", values)
        return [dict(zip(columns, map(_as_text, row), strict=True)) for row in self.cursor.fetchall()]

    @property
    def _commune(self) -> str:
        return quoted(cells.commune_column(self.dataset))

    @cached_property
    def _keys(self) -> list[str]:
        return [self.dataset.column(k).source_column for k in self.dataset.key]

    @cached_property
    def _strays(self) -> dict[Key, str]:
        """The key of each row whose commune was spoiled -> the commune where it belongs."""
        d = self.dataset
        if self.is_held or d.commune is None or d.commune in d.key or d.by_province:
            return {}
        column = cells.commune_column(self.dataset)
        planted = truth.known(self.found, source=self.dataset.source.name, dataset=self.dataset.name)
        spoiled = [line for line in planted if line["before"] and column in line["before"]]
        return {tuple(line["locator"].get(name) for name in self._keys): line["before"][column] for line in spoiled}


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dt.datetime):
        return value.astimezone(ZONE).isoformat(" ")
    return str(value)
