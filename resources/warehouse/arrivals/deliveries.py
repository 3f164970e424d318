"""Deliveries: `ops.deliveries`, one row for each file that a unit sent and that was taken in, and whether it was loaded.

The file and its rows lie in the raw store; the name that a clerk gave the file is not kept, since it may name a person.
"""

import datetime as dt
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa

from resources.raw_store import KeptFile, RawFile
from resources.warehouse.arrivals.cells import FROM_RAW
from resources.warehouse.arrivals.ledger import newest_arrivals
from resources.warehouse.naming import named
from schemas.dataset import Dataset, Source
from schemas.roads import Drop

Kind = Literal["whole", "patch"]


@dataclass(frozen=True)
class New:
    """A file that was taken in and is to be registered. `rows`: the file's rows as they were read, with ROW and SHEET."""

    dataset: Dataset
    sender: str  # the unit in whose folder it lay: a district, a commune, or the province
    kind: Kind
    periods: tuple[str, ...]  # in order
    file: KeptFile
    rows: RawFile


@dataclass(frozen=True)
class Delivery:
    """A registered file. Of two files the one with the higher `turn` is the later one.

    The turn is the file's number, unless the file lay in the inbox before others that were taken in first.
    """

    id: int
    dataset: str  # its name in the source
    sender: str
    kind: Kind
    periods: tuple[str, ...]
    file: KeptFile
    rows: RawFile
    received_at: dt.datetime
    repeated_at: dt.datetime | None  # when the same file last came once more
    loaded_at: dt.datetime | None
    run_id: str | None  # that loaded it
    waiting: Mapping[str, int]  # locked cell, `period|unit` -> how many of the file's rows wait there for a run by hand
    passed_over: Mapping[int, str]  # place of a row in the file -> why it was not loaded
    taken_from: str | None = None  # the mark of the file in hand from which it was last registered or repeated
    moved_to: Decimal | None = None  # its turn, where that is not its number

    @property
    def turn(self) -> Decimal:
        return Decimal(self.id) if self.moved_to is None else self.moved_to

    @property
    def said_at(self) -> dt.datetime:
        """When its sender last said that these are its rows."""
        return self.repeated_at or self.received_at

    def replaces(self, earlier: "Delivery") -> bool:
        """Whether its sender says anew with this file everything that the earlier one said."""
        alike = (self.dataset, self.sender, self.kind) == (earlier.dataset, earlier.sender, earlier.kind)
        return self.turn > earlier.turn and alike and self.kind == "whole" and set(self.periods) >= set(earlier.periods)


def register(
    connection: sa.Connection, new: New, now: dt.datetime, taken_from: str | None = None, turn: Decimal | None = None
) -> Delivery:
    """Keep a new delivery. `taken_from`: the mark of the file in hand; `turn`: its place among the others (None: the last)."""
    row = connection.execute(
        sa.text(f"""insert into ops.deliveries (source, dataset, sender, kind, periods, sha256, path, rows_path, rows_sha256, rows,
                received_at, taken_from, turn)
            values (:source, :dataset, :sender, :kind, :periods, :sha256, :path, :rows_path, :rows_sha256, :rows, :now, :taken_from,
                :turn)
            returning {_COLUMNS}"""),
        _like(new)
        | {
            "sha256": new.file.sha256,
            "path": new.file.path,
            "rows_path": new.rows.path,
            "rows_sha256": new.rows.sha256,
            "rows": new.rows.rows,
            "now": now,
            "taken_from": taken_from,
            "turn": turn,
        },
    ).one()
    return _delivery(row)


def turn_beneath(found: Sequence[Delivery], later: Callable[[Delivery], bool]) -> Decimal | None:
    """A turn just before the first of these deliveries that is `later` than a new one; None where none is."""
    at = next((place for place, one in enumerate(found) if later(one)), None)
    if at is None:
        return None
    before = found[at - 1].turn if at else found[at].turn - 1
    return (before + found[at].turn) / 2


