"""Sending what waits in the outbox, and asking what became of what was sent.

Each step is committed before the next: the attempt before the request leaves, the receipt once it is there. Whatever goes wrong
with one, foreseen or not, is kept with it, and the next has its turn; a pass ends after a while, since others wait for it.
What a packet says, and whether a new one is needed, is decided elsewhere.
"""

import datetime as dt
import time
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from resources.failing import LONGEST_DELAY, Failure, Permanent, Transient, delay
from resources.failures import Unreachable
from resources.locks import only_one
from resources.reporting import taking_over
from resources.reporting.client import NationalReporting, State
from resources.reporting.failures import AccessRefused, GatewayBusy, PacketRefused, ReceiptForgotten, StateUnforeseen
from resources.reporting.held import Held
from resources.warehouse.engine import typed
from resources.warehouse.published import submissions
from resources.warehouse.published.submissions import Answer, Submission

STATES = {"da_tiep_nhan": "received", "da_phe_duyet": "accepted", "bi_tra_lai": "returned"}
REPLACED = "replaced"  # there, by what the outbox does not know
NO_REASON = "Nơi nhận trả lại mà không nêu lý do."

# How long after its receipt a revision is asked for each night; as long as it stands after that, once a week. Both a little
# less than a day and a week, since no two nights begin at the same minute.
ASKED_NIGHTLY_FOR = dt.timedelta(days=60)
EACH_NIGHT = dt.timedelta(hours=20)
EACH_WEEK = dt.timedelta(days=6, hours=20)
ASKED_AT_ONCE = 100  # in one pass, those that were asked for longest ago first

# Seconds after which a pass begins with no other: the night goes on, and a backup waits for nobody that sends. What is left
# has its turn in the next.
LONGEST_PASS = 300.0


def send_waiting(
    engine: sa.Engine,
    client: NationalReporting | None,
    now: dt.datetime,
    *,
    at_once: bool = False,
    longest: float = LONGEST_PASS,
) -> list[Submission]:
    """Send every cleared form whose time has come (`at_once`: without waiting for it); give what became of each.

    What all would meet ends the pass; a failure of one packet is that one's alone. Of a pass that lasts longer than `longest`
    seconds, those that had no turn are given as they are.
    """
    if client is None:
        return []
    done = []
    with only_one(engine, "report_sending"):
        ends = time.monotonic() + longest
        with engine.connect() as connection:
            cleared = submissions.cleared(connection, now, at_once=at_once)
        for place, waiting in enumerate(cleared):
            if time.monotonic() > ends:
                return done + cleared[place:]
            # Before the request leaves: after a crash here it counts as sent, and is sent again under the same id.
            with engine.begin() as connection:
                submission = submissions.attempted(connection, waiting, now)
            if submission is None:
                continue  # replaced by a newer revision since it was listed
            became, failure = _send(engine, client, submission, now)
            done.append(became)
            if failure is not None and _meets_all(failure):
                break
    return done


def _meets_all(failure: Failure) -> bool:
    """Whether the next would meet the same: an outage, a login, a gateway that asks to be left alone for a while."""
    return failure.stops_system or (isinstance(failure, Transient) and failure.retry_after is not None)


def _send(
    engine: sa.Engine, client: NationalReporting, submission: Submission, now: dt.datetime
) -> tuple[Submission, Failure | None]:
    """Send one; give what became of it, and why where it has no receipt."""
    try:
        try:
            return _answered(engine, submission, _delivered(client, submission.payload), now), None
        except PacketRefused as failure:
            held, why_not = _held_instead(client, submission, failure)
            with engine.begin() as connection:
                unknown = held if held and taking_over.is_unknown(connection, submission, held) else None
                told = " ".join(str(part) for part in (failure, taking_over.told(unknown) if unknown else why_not) if part)
                refused = submissions.refused(connection, submission, told, now)
                if unknown:
                    taking_over.keep(connection, refused, unknown, now)
                return refused, failure
    except Exception as error:
        # Also what nobody foresaw, of an answer or of keeping it: sent again under its id, it gets the same receipt.
        failure = typed(f"gửi biểu {submission.form} kỳ {submission.period}", error)
        # What is permanent waits until the way is mended.
        wait = LONGEST_DELAY if isinstance(failure, Permanent) else delay(submission.attempts, failure.retry_after)
        before = failure.__cause__ if isinstance(failure.__cause__, Failure) else None
        told = " ".join(str(f) for f in (before, failure) if f is not None)
        with engine.begin() as connection:
            return submissions.put_off(connection, submission, told, now + wait), failure


