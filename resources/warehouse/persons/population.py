"""What the hub keeps of the check against the national population database: what was said of whom, each call, and the findings.

A person stands here as a digest of what was asked, keyed by a secret that is not in the warehouse: the tables cannot be searched by
numbers that somebody tries. Which rows a digest is of is laid out anew by each run, in a table of its session alone.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import sqlalchemy as sa

from resources.warehouse import secret_checks
from resources.warehouse.arrivals import ledger
from resources.warehouse.loading import set_rules
from resources.warehouse.loading.copying import copy_in
from resources.warehouse.quarantine import standing
from schemas import calendar
from schemas.dataset import Dataset
from schemas.population import FINDINGS, Outcome, Register, registers

AT_ONCE = 5_000  # rows that lie in memory
LOCK = "population"  # of whoever asks, or forgets
PEOPLE = "pg_temp.population_people"
LONGEST_NAME = 100  # letters that the service takes

# What is asked of a person: number, name as it stands here, birth as yyyy-mm-dd or yyyy.
Told = tuple[str, str, str]
Digest = Callable[[Told], bytes]


@dataclass(frozen=True)
class Place:
    """A row of a register, in which a person stands."""

    dataset: str
    unit_code: str
    row_key: str


@dataclass(frozen=True)
class Call:
    """One call of the service, as it is kept before it is made."""

    transaction_id: str
    called_at: dt.datetime
    purpose: str
    legal_basis: str
    service_code: str
    integration_code: str
    unit_code: str
    officer_code: str
    persons: int


@dataclass(frozen=True)
class Said:
    """What became of asking about one person."""

    digest: bytes
    outcome: Outcome
    request_id: str


@dataclass(frozen=True)
class Left:
    """How many persons have still to be asked about: who is paid, and who only stands in a register."""

    paid: int
    registered: int


@dataclass(frozen=True)
class Known:
    """What stands now: persons by what was said of them, findings that are open, the calls of a day, the last one and its outcome."""

    persons: dict[Outcome, int]
    findings: int
    calls_today: int
    last_outcome: str | None

    @property
    def is_empty(self) -> bool:
        return not self.persons and not self.findings


def lay_out(session: sa.Connection, engine: sa.Engine, digest: Digest, today: dt.date) -> None:
    """Fill the session's own table with every row of a person who can be asked about, by the digest of what would be asked."""
    with session.begin():
        clear(session)
        session.exec_driver_sql(
            "create temp table population_people (place bigint, dataset text, unit_code text, row_key text, "
            "recorded_from timestamptz, is_paid boolean, digest bytea)"
        )
        place = 0
        for register in registers():
            with engine.connect().execution_options(stream_results=True, max_row_buffer=AT_ONCE) as reading:
                found = reading.execute(sa.text(_people(register)), {"today": today, "longest": LONGEST_NAME})
                for rows in found.partitions(AT_ONCE):
                    copy_in(session, PEOPLE, _laid(register, rows, digest, place), AT_ONCE)
                    place += len(rows)
        session.exec_driver_sql(f"analyze {PEOPLE}")


def clear(session: sa.Connection) -> None:
    """Take away what was laid out: the session goes on to others."""
    session.exec_driver_sql(f"drop table if exists {PEOPLE}")


def _people(register: Register) -> str:
    """The rows of a register whose persons can be asked about. Who is paid is told by the last list of each unit."""
    paid = " union all ".join(
        f"""select {_key("l", register)} from core.{payments.table} l join
            (select unit_code, max(period) as period from core.{payments.table} group by 1) last using (unit_code, period)"""
        for payments in register.lists
    )
    is_paid = f"({_key('r', register)}) in ({paid})" if paid else "false"
    entitled = f"({register.until} is null or {register.until} > :today)" if register.until else "true"
    return f"""select unit_code, row_key, recorded_from, {is_paid} as is_paid, {_told(register)}
        from core.{register.dataset.table} r
        where {entitled} and identity_number is not null and full_name is not null and length(full_name) <= :longest
            and ({" or ".join(f"{name} is not null" for name in register.birth)})
        order by row_key collate "C", unit_code"""


def _key(of: str, register: Register) -> str:
    return ", ".join(f"{of}.{name}" for name in register.dataset.key)


def _told(register: Register) -> str:
    birth = {"birth_date": "to_char(birth_date, 'YYYY-MM-DD')", "birth_year": "lpad(birth_year::text, 4, '0')"}
    return f"identity_number, full_name, coalesce({', '.join(birth[name] for name in register.birth)}) as birth"


