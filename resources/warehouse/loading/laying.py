"""Patches laid over what is staged of a period, whatever that was staged from: the source, raw files, or the warehouse itself.

A *case* is a row of the source that is, or was, rejected; one staged row stands for it: itself, or the row of a patch. A row of a
patch that names a case takes the place of the row that stands for it, and of no other: where it has the key of an accepted
row, it is set aside. One that names none takes the place of the rows of its key; a rejected one, of rejected ones alone.
"""

from collections import Counter
from collections.abc import Collection, Sequence

from resources.warehouse.arrivals import readings
from resources.warehouse.loading.staging import Received, Staging, among
from resources.warehouse.quarantine.answers import OF_PERIOD, STANDS, PatchFile, hashed
from schemas.projections.postgres import ACCEPTED, REJECTED, REMARKS, row_content

OPEN = "q.source = :source and q.dataset = :dataset and q.period = :period and q.resolved_at is null"
CASES, LAID, TAKES = "pg_temp.cases", "pg_temp.laid", "pg_temp.takes"


class Laying(Staging):
    """Staged rows over which patches can be laid."""

    def find_cases(self, units: Collection[str] | None) -> None:
        """Which staged rows of the source have an answer. `units`: whose rows are staged; None: all.

        A row of another unit is taken to stand as it stood: it was not looked at.
        """
        self._begin_cases()
        same = f"unit_code, source_key, {hashed('received::jsonb')}"
        self._run(
            f"""insert into {CASES}
            with asked as (
                select a.*, row_number() over (partition by unit_code, source_key, received_hash order by names) as nth
                from quarantine.answers a where {STANDS} and (:all or unit_code = any(:units))
            ), staged as (
                select ordinal, unit_code, source_key, {hashed("received::jsonb")} as received_hash,
                    row_number() over (partition by {same} order by ordinal) as nth
                from {REJECTED} r where (unit_code, coalesce(source_key, 0)) in (select unit_code, coalesce(source_key, 0) from asked)
            )
            select a.names, a.unit_code, a.source_key, a.received_hash, s.ordinal, false from asked a left join staged s
                on (s.unit_code, s.received_hash, s.nth) = (a.unit_code, a.received_hash, a.nth)
                    and s.source_key is not distinct from a.source_key
            union all select names, unit_code, source_key, received_hash, null, true from quarantine.answers a
                where {STANDS} and not :all and unit_code <> all(:units) and held_unit = any(:units)""",
            **self._where,
            all=units is None,
            units=sorted(units or ()),
        )

    def find_held_cases(self, came: range) -> None:
        """Which staged rows stand for a case by what the warehouse holds. `came`: the rows of the patch, which are none of them."""
        self._begin_cases()
        self._run(
            f"""insert into {CASES}
            select a.names, a.unit_code, a.source_key, a.received_hash, r.ordinal, false from quarantine.answers a
                join (select ordinal, unit_code, row_key from {ACCEPTED} where ordinal < 0
                    union all select ordinal, unit_code, row_key from {REJECTED} where ordinal < 0) r
                    on (r.unit_code, r.row_key) = (a.held_unit, a.held_key)
                where {STANDS} and not exists (select from {CASES} c where c.names = a.names)""",
            **self._where,
        )
        self._run(
            f"""insert into {CASES}
            select q.id, q.unit_code, r.source_key, {hashed("r.received::jsonb")}, r.ordinal, false from {REJECTED} r
                join quarantine.rows q using (unit_code, row_key)
                where {OPEN} and not {among(came)} and not exists (select from {CASES} c where c.ordinal = r.ordinal)""",
            **self._where,
        )

    def _begin_cases(self) -> None:
        self._run("""create temp table if not exists cases (names bigint, unit_code text, source_key bigint, received_hash text,
            ordinal bigint, elsewhere boolean) on commit drop""")

    def lay_again(self, rows: range, patch: PatchFile, received: Received) -> Counter[tuple[str, str]]:
        """Lay the rows of a raw file of a patch, read again. Those whose answer is over are left out."""
        self.wait()
        self._begin_laying()
        self._run(
            f"""insert into {LAID} select :first + a.ordinal, a.names from quarantine.answers a join {CASES} c using (names)
            where {STANDS} and a.pull_id = :pull and (c.ordinal is not null or c.elsewhere)""",
            **self._where,
            first=rows.start,
            pull=patch.pull_id,
        )
        # Rows of a patch that came since the last whole count whether or not they answered anything, unless that is over.
        left = (
            f"r.ordinal in (select :first + a.ordinal from quarantine.answers a where {OF_PERIOD} and a.pull_id = :pull)"
            if patch.since
            else "true"
        )
        for table in (ACCEPTED, REJECTED, REMARKS):
            self._run(
                f"delete from {table} r where {among(rows)} and {left} and ordinal not in (select ordinal from {LAID})",
                **self._where,
                first=rows.start,
                pull=patch.pull_id,
            )
        return self._lay(rows, received)

    def lay(self, rows: range, received: Received) -> Counter[tuple[str, str]]:
        """Lay the rows of a patch that came."""
        self.wait()
        self._begin_laying()
        for table in (ACCEPTED, REJECTED):
            self._run(
                f"insert into {LAID} select r.ordinal, r.names from {table} r join {CASES} c using (names) where {among(rows)}"
            )
        return self._lay(rows, received)

    def _begin_laying(self) -> None:
        self._run(f"drop table if exists {LAID}, {TAKES}")
        self._run("create temp table laid (ordinal bigint, names bigint) on commit drop")

    def _lay(self, rows: range, received: Received) -> Counter[tuple[str, str]]:
        found = self._doubled_aside(received, rows)
        self._find_taken(rows)
        found += self._aside_beside_others(rows, received)
        self._move_cases(rows)
        for table in (ACCEPTED, REJECTED, REMARKS):
            self._run(f"delete from {table} r where ordinal in (select taken from {TAKES})")
        self._name_apart(rows, None)
        return found

    def _find_taken(self, rows: range) -> None:
        """Find whose place each row of the patch takes: by the case that it names, else by its key.

        A row that is named goes to the row that names it, and not to one that only has its key.
        """
        by_key = f"r.ordinal not in (select ordinal from {LAID}) and {among(rows)} and not {among(rows, 'o')}"
        of_both = "r.ordinal, o.ordinal as taken, o.unit_code as taken_unit, r.unit_code, o.source_key"
        self._run(f"""
            create temp table takes on commit drop as
            with staged as (select ordinal, unit_code, source_key from {ACCEPTED}
                union all select ordinal, unit_code, source_key from {REJECTED}
            ), named as (
                select l.ordinal, c.ordinal as taken, o.unit_code as taken_unit, r.unit_code, o.source_key, true as by_name, false as of_accepted
                from {LAID} l join {CASES} c using (names) join staged o on o.ordinal = c.ordinal join staged r on r.ordinal = l.ordinal
            ), keyed as (
                select {of_both}, false as by_name, true as of_accepted from {ACCEPTED} r join {ACCEPTED} o using (unit_code, row_key) where {by_key}
                union all select {of_both}, false, false from {ACCEPTED} r join {REJECTED} o
                    on o.unit_code = r.unit_code and coalesce(o.declared_key, o.row_key) = r.row_key where {by_key}
                union all select {of_both}, false, false from {REJECTED} r join {REJECTED} o using (unit_code, row_key)
                    where {by_key} and left(row_key, 1) <> '#'
            )
            select distinct * from named union all select * from keyed where taken not in (select taken from named)""")

    def _aside_beside_others(self, rows: range, received: Received) -> Counter[tuple[str, str]]:
        """A row that names a case, with the key of an accepted row whose place it does not take: that one stays."""
        self._run("drop table if exists pg_temp.moved")
        self._run(f"""
            create temp table moved on commit drop as
            select r.ordinal, r.unit_code, r.row_key, {row_content(self.dataset, "r")} = {row_content(self.dataset, "o")} as copies
            from {ACCEPTED} r join {ACCEPTED} o using (unit_code, row_key)
            where {among(rows)} and not {among(rows, "o")} and o.ordinal not in (select taken from {TAKES})""")
        return self._moved_aside(received)

    def _move_cases(self, rows: range) -> None:
        """Let a row that takes the place of another stand for the cases of that one, under the key that the source gave it.

        An accepted row of the source had no case. So a row that replaces one by its key alone answers nothing, and rejected rows with that key beside
        it lose their answer.
        """
        self._run(f"""update {CASES} c set ordinal = l.ordinal from {LAID} l
            where c.names = l.names and (c.ordinal is not null or c.elsewhere)""")
        self._run(f"""
            with replaces as (select distinct t.ordinal from {TAKES} t where of_accepted
                and not exists (select from {CASES} c where c.ordinal = t.taken))
            update {CASES} c set ordinal = case when t.ordinal not in (select ordinal from replaces) then t.ordinal end
            from (select taken, min(ordinal) as ordinal from {TAKES} group by 1) t where c.ordinal = t.taken""")
        for table in (ACCEPTED, REJECTED):
            self._run(f"""update {table} r set source_key = k.source_key from (
                    select ordinal, coalesce(min(source_key) filter (where is_case), min(source_key)) as source_key from (
                        select ordinal, source_key, false as is_case from {TAKES}
                        union all select ordinal, source_key, true from {CASES}) s group by 1) k
                where k.ordinal = r.ordinal and k.source_key is not null and {among(rows)}""")

    # What is kept of it --------------------------------------------------------------------------------------------------

    def keep_answers(
        self, looked_at: Collection[str], accepted: Collection[str], came: range | None = None, pull_id: int | None = None
    ) -> None:
        """Keep which rows stand for which cases. `looked_at`: units whose rows are what is held now; `accepted`: of an arrival.

        `came`: the rows of a new patch, whose raw file is that of `pull_id`.
        """
        if self._run("select to_regclass('pg_temp.cases')").scalar() is None:
            return
        values = self._where | {"now": self.now, "units": list(looked_at), "accepted": list(accepted), "pull": pull_id}
        new = among(came, "s") if came is not None else "false"
        self._run(
            f"""create temp table stand on commit drop as
            select c.*, s.unit_code as held_unit, s.row_key as held_key, coalesce({new} and s.unit_code = any(:accepted), false) as is_new
            from {CASES} c left join (select ordinal, unit_code, row_key from {ACCEPTED}
                union all select ordinal, unit_code, row_key from {REJECTED}) s using (ordinal)""",
            accepted=list(accepted),
        )
        over = self._run(
            """update quarantine.answers a set over_at = :now from pg_temp.stand s
            where a.names = s.names and a.over_at is null and (s.is_new or s.ordinal is null and not s.elsewhere and s.unit_code = any(:units))
            returning a.held_unit, s.is_new""",
            **values,
        ).all()
        self._run(
            """insert into quarantine.answers (source, dataset, period, names, unit_code, source_key, received_hash, pull_id, ordinal,
                held_unit, held_key, answered_at)
            select :source, :dataset, :period, names, unit_code, source_key, received_hash, :pull, ordinal, held_unit, held_key, :now
            from pg_temp.stand where is_new""",
            **values,
        )
        self._run(
            """update quarantine.answers a set held_unit = s.held_unit, held_key = s.held_key from pg_temp.stand s
            where a.names = s.names and a.over_at is null and not s.is_new and s.held_unit = any(:units)
                and (a.held_unit, a.held_key) <> (s.held_unit, s.held_key)""",
            **values,
        )
        # What stood for it in a cell that was not looked at is still there.
        elsewhere = {row.held_unit for row in over if not row.is_new} - set(looked_at)
        readings.read_again(self.connection, self.dataset, self.period, sorted(elsewhere))

    def crossed(self) -> Sequence[tuple[str, str]]:
        """The units of rows whose place rows of another unit take, with those: neither can be loaded without the other."""
        return [tuple(r) for r in self._run(f"select distinct taken_unit, unit_code from {TAKES} where taken_unit <> unit_code")]
