"""The cells of a dataset: what is held of each, how each stood when last read, what arrived. The one place that writes them.

`DatasetCells` is one dataset in one run: what stood, what came, what was decided, and how it stands now. What follows for
status and maturity is derived in ledger.py; what the orchestrator has still to be told is in events.py.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import sqlalchemy as sa

from resources.raw_store import RawFile
from resources.warehouse import ledger
from resources.warehouse.statistics import take_statistics
from schemas import calendar
from schemas.dataset import UNKNOWN_UNIT, Dataset

Kind = Literal["whole", "patch", "changes"]  # of an arrival: it replaces its cell; replaces and adds by key; is what changed
FROM_RAW = "raw"  # the road of rows that were judged again


@dataclass(frozen=True)
class Arrival:
    """One load of one cell, as it is recorded."""

    unit: str
    received_at: dt.datetime
    content_hash: str
    rows_pulled: int
    rows_accepted: int
    rows_rejected: int
    outcome: str  # accepted, refused, empty_declared
    reason: str | None = None
    has_mark: bool = False
    marked_rows: int | None = None
    content_sum: int = 0
    key_sum: int | None = None


@dataclass(frozen=True)
class CellState:
    """What is known of a cell before a load."""

    unit: str
    status: str
    last_outcome: str | None
    rows_received: int
    rows_accepted: int
    ever_accepted: bool
    last_content: str | None
    content_sum: int  # of what is held, hashed
    key_sum: int | None  # of the source's keys of what is held; None: not known


@dataclass(frozen=True)
class Reading:
    """How a cell stood when it was last read by a road, what judged its rows, and up to where changes are in what is held."""

    stands: str | None
    judged_by: str | None
    bookmark: str | None
    holds_rows: bool
    has_waiting: bool  # of what it stood like, not all was loaded


@dataclass(frozen=True)
class Seen:
    """What a run saw of a period.

    `stands`: of the units that it read or judged, how they stand; `bookmark`: of a look at all units of the period; `behind`:
    units whose changes are not loaded yet, which must be found again if this run ends before they are; `judged_again`: units
    that were judged from raw without asking how they stand.
    """

    judged_by: str | None = None
    bookmark: str | None = None
    stands: Mapping[str, str] = field(default_factory=dict)
    behind: Collection[str] = ()
    judged_again: Collection[str] = ()


@dataclass(frozen=True)
class Chain:
    """The raw files that make up some cells: their last whole pull and the increments after it, and the patches since."""

    units: frozenset[str]
    files: tuple[RawFile, ...]
    patches: tuple[RawFile, ...]
    last_pull: int
    pulled_at: dt.datetime


class DatasetCells:
    """The cells of a dataset in one run. What it writes goes into the transaction of the connection that it is given."""

    def __init__(self, engine: sa.Engine, dataset: Dataset, run_id: str, road: str) -> None:
        self.dataset, self.run_id, self.road = dataset, run_id, road
        self._engine = engine
        self._where = {"source": dataset.source.name, "dataset": dataset.name}

    def begin(self, now: dt.datetime) -> bool:
        """Bring the expected cells up to date; whether this is the first pull, which loads every period."""
        with self._engine.begin() as connection:
            ledger.refresh(connection, now, [self.dataset])
            return ledger.is_first_pull(connection, self.dataset)

    def end(
        self,
        now: dt.datetime,
        quiet: Collection[str],
        bookmark: str | None,
        *,
        all_was_read: bool,
        some_came: bool,
        was_loaded: bool,
        before_first: int,
    ) -> None:
        """Keep that the cells of quiet periods stand as before, and bring the status of all up to what came.

        `all_was_read`: every period was; `some_came`: some cell has another status; `was_loaded`: so much that the planner's
        statistics are out of date; `before_first`: rows that no period has.
        """
        with self._engine.begin() as connection:
            self._checked(connection, quiet, now, Seen(bookmark=bookmark))
            if was_loaded:
                take_statistics(connection, self.dataset)
            if all_was_read:
                ledger.dataset_pulled(connection, self.dataset, now, None)
            ledger.keep_before_first(connection, self.dataset, before_first)
            if some_came:
                ledger.refresh(connection, now, [self.dataset])

    def refresh(self, now: dt.datetime) -> None:
        """Bring the status of all cells up to what came."""
        with self._engine.begin() as connection:
            ledger.refresh(connection, now, [self.dataset])

    # What stood ---------------------------------------------------------------------------------------------------------

    def readings(self) -> dict[str, dict[str, Reading]]:
        """Period -> unit -> how its cell stood when it was last read by this road."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                sa.text("""select c.period, c.unit_code, r.stands, r.judged_by, r.bookmark, c.rows_received > 0 as holds_rows,
                        c.rows_waiting > 0 as has_waiting
                    from ops.cells c left join ops.readings r on r.source = c.source and r.dataset = c.dataset
                        and r.period = c.period and r.unit_code = c.unit_code and r.road = :road
                    where c.source = :source and c.dataset = :dataset"""),
                self._where | {"road": self.road},
            ).all()
        found: dict[str, dict[str, Reading]] = {}
        for r in rows:
            reading = Reading(r.stands, r.judged_by, r.bookmark, r.holds_rows, r.has_waiting)
            found.setdefault(r.period, {})[r.unit_code] = reading
        return found

    def states(self, period: str, connection: sa.Connection | None = None) -> dict[str, CellState]:
        """Unit -> what is known of its cell."""
        if connection is None:
            with self._engine.connect() as opened:
                return self.states(period, opened)
        rows = connection.execute(
            sa.text("""
                select c.unit_code, c.status, c.last_outcome, c.rows_received, c.rows_accepted,
                    c.first_received_at is not null as ever, c.content_sum, c.key_sum,
                    (select a.content_hash from ops.arrivals a where a.source = c.source and a.dataset = c.dataset
                        and a.period = c.period and a.unit_code = c.unit_code order by a.id desc limit 1) as content
                from ops.cells c where c.source = :source and c.dataset = :dataset and c.period = :period
            """),
            self._where | {"period": period},
        )
        return {
            r.unit_code: CellState(
                r.unit_code,
                r.status,
                r.last_outcome,
                r.rows_received,
                r.rows_accepted,
                r.ever,
                r.content,
                int(r.content_sum or 0),
                None if r.key_sum is None else int(r.key_sum),
            )
            for r in rows
        }

    def states_before(self, period: str, connection: sa.Connection) -> dict[str, CellState]:
        """For a list that comes anew each month, the unit's month before: its first arrival is measured against it."""
        dataset = self.dataset
        if dataset.kind != "monthly" or period == dataset.first_period or dataset.placed_by not in dataset.key:
            return {}
        states = self.states(calendar.previous(period), connection)
        return {unit: state for unit, state in states.items() if state.ever_accepted}

    def files_of_all(self, connection: sa.Connection, period: str) -> list[RawFile] | None:
        """The raw files that hold every row that may be held of a period; None where no pull of all its cells is known."""
        rows = connection.execute(
            sa.text("""
                with mine as (select * from ops.pulls where source = :source and dataset = :dataset and period = :period
                    and kind in ('whole', 'delta'))
                select path, sha256, rows from mine where id >= (select max(id) from mine where kind = 'whole' and units is null)
                order by id"""),
            self._where | {"period": period},
        )
        return [RawFile(r.path, r.sha256, r.rows) for r in rows] or None

    def chains(self, period: str, units: Collection[str]) -> list[Chain]:
        """The raw files of these units of a period; units of which nothing was ever pulled are in no chain."""
        with self._engine.connect() as connection:
            pulls = connection.execute(
                sa.text("""
                    with mine as (
                        select u.unit, p.id, p.kind from unnest(cast(:wanted as text[])) as u (unit) join ops.pulls p
                            on p.source = :source and p.dataset = :dataset and p.period = :period and p.kind <> 'look'
                                and (p.units is null or u.unit = any(p.units))
                    ), chained as (
                        select unit, array_agg(id order by id) as pulls from mine m where id >= coalesce(
                            (select max(id) from mine w where w.unit = m.unit and w.kind = 'whole'), 0) group by 1
                    )
                    select array_agg(unit) as units, pulls from chained group by pulls order by pulls"""),
                self._where | {"period": period, "wanted": sorted(units)},
            ).all()
            found = []
            for row in pulls:
                files = connection.execute(
                    sa.text("select kind, path, sha256, rows, pulled_at from ops.pulls where id = any(:ids) order by id"),
                    {"ids": row.pulls},
                ).all()
                main, patches = (
                    tuple(RawFile(f.path, f.sha256, f.rows) for f in files if (f.kind == "patch") is is_patch)
                    for is_patch in (False, True)
                )
                found.append(Chain(frozenset(row.units), main, patches, row.pulls[-1], files[-1].pulled_at))
        return found

    # What came ----------------------------------------------------------------------------------------------------------

    def pulled(
        self, connection: sa.Connection, period: str, file: RawFile, kind: str, units: list[str] | None, now: dt.datetime
    ) -> int:
        """Keep a pull and its raw file; its number. `kind`: whole, delta, patch, look; `units` None: of all."""
        return connection.execute(
            sa.text("""insert into ops.pulls (run_id, source, dataset, period, kind, units, path, sha256, rows, pulled_at)
                values (:run_id, :source, :dataset, :period, :kind, :units, :path, :sha256, :rows, :now) returning id"""),
            self._where
            | {
                "run_id": self.run_id,
                "period": period,
                "kind": kind,
                "units": units,
                "path": file.path,
                "sha256": file.sha256,
                "rows": file.rows,
                "now": now,
            },
        ).scalar_one()

    # What was decided ---------------------------------------------------------------------------------------------------

    def settle(
        self,
        connection: sa.Connection,
        period: str,
        now: dt.datetime,
        arrivals: Sequence[Arrival],
        same: Mapping[str, int | None],
        seen: Seen,
        *,
        kind: Kind,
        road: str,
        pull_id: int | None,
    ) -> None:
        """Keep what became of the cells of a period: their arrivals, what follows for each, and how they stand now.

        `same`: cells whose content stayed, with the sum of their keys, which the source may have come to spell otherwise.
        """
        if seen.judged_again:
            self._judged_again(connection, period, seen)
        for arrival in arrivals:
            values = self._arrived(arrival) | {"period": period, "now": now, "kind": kind, "road": road, "pull_id": pull_id}
            connection.execute(sa.text(_ARRIVED), values)
            connection.execute(sa.text(_HELD), values)
        if kind != "patch" and road != FROM_RAW:
            self._distrust_other_roads(connection, period, [a.unit for a in arrivals if a.outcome == "accepted"])
        self._keep_key_sums(connection, period, same)
        self._checked(connection, [period], now, seen)

    def wait(self, connection: sa.Connection, period: str, now: dt.datetime, waiting: Mapping[str, int], seen: Seen) -> None:
        """Keep how many rows of locked cells differ from what is held: they are loaded only by hand."""
        connection.execute(
            sa.text("""update ops.cells c set rows_waiting = w.rows
                from unnest(cast(:units as text[]), cast(:rows as bigint[])) as w (unit, rows)
                where source = :source and dataset = :dataset and period = :period and unit_code = w.unit
                    and rows_waiting is distinct from w.rows"""),
            self._where | {"period": period, "units": list(waiting), "rows": list(waiting.values())},
        )
        self._checked(connection, [period], now, seen)

    def _arrived(self, arrival: Arrival) -> dict[str, object]:
        return self._where | {
            "run_id": self.run_id,
            "unknown": UNKNOWN_UNIT,
            "unit": arrival.unit,
            "received_at": arrival.received_at,
            "content": arrival.content_hash,
            "pulled": arrival.rows_pulled,
            "received": arrival.rows_accepted + arrival.rows_rejected,
            "accepted": arrival.rows_accepted,
            "rejected": arrival.rows_rejected,
            "outcome": arrival.outcome,
            "reason": arrival.reason,
            "has_mark": arrival.has_mark,
            "marked": arrival.marked_rows,
            "good": arrival.outcome != "refused",
            "content_sum": arrival.content_sum,
            "key_sum": arrival.key_sum,
        }

    def _keep_key_sums(self, connection: sa.Connection, period: str, sums: Mapping[str, int | None]) -> None:
        connection.execute(
            sa.text("""
                update ops.cells c set key_sum = s.total
                from unnest(cast(:units as text[]), cast(:totals as numeric[])) as s (unit, total)
                where source = :source and dataset = :dataset and period = :period and unit_code = s.unit
                    and key_sum is distinct from s.total"""),
            self._where | {"period": period, "units": list(sums), "totals": list(sums.values())},
        )

    # How it stands now --------------------------------------------------------------------------------------------------

    def _judged_again(self, connection: sa.Connection, period: str, seen: Seen) -> None:
        """Where rows wait, raw is not what the source last had: such a cell is read again."""
        connection.execute(
            sa.text("""update ops.readings r set judged_by = :judged_by, stands = case when c.rows_waiting = 0 then r.stands end
                from ops.cells c where r.source = :source and r.dataset = :dataset and r.period = :period
                    and r.unit_code = any(:units) and c.source = r.source and c.dataset = r.dataset and c.period = r.period
                    and c.unit_code = r.unit_code"""),
            self._where | {"period": period, "units": list(seen.judged_again), "judged_by": seen.judged_by},
        )

    def _distrust_other_roads(self, connection: sa.Connection, period: str, units: Sequence[str]) -> None:
        """What another road last read is no longer what is held; that it had nothing is no reason to look again."""
        connection.execute(
            sa.text("""update ops.readings set stands = null, bookmark = null where source = :source and dataset = :dataset
                and period = :period and unit_code = any(:units) and road <> :road and right(stands, 1) <> '-'"""),
            self._where | {"period": period, "units": list(units), "road": self.road},
        )

    def _checked(self, connection: sa.Connection, periods: Collection[str], now: dt.datetime, seen: Seen) -> None:
        """Keep when the cells of some periods were looked at, and how those stand that were read or judged."""
        where = self._where | {"periods": list(periods), "road": self.road}
        if UNKNOWN_UNIT in seen.stands:
            # Rows that the source codes wrongly may all be placed once read: without a cell they would be new each night.
            connection.execute(
                sa.text("""insert into ops.cells (source, dataset, period, unit_code, status, expected)
                    select :source, :dataset, unnest(cast(:periods as text[])), :unknown, 'initial', false
                    on conflict (source, dataset, period, unit_code) do nothing"""),
                where | {"unknown": UNKNOWN_UNIT},
            )
        connection.execute(
            sa.text("""update ops.cells set checked_at = :now
                where source = :source and dataset = :dataset and period = any(:periods)"""),
            where | {"now": now},
        )
        connection.execute(
            sa.text(_STANDS),
            where
            | {
                "units": list(seen.stands),
                "stands": list(seen.stands.values()),
                "judged_by": seen.judged_by,
                "bookmark": seen.bookmark,
                "behind": list(seen.behind),
            },
        )