def repeat(connection: sa.Connection, delivery: int, now: dt.datetime, taken_from: str | None = None) -> None:
    """Keep that the same file came once more."""
    again = """update ops.deliveries set repeated_at = greatest(received_at, repeated_at, :now), taken_from = :taken_from
        where id = :id"""
    connection.execute(sa.text(again), {"id": delivery, "now": now, "taken_from": taken_from})


def taken(connection: sa.Connection, source: Source, sender: str, taken_from: str) -> list[Delivery]:
    """The deliveries that were registered or repeated from a file that is still in hand. `taken_from`: its mark."""
    rows = connection.execute(
        sa.text(f"{_SELECT} where source = :source and sender = :sender and taken_from = :taken_from order by id"),
        {"source": source.name, "sender": sender, "taken_from": taken_from},
    )
    return [_delivery(r) for r in rows]


def of(connection: sa.Connection, source: Source, dataset: Dataset | None = None) -> list[Delivery]:
    """The deliveries of a source, or of one of its datasets, the earliest first."""
    rows = connection.execute(
        sa.text(f"{_SELECT} where source = :source and dataset = coalesce(:dataset, dataset) order by {_TURN}"),
        {"source": source.name, "dataset": dataset.name if dataset else None},
    )
    return [_delivery(r) for r in rows]


def loaded_after(connection: sa.Connection, dataset: Dataset, delivery: Delivery) -> list[Delivery]:
    """The deliveries of a dataset that came after this one and that a run has loaded, the earliest first.

    One of which every cell is locked counts as loaded: its rows wait in these cells.
    """
    rows = connection.execute(
        sa.text(f"""{_SELECT} where source = :source and dataset = :dataset and {_TURN} > :turn and loaded_at is not null
            order by {_TURN}"""),
        named(dataset) | {"turn": delivery.turn},
    )
    return [_delivery(r) for r in rows]


def latest(connection: sa.Connection, new: New) -> Delivery | None:
    """The latest delivery of the same dataset, sender, kind and periods."""
    row = connection.execute(sa.text(f"{_SELECT} {_LIKE} order by {_TURN} desc limit 1"), _like(new)).one_or_none()
    return _delivery(row) if row else None


_COLUMNS = """id, dataset, sender, kind, periods, path, sha256, rows_path, rows_sha256, rows, received_at, repeated_at, loaded_at,
    run_id, waiting, passed_over, taken_from, turn"""
_TURN = "coalesce(turn, id)"
_SELECT = f"select {_COLUMNS} from ops.deliveries"
_LIKE = (
    "where source = :source and dataset = :dataset and sender = :sender and kind = :kind and periods = cast(:periods as text[])"
)


def _like(new: New) -> dict[str, Any]:
    return named(new.dataset) | {"sender": new.sender, "kind": new.kind, "periods": list(new.periods)}


def _delivery(r: sa.Row[Any]) -> Delivery:
    return Delivery(
        r.id,
        r.dataset,
        r.sender,
        r.kind,
        tuple(r.periods),
        KeptFile(r.path, r.sha256),
        RawFile(r.rows_path, r.rows_sha256, r.rows),
        r.received_at,
        r.repeated_at,
        r.loaded_at,
        r.run_id,
        r.waiting,
        {int(at): why for at, why in r.passed_over.items()},
        r.taken_from,
        r.turn,
    )


