"""When a form is filed, again, or not: the decision and its row in the outbox, in one transaction.

Nothing is sent here (resources/reporting/sending.py) and no figure is counted here (compute.py).
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import sqlalchemy as sa

from assets.reports.changes import explained
from assets.reports.compute import FilledForm, fill, inputs_fingerprint
from assets.reports.inputs import InputState, read_inputs
from assets.reports.refusals import NothingToFile, NotYetDue, WaitsForApproval, WindowNotHeld
from resources.clock import ZONE
from resources.locks import only_one
from resources.reporting import outbox
from resources.warehouse import submissions
from resources.warehouse.submissions import OPEN, STANDING, Decision, Draft, Submission
from schemas import calendar
from schemas.reports.form import Form, organisation
from schemas.reports.packet import PACKET_KIND, VERSION
from schemas.reports.registry import due_forms

__all__ = ["due_forms", "file_form", "prepare", "submit"]

Mode = Literal["automatic", "approved"]
BY_THE_SYSTEM = "Hệ thống (gửi tự động)"


def file_form(engine: sa.Engine, form: Form, period: str, now: dt.datetime, **how: Any) -> Submission | None:
    """`prepare` in a transaction of its own: one snapshot, one writer for each form and period. See `prepare` for `how`."""
    with only_one(engine, f"report.{form.code}.{period}"):
        connection = engine.connect().execution_options(isolation_level="REPEATABLE READ")
        with connection, connection.begin():
            return prepare(connection, form, period, now, **how)


def prepare(
    connection: sa.Connection,
    form: Form,
    period: str,
    now: dt.datetime,
    *,
    mode: Mode = "automatic",
    reason: str | None = None,
    by: str | None = None,
    again: bool = False,
) -> Submission | None:
    """Compose the next revision of a form into the outbox, or nothing where there is nothing new to say.

    Without `reason` it is the night's: at most one of a form and day. With a reason it is one manual act, which may follow
    the night's. `again` files the same figures once more after the receiver sent them back.
    """
    today = now.astimezone(ZONE).date()
    _refuse_too_early(form, period, today)
    history = submissions.listed(connection, form.code, period)
    waiting = next((s for s in history if s.status in OPEN), None)
    is_night = reason is None and not again
    if waiting is not None and waiting.status == "sent":
        return None  # on its way: its receipt has to come back first, then the next night looks again
    if is_night and any(s.night == today for s in history):
        return None
    states = read_inputs(connection, form, period, now)
    if is_night and today > form.locked_day(period) and _is_settled_history(history, tuple(states.values())):
        return None
    filled = fill(connection, form, period, states, _lines_before(connection, form, period))
    if filled.is_empty:
        return None
    standing = next((s for s in reversed(history) if s.status in STANDING), None)
    draft = _drafted(filled, now, by)
    if waiting is not None and standing is not None and draft.figures_hash == standing.figures_hash:
        # The figures went back to what the receiver already holds: what waits is not to go any more.
        submissions.replaced(connection, waiting, by=standing)
        return None
    if not _is_news(draft, history, waiting, standing, again, filled.is_final):
        return None
    return outbox.file(connection, draft, _decided(filled, history, standing, today, mode, reason, is_night), in_place_of=waiting)


def _lines_before(connection: sa.Connection, form: Form, period: str) -> list[dict[str, Any]]:
    """What stands at the receiver for the period before."""
    before = submissions.listed(connection, form.code, calendar.previous(period))
    standing = [s for s in before if s.status in STANDING]
    return standing[-1].payload["so_lieu"] if standing else []


def submit(
    engine: sa.Engine, form: Form, period: str, now: dt.datetime, *, mode: Mode, by: str, reason: str | None = None
) -> Submission:
    """An officer's act: what waits is to go now; what was sent back, or has changed, is composed anew."""
    what = f"Gửi biểu {form.code} kỳ {period}"
    with engine.connect() as connection:
        history = submissions.listed(connection, form.code, period)
    last = history[-1] if history else None
    if last is not None and last.status == "waiting_approval":
        raise WaitsForApproval(what=what, revision=last.revision)
    if last is not None and last.status in ("draft", "sent"):
        return last
    composed = file_form(engine, form, period, now, mode=mode, reason=reason, by=by, again=True)
    if composed is None:
        state = f"số liệu không khác lần {last.revision} đã gửi" if last else "chưa có số liệu nào được nhận"
        raise NothingToFile(what=what, state=state)
    return composed


