"""What may be done with the outbox: a draft and a decision become a submission, an officer approves it, it goes again.

A submission is kept in the transaction that decided it and is sent afterwards with the transaction id it was born with, so
a crash at any instant leads to the same request again and the receiver answers with the same receipt. What a form says, and
when it is due, does not belong here.
"""

import datetime as dt
import uuid
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa

from resources.locks import only_one
from resources.reporting.failures import ApproverMissing, NeverComposed, NotWaitingApproval, SubmissionUnknown
from resources.reporting.held import NATURE
from resources.warehouse.published import submissions
from resources.warehouse.published.submissions import STATUS_TITLES, Decision, Draft, Packet, Submission
from schemas.reports.packet import content_hash


def file(connection: sa.Connection, draft: Draft, decision: Decision, in_place_of: Submission | None = None) -> Submission:
    """Complete the packet of a draft with what was decided, and keep it as a submission.

    `in_place_of`: a revision of the same form and period that waits and is not to go any more.
    """
    payload: dict[str, Any] = draft.content | {
        "ma_giao_dich": str(uuid.uuid4()),
        "lan_gui": decision.revision,
        "thay_the": decision.replaces,
        "ly_do_dieu_chinh": decision.told,
        "tinh_chat": NATURE[decision.maturity],
    }
    payload["bam_noi_dung"] = content_hash(payload)
    if decision.approved_by is not None:
        payload |= signature(decision.approved_by, draft.composed_at)
    packet = Packet(transaction_id=payload["ma_giao_dich"], payload=payload, payload_hash=payload["bam_noi_dung"])
    return submissions.insert(connection, draft, decision, packet, in_place_of)


def one_writer(engine: sa.Engine, form: str, period: str) -> AbstractContextManager[None]:
    """Alone with the revisions of a form and period: whoever composes one, approves one, or takes one over."""
    return only_one(engine, f"report.{form}.{period}")


def show(connection: sa.Connection, transaction_id: str) -> Submission:
    """The submission of this id. Raises SubmissionUnknown where the outbox has none."""
    submission = submissions.find(connection, transaction_id)
    if submission is None:
        raise SubmissionUnknown(transaction_id=transaction_id)
    return submission


def latest(connection: sa.Connection, form: str, period: str, revision: int | None = None) -> Submission:
    """The last revision of a form and period, or a named one. Raises NeverComposed where there is none."""
    found = [s for s in submissions.listed(connection, form, period) if revision in (None, s.revision)]
    if not found:
        which = "" if revision is None else f" lần {revision}"
        raise NeverComposed(form=form, period=period, which=which)
    return found[-1]


def followed(connection: sa.Connection, submission: Submission) -> Submission | None:
    """The revision that this one comes after: what it replaces at the receiver, otherwise the one made last before it."""
    before = [s for s in submissions.listed(connection, submission.form, submission.period) if s.revision < submission.revision]
    named = [s for s in before if s.transaction_id == submission.replaces]
    return (named or before or [None])[-1]


def due_again(connection: sa.Connection, now: dt.datetime) -> list[Submission]:
    """What was sent before without a receipt and whose next attempt has come."""
    return [s for s in submissions.cleared(connection, now) if s.attempts]


def approve(connection: sa.Connection, transaction_id: str, by: str, now: dt.datetime) -> Submission:
    """Let a waiting form go, in the name of the officer who answers for it. The figures and their hash stay as composed.

    Raises SubmissionUnknown, ApproverMissing without a name, and NotWaitingApproval in any other state.
    """
    who = (by or "").strip()
    submission = show(connection, transaction_id)
    what = f"Duyệt biểu {submission.form} kỳ {submission.period} lần {submission.revision}"
    if not who:
        raise ApproverMissing(what=what)
    # Asked of the row itself: a night may have put another revision in its place since it was read.
    done = submissions.approved(connection, submission, who, signature(who, now), now)
    if done is None:
        submission = show(connection, transaction_id)
        newer = f", thay bằng {submission.superseded_by}" if submission.superseded_by else ""
        raise NotWaitingApproval(what=what, state=STATUS_TITLES[submission.status], newer=newer)
    return done


def signature(by: str, at: dt.datetime) -> dict[str, str]:
    """The two fields of a packet that stand outside its content."""
    return {"nguoi_duyet": by, "thoi_diem_duyet": at.astimezone(dt.UTC).isoformat(timespec="seconds")}