def loaded_before(connection: sa.Connection, dataset: Dataset, delivery: int) -> dict[tuple[str, str], bool]:
    """The cells, period and unit, that runs had loaded from a delivery before they were cut off -> whether nothing was loaded there since.

    Loaded a second time, the delivery would replace what the main road has said of these cells since. A load that changed nothing leaves
    no arrival, only its raw file: so both are looked through.
    """
    of_pulls = connection.execute(
        sa.text("""select period, unit_code, not exists (select from ops.arrivals n where n.source = l.source
                and n.dataset = l.dataset and n.period = l.period and n.unit_code = l.unit_code and n.road <> :from_raw
                and n.loaded_at > l.laid_at) as is_newest
            from (select c.source, c.dataset, c.period, c.unit_code, max(p.pulled_at) as laid_at
                from ops.pulls p join ops.cells c on c.source = p.source and c.dataset = p.dataset and c.period = p.period
                    and (p.units is null or c.unit_code = any(p.units))
                where p.source = :source and p.dataset = :dataset and p.delivery = :delivery and p.kind <> 'look'
                group by 1, 2, 3, 4) l"""),
        named(dataset) | {"delivery": delivery, "from_raw": FROM_RAW},
    ).all()
    of_arrivals = connection.execute(
        sa.text("""select period, unit_code, max(id) = (select max(id) from ops.arrivals n where n.source = a.source
                and n.dataset = a.dataset and n.period = a.period and n.unit_code = a.unit_code and n.road <> :from_raw) as is_newest
            from ops.arrivals a where source = :source and dataset = :dataset and delivery = :delivery
            group by source, dataset, period, unit_code"""),
        named(dataset) | {"delivery": delivery, "from_raw": FROM_RAW},
    ).all()
    return {(row.period, row.unit_code): row.is_newest for row in (*of_pulls, *of_arrivals)}


def refused_with(connection: sa.Connection, dataset: Dataset, delivery: Delivery, cells: Collection[str]) -> set[tuple[str, str]]:
    """The cells that stood refused once a run had loaded a delivery. `cells`, `period|unit`: those for which its sender answers.

    In these the refusal may be older than the run: one that only repeats itself is not recorded again. A cell that waits is none of them,
    since nothing was loaded there.
    """
    if delivery.loaded_at is None:
        return set()
    rows = connection.execute(
        sa.text(f"""select period, unit_code from {newest_arrivals("period = any(:periods) and loaded_at <= :at")} a
            where outcome = 'refused' and road = :road and (period || '|' || unit_code = any(:cells)
                or :is_patch and kind = 'patch' and run_id = :run_id) and (kind = 'patch' or not :is_patch)"""),
        named(dataset)
        | {
            "periods": list(delivery.periods),
            "at": delivery.loaded_at,
            "road": Drop.name,
            "run_id": delivery.run_id,
            "cells": list(cells),
            "is_patch": delivery.kind == "patch",
        },
    )
    return {(row.period, row.unit_code) for row in rows} - {tuple(cell.split("|")) for cell in delivery.waiting}


@dataclass(frozen=True)
class Refused:
    why: str
    at: dt.datetime


def refused_of(connection: sa.Connection, dataset: Dataset, delivery: int) -> dict[tuple[str, str], Refused]:
    """The cells, period and unit, whose newest arrival from a delivery was refused: from it alone, or from all files of the cell together."""
    rows = connection.execute(
        sa.text(
            f"""select period, unit_code, reason, loaded_at from {
                newest_arrivals("(delivery = :delivery or delivery is null and road = :road and kind <> 'patch')")
            } a where outcome = 'refused'"""
        ),
        named(dataset) | {"delivery": delivery, "road": Drop.name},
    )
    return {(row.period, row.unit_code): Refused(row.reason or "", row.loaded_at) for row in rows}


def refused_last(connection: sa.Connection, dataset: Dataset, cells: Collection[str]) -> dict[tuple[str, str], Kind]:
    """Those of these cells, `period|unit`, whose newest arrival came in a file and was refused -> the kind of the file."""
    rows = connection.execute(
        sa.text(f"""select period, unit_code, kind from {newest_arrivals("period || '|' || unit_code = any(:cells)")} a
            where outcome = 'refused' and road = :road"""),
        named(dataset) | {"cells": sorted(cells), "road": Drop.name},
    )
    return {(row.period, row.unit_code): row.kind for row in rows}


