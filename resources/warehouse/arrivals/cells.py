"""The cells of a dataset: `ops.cells` (what is held of each) and `ops.arrivals` (what came). Only this module writes arrivals.

`DatasetCells` is one dataset in one run: what stood, what was decided, and how it stands now. Raw files are kept in pulls.py, and how a
road found the cells in readings.py. Status and maturity follow from the arrivals: ledger.py derives them. What the orchestrator has still
to be told is in events.py.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from resources.warehouse.arrivals import dataset_pulls, ledger, readings
from resources.warehouse.arrivals.readings import Seen
from resources.warehouse.naming import named
from resources.warehouse.statistics import take_statistics
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
    came_beside: bool = False  # what is held came in a file beside the main road


class DatasetCells:
    """The cells of a dataset in one run. What it writes goes into the transaction of the connection that it is given."""

    def __init__(self, engine: sa.Engine, dataset: Dataset, run_id: str, road: str, delivery: int | None = None) -> None:
        """`delivery`: the file beside the main road from which the rows come."""
        self.dataset, self.run_id, self.road, self.delivery = dataset, run_id, road, delivery
        self._engine = engine
        self._where = named(dataset)

    def begin(self, now: dt.datetime) -> bool:
        """Bring the expected cells up to date; whether this is the first pull, which loads every period."""
        with self._engine.begin() as connection:
            ledger.refresh(connection, now, [self.dataset])
            return dataset_pulls.is_first_pull(connection, self.dataset)

    def end(
        self,
        now: dt.datetime,
        quiet: Collection[str],
        bookmark: str | None,
        *,
        all_was_read: bool,
        some_came: bool,
        was_loaded: bool,
        before_first: int | None,
    ) -> None:
        """End a run: the cells of quiet periods stand as before, and the status of all follows what came.

        `all_was_read`: every period was read; `some_came`: the status of some cell may differ now; `was_loaded`: so much was loaded that
        the planner's statistics are out of date; `before_first`: rows dated before the first period (None: the main road was not asked).
        """
        with self._engine.begin() as connection:
            self._checked(connection, quiet, now, Seen(bookmark=bookmark))
            if was_loaded:
                take_statistics(connection, self.dataset)
            if all_was_read:
                dataset_pulls.dataset_pulled(connection, self.dataset, now, None)
            if before_first is not None:
                dataset_pulls.keep_read(connection, self.dataset, self.road, before_first)
            if some_came:
                ledger.refresh(connection, now, [self.dataset])

    def refresh(self, now: dt.datetime) -> None:
        """Bring the status of all cells up to what came."""
        with self._engine.begin() as connection:
            ledger.refresh(connection, now, [self.dataset])

    # What stood ---------------------------------------------------------------------------------------------------------

    def states(self, period: str, connection: sa.Connection | None = None) -> dict[str, CellState]:
        """Unit -> what is known of its cell.

        The content is hashed from what the cell holds, as CellCount does, not taken from its last arrival: after a person's erasure the
        cell holds less than what came.
        """
        if connection is None:
            with self._engine.connect() as opened:
                return self.states(period, opened)
        rows = connection.execute(
            sa.text("""
                select c.unit_code, c.status, c.last_outcome, c.rows_received, c.rows_accepted,
                    c.first_received_at is not null as ever, c.content_sum, c.key_sum, c.came_beside,
                    case when c.last_outcome = 'accepted' and c.content_sum is not null
                        then md5(concat_ws('|', c.rows_accepted, c.rows_rejected, c.content_sum))
                        else (select a.content_hash from ops.arrivals a where a.source = c.source and a.dataset = c.dataset
                            and a.period = c.period and a.unit_code = c.unit_code order by a.id desc limit 1) end as content
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
                r.came_beside,
            )
            for r in rows
        }

    def states_before(self, period: str, connection: sa.Connection) -> dict[str, CellState]:
        """Unit -> its cell of the month before, for a payment list: the first arrival of a month is measured against that.

        Where nothing came of that month, or nothing good, it is the newest cell that holds something: after a month that was missed one
        stray row would otherwise be taken for a whole list.
        """
        if not self.dataset.is_payment_list or period == self.dataset.first_period:
            return {}
        newest = connection.execute(
            sa.text("""select distinct on (unit_code) period, unit_code from ops.cells
                where source = :source and dataset = :dataset and period < :period and first_received_at is not null
                    and (rows_accepted > 0 or rows_received = 0) order by unit_code, period desc"""),
            self._where | {"period": period},
        )
        of_months: dict[str, set[str]] = {}
        for row in newest:
            of_months.setdefault(row.period, set()).add(row.unit_code)
        return {
            unit: state
            for month, held in of_months.items()
            for unit, state in self.states(month, connection).items()
            if unit in held
        }

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
        is_beside: bool = False,
    ) -> None:
        """Keep what became of the cells of a period: their arrivals, what follows for each, and how they stand now.

        `same`: cells whose content stayed, with the sum of their keys (the source may spell its keys differently now). `is_beside`: they
        came in a file beside the main road of the dataset.
        """
        if seen.judged_again:
            readings.judged_again(connection, self.dataset, period, seen)
        of_pull = {"period": period, "now": now, "kind": kind, "road": road, "pull_id": pull_id}
        if values := [self._arrived(arrival) | of_pull for arrival in arrivals]:
            connection.execute(sa.text(_ARRIVED), values)
            connection.execute(sa.text(_HELD), values)
        accepted = [a.unit for a in arrivals if a.outcome == "accepted"]
        if kind != "patch" and road != FROM_RAW:
            readings.distrust_other_roads(connection, self.dataset, self.road, period, accepted, is_beside=is_beside)
        is_of_main_road = not is_beside and kind != "patch" and road != FROM_RAW
        if is_beside or is_of_main_road:
            self._came(connection, period, [*accepted, *same], is_beside=is_beside)
        if is_of_main_road:
            self._waits_no_more(connection, period, [*(a.unit for a in arrivals if a.outcome != "refused"), *same])
        self._keep_key_sums(connection, period, same)
        self._checked(connection, [period], now, seen)

    def wait(self, connection: sa.Connection, period: str, now: dt.datetime, waiting: Mapping[str, int], seen: Seen) -> None:
        """Keep how many rows of locked cells differ on the main road from what is held: they are loaded only by hand.

        What waits in files beside that road is kept with each file: deliveries.py.
        """
        if UNKNOWN_UNIT in waiting:
            self._begin_unplaced(connection, [period])
        connection.execute(
            sa.text("""update ops.cells c set rows_waiting = w.rows
                from unnest(cast(:units as text[]), cast(:rows as bigint[])) as w (unit, rows)
                where source = :source and dataset = :dataset and period = :period and unit_code = w.unit
                    and rows_waiting is distinct from w.rows"""),
            self._where | {"period": period, "units": list(waiting), "rows": list(waiting.values())},
        )
        self._checked(connection, [period], now, seen)

    def _waits_no_more(self, connection: sa.Connection, period: str, units: Sequence[str]) -> None:
        """Keep that nothing of the main road waits in these cells."""
        connection.execute(
            sa.text("""update ops.cells set rows_waiting = 0 where source = :source and dataset = :dataset
                and period = :period and unit_code = any(:units) and rows_waiting <> 0"""),
            self._where | {"period": period, "units": list(units)},
        )

    def _arrived(self, arrival: Arrival) -> dict[str, object]:
        return self._where | {
            "run_id": self.run_id,
            "delivery": self.delivery,
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

    def _came(self, connection: sa.Connection, period: str, units: Sequence[str], *, is_beside: bool) -> None:
        """Keep on which road the content of these cells came: beside the main road, or by it."""
        connection.execute(
            sa.text("""update ops.cells set came_beside = :beside where source = :source and dataset = :dataset
                and period = :period and unit_code = any(:units) and came_beside <> :beside"""),
            self._where | {"period": period, "units": list(units), "beside": is_beside},
        )

    def _keep_key_sums(self, connection: sa.Connection, period: str, sums: Mapping[str, int | None]) -> None:
        connection.execute(
            sa.text("""
                update ops.cells c set key_sum = s.total
                from unnest(cast(:units as text[]), cast(:totals as numeric[])) as s (unit, total)
                where source = :source and dataset = :dataset and period = :period and unit_code = s.unit
                    and key_sum is distinct from s.total"""),
            self._where | {"period": period, "units": list(sums), "totals": list(sums.values())},
        )

    def _begin_unplaced(self, connection: sa.Connection, periods: Collection[str]) -> None:
        """Make the cell of rows for which no unit answers. Nobody owes it."""
        connection.execute(
            sa.text("""insert into ops.cells (source, dataset, period, unit_code, status, expected)
                select :source, :dataset, unnest(cast(:periods as text[])), :unknown, 'initial', false
                on conflict (source, dataset, period, unit_code) do nothing"""),
            self._where | {"periods": list(periods), "unknown": UNKNOWN_UNIT},
        )

    # How it stands now --------------------------------------------------------------------------------------------------

    def _checked(self, connection: sa.Connection, periods: Collection[str], now: dt.datetime, seen: Seen) -> None:
        """Keep when the cells of these periods were looked at, and how the ones stand that were read or judged."""
        where = self._where | {"periods": list(periods)}
        if UNKNOWN_UNIT in seen.stands:
            # Rows with wrong codes may all be placed once they are read. Without a cell of their own they would look new each night.
            self._begin_unplaced(connection, periods)
        connection.execute(
            sa.text("""update ops.cells set checked_at = :now
                where source = :source and dataset = :dataset and period = any(:periods)"""),
            where | {"now": now},
        )
        readings.keep(connection, self.dataset, self.road, periods, seen)


_ARRIVED = """
    insert into ops.arrivals (run_id, source, dataset, period, unit_code, road, kind, received_at, loaded_at, content_hash,
        rows_pulled, rows_received, rows_accepted, rows_rejected, outcome, reason, pull_id, delivery)
    values (:run_id, :source, :dataset, :period, :unit, :road, :kind, :received_at, :now, :content, :pulled, :received, :accepted,
        :rejected, :outcome, :reason, :pull_id, :delivery)"""

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
        rows_rejected = case when :good or c.first_received_at is null then excluded.rows_rejected else c.rows_rejected end"""
