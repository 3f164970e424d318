"""When a form is filed, again, or not: the decision and its row in the outbox, in one transaction.

On which nights it may be is told in occasions.py; nothing is sent here (resources/reporting/sending.py) and no figure is
counted here (compute.py).
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa

from assets.reports.changes import LONGEST, cut, explained, worded
from assets.reports.compute import FilledForm, fill, inputs_fingerprint
from assets.reports.erasures import NOTHING_FILED, Filed, recorded
from assets.reports.failures import NothingToFile, NotYetDue, WaitsForApproval, WindowNotHeld
from assets.reports.form import Form
from assets.reports.inputs import InputState, read_inputs
from assets.reports.occasions import Occasion, Situation, occasion
from assets.reports.plausible import implausible
from resources.clock import ZONE
from resources.reporting import outbox
from resources.warehouse.arrivals import backfills, tracker
from resources.warehouse.arrivals.backfills import Act
from resources.warehouse.published import looks, submissions
from resources.warehouse.published.looks import Look
from resources.warehouse.published.submissions import OPEN, STANDING, Decision, Draft, Submission
from schemas import calendar
from schemas.dataset import Dataset
from schemas.reports.organisations import organisation
from schemas.reports.packet import PACKET_KIND, VERSION
from schemas.revision_days import last_revision_day

Mode = Literal["automatic", "approved"]
TAKEN_OVER = "Kho được khôi phục từ bản sao lưu làm trước lần gửi {number} mà nơi nhận giữ; lập lại theo số liệu hiện có"
BY_THE_SYSTEM = "Hệ thống (gửi tự động)"


def stirring(engine: sa.Engine, form: Form, periods: Sequence[str], now: dt.datetime, *, follows: bool = False) -> list[str]:
    """The periods of these that may be filed at this look, by what can be told of all of them at once. `follows`: see `prepare`.

    The others are kept as looked at: they grow in number each month, and on most nights there is nothing to say of most of them.
    """
    today, found, at_rest = now.astimezone(ZONE).date(), list[str](), list[str]()
    with _snapshot(engine) as connection:
        newest = backfills.newest(connection)
        histories, looked = submissions.histories(connection, form.code), looks.of_form(connection, form.code)
        restated = backfills.restated(connection, min((look.backfills_seen for look in looked.values()), default=0))
    for period in periods:
        history, look = histories.get(period), looked.get(period)
        if not history or look is None:
            found.append(period)
        elif history[-1].status != "sent":
            try:
                read = {(d.source.name, d.name, of) for d, of in _restating(form, period, today)}
                is_backfilled = any(last > look.backfills_seen for cells, last in restated.items() if cells in read)
                at_best = _at_best(form, period, today, history, look, is_asked=False, is_backfilled=is_backfilled)
            except Exception:  # of this period alone, and told by who files it
                found.append(period)
                continue
            if occasion(at_best) is not None:
                found.append(period)
            elif not follows:
                at_rest.append(period)
    if at_rest:
        with engine.begin() as connection:
            looks.keep(connection, form.code, at_rest, Look(today, newest))
    return found


def file_form(engine: sa.Engine, form: Form, period: str, now: dt.datetime, **how: Any) -> Submission | None:
    """`prepare` in a transaction of its own: one snapshot, one writer for each form and period. See `prepare` for `how`."""
    with outbox.one_writer(engine, form.code, period), _snapshot(engine) as connection:
        return prepare(connection, form, period, now, **how)


@contextmanager
def _snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that sees the warehouse at one instant, with every backfill kept by then."""
    connection = engine.connect().execution_options(isolation_level="REPEATABLE READ")
    with connection, connection.begin():
        with backfills.none_half_kept(engine):
            backfills.newest(connection)  # the first statement takes the snapshot
        yield connection


