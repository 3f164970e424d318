"""The outbox of reports: `ops.report_submissions`, one row for each revision of a form that was ever composed.

A row is made from a draft and a decision. After that it changes by the functions below alone: each writes its own columns
and gives the row as it then stands. Nothing is deleted. What may be done with a row, and when, is decided in
resources/reporting/.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import sqlalchemy as sa

STATUSES = ("draft", "waiting_approval", "sent", "received", "returned", "accepted", "replaced")
MATURITIES = ("provisional", "final", "correction")
STATUS_TITLES = {
    "draft": "đã lập, chờ gửi",
    "waiting_approval": "chờ duyệt",
    "sent": "đã gửi, chưa có biên nhận",
    "received": "đã tiếp nhận",
    "returned": "bị trả lại",
    "accepted": "đã phê duyệt",
    "replaced": "đã bị thay thế",
}
MATURITY_TITLES = {"provisional": "tạm thời", "final": "chính thức", "correction": "điều chỉnh"}
OPEN = ("draft", "waiting_approval", "sent")
STANDING = ("received", "accepted")
IMPLAUSIBLE = "implausible"  # the kind of a finding that nobody would believe


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What was composed: a form's figures of a period, and what they were counted from."""

    form: str
    regime: str
    period: str
    window_start: dt.date
    window_end: dt.date
    due_day: dt.date
    content: dict[str, Any]  # the packet without what is decided about it
    figures_hash: str
    inputs: list[dict[str, Any]]
    findings: list[dict[str, str]] = field(default_factory=list)
    composed_at: dt.datetime
    composed_by: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was decided about a draft."""

    revision: int
    replaces: str | None  # the transaction id of what stands at the receiver
    maturity: str
    reasons: list[str]  # what officers said of it, in full
    reason: str | None  # why it is filed: what was said, and what the figures tell
    told: str | None  # what the receiver is told of that; None where it was told nothing of the period before
    night: dt.date | None  # None: somebody's act
    approved_by: str | None  # who lets it go at once; None: it waits for approval


@dataclass(frozen=True, kw_only=True)
class Packet:
    """What goes out, under the id with which it is born."""

    transaction_id: str
    payload: dict[str, Any]
    payload_hash: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: the receipt, and the state that the receiver gave."""

    status: str
    receipt: str
    receipt_detail: dict[str, Any]
    received_at: dt.datetime
    said: str | None  # its reasons, where it was sent back by then


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One row of the outbox, as it was read."""

    form: str
    regime: str
    period: str
    window_start: dt.date
    window_end: dt.date
    due_day: dt.date
    figures_hash: str
    inputs: list[dict[str, Any]]
    findings: list[dict[str, str]]
    composed_at: dt.datetime
    composed_by: str

    revision: int
    replaces: str | None
    maturity: str
    reasons: list[str]
    reason: str | None
    night: dt.date | None

    transaction_id: str
    payload: dict[str, Any]
    payload_hash: str

    status: str
    approved_by: str | None
    approved_at: dt.datetime | None
    attempts: int
    submitted_at: dt.datetime | None
    next_attempt_at: dt.datetime | None
    last_error: str | None
    receipt: str | None
    receipt_detail: dict[str, Any] | None
    received_at: dt.datetime | None
    asked_at: dt.datetime | None  # when the receiver was last asked what became of it
    judged_at: dt.datetime | None  # when what it says of it last changed
    superseded_by: str | None

    @property
    def is_taken_over(self) -> bool:
        """Whether the receiver held it and the outbox had lost it: it has a receipt and was never sent from here."""
        return self.receipt is not None and not self.attempts

    @property
    def stopped_by(self) -> list[dict[str, str]]:
        """The findings for which it waits for a person; none once somebody answers for it."""
        return [f for f in self.findings if f.get("kind") == IMPLAUSIBLE] if self.status == "waiting_approval" else []


_JSON = frozenset({"payload", "inputs", "findings", "receipt_detail", "reasons"})
_ALL = ", ".join(f.name for f in fields(Submission))
_NOT_KEPT = frozenset({"content", "told"})  # both are in the packet


def find(connection: sa.Connection, transaction_id: str) -> Submission | None:
    """The submission of this id; None: the outbox has none."""
    row = connection.execute(
        sa.text(f"select {_ALL} from ops.report_submissions where transaction_id = :id"), {"id": transaction_id}
    ).one_or_none()
    return None if row is None else _read(row)


def listed(
    connection: sa.Connection, form: str | None = None, period: str | None = None, status: str | None = None
) -> list[Submission]:
    """The outbox, by form, period and revision."""
    rows = connection.execute(
        sa.text(f"""select {_ALL} from ops.report_submissions
            where (cast(:form as text) is null or form = :form) and (cast(:period as text) is null or period = :period)
                and (cast(:status as text) is null or status = :status)
            order by form, period, revision"""),
        {"form": form, "period": period, "status": status},
    )
    return [_read(row) for row in rows]


def histories(connection: sa.Connection, form: str) -> dict[str, list[Submission]]:
    """Period -> the revisions of a form, without what they were counted from (`inputs` is empty) and what they told: `payload` holds of
    which kind the lines of a packet are, each kind once.
    """
    kinds = """jsonb_build_object('so_lieu', (select coalesce(jsonb_agg(distinct jsonb_build_object('tinh_chat', line -> 'tinh_chat')), '[]')
        from jsonb_array_elements(payload -> 'so_lieu') line))"""
    instead = {"payload": f"{kinds} as payload", "inputs": "cast('[]' as jsonb) as inputs"}
    columns = ", ".join(instead.get(f.name, f.name) for f in fields(Submission))
    rows = connection.execute(
        sa.text(f"select {columns} from ops.report_submissions where form = :form order by period, revision"), {"form": form}
    )
    found: dict[str, list[Submission]] = {}
    for row in rows:
        found.setdefault(row.period, []).append(_read(row))
    return found


def latest(connection: sa.Connection, form: str, periods: Sequence[str] | None = None) -> dict[str, Submission]:
    """The last revision of each of these periods of a form. Of all of them (None) without the packets, whose `payload` is then empty:
    together they would take more memory each year.
    """
    columns = ", ".join(
        "cast('{}' as jsonb) as payload" if f.name == "payload" and periods is None else f.name for f in fields(Submission)
    )
    rows = connection.execute(
        sa.text(f"""select distinct on (period) {columns} from ops.report_submissions
            where form = :form and (cast(:periods as text[]) is null or period = any(:periods))
            order by period, revision desc"""),
        {"form": form, "periods": None if periods is None else [*periods]},
    )
    return {row.period: _read(row) for row in rows}


def moved_or_waiting(connection: sa.Connection, since: dt.datetime, *, with_waiting: bool = True) -> list[Submission]:
    """What moved since then, and what a person or the gateway still has to move: of each form and period the last revision, and the
    one that stands at the receiver. What another followed is told no more.

    Of no other row the packet is read: there are more of them each month, for as long as there is a department.
    """
    rows = connection.execute(
        sa.text(f"""select {_ALL} from (
                select *, revision = max(revision) over (partition by form, period) as is_last from ops.report_submissions
            ) outbox
            where (is_last or status = any(:standing))
                and (greatest(composed_at, submitted_at, judged_at) >= :since or :with_waiting and status = any(:waiting))
            order by form, period, revision"""),
        {"standing": [*STANDING], "waiting": [*OPEN, "returned"], "since": since, "with_waiting": with_waiting},
    )
    return [_read(row) for row in rows]


def still_to_move(connection: sa.Connection) -> Sequence[sa.Row]:
    """The last revision of each form and period that a person or the receiver has still to move.

    form, period, revision, status, attempts, approved_at.
    """
    return connection.execute(
        sa.text("""select * from (select distinct on (form, period) form, period, revision, status, attempts, approved_at
                from ops.report_submissions order by form, period, revision desc) last
            where status = any(:statuses) order by form, period"""),
        {"statuses": [*OPEN, "returned"]},
    ).all()


def cleared(connection: sa.Connection, now: dt.datetime, *, at_once: bool = False) -> list[Submission]:
    """What may go and whose time has come (`at_once`: without waiting for it), what was tried least first, then the oldest.

    One on which the gateway hangs ends each pass: by its age alone it would hold up all others for ever.
    """
    rows = connection.execute(
        sa.text(f"""select {_ALL} from ops.report_submissions
            where status in ('draft', 'sent') and approved_at is not null and (:at_once or next_attempt_at <= :now)
            order by attempts, composed_at, form, period"""),
        {"now": now, "at_once": at_once},
    )
    return [_read(row) for row in rows]


def to_ask(
    connection: sa.Connection,
    *,
    young_since: dt.datetime,
    young_asked_before: dt.datetime,
    old_asked_before: dt.datetime,
    most: int,
) -> list[Submission]:
    """What stands at the receiver and was not asked for lately, the longest ago first. `young`: received since then."""
    rows = connection.execute(
        sa.text(f"""select {_ALL} from ops.report_submissions
            where status = any(:standing) and coalesce(asked_at, received_at)
                <= case when received_at >= :young_since then cast(:young_asked_before as timestamptz) else :old_asked_before end
            order by coalesce(asked_at, received_at), form, period limit :most"""),
        {
            "standing": list(STANDING),
            "young_since": young_since,
            "young_asked_before": young_asked_before,
            "old_asked_before": old_asked_before,
            "most": most,
        },
    )
    return [_read(row) for row in rows]


def insert(
    connection: sa.Connection, draft: Draft, decision: Decision, packet: Packet, in_place_of: Submission | None = None
) -> Submission:
    """Keep a new revision: it may go at once where somebody lets it, and waits for approval otherwise.

    `in_place_of`: a revision that has not gone yet. It is replaced first, since a form and period has one open revision.
    """
    if in_place_of is not None:
        _replace(connection, in_place_of.transaction_id, packet.transaction_id)
    goes = decision.approved_by is not None
    values = {n: v for part in (draft, decision, packet) for n, v in vars(part).items() if n not in _NOT_KEPT}
    values |= {
        "status": "draft" if goes else "waiting_approval",
        "approved_at": draft.composed_at if goes else None,
        "next_attempt_at": draft.composed_at if goes else None,
    }
    places = ", ".join(f"cast(:{name} as jsonb)" if name in _JSON else f":{name}" for name in values)
    row = connection.execute(
        sa.text(f"insert into ops.report_submissions ({', '.join(values)}) values ({places}) returning {_ALL}"),
        {name: _json(value) if name in _JSON else value for name, value in values.items()},
    ).one()
    return _read(row)


def approved(
    connection: sa.Connection, submission: Submission, by: str, signed: Mapping[str, str], now: dt.datetime
) -> Submission | None:
    """What waited for approval may go; None: it waits no more since it was read. `signed`: the packet's fields of who approved it."""
    row = connection.execute(
        sa.text(f"""update ops.report_submissions set status = 'draft', approved_by = :by, approved_at = :now, next_attempt_at = :now,
            payload = payload || cast(:signed as jsonb)
            where transaction_id = :id and status = 'waiting_approval' returning {_ALL}"""),
        {"id": submission.transaction_id, "by": by, "now": now, "signed": _json(signed)},
    ).one_or_none()
    return None if row is None else _read(row)