def _refuse_too_early(form: Form, period: str, today: dt.date) -> None:
    what = f"Lập biểu {form.code} kỳ {period}"
    if form.due_day(period) > today:
        raise NotYetDue(what=what, due=form.due_day(period), today=today)
    if not form.is_held(period):
        start, end = form.window(period)
        raise WindowNotHeld(what=what, start=start, end=end)


def _is_settled_history(history: Sequence[Submission], states: Sequence[InputState]) -> bool:
    """Whether nothing but a register moved since the last revision; a locked form is not restated for that alone."""
    if not history or history[-1].status == "returned":
        return False
    return any(r.get("fingerprint") == inputs_fingerprint(states) for r in history[-1].inputs)


def _drafted(filled: FilledForm, now: dt.datetime, by: str | None) -> Draft:
    """What the figures of a form come to as a packet."""
    form, period, today = filled.form, filled.period, now.astimezone(ZONE).date()
    start, end = form.window(period)
    return Draft(
        form=form.code,
        regime=form.regime.code,
        period=period,
        window_start=start,
        window_end=end,
        due_day=form.due_day(period),
        content={
            "ma_goi": PACKET_KIND,
            "phien_ban": VERSION,
            "don_vi_gui": organisation("sender", today).code,
            "don_vi_nhan": organisation("receiver", today).code,
            "ma_che_do": form.regime.code,
            "ma_bieu_mau": form.code,
            "ky_bao_cao": form.regime.named_period(period),
            "tu_ngay": start.isoformat(),
            "den_ngay": end.isoformat(),
            "ghi_chu": filled.notes,
            "so_lieu": filled.lines(),
        },
        figures_hash=filled.figures_hash(),
        inputs=[{"fingerprint": filled.fingerprint()}, *(s.record() for s in filled.inputs)],
        findings=[dataclasses.asdict(f) for f in filled.findings],
        composed_at=now,
        composed_by=by or BY_THE_SYSTEM,
    )


def _decided(
    filled: FilledForm,
    history: Sequence[Submission],
    standing: Submission | None,
    today: dt.date,
    mode: Mode,
    reason: str | None,
    is_night: bool,
) -> Decision:
    """As which revision the figures go, what the receiver is told of why, and whether they go at once."""
    known = _known(history)
    told = explained(known[-1].payload, filled.lines(), filled.notes, reason) if known else None
    return Decision(
        revision=history[-1].revision + 1 if history else 1,
        replaces=standing.transaction_id if standing else None,
        maturity=_maturity(filled, known, today),
        reason=told if known else reason,
        told=told,
        night=today if is_night else None,
        approved_by=BY_THE_SYSTEM if mode == "automatic" else None,
    )


def _known(history: Sequence[Submission]) -> list[Submission]:
    """The revisions that the receiver took and did not send back, whether they stand or were replaced since."""
    return [s for s in history if s.receipt is not None and s.status != "returned"]


def _maturity(filled: FilledForm, known: Sequence[Submission], today: dt.date) -> str:
    """A later revision of a final is a correction, and of a provisional once its period is locked."""
    if known and (any(s.maturity in ("final", "correction") for s in known) or today > filled.form.locked_day(filled.period)):
        return "correction"
    return "final" if filled.is_final else "provisional"


def _is_news(
    draft: Draft,
    history: Sequence[Submission],
    waiting: Submission | None,
    standing: Submission | None,
    again: bool,
    is_final: bool,
) -> bool:
    """Whether the receiver does not know this yet: another figure or state than what stands, waits, or was sent back."""
    if waiting is not None:
        return draft.figures_hash != waiting.figures_hash
    if standing is not None and draft.figures_hash == standing.figures_hash:
        return is_final and standing.maturity == "provisional"  # no line moved: a control that failed no longer does
    last = history[-1] if history else None
    if last is None or last.status != "returned" or again:
        return True
    replaces = standing.transaction_id if standing else None
    # What could be refused: the figures and the codes of the packet, without its ids, words and hashes.
    return (draft.figures_hash, replaces, _codes(draft.content)) != (last.figures_hash, last.replaces, _codes(last.payload))


def _codes(packet: Mapping[str, Any]) -> list[Any]:
    return [packet.get(c) for c in ("don_vi_gui", "don_vi_nhan", "ma_che_do", "ma_bieu_mau", "ky_bao_cao")]
