"""A night of a form: send what waits, look at every due period, send what was composed. One bad period stops only itself."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from assets.reports.filing import Mode, file_form, stirring
from assets.reports.form import Form
from resources.reporting.client import NationalReporting
from resources.reporting.sending import refresh_states, send_waiting
from resources.warehouse.arrivals.backfills import Act
from resources.warehouse.published.submissions import Submission


@dataclass
class Filed:
    """What became of a form in one run."""

    composed: list[Submission] = field(default_factory=list)
    sent: list[Submission] = field(default_factory=list)
    failed: dict[str, Exception] = field(default_factory=dict)  # period -> why it could not be composed

    @property
    def unsent(self) -> list[Submission]:
        return [s for s in self.sent if s.receipt is None]

    @property
    def stopped(self) -> list[Submission]:
        """What was composed and waits for a person, since nobody would believe its figures."""
        return [s for s in self.composed if s.stopped_by]


def file_due(
    engine: sa.Engine,
    client: NationalReporting | None,
    now: dt.datetime,
    form: Form,
    periods: Sequence[str],
    *,
    mode: Mode,
    asked: Act | None = None,
    follows: bool = False,
) -> Filed:
    """File these periods of a form (`asked`, `follows`: see `prepare`). What waits from before goes first: a period on its way
    is not composed anew.
    """
    filed = Filed()
    before = send_waiting(engine, client, now, at_once=True)
    refresh_states(engine, client, now)
    # What an officer asks for is asked for by period.
    for period in periods if asked else stirring(engine, form, periods, now, follows=follows):
        try:
            submission = file_form(engine, form, period, now, mode=mode, asked=asked, follows=follows)
        except Exception as error:
            filed.failed[period] = error
            continue
        if submission is not None:
            filed.composed.append(submission)
    down = any(s.status == "sent" for s in before)
    composed = max((now, *(s.composed_at for s in filed.composed)))  # later, where something was loaded since the run began
    after = send_waiting(engine, client, composed, at_once=not down) if filed.composed else []
    last = {s.transaction_id: s for s in [*before, *after]}
    filed.sent = [s for s in last.values() if s.form == form.code]
    return filed
