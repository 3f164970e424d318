"""What was done on the word of a person: `ops.person_acts`, and the digests of whoever was erased, `ops.person_digests`.

A person stands here as keyed digests alone. The acts are also copied outside the warehouse, since one that is brought back from a backup
of before holds the person again: `exported` and `taken_in` are the two ways.
"""

import datetime as dt
import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from resources.warehouse import secret_checks

Kind = Literal["erasure", "correction"]


@dataclass(frozen=True)
class Act:
    """`done_at` None: an erasure was begun and has not ended, a correction still waits for the source."""

    id: int
    act: str
    kind: Kind
    acted_at: dt.datetime
    officer: str
    reason: str
    document: str | None
    sources: tuple[str, ...]
    done_at: dt.datetime | None
    counts: Mapping[str, int]
    dataset: str | None
    column: str | None
    due_on: dt.date | None


@dataclass(frozen=True)
class Wanted:
    """An act that is to be kept."""

    kind: Kind
    officer: str
    reason: str
    document: str | None
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Corrected:
    """The row and the field of a correction, and what stood there then."""

    dataset: str
    column: str
    row_digest: bytes
    value_digest: bytes
    due_on: dt.date


def is_there(connection: sa.Connection) -> bool:
    """Whether this warehouse has the table: one of an earlier version has not."""
    return connection.execute(sa.text("select to_regclass('ops.person_acts')")).scalar() is not None


def begin(
    connection: sa.Connection,
    wanted: Wanted,
    now: dt.datetime,
    digests: Iterable[tuple[str, bytes]],
    corrected: Corrected | None = None,
) -> Act:
    """Keep an act before anything of it is done. `digests`: what each tells, of whom it is about; of an erasure a load goes by them."""
    row = connection.execute(
        sa.text(f"""insert into ops.person_acts
                (act, kind, acted_at, officer, reason, document, sources, dataset, "column", row_digest, value_digest, due_on)
            values (:act, :kind, :now, :officer, :reason, :document, :sources, :dataset, :column, :row, :value, :due)
            returning {_COLUMNS}"""),
        {
            "act": str(uuid.uuid4()),
            "kind": wanted.kind,
            "now": now,
            "officer": wanted.officer,
            "reason": wanted.reason,
            "document": wanted.document,
            "sources": list(wanted.sources),
            "dataset": corrected.dataset if corrected else None,
            "column": corrected.column if corrected else None,
            "row": corrected.row_digest if corrected else None,
            "value": corrected.value_digest if corrected else None,
            "due": corrected.due_on if corrected else None,
        },
    ).one()
    act = _act(row)
    _keep(connection, act.act, wanted.sources, digests)
    return act


def also_by(connection: sa.Connection, act: Act, digests: Iterable[tuple[str, bytes]]) -> None:
    """Keep more by which the person of an erasure is known again."""
    _keep(connection, act.act, act.sources, digests)


def _keep(connection: sa.Connection, act: str, sources: Collection[str], digests: Iterable[tuple[str, bytes]]) -> None:
    values = [{"act": act, "source": s, "tells": tells, "digest": digest} for tells, digest in digests for s in sources]
    if values:
        connection.execute(
            sa.text("""insert into ops.person_digests (act, source, tells, digest) values (:act, :source, :tells, :digest)
                on conflict do nothing"""),
            values,
        )


def end(connection: sa.Connection, act: Act, now: dt.datetime, counts: Mapping[str, int]) -> None:
    """Keep that an act is done, and what it took. Done again, what it took then is added."""
    summed = {name: act.counts.get(name, 0) + counts.get(name, 0) for name in {*act.counts, *counts}}
    connection.execute(
        sa.text("update ops.person_acts set done_at = coalesce(done_at, :now), counts = :counts where id = :id"),
        {"id": act.id, "now": now, "counts": json.dumps(summed)},
    )


def listed(connection: sa.Connection) -> list[Act]:
    """All acts, the newest first."""
    return [_act(r) for r in connection.execute(sa.text(f"select {_COLUMNS} from ops.person_acts order by id desc"))]