_ARRIVED = """
    insert into ops.arrivals (run_id, source, dataset, period, unit_code, road, kind, received_at, loaded_at, content_hash,
        rows_pulled, rows_received, rows_accepted, rows_rejected, outcome, reason, pull_id)
    values (:run_id, :source, :dataset, :period, :unit, :road, :kind, :received_at, :now, :content, :pulled, :received, :accepted,
        :rejected, :outcome, :reason, :pull_id)"""

# A refused arrival leaves the cell its last good version and counts.
_HELD = """
    insert into ops.cells as c (source, dataset, period, unit_code, status, expected, last_outcome, first_received_at,
        last_received_at, rows_received, rows_accepted, rows_rejected, has_mark, marked_rows, changed_at, checked_at, content_sum,
        key_sum)
    values (:source, :dataset, :period, :unit, 'not_due', :unit <> :unknown, :outcome,
        case when :good then cast(:received_at as timestamptz) end, case when :good then cast(:received_at as timestamptz) end,
        :received, :accepted, :rejected, :has_mark, :marked, :now, :now, :content_sum, :key_sum)
    on conflict (source, dataset, period, unit_code) do update set
        last_outcome = excluded.last_outcome, checked_at = excluded.checked_at,
        content_sum = case when :good then excluded.content_sum else c.content_sum end,
        key_sum = case when :good then excluded.key_sum else c.key_sum end, marked_rows = excluded.marked_rows,
        changed_at = case when :good then excluded.changed_at else c.changed_at end,
        has_mark = case when :good and c.first_received_at is null then excluded.has_mark else c.has_mark end,
        first_received_at = coalesce(c.first_received_at, excluded.first_received_at),
        last_received_at = coalesce(excluded.last_received_at, c.last_received_at),
        rows_received = case when :good or c.first_received_at is null then excluded.rows_received else c.rows_received end,
        rows_accepted = case when :good or c.first_received_at is null then excluded.rows_accepted else c.rows_accepted end,
        rows_rejected = case when :good or c.first_received_at is null then excluded.rows_rejected else c.rows_rejected end,
        rows_waiting = case when :good then 0 else c.rows_waiting end"""