def attempted(connection: sa.Connection, submission: Submission, now: dt.datetime) -> Submission | None:
    """An attempt begins; None: it was replaced or answered since it was read, and must not go."""
    row = connection.execute(
        sa.text(f"""update ops.report_submissions set status = 'sent', attempts = attempts + 1,
            submitted_at = coalesce(submitted_at, :now) where transaction_id = :id and status in ('draft', 'sent')
            returning {_ALL}"""),
        {"id": submission.transaction_id, "now": now},
    ).one_or_none()
    return None if row is None else _read(row)


def put_off(connection: sa.Connection, submission: Submission, error: str, again: dt.datetime) -> Submission:
    """An attempt failed, and the next one has its time."""
    return _changed(
        connection,
        submission,
        "status = 'sent', last_error = :error, next_attempt_at = :again",
        {"error": error, "again": again},
    )


def received(connection: sa.Connection, submission: Submission, answer: Answer) -> Submission:
    """The receipt came, and with it the end of the revision that this one replaces."""
    kept = _changed(
        connection,
        submission,
        """status = :status, receipt = :receipt, receipt_detail = cast(:receipt_detail as jsonb), received_at = :received_at,
            judged_at = :received_at, last_error = :said, next_attempt_at = null""",
        vars(answer) | {"receipt_detail": _json(answer.receipt_detail)},
    )
    if kept.replaces:
        _replace(connection, kept.replaces, kept.transaction_id)
    return kept