def prepare(
    connection: sa.Connection,
    form: Form,
    period: str,
    now: dt.datetime,
    *,
    mode: Mode = "automatic",
    asked: Act | None = None,
    follows: bool = False,
) -> Submission | None:
    """Compose the next revision of a form into the outbox, or nothing: nothing new to say, or not the night to say it.

    `asked`: an officer wants this form filed now, also once more what was sent back. `follows`: the run follows cells that
    were loaded by hand, and files nothing else.
    """
    today = now.astimezone(ZONE).date()
    _refuse_too_early(form, period, today)
    history = submissions.listed(connection, form.code, period)
    waiting = history[-1] if history and history[-1].status in OPEN else None
    if waiting is not None and waiting.status == "sent":
        return None  # on its way: its receipt has to come back first, then the next night looks again
    look = _look_before(connection, form, period, history)
    acts = _acts(connection, form, period, today, look) if history else []
    if follows and not acts:
        return None
    at_best = _at_best(form, period, today, history, look, is_asked=asked is not None, is_backfilled=bool(acts))
    looks.keep(connection, form.code, [period], Look(today, backfills.newest(connection)))
    if occasion(at_best) is None:
        return None
    states = read_inputs(connection, form, period, now)
    is_settled = all(c.is_settled for state in states.values() for c in state.cells.values())
    situation = dataclasses.replace(at_best, is_complete=is_settled, is_final=is_settled)  # as far as can be told before counting
    standing = next((s for s in reversed(history) if s.status in STANDING), None)
    filed = Filed(standing.payload["so_lieu"], standing.inputs) if standing else NOTHING_FILED
    if occasion(situation) is None or _is_settled_history(situation, tuple(states.values()), filed):
        return None
    filled = fill(connection, form, period, states, _lines_before(connection, form, period), filed)
    why = occasion(dataclasses.replace(situation, is_complete=filled.is_complete, is_final=filled.is_final))
    if why is None or filled.is_empty:
        return None
    said = [*acts, asked] if asked else acts
    sender = _sender(standing, today)
    draft = _drafted(filled, filed, sender, tracker.last_changed(connection, form.datasets, now), said)
    decision = _decided(filled, history, standing, today, why, said)
    if waiting is not None and standing is not None and not _tells_more(draft, decision, standing):
        # The figures went back to what the receiver already holds: what waits is not to go any more.
        submissions.replaced(connection, waiting, by=standing)
        return None
    if not _is_news(draft, decision, history, waiting or standing, why):
        return None
    unbelieved = implausible(filled)
    draft = dataclasses.replace(draft, findings=unbelieved + draft.findings)
    if mode == "automatic" and not unbelieved:
        decision = dataclasses.replace(decision, approved_by=BY_THE_SYSTEM)
    return outbox.file(connection, draft, decision, in_place_of=waiting)


def _at_best(
    form: Form,
    period: str,
    today: dt.date,
    history: Sequence[Submission],
    look: Look | None,
    *,
    is_asked: bool,
    is_backfilled: bool,
) -> Situation:
    """How a form and period stands, if all that it counts were in and right: without an occasion then, it has none at all."""
    return Situation(
        history=history,
        today=today,
        looked_on=look.on if look else None,
        locked_day=form.locked_day(period),
        revision_day=last_revision_day(today),
        is_complete=True,
        is_final=True,
        is_asked=is_asked,
        is_backfilled=is_backfilled,
    )


def _look_before(connection: sa.Connection, form: Form, period: str, history: Sequence[Submission]) -> Look | None:
    """The last look; of what was filed before looks were kept, its last composing."""
    found = looks.of_form(connection, form.code).get(period)
    if found is None and history:
        composed = history[-1].composed_at
        found = Look(composed.astimezone(ZONE).date(), backfills.newest(connection, until=composed))
    return found


def _acts(connection: sa.Connection, form: Form, period: str, today: dt.date, look: Look | None) -> list[Act]:
    """What was loaded by hand since the last look and restates this period."""
    return backfills.since(connection, look.backfills_seen if look else 0, _restating(form, period, today))


def _restating(form: Form, period: str, today: dt.date) -> list[tuple[Dataset, str]]:
    """The datasets and periods whose cells, loaded by hand, restate a period of a form. A register restates none that is locked."""
    is_locked = today > form.locked_day(period)
    return [(i.dataset, i.period) for i in form.inputs(period) if not (is_locked and i.period == calendar.REGISTER)]


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
    composed = file_form(engine, form, period, now, mode=mode, asked=Act(by, reason))
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


def _is_settled_history(situation: Situation, states: Sequence[InputState], filed: Filed) -> bool:
    """Whether nothing but a register moved since the last revision, and nobody but the erased went; a locked form is not restated
    for that alone."""
    history = situation.history
    if situation.is_asked or situation.is_backfilled or situation.today <= situation.locked_day:
        return False
    if not history or history[-1].status == "returned":
        return False
    return any(r.get("fingerprint") == inputs_fingerprint(states, filed) for r in history[-1].inputs)