def refused_until(
    connection: sa.Connection, dataset: Dataset, cells: Collection[str], instant: dt.datetime
) -> dict[tuple[str, str], int | None]:
    """Those of these cells, `period|unit`, whose newest arrival until an instant came in a file and was refused -> the file's number.

    None stands for all files of the cell together.
    """
    arrivals = newest_arrivals("period || '|' || unit_code = any(:cells) and loaded_at <= :instant")
    rows = connection.execute(
        sa.text(f"select period, unit_code, delivery from {arrivals} a where outcome = 'refused' and road = :road"),
        named(dataset) | {"cells": sorted(cells), "instant": instant, "road": Drop.name},
    )
    return {(row.period, row.unit_code): row.delivery for row in rows}


def mark_loaded(connection: sa.Connection, delivery: int, run_id: str, now: dt.datetime, waiting: Mapping[str, int]) -> None:
    """Keep that a run has loaded a delivery. `waiting`: its locked cells, `period|unit`, and how many of its rows wait in each."""
    connection.execute(
        sa.text("""update ops.deliveries set loaded_at = :now, run_id = :run_id, waiting = cast(:waiting as jsonb)
            where id = :id"""),
        {"id": delivery, "run_id": run_id, "now": now, "waiting": json.dumps(waiting)},
    )


def pass_over(connection: sa.Connection, delivery: int, rows: Mapping[int, str]) -> None:
    """Add to the rows of a delivery that were not loaded: place in the file -> why."""
    connection.execute(
        sa.text("update ops.deliveries set passed_over = passed_over || cast(:rows as jsonb) where id = :id"),
        {"id": delivery, "rows": json.dumps(rows)},
    )


def wait_no_more(connection: sa.Connection, ids: Collection[int], cells: Collection[str]) -> None:
    """Keep that these deliveries no longer wait for these cells, `period|unit`. Other deliveries go on waiting for them."""
    connection.execute(
        sa.text("""update ops.deliveries set waiting = waiting - cast(:cells as text[])
            where id = any(:ids) and waiting ?| cast(:cells as text[])"""),
        {"ids": list(ids), "cells": sorted(cells)},
    )


# A relation: how many rows of files wait in each locked cell. Of several whole files of one sender over a cell only the latest counts. Where
# files are the main road of the dataset, whole files are left out: `ops.cells.rows_waiting` counts what waits on the main road.
WAITING = f"""(
    select source, dataset, period, unit_code, sum(rows)::bigint as rows_of_files from (
        select distinct on (source, dataset, cell, sender, case kind when 'patch' then id end)
            source, dataset, split_part(cell, '|', 1) as period, split_part(cell, '|', 2) as unit_code, waits::bigint as rows
        from ops.deliveries d cross join jsonb_each_text(waiting) w (cell, waits)
        where kind = 'patch' or not exists (select from ops.datasets s
            where s.source = d.source and s.dataset = d.dataset and s.road = '{Drop.name}')
        order by source, dataset, cell, sender, case kind when 'patch' then id end, {_TURN} desc) of_each
    group by 1, 2, 3, 4)"""


def untold(connection: sa.Connection, source: Source) -> Sequence[int]:
    """The deliveries whose sender has not been told yet what became of them."""
    query = "select id from ops.deliveries where source = :source and told_at is null order by id"
    return connection.execute(sa.text(query), {"source": source.name}).scalars().all()


def tell_again(connection: sa.Connection, ids: Collection[int]) -> None:
    """Keep that the senders of these deliveries have to be told anew what became of them."""
    connection.execute(sa.text("update ops.deliveries set told_at = null where id = any(:ids)"), {"ids": sorted(ids)})


def mark_told(connection: sa.Connection, delivery: int, now: dt.datetime) -> None:
    connection.execute(sa.text("update ops.deliveries set told_at = :now where id = :id"), {"id": delivery, "now": now})
