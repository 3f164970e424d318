"""Sending what waits in the outbox, and asking what became of what was sent.

Each step is committed before the next: the attempt before the request leaves, the receipt once it is there. What a packet
says, and whether a new one is needed, is decided elsewhere.
"""

import datetime as dt
from dataclasses import asdict
from typing import Literal

import sqlalchemy as sa

from resources.failures import LONGEST_DELAY, Failure, Permanent, Transient, Unreachable, delay
from resources.locks import only_one
from resources.reporting.client import NationalReporting, PacketRefused
from resources.warehouse import submissions
from resources.warehouse.submissions import Answer, Submission

WATCHED_FOR = dt.timedelta(days=60)  # how long the receiver is asked whether it approved or sent back
STATES: dict[str, Literal["accepted", "returned"]] = {"da_phe_duyet": "accepted", "bi_tra_lai": "returned"}


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
            cleared = submissions.cleared(connection, now, at_once=at_once)
        for waiting in cleared:
            # Before the request leaves: after a crash here it counts as sent, and is sent again under the same id.
            with engine.begin() as connection:
                submission = submissions.attempted(connection, waiting, now)
            if submission is None:
                continue  # replaced by a newer revision since it was listed
            became, failure = _send(engine, client, submission, now)
            done.append(became)
            if isinstance(failure, Unreachable) or (isinstance(failure, Permanent) and not isinstance(failure, PacketRefused)):
                break
            if isinstance(failure, Transient) and failure.retry_after is not None:
                break
    return done


def _send(
    engine: sa.Engine, client: NationalReporting, submission: Submission, now: dt.datetime
) -> tuple[Submission, Failure | None]:
    """Send one; give what became of it, and why where it has no receipt."""
    try:
        receipt = client.submit(submission.payload)
    except PacketRefused as failure:
        with engine.begin() as connection:
            return submissions.judged(connection, submission, "returned", str(failure)), failure
    except (Permanent, Transient) as failure:
        # Permanent is not this form's fault: it waits until the way is mended.
        wait = LONGEST_DELAY if isinstance(failure, Permanent) else delay(submission.attempts, failure.retry_after)
        with engine.begin() as connection:
            return submissions.put_off(connection, submission, str(failure), now + wait), failure
    answer = Answer(
        status=STATES.get(receipt.state, "received"), receipt=receipt.number, receipt_detail=asdict(receipt), received_at=now
    )
    with engine.begin() as connection:
        return submissions.received(connection, submission, answer), None


def refresh_states(engine: sa.Engine, client: NationalReporting | None, now: dt.datetime) -> list[Submission]:
    """Ask what became of the forms that were received lately; give those whose state changed. An outage ends the asking."""
    if client is None:
        return []
    with engine.connect() as connection:
        received = [s for s in submissions.listed(connection, status="received") if _is_watched(s, now)]
    changed = []
    for submission in received:
        try:
            state = client.state(submission.transaction_id)
        except Failure as failure:
            with engine.begin() as connection:
                submissions.asked_in_vain(connection, submission, str(failure))
            break
        if state is None:
            forgotten = ReceiptForgotten(
                form=submission.form, period=submission.period, revision=submission.revision, receipt=submission.receipt
            )
            with engine.begin() as connection:
                changed.append(submissions.asked_in_vain(connection, submission, str(forgotten)))
        elif state.receipt.state in STATES:
            with engine.begin() as connection:
                judged = submissions.judged(connection, submission, STATES[state.receipt.state], state.reason or "")
            changed.append(judged)
    return changed


def _is_watched(submission: Submission, now: dt.datetime) -> bool:
    return submission.received_at is not None and submission.received_at >= now - WATCHED_FOR