def _sender(standing: Submission | None, today: dt.date) -> str:
    """The code under which a packet goes: today's; where it replaces another, the code under which that one stands.

    A receiver keeps one chain for each sender, form and period, and need not know who came after a department that ended: under the successor's
    code a correction would name what is not there. Who answers for the correction is told by its approver, and from whom it comes by the login.
    The receiver's code is always today's: a department that has ended receives nothing.
    """
    return organisation("sender", today).code if standing is None else standing.payload["don_vi_gui"]


def _drafted(filled: FilledForm, filed: Filed, sender: str, now: dt.datetime, said: Sequence[Act]) -> Draft:
    """What the figures of a form come to as a packet. `now`: from which the history tells what they were counted from, again."""
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
            "don_vi_gui": sender,
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
        inputs=[{"fingerprint": inputs_fingerprint(filled.inputs, filed)}, *(recorded(s, filed) for s in filled.inputs)],
        findings=[dataclasses.asdict(f) for f in filled.findings],
        composed_at=now,
        composed_by="; ".join(dict.fromkeys(act.officer for act in said if act.officer)) or BY_THE_SYSTEM,
    )


def _decided(
    filled: FilledForm,
    history: Sequence[Submission],
    standing: Submission | None,
    today: dt.date,
    why: Occasion,
    said: Sequence[Act],
) -> Decision:
    """The revision as which the figures go, and what the receiver is told of why. Nobody lets them go yet."""
    known = _known(history)
    reasons = [*_reasons_untold(history, standing), *(act.reason for act in said if act.reason)]
    change = explained(known[-1].payload, filled.lines()) if known else ""
    if standing is not None and standing.is_taken_over:
        change = f"{TAKEN_OVER.format(number=standing.payload['lan_gui'])}. {change}"
    reason = worded(reasons, change) or None
    return Decision(
        revision=history[-1].revision + 1 if history else 1,
        replaces=standing.transaction_id if standing else None,
        maturity=_maturity(filled, known, today),
        reasons=list(dict.fromkeys(reasons)),
        reason=reason,
        told=cut(reason, LONGEST) if known and reason else None,
        night=None if why in ("asked", "backfill") else today,
        approved_by=None,
    )


def _reasons_untold(history: Sequence[Submission], standing: Submission | None) -> list[str]:
    """What officers said of revisions that the receiver never took, or took and sent back: it is why, still.

    Left out is what was taken back, since the figures became again what the receiver held.
    """
    found: list[str] = []
    for s in reversed(history):
        if s.is_taken_over:  # what stood there before what was refused for its sake
            continue
        is_taken_back = s.status == "replaced" and s.receipt is None and standing and s.superseded_by == standing.transaction_id
        if is_taken_back or (s.receipt is not None and s.status != "returned"):
            break
        found = [*s.reasons, *found]
    return found


def _known(history: Sequence[Submission]) -> list[Submission]:
    """The revisions that the receiver took and did not send back, whether they stand or were replaced since."""
    return [s for s in history if s.receipt is not None and s.status != "returned"]


def _maturity(filled: FilledForm, known: Sequence[Submission], today: dt.date) -> str:
    """A later revision of a final is a correction, and of a provisional once its period is locked."""
    if known and (any(s.maturity in ("final", "correction") for s in known) or today > filled.form.locked_day(filled.period)):
        return "correction"
    return "final" if filled.is_final else "provisional"


def _tells_more(draft: Draft, decision: Decision, than: Submission) -> bool:
    """Another figure, or that the same are final now."""
    return draft.figures_hash != than.figures_hash or (than.maturity, decision.maturity) == ("provisional", "final")


def _is_news(draft: Draft, decision: Decision, history: Sequence[Submission], against: Submission | None, why: Occasion) -> bool:
    """Whether the receiver does not know this yet: by what waits or else stands there (`against`), and by what it sent back."""
    if against is not None and not _tells_more(draft, decision, against):
        return False
    last = history[-1] if history else None
    if last is None or last.status != "returned" or why == "asked":
        return True
    # What could be refused: the figures and the codes of the packet, without its ids, words and hashes.
    refused = (last.figures_hash, last.replaces, _codes(last.payload))
    return (draft.figures_hash, decision.replaces, _codes(draft.content)) != refused


def _codes(packet: Mapping[str, Any]) -> list[Any]:
    return [packet.get(c) for c in ("don_vi_gui", "don_vi_nhan", "ma_che_do", "ma_bieu_mau", "ky_bao_cao")]