# What is held of a refused cell, or of one with rows waiting, cannot be told by what changed at the source alone; and without
# the sum of its keys no increment to it could be proved: these have no bookmark.
_STANDS = """
    with looked_at as (
        select c.*, s.stands,
            c.last_outcome = 'refused' or c.rows_waiting > 0 or c.rows_received > 0 and c.key_sum is null as unproved
        from ops.cells c left join unnest(cast(:units as text[]), cast(:stands as text[])) as s (unit, stands)
            on s.unit = c.unit_code
        where c.source = :source and c.dataset = :dataset and c.period = any(:periods)
    ), changed as (
        update ops.readings r set stands = coalesce(l.stands, r.stands),
            judged_by = case when l.stands is null then r.judged_by else :judged_by end,
            bookmark = case when unproved is true then null
                when l.unit_code = any(:behind) then r.bookmark else coalesce(:bookmark, r.bookmark) end
        from looked_at l where r.source = l.source and r.dataset = l.dataset and r.period = l.period
            and r.unit_code = l.unit_code and r.road = :road
    )
    insert into ops.readings (source, dataset, period, unit_code, road, stands, judged_by, bookmark)
    select source, dataset, period, unit_code, :road, stands, case when stands is not null then :judged_by end,
        case when unproved is not true and unit_code <> all(:behind) then :bookmark end
    from looked_at l where (stands is not null or :bookmark is not null) and not exists (select from ops.readings r where r.source = l.source and r.dataset = l.dataset
        and r.period = l.period and r.unit_code = l.unit_code and r.road = :road)"""