def refused(connection: sa.Connection, submission: Submission, said: str, now: dt.datetime) -> Submission:
    """The receiver did not take it; `said`: its reasons."""
    return _changed(
        connection,
        submission,
        "status = 'returned', last_error = :said, judged_at = :now, next_attempt_at = null",
        {"said": said, "now": now},
    )


def judged(
    connection: sa.Connection, submission: Submission, status: str, said: str | None, now: dt.datetime
) -> Submission | None:
    """What the receiver says of a submission that stands there; None: another took its place since it was read."""
    row = connection.execute(
        sa.text(f"""update ops.report_submissions set status = :status, last_error = :said, asked_at = :now,
            judged_at = case when (status, last_error) is distinct from (cast(:status as text), cast(:said as text))
                then :now else judged_at end
            where transaction_id = :id and status = any(:standing) returning {_ALL}"""),
        {"id": submission.transaction_id, "status": status, "said": said, "now": now, "standing": list(STANDING)},
    ).one_or_none()
    return None if row is None else _read(row)


def replaced(connection: sa.Connection, submission: Submission, by: Submission) -> None:
    """Another revision stands in its place."""
    _replace(connection, submission.transaction_id, by.transaction_id)


def kept_back(connection: sa.Connection, today: dt.date) -> list[str]:
    """Let nothing go of what was composed before its day, by a clock that was ahead; what has gone already, by form and period."""
    connection.execute(
        sa.text("""update ops.report_submissions set status = 'replaced', next_attempt_at = null,
            last_error = 'Lập khi đồng hồ của máy chạy trước, không gửi'
            where status in ('draft', 'waiting_approval') and due_day > :today"""),
        {"today": today},
    )
    gone = "select form || ' ' || period from ops.report_submissions where status <> 'replaced' and due_day > :today order by 1"
    return list(connection.execute(sa.text(gone), {"today": today}).scalars())


def _replace(connection: sa.Connection, replaced_id: str, by_id: str) -> None:
    connection.execute(
        sa.text("update ops.report_submissions set status = 'replaced', superseded_by = :by where transaction_id = :id"),
        {"id": replaced_id, "by": by_id},
    )


def _changed(connection: sa.Connection, submission: Submission, columns: str, values: Mapping[str, Any]) -> Submission:
    row = connection.execute(
        sa.text(f"update ops.report_submissions set {columns} where transaction_id = :id returning {_ALL}"),
        {"id": submission.transaction_id, **values},
    ).one()
    return _read(row)


def _read(row: sa.Row) -> Submission:
    return Submission(**row._mapping)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