def _answered(engine: sa.Engine, submission: Submission, state: State, now: dt.datetime) -> Submission:
    status = STATES.get(state.receipt.state, "received")
    answer = Answer(
        status=status,
        receipt=state.receipt.number,
        receipt_detail=asdict(state.receipt),
        received_at=now,
        said=(state.reason or NO_REASON) if status == "returned" else None,
    )
    with engine.begin() as connection:
        return submissions.received(connection, submission, answer)


def _delivered(client: NationalReporting, packet: dict[str, Any]) -> State:
    """Send a packet, and give what the receiver holds of it. Raises PacketRefused only where it holds nothing of this id.

    A try whose answer was lost may have arrived, and a gateway may refuse the next one for that alone: whatever it says
    against this packet is settled by asking for our own id first.
    """
    try:
        receipt = client.submit(packet)
    except AccessRefused:
        raise
    except Permanent as refusal:
        try:
            held = client.state(packet)
        except Failure as unanswered:
            raise unanswered from refusal
        if held is None:
            raise
        return held
    if STATES.get(receipt.state) == "returned":  # sent back before this try: the receipt does not say why
        return client.state(packet) or State(receipt, None)
    return State(receipt, None)


def _held_instead(
    client: NationalReporting, submission: Submission, refusal: PacketRefused
) -> tuple[Held | None, Failure | None]:
    """What stands at the receiver where a packet was refused, or why it is not known. Of a way that is only down it is asked again
    with the packet, before the refusal counts."""
    try:
        return client.standing(submission.payload), None
    except (Unreachable, GatewayBusy) as failure:
        raise failure from refusal
    except AccessRefused:  # a receiver that has no such question
        return None, None
    except Failure as failure:
        return None, failure


def refresh_states(
    engine: sa.Engine, client: NationalReporting | None, now: dt.datetime, *, longest: float = LONGEST_PASS
) -> list[Submission]:
    """Ask what became of what stands at the receiver, approved or not; give those of which it says something new.

    What all would meet ends the asking, as `longest` seconds do; what concerns one is kept with it, and the next is asked for.
    """
    if client is None:
        return []
    ends = time.monotonic() + longest
    with engine.connect() as connection:
        standing = submissions.to_ask(
            connection,
            young_since=now - ASKED_NIGHTLY_FOR,
            young_asked_before=now - EACH_NIGHT,
            old_asked_before=now - EACH_WEEK,
            most=ASKED_AT_ONCE,
        )
    news = []
    for submission in standing:
        if time.monotonic() > ends:
            break
        try:
            status, said = _judgement(client, submission)
            if status == REPLACED:
                held = client.standing(submission.payload)
                if held and (taken := taking_over.instead(engine, submission, held, now)):
                    news.append(taken)
                    continue
                status = submission.status
        except Exception as error:
            failure = typed(f"hỏi trạng thái biểu {submission.form} kỳ {submission.period}", error)
            if _meets_all(failure):
                break
            status, said = submission.status, str(failure)
        with engine.begin() as connection:
            became = submissions.judged(connection, submission, status, said, now)
        if became is not None and (became.status, became.last_error) != (submission.status, submission.last_error):
            news.append(became)
    return news


def _judgement(client: NationalReporting, submission: Submission) -> tuple[str, str | None]:
    """The status that the receiver gives a submission, and what is to be said of it. REPLACED: no status that it may have here."""
    named: dict[str, Any] = {n: getattr(submission, n) for n in ("form", "period", "revision", "receipt")}
    state = client.state(submission.payload)
    if state is None:
        return submission.status, str(ReceiptForgotten(**named))
    status = STATES.get(state.receipt.state)
    if status is None:
        is_replaced = state.receipt.state == "thay_the"
        return REPLACED if is_replaced else submission.status, str(StateUnforeseen(**named, state=state.receipt.state))
    return status, (state.reason or NO_REASON) if status == "returned" else None
