"""What becomes of a cell: accepted, refused with its reason, declared empty, or nothing new. Pure, from counts."""

import datetime as dt

from assets.refusals import ABOVE_TOLERANCE, ALL_BAD, RESENT, SHRUNKEN
from resources.ledger import Arrival, CellState
from resources.loading import CellCount
from resources.sources import Mark
from schemas.dataset import UNKNOWN_UNIT, Dataset

TOLERATED_ROWS = 20
ALL_BAD_ROWS = 5
SHRINK_ROWS = 5


def judge(
    dataset: Dataset,
    count: CellCount,
    state: CellState | None,
    before: CellState | None,
    mark: Mark | None,
    resent: bool,
    is_manual: bool,
    confirmed: bool,
    now: dt.datetime,
    digest: str | None,
) -> Arrival | None:
    """The arrival of a cell, or None where nothing arrived or nothing changed."""
    ever = state is not None and state.ever_accepted
    if count.received == 0 and not ever:
        if mark is None or not mark.declared_empty:
            return None
        return Arrival(
            count.unit,
            mark.at,
            count.content_hash,
            0,
            0,
            0,
            "empty_declared",
            has_mark=True,
            digest=digest,
            key_sum=count.key_sum,
        )
    if state is not None and state.last_content == count.content_hash and not is_manual:
        return None
    reason = _refusal(dataset, count, state if ever else before, resent, confirmed)
    received_at = mark.at if mark else now
    accepted, rejected = (0, count.received) if reason else (count.accepted, count.rejected)
    return Arrival(
        count.unit,
        received_at,
        count.content_hash,
        count.pulled,
        accepted,
        rejected,
        "refused" if reason else "accepted",
        reason,
        has_mark=mark is not None,
        marked_rows=mark.rows if mark else None,
        digest=digest,
        content_sum=count.content_sum,
        key_sum=count.key_sum,
    )


def _refusal(dataset: Dataset, count: CellCount, basis: CellState | None, resent: bool, confirmed: bool) -> str | None:
    """Why a cell is refused, in words with counts; None when it is accepted."""
    if count.unit == UNKNOWN_UNIT:
        return None
    if count.accepted == 0 and count.received >= ALL_BAD_ROWS:
        return ALL_BAD.of(received=count.received)
    share = count.rejected / count.received if count.received else 0.0
    if count.rejected > TOLERATED_ROWS and share > dataset.tolerated_share:
        return ABOVE_TOLERANCE.of(
            rejected=count.rejected,
            received=count.received,
            share=f"{share:.1%}".replace(".", ","),
            tolerated=dataset.tolerated_share,
            rows=TOLERATED_ROWS,
        )
    if basis is not None and basis.rows_received and not confirmed:
        gone = 1 - count.received / basis.rows_received
        # One row of two is half of a small commune's list: below a handful only an emptied cell tells of a loss.
        is_handful = basis.rows_received - count.received < SHRINK_ROWS and count.received > 0
        if gone > dataset.shrink_share and not is_handful:
            return SHRUNKEN.of(received=count.received, before=basis.rows_received, gone=gone, tolerated=dataset.shrink_share)
    if resent:
        return RESENT.of()
    return None