def _laid(register: Register, rows: Sequence[sa.Row], digest: Digest, before: int) -> pa.Table:
    columns = {
        "place": pa.array(range(before, before + len(rows)), pa.int64()),
        "dataset": pa.array([register.dataset.id] * len(rows), pa.string()),
        "unit_code": pa.array([r.unit_code for r in rows], pa.string()),
        "row_key": pa.array([r.row_key for r in rows], pa.string()),
        "recorded_from": pa.array([r.recorded_from for r in rows], pa.timestamp("us", tz="UTC")),
        "is_paid": pa.array([r.is_paid for r in rows], pa.bool_()),
        "digest": pa.array([digest((r.identity_number, r.full_name, r.birth)) for r in rows], pa.binary()),
    }
    return pa.table(columns)


# Whom to ask about, and in which order: who is paid and was never asked about, who is paid and of whom what was said has expired, or
# was nothing that can be understood; then likewise who only stands in a register. The last are asked about once a week: a person
# whom the service cannot take would else come first each day.
_WANTED = f"""
    with people as (select digest, bool_or(is_paid) as is_paid, min(place) as place from {PEOPLE} group by digest),
    wanted as (
        select g.place, g.is_paid, c.asked_at, case c.outcome when 'expired' then 1 when 'unanswered' then 2 else 0 end as rank
        from people g left join ops.population_checks c using (digest)
        where c.digest is null or c.outcome = 'expired'
            or (c.outcome = 'unanswered' and (c.asked_at at time zone 'Asia/Ho_Chi_Minh')::date <= :a_week_ago))"""


def _days(today: dt.date) -> dict[str, dt.date]:
    return {"a_week_ago": today - dt.timedelta(days=7)}


def wanted(session: sa.Connection, today: dt.date, most: int) -> list[Place]:
    """Whom to ask about, the most useful first: one row of each person."""
    rows = session.execute(
        sa.text(f"""{_WANTED} select p.dataset, p.unit_code, p.row_key from wanted w join {PEOPLE} p using (place)
            order by w.is_paid desc, w.rank, w.asked_at nulls first, w.place limit :most"""),
        _days(today) | {"most": most},
    )
    return [Place(*r) for r in rows]


def left(session: sa.Connection, today: dt.date) -> Left:
    row = session.execute(
        sa.text(f"{_WANTED} select count(*) filter (where is_paid), count(*) filter (where not is_paid) from wanted"),
        _days(today),
    ).one()
    return Left(*row)


def told(connection: sa.Connection, places: Iterable[Place]) -> list[Told]:
    """What is to be asked, as the rows stand now: a row that is gone is left out."""
    found: list[Told] = []
    of_dataset: dict[str, list[Place]] = {}
    for place in places:
        of_dataset.setdefault(place.dataset, []).append(place)
    for register in registers():
        these = of_dataset.get(register.dataset.id, [])
        if these:
            rows = connection.execute(
                sa.text(f"""select {_told(register)} from core.{register.dataset.table}
                    join unnest(cast(:units as text[]), cast(:keys as text[])) as w (unit_code, row_key) using (unit_code, row_key)
                    where identity_number is not null and full_name is not null"""),
                {"units": [p.unit_code for p in these], "keys": [p.row_key for p in these]},
            )
            found += [(r.identity_number, r.full_name, r.birth) for r in rows if r.birth is not None]
    return found


def calls_on(connection: sa.Connection, day: dt.date) -> int:
    """How many calls were begun on a day of the province, whatever became of them."""
    return connection.execute(
        sa.text("""select count(*) from ops.population_calls
            where called_at >= cast(:day as timestamp) at time zone 'Asia/Ho_Chi_Minh'
                and called_at < cast(:next as timestamp) at time zone 'Asia/Ho_Chi_Minh'"""),
        {"day": day, "next": day + dt.timedelta(days=1)},
    ).scalar_one()


def begin_call(connection: sa.Connection, call: Call) -> None:
    """Keep a call before it is made: one that a kill cuts off has been counted."""
    connection.execute(
        sa.text("""insert into ops.population_calls (transaction_id, called_at, purpose, legal_basis, service_code,
                integration_code, unit_code, officer_code, persons)
            values (:transaction_id, :called_at, :purpose, :legal_basis, :service_code, :integration_code, :unit_code,
                :officer_code, :persons)"""),
        vars(call),
    )


