"""An increment loads what changed of a period since it was last read. It is merged only when it is proved to be all that changed.

A connector gives the rows that are new or stand otherwise, and the keys of all rows that are there now. A row of the history or
of the open quarantine whose key is not among them is gone. The proof: rows held before, plus those that came, less those that
leave, have the count and the sum of keys that the source has. Rows that share a key, or have none, can be judged only beside
the whole cell; the units of such rows are left to a full load. Rule and proof: docs/method/increments.md.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Self

import adbc_driver_manager
import numpy as np
import pyarrow as pa

from resources.connectors.connector import KEY, Changes, keyed
from resources.failures import RawDamaged, RawMissing
from resources.servers import arrow
from resources.servers.connecting import CONNECTION, libpq_uri
from resources.streaming.packed import PACKED, few_not_among, not_among, unpacked_from
from resources.warehouse.arrivals.cells import CellState
from resources.warehouse.failures import WarehouseLost, failure_of
from resources.warehouse.loading.laying import OPEN
from resources.warehouse.loading.partial import COMES_OR_GOES, LEAVING, LEAVING_REJECTED, PAIRED, PartialLoad
from resources.warehouse.quarantine.answers import STANDS
from schemas.projections.postgres import ACCEPTED, REJECTED, literal, rejected_content, same_key

log = logging.getLogger("ansinh.increment")

Sums = tuple[int, int]  # rows, and the sum of their keys at the source, hashed there
NOTHING: Sums = (0, 0)
Keys = tuple[np.ndarray, np.ndarray]  # of a whole pull, and of what was told since, which repeats many of them


class _TooMuchChanged(Exception):
    """More came than an increment is made for: the whole is read instead."""


class Increment(PartialLoad):
    """One increment of one period: `take` first, then what a load does, of the units that it can speak of."""

    def __enter__(self) -> Self:
        super().__enter__()
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keys")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._beside.shutdown(wait=True)
        finally:
            super().__exit__(kind, error, trace)

    def take(
        self,
        changes: Changes,
        road: str,
        take: Callable[[Iterator[pa.RecordBatch]], None],
        states: Mapping[str, CellState],
        of_all: Callable[[], Keys] | None,
    ) -> set[str] | None:
        """Stage what changed, and prove that it is all of it. Returns the units that need a whole load (None: all do).

        `road`: the road by which the changes come; `take` stages the batches that it is given; `states`: what the cells of the period hold; `of_all`
        gives the keys of all that was received of the period and may still be held, where that is known. Raises KeyMissing.
        """
        self._states = states
        # Read from the raw files, they take a tenth of the time. Some are gone since earlier: nothing is found where they stood.
        held = partial(self._received_keys, of_all) if of_all else self._held_keys
        found = self._beside.submit(held)
        self._present = changes.keys()
        self._gone = self._beside.submit(self._not_present, found)
        self._there = self._beside.submit(_total, self._present)
        came = changes.changed_keys
        is_told = came is not None and len(came) <= self._tuning.changes_at_most
        try:
            if is_told:  # what they replace is looked for while the rows are pulled
                self._behind.do(partial(self._find_leaving, came))
            take(self._seen(keyed(changes.rows(), self.dataset, self.period, road), is_told))
            return self._proved()
        except _TooMuchChanged:
            return None

    def _seen(self, batches: Iterable[pa.RecordBatch], is_told: bool) -> Iterator[pa.RecordBatch]:
        """The batches of what has changed, as they pass. What leaves is looked for after the last, if it is not already."""
        came = [np.empty(0, np.int64)]
        for batch in batches:
            came.append(batch.column(KEY).to_numpy())
            if sum(map(len, came)) > self._tuning.changes_at_most:
                raise _TooMuchChanged
            yield batch
        if not is_told:
            self._behind.do(partial(self._find_leaving, np.concatenate(came)))

    def _proved(self) -> set[str] | None:
        """The units that need a whole load; None where what would be held is not what the source has."""
        self.wait()
        self._pair()
        self._find_leaving_rejected()
        uncertain: set[str] = set()
        if (surplus := self._surplus()) != NOTHING:
            of_doubled, uncertain = self._doubled()
            if surplus != of_doubled:
                return None
        return uncertain | self._sharing_a_key() | self._answered()

    def gone(self) -> list[int]:
        """The source keys of what left and did not come again."""
        return list(
            self._run(f"""select held_key from {PAIRED} where held_key is distinct from source_key and current is not null
                union select source_key from {LEAVING_REJECTED}
                except (select source_key from {ACCEPTED} union all select source_key from {REJECTED}) order by 1""").scalars()
        )

    def _find_leaving(self, came: np.ndarray) -> None:
        """Find the current rows that leave: those that are replaced, since their key came again, and those that the source no longer has.

        A row whose key is spelled differently now is among the latter.
        """
        self._run(f"create temp table leaving on commit drop as {self._standing_under}", period=self.period, keys=_literal(came))
        gone = self._gone.result()  # by now: they are looked for meanwhile
        if len(came) + len(gone) > self._tuning.changes_at_most:
            raise _TooMuchChanged
        self._run(f"insert into {LEAVING} {self._standing_under}", period=self.period, keys=_literal(gone))
        self._run(f"analyze {LEAVING} (unit_code, row_key, source_key, place)")

    @property
    def _standing_under(self) -> str:
        # The keys as one literal: they are sorted then, and looked up one after the other.
        return f"""select {self._placed_row} from {self.history} h
            where recorded_to is null and period = :period and source_key = any(cast(:keys as bigint[]))"""

    def _find_leaving_rejected(self) -> None:
        """Find what leaves the open quarantine, where a row may also stand under the key that it has with us.

        It is not looked for under the key of a current row: a rejected row that shares its key with one has another name there.
        """
        self._run(
            f"""create temp table leaving_rejected on commit drop as
            select q.id, q.unit_code, q.row_key, {rejected_content("q")} as content, q.source_key
            from quarantine.rows q where q.id in (
                select q.id from quarantine.rows q where {OPEN} and (source_key = any(cast(:gone as bigint[])) or source_key in
                    (select source_key from {PAIRED} where staged is not null union all select source_key from {REJECTED}))
                union all select q.id from quarantine.rows q join (select unit_code, row_key from {PAIRED} where current is null
                    union all select unit_code, row_key from {REJECTED}) s using (unit_code, row_key) where {OPEN})""",
            gone=_literal(self._gone.result()),
            **self._where,
        )

    def _surplus(self) -> Sums:
        """Rows, and the sum of their keys, that would be held beyond what the source has."""
        came, left = (
            self._run(
                f"""select count(*), coalesce(sum(source_key), 0) from (select source_key from {one}
                    union all select source_key from {other}) k"""
            ).one()
            for one, other in ((ACCEPTED, REJECTED), (LEAVING, LEAVING_REJECTED))
        )
        held = [(s.rows_received, s.key_sum or 0) for s in self._states.values()]
        count, there = self._there.result()
        return _sum([*held, (came[0], int(came[1])), (-left[0], -int(left[1])), (-count, -there)])

    def _not_present(self, held: Future[Keys]) -> np.ndarray:
        """The keys held that the source no longer has."""
        whole, since = held.result()
        return np.concatenate([not_among(whole, self._present), few_not_among(since, self._present)])

    def _received_keys(self, of_all: Callable[[], Keys]) -> Keys:
        """The keys of all that was received. A lost file stops no night: the history has them too."""
        try:
            return of_all()
        except (RawMissing, RawDamaged) as failure:
            log.warning("%s", failure)
            return self._held_keys()

    def _held_keys(self) -> Keys:
        """The keys of what is held, quarantined rows too. Read beside this transaction."""
        inside = f"period = {literal(self.period)}"
        query = (
            f"select {PACKED.format('source_key')} from ("
            f"select source_key from {self.history} where recorded_to is null and {inside} "
            f"union all select source_key from quarantine.rows where resolved_at is null and {inside} "
            f"and source = {literal(self.dataset.source.name)} and dataset = {literal(self.dataset.name)}) k"
        )
        try:
            with arrow.connect(libpq_uri(self._warehouse.url, CONNECTION)) as connection, connection.cursor() as cursor:
                cursor.execute("set jit = off")
                cursor.execute(query)
                return unpacked_from(cursor), np.empty(0, np.int64)
        except adbc_driver_manager.Error as error:  # else it would be taken for the source's
            raise failure_of(error) or WarehouseLost(kind=type(error).__name__) from None

    def _doubled(self) -> tuple[Sums, set[str]]:
        """What is held beyond the source's of keys that it does have, and the units of such rows."""
        self._run("create temp table present (source_key bigint) on commit drop")
        self._copy("pg_temp.present", pa.table({"source_key": self._present}))
        self._run("analyze pg_temp.present")
        rows = self._run(
            f"""
            select array_agg(distinct unit_code) as units, count(*) - p.n as surplus, source_key from (
                select h.unit_code, h.source_key from {self.history} h
                where h.recorded_to is null and h.period = :period
                    and not exists (select from {LEAVING} l where l.place = h.ctid)
                union all select q.unit_code, q.source_key from quarantine.rows q where {OPEN}
                    and not exists (select from {LEAVING_REJECTED} l where l.id = q.id)
                union all select unit_code, source_key from {ACCEPTED}
                union all select unit_code, source_key from {REJECTED}) h
            join (select source_key, count(*) as n from pg_temp.present group by 1) p using (source_key)
            group by source_key, p.n having count(*) > p.n""",
            **self._where,
        ).all()
        surplus = _sum([(row.surplus, row.surplus * row.source_key) for row in rows])
        return surplus, {unit for row in rows for unit in row.units}

    def _answered(self) -> set[str]:
        """Units where something comes or goes that a patch answered: which of the two stands is judged beside the whole cell."""
        rows = self._run(
            f"""select unnest(array[unit_code, held_unit]) from quarantine.answers a where {STANDS} and source_key in (
                select source_key from {ACCEPTED} union all select source_key from {REJECTED}
                union all select source_key from {LEAVING} union all select source_key from {LEAVING_REJECTED})""",
            **self._where,
        )
        return set(rows.scalars())

    def _sharing_a_key(self) -> set[str]:
        """Units where something comes or goes that shares its key, or has none: who is rejected for it may change."""
        rows = self._run(
            f"""
            select unit_code from {REJECTED} where left(row_key, 1) = '#'
            union select unit_code from {LEAVING_REJECTED} where left(row_key, 1) = '#'
            union select s.unit_code from
                (select unit_code, row_key from {PAIRED} where current is null
                    union all select unit_code, row_key from {REJECTED}) s
                join {self.history} h on {same_key("h", "s")} and h.period collate "C" = :period and h.recorded_to is null
                where not exists (select from {LEAVING} l where l.place = h.ctid)
            union select unit_code from (select unit_code, row_key from {PAIRED} where staged is not null
                union all select unit_code, row_key from {REJECTED}) s group by unit_code, row_key having count(*) > 1
            union select q.unit_code from quarantine.rows q where {OPEN} and q.declared_key is not null
                and (q.unit_code, q.declared_key) in ({COMES_OR_GOES}
                    union all select unit_code, row_key from {REJECTED})
            """,
            **self._where,
        )
        return set(rows.scalars())


def _total(keys: np.ndarray) -> Sums:
    # Half by half: a sum of them all would not fit into 64 bits.
    return len(keys), (int((keys >> 32).sum()) << 32) + int((keys & 0xFFFFFFFF).sum())


def _sum(sums: Iterable[Sums]) -> Sums:
    counts, keys = 0, 0
    for count, key in sums:
        counts, keys = counts + count, keys + key
    return counts, keys


def _literal(keys: np.ndarray) -> str:
    """The keys as PostgreSQL writes an array."""
    return "{" + ",".join(map(str, keys.tolist())) + "}"
