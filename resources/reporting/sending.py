"""Sending what waits in the outbox, and asking what became of what was sent.

Each step is committed before the next: the attempt before the request leaves, the receipt once it is there. What a packet
says, and whether a new one is needed, is decided elsewhere.
"""

import datetime as dt
import json
from dataclasses import asdict

import sqlalchemy as sa

from resources.failures import LONGEST_DELAY, Failure, Permanent, Transient, Unreachable, delay
from resources.locks import only_one
from resources.reporting import outbox
from resources.reporting.client import NationalReporting, PacketRefused, Receipt
from resources.reporting.outbox import Submission

WATCHED_FOR = dt.timedelta(days=60)  # how long the receiver is asked whether it approved or sent back
STATES = {"da_phe_duyet": "accepted", "bi_tra_lai": "returned"}


class ReceiptForgotten(Permanent):
    attempted = "Hỏi trạng thái biểu {form} kỳ {period} lần {revision}"
    found = "nơi nhận không còn biết lần gửi có biên nhận {receipt}"
    remedy = "Gửi biên nhận cho đơn vị vận hành cổng để đối chiếu"
    means = "Nơi nhận đã khôi phục dữ liệu cũ hoặc xóa nhầm. Biên nhận và nội dung đã gửi vẫn được giữ ở đây."
    steps = (
        "ansinh report show <biểu> <kỳ> --json: mã giao dịch, biên nhận, nội dung đã gửi.",
        "Gửi các mã đó cho đơn vị vận hành cổng.",
    )


def send_waiting(
    engine: sa.Engine, client: NationalReporting | None, now: dt.datetime, *, at_once: bool = False
) -> list[Submission]:
    """Send every cleared form whose time has come (`at_once`: without waiting for it), oldest first; give what became of each.

    An outage stops the pass: what comes after it would meet the same.
    """
    if client is None:
        return []
    done = []
    with only_one(engine, "report_sending"):
        with engine.connect() as connection:
            cleared = outbox.cleared(connection, now, at_once=at_once)
        for transaction_id in cleared:
            if not _attempted(engine, transaction_id, now):
                continue  # replaced by a newer revision since it was listed
            failure = _send(engine, client, transaction_id, now)
            with engine.connect() as connection:
                done.append(outbox.show(connection, transaction_id))
            if isinstance(failure, Unreachable) or (isinstance(failure, Permanent) and not isinstance(failure, PacketRefused)):
                break
            if isinstance(failure, Transient) and failure.retry_after is not None:
                break
    return done


def _attempted(engine: sa.Engine, transaction_id: str, now: dt.datetime) -> bool:
    """Before the request leaves: after a crash here it counts as sent, and is sent again under the same id."""
    with engine.begin() as connection:
        changed = connection.execute(
            sa.text("""update ops.report_submissions set status = 'sent', attempts = attempts + 1,
                submitted_at = coalesce(submitted_at, :now) where transaction_id = :id and status in ('draft', 'sent')"""),
            {"id": transaction_id, "now": now},
        )
        return changed.rowcount == 1


def _send(engine: sa.Engine, client: NationalReporting, transaction_id: str, now: dt.datetime) -> Failure | None:
    with engine.connect() as connection:
        submission = outbox.show(connection, transaction_id)
    try:
        receipt = client.submit(submission.payload)
    except PacketRefused as failure:
        _note(engine, transaction_id, str(failure), "returned", None)
        return failure
    except Permanent as failure:
        # Not this form's fault: it waits until the way is mended.
        _note(engine, transaction_id, str(failure), "sent", now + LONGEST_DELAY)
        return failure
    except Transient as failure:
        _note(engine, transaction_id, str(failure), "sent", now + delay(submission.attempts, failure.retry_after))
        return failure
    _keep(engine, transaction_id, receipt, now)
    return None


def _note(engine: sa.Engine, transaction_id: str, error: str, status: str, again: dt.datetime | None) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.text("""update ops.report_submissions set status = :status, last_error = :error, next_attempt_at = :again
                where transaction_id = :id"""),
            {"id": transaction_id, "error": error, "status": status, "again": again},
        )


def _keep(engine: sa.Engine, transaction_id: str, receipt: Receipt, now: dt.datetime) -> None:
    """The receipt, and with it the end of the revision that this one replaces."""
    with engine.begin() as connection:
        replaced = connection.execute(
            sa.text("""update ops.report_submissions set status = :status, receipt = :number,
                receipt_detail = cast(:detail as jsonb),
                received_at = :now, last_error = null, next_attempt_at = null where transaction_id = :id returning replaces"""),
            {
                "id": transaction_id,
                "status": STATES.get(receipt.state, "received"),
                "number": receipt.number,
                "detail": json.dumps(asdict(receipt), ensure_ascii=False),
                "now": now,
            },
        ).scalar_one()
        if replaced:
            outbox.supersede(connection, replaced, transaction_id)


def refresh_states(engine: sa.Engine, client: NationalReporting | None, now: dt.datetime) -> list[Submission]:
    """Ask what became of the forms that were received lately; give those whose state changed. An outage ends the asking."""
    if client is None:
        return []
    with engine.connect() as connection:
        received = [s for s in outbox.list_submissions(connection, status="received") if _is_watched(s, now)]
    changed = []
    for submission in received:
        try:
            state = client.state(submission.transaction_id)
        except Failure as failure:
            _note(engine, submission.transaction_id, str(failure), "received", None)
            break
        if state is None:
            error = str(
                ReceiptForgotten(
                    form=submission.form, period=submission.period, revision=submission.revision, receipt=submission.receipt
                )
            )
            _note(engine, submission.transaction_id, error, "received", None)
        elif state.receipt.state in STATES:
            _note(engine, submission.transaction_id, state.reason or "", STATES[state.receipt.state], None)
        else:
            continue
        with engine.connect() as connection:
            changed.append(outbox.show(connection, submission.transaction_id))
    return changed


def _is_watched(submission: Submission, now: dt.datetime) -> bool:
    return submission.received_at is not None and submission.received_at >= now - WATCHED_FOR