def end_call(connection: sa.Connection, call: Call, now: dt.datetime, outcome: str, kept_days: int, said: Sequence[Said]) -> None:
    """Keep what became of a call, and what was said in it."""
    answered = sum(s.outcome != "unanswered" for s in said)
    connection.execute(
        sa.text("""update ops.population_calls set ended_at = :now, outcome = :outcome, answered = :answered
            where transaction_id = :transaction_id and outcome is null"""),
        {"transaction_id": call.transaction_id, "now": now, "outcome": outcome, "answered": answered},
    )
    if said:
        connection.execute(
            sa.text("""insert into ops.population_checks (digest, outcome, asked_at, request_id, kept_days)
                values (:digest, :outcome, :now, :request_id, :kept_days)
                on conflict (digest) do update set outcome = excluded.outcome, asked_at = excluded.asked_at,
                    request_id = excluded.request_id, kept_days = excluded.kept_days"""),
            [
                {"digest": s.digest, "outcome": s.outcome, "now": now, "request_id": s.request_id, "kept_days": kept_days}
                for s in said
            ],
        )


def expire(connection: sa.Connection, today: dt.date, *, is_granted: bool) -> int:
    """Forget what was said of persons longer ago than it may be kept. That they were asked about is known on, for the order, as long
    as there is access."""
    expired = connection.execute(
        sa.text("""update ops.population_checks set outcome = 'expired', request_id = null
            where outcome <> 'expired' and expires_on <= :today"""),
        {"today": today},
    ).rowcount
    if not is_granted:
        connection.exec_driver_sql("delete from ops.population_checks where outcome = 'expired'")
    return expired


def settle(session: sa.Connection, now: dt.datetime) -> list[Dataset]:
    """Bring the findings beside the rows to what is known now, and forget of whom no row speaks any more. The datasets that changed.

    A row that was corrected after it was laid out stands without a finding until it is asked about anew.
    """
    session.execute(
        sa.text(f"delete from ops.population_checks c where not exists (select from {PEOPLE} p where p.digest = c.digest)")
    )
    before = standing.lines(session)
    for register in registers():
        dataset = register.dataset
        query = f"""select r.period, p.unit_code, p.row_key from {PEOPLE} p join ops.population_checks c using (digest)
            join core.{dataset.table} r on r.unit_code = p.unit_code and r.row_key = p.row_key and r.recorded_from = p.recorded_from
            where p.dataset = :dataset_id and c.outcome = :outcome"""
        for finding in FINDINGS:
            values = {"dataset_id": dataset.id, "outcome": finding.outcome}
            set_rules.keep(session, dataset, finding, [calendar.REGISTER], now, query, values)
    _forget_resolved(session)
    _count(session)
    return standing.changed(before, standing.lines(session))


def forget(connection: sa.Connection, now: dt.datetime) -> int:
    """Forget all that was said of anybody, with the check of the secret; the calls stay. How many persons it was said of."""
    persons = connection.execute(sa.text("delete from ops.population_checks")).rowcount
    connection.execute(sa.text("delete from ops.population_secret"))
    connection.execute(
        sa.text("update quarantine.remarks set resolved_at = :now where resolved_at is null and over_set and rule = any(:rules)"),
        {"now": now, "rules": [f.name for f in FINDINGS]},
    )
    _forget_resolved(connection)
    _count(connection)
    return persons


def _forget_resolved(connection: sa.Connection) -> None:
    """Remove findings that stand no more: each would say of its row, for ever, what was said of the person and had to be forgotten."""
    connection.execute(
        sa.text("delete from quarantine.remarks where resolved_at is not null and over_set and rule = any(:rules)"),
        {"rules": [f.name for f in FINDINGS]},
    )


def _count(connection: sa.Connection) -> None:
    for source in sorted({r.dataset.source.name for r in registers()}):
        ledger.count_remarks(connection, source)
        standing.count(connection, source)


def known(connection: sa.Connection, today: dt.date) -> Known:
    persons = connection.execute(sa.text("select outcome, count(*) from ops.population_checks group by 1")).all()
    findings = connection.execute(
        sa.text("""select count(*) from quarantine.remarks where resolved_at is null and over_set and rule = any(:rules)"""),
        {"rules": [f.name for f in FINDINGS]},
    ).scalar_one()
    last = connection.execute(sa.text("select outcome from ops.population_calls order by id desc limit 1")).scalar()
    return Known(
        {outcome: count for outcome, count in persons},
        findings,
        calls_on(connection, today),
        last,
    )


def is_secret_known(connection: sa.Connection, check: str) -> bool:
    """Keep the check of the first secret; whether this one is of the same secret."""
    return secret_checks.is_known(connection, "ops.population_secret", check)


def kept_check(connection: sa.Connection) -> str | None:
    """The check of the secret by which what is kept was digested; None: nothing was."""
    return secret_checks.kept(connection, "ops.population_secret")