def of_person(connection: sa.Connection, tells: str, digest: bytes, kind: Kind | None = None) -> list[Act]:
    """The acts that are about a person, the newest first."""
    rows = connection.execute(
        sa.text(f"""select {_COLUMNS} from ops.person_acts a where (cast(:kind as text) is null or kind = :kind) and exists
            (select from ops.person_digests d where d.act = a.act and d.tells = :tells and d.digest = :digest) order by id desc"""),
        {"tells": tells, "digest": digest, "kind": kind},
    )
    return [_act(r) for r in rows]


def digests(connection: sa.Connection, source: str) -> frozenset[tuple[str, bytes]]:
    """The digests by which everybody who was erased from a source is known again."""
    rows = connection.execute(
        sa.text("""select distinct tells, digest from ops.person_digests join ops.person_acts using (act)
            where source = :source and kind = 'erasure'"""),
        {"source": source},
    )
    return frozenset((r.tells, bytes(r.digest)) for r in rows)


def digests_of(connection: sa.Connection, act: Act) -> frozenset[tuple[str, bytes]]:
    rows = connection.execute(sa.text("select distinct tells, digest from ops.person_digests where act = :act"), {"act": act.act})
    return frozenset((r.tells, bytes(r.digest)) for r in rows)


def kept_check(connection: sa.Connection) -> str | None:
    """The check of the secret by which the digests were made; None: there are none."""
    return secret_checks.kept(connection, "ops.person_secret")


def is_secret_known(connection: sa.Connection, check: str) -> bool:
    """Keep the check of the first secret; whether this one is of the same secret."""
    return secret_checks.is_known(connection, "ops.person_secret", check)


# Corrections -----------------------------------------------------------------------------------------------------------------


def waits_for_source(connection: sa.Connection) -> bool:
    """Whether a correction waits for its row to change."""
    query = "select exists (select from ops.person_acts where kind = 'correction' and done_at is null)"
    return connection.exec_driver_sql(query).scalar_one()


def open_corrections(connection: sa.Connection) -> list[tuple[Act, bytes, bytes]]:
    """Each with the digests of its row and of what stood in the field."""
    rows = connection.execute(
        sa.text(f"""select {_COLUMNS}, row_digest, value_digest from ops.person_acts
            where kind = 'correction' and done_at is null order by id""")
    )
    return [(_act(r), bytes(r.row_digest), bytes(r.value_digest)) for r in rows]


# Outside ---------------------------------------------------------------------------------------------------------------------


def exported(connection: sa.Connection) -> list[dict[str, Any]]:
    """The erasures as they are copied outside, with their digests and the check of their secret."""
    check = kept_check(connection)
    return [
        {
            "act": act.act,
            "acted_at": act.acted_at.isoformat(),
            "officer": act.officer,
            "reason": act.reason,
            "document": act.document,
            "sources": list(act.sources),
            "secret_check": check,
            "digests": sorted([tells, digest.hex()] for tells, digest in digests_of(connection, act)),
        }
        for act in reversed(listed(connection))
        if act.kind == "erasure"
    ]


def taken_in(connection: sa.Connection, told: Iterable[Mapping[str, Any]]) -> int:
    """Keep the erasures that this warehouse does not know. They are still to be done. How many there were."""
    new = 0
    for one in told:
        added = connection.execute(
            sa.text("""insert into ops.person_acts (act, kind, acted_at, officer, reason, document, sources)
                values (:act, 'erasure', :acted_at, :officer, :reason, :document, :sources) on conflict (act) do nothing"""),
            {name: one[name] for name in ("act", "officer", "reason", "document", "sources")}
            | {"acted_at": dt.datetime.fromisoformat(one["acted_at"])},
        ).rowcount
        _keep(connection, one["act"], one["sources"], [(tells, bytes.fromhex(digest)) for tells, digest in one["digests"]])
        if one["secret_check"]:
            is_secret_known(connection, one["secret_check"])
        new += added
    return new


_COLUMNS = """id, act, kind, acted_at, officer, reason, document, sources, done_at, counts, dataset, "column", due_on"""


def _act(r: sa.Row) -> Act:
    return Act(
        r.id,
        r.act,
        r.kind,
        r.acted_at,
        r.officer,
        r.reason,
        r.document,
        tuple(r.sources),
        r.done_at,
        r.counts,
        r.dataset,
        r.column,
        r.due_on,
    )
