"""The outbox of reports: `ops.report_submissions`, one row for each revision of a form that was ever composed.

A row is written in the transaction that decided it and is sent afterwards with the transaction id it was born with, so a
crash at any instant leads to the same request again and the receiver answers with the same receipt. Nothing is deleted.
What a form says, and when it is due, does not belong here.
"""

import datetime as dt
import json
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from resources.failures import Permanent

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
OPEN = ("draft", "waiting_approval", "sent")
STANDING = ("received", "accepted")


def ddl() -> list[str]:
    """The statements that make the outbox; each may run again."""
    statuses = ", ".join(f"'{s}'" for s in STATUSES)
    maturities = ", ".join(f"'{m}'" for m in MATURITIES)
    return [
        "create schema if not exists ops",
        f"""create table if not exists ops.report_submissions (
            form text not null, regime text not null, period text not null,
            window_start date not null, window_end date not null,
            revision integer not null check (revision >= 1),
            replaces text, transaction_id text primary key, payload_hash text not null,
            submitted_at timestamptz, receipt text, status text not null check (status in ({statuses})), reason text,
            maturity text not null check (maturity in ({maturities})),
            due_day date not null, night date,
            payload jsonb not null, figures_hash text not null, inputs jsonb not null, findings jsonb not null,
            composed_at timestamptz not null, composed_by text not null, approved_at timestamptz, approved_by text,
            received_at timestamptz, receipt_detail jsonb, superseded_by text,
            attempts integer not null default 0, next_attempt_at timestamptz, last_error text,
            check (window_start <= window_end),
            check (status <> 'sent' or (approved_at is not null and submitted_at is not null)),
            check (status not in ('received', 'accepted') or receipt is not null),
            unique (form, period, revision))""",
        # At most one revision of a form and night, whoever runs the night and however often.
        """create unique index if not exists report_submissions_night on ops.report_submissions (form, period, night)
            where night is not null""",
        # The receiver knows one chain of a form and period; two revisions on their way at once would fork it.
        """create unique index if not exists report_submissions_open on ops.report_submissions (form, period)
            where status in ('draft', 'waiting_approval', 'sent')""",
        "comment on table ops.report_submissions is 'Hộp thư đi của báo cáo: mỗi dòng là một lần lập của một biểu, một kỳ'",
        "comment on column ops.report_submissions.replaces is 'Mã giao dịch của lần gửi trước bị thay thế'",
        "comment on column ops.report_submissions.reason is 'Lý do điều chỉnh so với lần gửi bị thay thế'",
        "comment on column ops.report_submissions.last_error is 'Vì sao lần gửi gần nhất chưa xong, hoặc vì sao bị trả lại'",
        "comment on column ops.report_submissions.findings is 'Đối chiếu giữa các chỉ tiêu chưa khớp: cần xem hoặc thuyết minh'",
        "comment on column ops.report_submissions.inputs is 'Dữ liệu đầu vào tại thời điểm lập, để dựng lại số liệu đã gửi'",
    ]


class OutboxRefused(Permanent):
    """What was asked of the outbox cannot be done."""


class SubmissionUnknown(OutboxRefused):
    attempted = "Xem lần gửi {transaction_id}"
    found = "hộp thư đi không có mã giao dịch này"
    remedy = "Xem các mã bằng ansinh report list"
    means = "Mã giao dịch gõ sai, hoặc của một trung tâm khác."
    steps = ("Chép mã từ ansinh report list.",)


class NeverComposed(OutboxRefused):
    attempted = "Xem biểu {form} kỳ {period}{which}"
    found = "chưa lập lần nào"
    remedy = "Xem các lần đã lập bằng ansinh report list"
    means = "Biểu của kỳ này chưa đến hạn hoặc số lần gõ sai."
    steps = ("Xem ansinh report list; biểu tự lập vào đêm đến hạn.",)


class ApproverMissing(OutboxRefused):
    attempted = "{what}"
    found = "chưa nêu người duyệt"
    remedy = "Thêm --by với tên người duyệt"
    means = "Người duyệt chịu trách nhiệm về báo cáo nên tên phải được ghi."
    steps = ('Chạy lại với --by "Họ và tên".',)


class NotWaitingApproval(OutboxRefused):
    attempted = "{what}"
    found = "đang ở trạng thái {state}{newer}, chỉ duyệt được lần đang chờ duyệt"
    remedy = "Xem lại bằng ansinh report list"
    means = "Lần này đã được duyệt, đã gửi, hoặc đã bị một lần mới thay thế."
    steps = ("Xem ansinh report list, duyệt lần mới nhất đang chờ duyệt.",)


