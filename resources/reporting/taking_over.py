"""What stands at the receiver and the outbox has lost: kept again as a revision that was filed, so that the next one names it.

A hub that was brought back from a backup does not know what was sent after it. The receiver refuses a second chain of the same
form and period, or says that what is known here was replaced; what it holds instead has come through held.py by then. That the
hub's own figures then go as the revision that replaces it is decided where every revision is.
"""

import datetime as dt

import sqlalchemy as sa

from resources.reporting import outbox
from resources.reporting.held import Held
from resources.warehouse.published import submissions
from resources.warehouse.published.submissions import OPEN, STANDING, Answer, Decision, Draft, Packet, Submission
from schemas.reports.packet import figures_hash

STATES = {"da_tiep_nhan": "received", "da_phe_duyet": "accepted"}
BY_THE_RECEIVER = "Hệ thống (nhận lại từ nơi nhận)"
REASON = "Nơi nhận giữ lần gửi này mà kho không còn ghi: kho được khôi phục từ bản sao lưu làm trước đó. Đã nhận lại"


def told(held: Held) -> str:
    """What was taken over, in words beside a refusal."""
    return (
        f"Nơi nhận đang giữ lần gửi {held.packet['lan_gui']} (mã {held.transaction_id}, biên nhận {held.number}) mà kho không còn ghi; đã nhận "
        "lại lần gửi đó. Số liệu khác thì lượt đêm sau tự gửi thành lần thay thế nó; gửi ngay: ansinh report submit"
    )


def is_unknown(connection: sa.Connection, submission: Submission, held: Held) -> bool:
    """Whether what stands there is none of ours by the outbox, and is not what this submission already names."""
    return held.transaction_id != submission.replaces and submissions.find(connection, held.transaction_id) is None


def instead(engine: sa.Engine, submission: Submission, held: Held, now: dt.datetime) -> Submission | None:
    """Take over what stands at the receiver in place of a submission; None: not now, or the outbox knows it by now.

    What is open goes first: it is refused, since it names what does not stand there, and that is taken over then.
    """
    with outbox.one_writer(engine, submission.form, submission.period), engine.begin() as connection:
        history = submissions.listed(connection, submission.form, submission.period)
        if any(s.status in OPEN for s in history) or not is_unknown(connection, submission, held):
            return None
        return keep(connection, submission, held, now)


def keep(connection: sa.Connection, like: Submission, held: Held, now: dt.datetime) -> Submission:
    """A revision after all that the outbox has of this form and period, received, and the end of what stood here. `like`: one of ours."""
    history = submissions.listed(connection, like.form, like.period)
    figures = figures_hash(held.packet["so_lieu"])
    is_same = figures == like.figures_hash
    start, end = held.window
    draft = Draft(
        form=like.form,
        regime=held.packet["ma_che_do"],
        period=like.period,
        window_start=start,
        window_end=end,
        due_day=like.due_day,
        content={},
        figures_hash=figures,
        inputs=like.inputs if is_same else [],  # what the same figures were counted from; of others nobody knows
        composed_at=like.composed_at if is_same else now,
        composed_by=BY_THE_RECEIVER,
    )
    decision = Decision(
        revision=max(held.packet["lan_gui"], history[-1].revision + 1),
        replaces=held.packet["thay_the"],
        maturity=held.maturity,
        reasons=[],
        reason=REASON,
        told=None,
        night=None,
        approved_by=held.packet["nguoi_duyet"],
    )
    packet = Packet(transaction_id=held.transaction_id, payload=held.packet, payload_hash=held.packet["bam_noi_dung"])
    kept = submissions.insert(connection, draft, decision, packet)
    detail = {
        "transaction_id": held.transaction_id,
        "number": held.number,
        "at": held.at,
        "content_hash": kept.payload_hash,
        "state": held.state,
    }
    answer = Answer(status=STATES[held.state], receipt=held.number, receipt_detail=detail, received_at=now, said=None)
    for one in history:
        if one.status in STANDING:
            submissions.replaced(connection, one, by=kept)
    return submissions.received(connection, kept, answer)
