"""On which nights a form is filed again: seldom, since a receiver who gets it every night knows no revision that it may use.

| what happened | files | as |
| --- | --- | --- |
| an officer asks for this form | where figures or state changed | asked |
| cells that it reads were loaded by hand since it was last looked at | where figures or state changed, once | backfill |
| it was filed this night already | no | |
| nothing was ever filed | yes | first |
| the last revision was never sent (it waits for approval, or for the way) | in its place, where figures changed | unsent |
| the last revision was sent back | where figures or the codes of the packet changed | returned |
| the last revision was taken over from the receiver, which held it while the hub had lost it, and this is the first look since | where figures changed | taken_over |
| all is in and settled, or final, for the first time | where figures or state changed | complete |
| the first look after the lock | where figures changed | lock |
| the first look on or after a revision day | where figures changed | revision_day |
| any other night, whatever changed | no | |

A look is a run that held the form against what the hub holds; a night on which the machine was off is no look, so the next
one files in its place. Whether figures changed is not known here.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from resources.clock import ZONE
from resources.warehouse.published.submissions import OPEN, Submission

Occasion = Literal["asked", "backfill", "first", "unsent", "returned", "taken_over", "complete", "lock", "revision_day"]


@dataclass(frozen=True, kw_only=True)
class Situation:
    """How a form and period stands when it is looked at."""

    history: Sequence[Submission]
    today: dt.date
    looked_on: dt.date | None  # the day of the look before
    locked_day: dt.date
    revision_day: dt.date | None  # the last that has come
    is_complete: bool  # every expected input is in and settled
    is_final: bool = False  # and no control fails
    is_asked: bool = False
    is_backfilled: bool = False


def occasion(now: Situation) -> Occasion | None:
    """Why the form may be filed at this look; None: it may not."""
    history = now.history
    if now.is_asked:
        return "asked"
    if now.is_backfilled and history:
        return "backfill"
    if any(s.night == now.today for s in history):
        return None
    if not any(is_filed(s) for s in history):
        return "first"
    if history[-1].status in OPEN:
        return "unsent"
    if history[-1].status == "returned":
        return "returned"
    if _is_new_to_us(history[-1], now.looked_on):
        return "taken_over"
    filed = [s for s in history if is_filed(s)]
    if (now.is_complete and not any(map(was_complete, filed))) or (now.is_final and not any(map(was_final, filed))):
        return "complete"
    before = now.looked_on or dt.date.min
    if before <= now.locked_day < now.today:
        return "lock"
    if now.revision_day is not None and before < now.revision_day:
        return "revision_day"
    return None


def _is_new_to_us(submission: Submission, looked_on: dt.date | None) -> bool:
    """Whether it was taken over from the receiver and the form was not looked at since that day."""
    if not submission.is_taken_over or submission.received_at is None:
        return False
    return looked_on is None or looked_on <= submission.received_at.astimezone(ZONE).date()


def is_filed(submission: Submission) -> bool:
    """Whether it went, or is to go; what was replaced before it went never was a filing."""
    return submission.receipt is not None or submission.status != "replaced"


def was_complete(submission: Submission) -> bool:
    """Whether it told complete figures, provisional as it may have been for a control that failed."""
    return all(line["tinh_chat"] == "chinh_thuc" for line in submission.payload["so_lieu"])


def was_final(submission: Submission) -> bool:
    """Whether no control failed either. A correction does not say so itself."""
    if submission.maturity == "correction":
        return was_complete(submission) and not any(f.get("kind") == "failed_control" for f in submission.findings)
    return submission.maturity == "final"