@dataclass(frozen=True)
class Submission:
    """One row of the outbox."""

    form: str
    regime: str
    period: str
    window_start: dt.date
    window_end: dt.date
    revision: int
    replaces: str | None
    transaction_id: str
    payload_hash: str
    submitted_at: dt.datetime | None
    receipt: str | None
    status: str
    reason: str | None
    maturity: str
    due_day: dt.date
    night: dt.date | None
    payload: dict[str, Any]
    figures_hash: str
    inputs: list[dict[str, Any]]
    findings: list[dict[str, str]]
    composed_at: dt.datetime
    composed_by: str
    approved_at: dt.datetime | None
    approved_by: str | None
    received_at: dt.datetime | None
    receipt_detail: dict[str, Any] | None
    superseded_by: str | None
    attempts: int
    next_attempt_at: dt.datetime | None
    last_error: str | None


COLUMNS = tuple(f.name for f in fields(Submission))
_JSON = frozenset({"payload", "inputs", "findings", "receipt_detail"})


def insert(connection: sa.Connection, submission: Submission) -> None:
    values = {
        name: json.dumps(value, ensure_ascii=False) if name in _JSON and value is not None else value
        for name, value in ((n, getattr(submission, n)) for n in COLUMNS)
    }
    places = ", ".join(f"cast(:{n} as jsonb)" if n in _JSON else f":{n}" for n in COLUMNS)
    connection.execute(sa.text(f"insert into ops.report_submissions ({', '.join(COLUMNS)}) values ({places})"), values)


def supersede(connection: sa.Connection, transaction_id: str, by: str) -> None:
    """Mark a revision as replaced by another one."""
    connection.execute(
        sa.text("update ops.report_submissions set status = 'replaced', superseded_by = :by where transaction_id = :id"),
        {"id": transaction_id, "by": by},
    )


def list_submissions(
    connection: sa.Connection, form: str | None = None, period: str | None = None, status: str | None = None
) -> list[Submission]:
    """The outbox, by form, period and revision."""
    rows = connection.execute(
        sa.text(f"""select {", ".join(COLUMNS)} from ops.report_submissions
            where (cast(:form as text) is null or form = :form) and (cast(:period as text) is null or period = :period)
                and (cast(:status as text) is null or status = :status)
            order by form, period, revision"""),
        {"form": form, "period": period, "status": status},
    )
    return [Submission(**row._mapping) for row in rows]


def cleared(connection: sa.Connection, now: dt.datetime, *, at_once: bool = False) -> list[str]:
    """Transaction ids of what may go and whose time has come (`at_once`: without waiting for it), oldest first."""
    rows = connection.execute(
        sa.text("""select transaction_id from ops.report_submissions
            where status in ('draft', 'sent') and approved_at is not null and (:at_once or next_attempt_at <= :now)
            order by composed_at, form, period"""),
        {"now": now, "at_once": at_once},
    )
    return [row.transaction_id for row in rows]


def due_again(connection: sa.Connection, now: dt.datetime) -> list[Submission]:
    """What was sent before without a receipt and whose next attempt has come."""
    return [s for s in (show(connection, i) for i in cleared(connection, now)) if s.attempts]


def show(connection: sa.Connection, transaction_id: str) -> Submission:
    row = connection.execute(
        sa.text(f"select {', '.join(COLUMNS)} from ops.report_submissions where transaction_id = :id"), {"id": transaction_id}
    ).one_or_none()
    if row is None:
        raise SubmissionUnknown(transaction_id=transaction_id)
    return Submission(**row._mapping)


def latest(connection: sa.Connection, form: str, period: str, revision: int | None = None) -> Submission:
    """The last revision of a form and period, or a named one."""
    found = [s for s in list_submissions(connection, form, period) if revision in (None, s.revision)]
    if not found:
        which = "" if revision is None else f" lần {revision}"
        raise NeverComposed(form=form, period=period, which=which)
    return found[-1]


def approve(connection: sa.Connection, transaction_id: str, by: str, now: dt.datetime) -> Submission:
    """Let a waiting form go, in the name of the officer who answers for it. The figures and their hash stay as composed."""
    who = (by or "").strip()
    submission = show(connection, transaction_id)
    what = f"Duyệt biểu {submission.form} kỳ {submission.period} lần {submission.revision}"
    if not who:
        raise ApproverMissing(what=what)
    if submission.status != "waiting_approval":
        newer = f", thay bằng {submission.superseded_by}" if submission.superseded_by else ""
        raise NotWaitingApproval(what=what, state=STATUS_TITLES[submission.status], newer=newer)
    connection.execute(
        sa.text("""update ops.report_submissions set status = 'draft', approved_by = :by, approved_at = :now,
            next_attempt_at = :now, payload = payload || cast(:signed as jsonb) where transaction_id = :id"""),
        {"id": transaction_id, "by": who, "now": now, "signed": json.dumps(signature(who, now), ensure_ascii=False)},
    )
    return show(connection, transaction_id)


def signature(by: str, at: dt.datetime) -> dict[str, str]:
    """The two fields of a packet that stand outside its content."""
    return {"nguoi_duyet": by, "thoi_diem_duyet": at.astimezone(dt.UTC).isoformat(timespec="seconds")}
