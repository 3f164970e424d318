"""What becomes of a cell: accepted, refused with its reason, declared empty, or nothing new. Pure, from counts."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from assets.cells.failures import ABOVE_TOLERANCE, ALL_BAD, BESIDE_REFUSED, RESENT, SHRUNKEN
from resources.connectors.connector import Submission
from resources.warehouse.arrivals.cells import Arrival, CellState
from resources.warehouse.loading.full import CellCount
from schemas.dataset import UNKNOWN_UNIT, Dataset

ALL_BAD_ROWS = 5
SHRINK_ROWS = 5


@dataclass(frozen=True)
class Facts:
    """What is known of a cell when it is judged."""

    count: CellCount
    state: CellState | None  # what it holds now
    month_before: CellState | None  # of a payment list
    submission: Submission | None
    is_resent: bool  # a payment list whose rows are those of the month before


def judge(dataset: Dataset, cell: Facts, now: dt.datetime, *, is_manual: bool, is_confirmed: bool) -> Arrival | None:
    """The arrival of a cell, or None where nothing arrived or nothing changed.

    `is_confirmed`: a person says that the cell is right although it shrinks, or repeats the list of the month before.
    """
    count, state, mark = cell.count, cell.state, cell.submission
    ever = state is not None and state.ever_accepted
    if count.received == 0 and (not ever or (state is not None and state.last_outcome == "empty_declared")):
        is_news = not ever or is_manual
        if mark is None or not mark.declared_empty or not is_news:
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
            key_sum=count.key_sum,
        )
    reason = refusal(dataset, count, state if ever else cell.month_before, cell.is_resent, is_confirmed)
    # A refused cell with the same content is news once nothing refuses it any more, or once a person confirms it.
    stays = state is not None and (state.last_outcome != "refused" or (reason is not None and not is_confirmed))
    if state is not None and state.last_content == count.content_hash and stays and not is_manual:
        return None
    accepted, rejected = (0, count.received) if reason else (count.accepted, count.rejected)
    return Arrival(
        count.unit,
        mark.at if mark else now,
        count.content_hash,
        count.pulled,
        accepted,
        rejected,
        "refused" if reason else "accepted",
        reason,
        has_mark=mark is not None,
        marked_rows=mark.rows if mark else None,
        content_sum=count.content_sum,
        key_sum=count.key_sum,
    )


def refused_together(
    arrivals: Sequence[Arrival], crossed: Sequence[tuple[str, str]], before: Collection[str] = ()
) -> list[Arrival]:
    """The arrivals, where each that exchanges rows with a refused one is refused too: half of such a move would lose a row, or double it.

    `crossed`: pairs of units that exchange rows; `before`: units that were refused earlier, and of which nothing new arrived.
    """
    refused = {arrival.unit for arrival in arrivals if arrival.outcome == "refused"} | {*before}
    while more := {unit for pair in crossed if refused & set(pair) for unit in pair} - refused:
        refused |= more
    return [_refused_beside(a) if a.unit in refused and a.outcome != "refused" else a for a in arrivals]


def _refused_beside(arrival: Arrival) -> Arrival:
    """The arrival, refused for another's sake. It keeps no content hash: nothing is wrong in it, and it may come again as it is."""
    rows = arrival.rows_accepted + arrival.rows_rejected
    return replace(arrival, outcome="refused", reason=BESIDE_REFUSED.of(), rows_accepted=0, rows_rejected=rows, content_hash="")


def refusal(
    dataset: Dataset, count: CellCount, basis: CellState | None, is_resent: bool = False, is_confirmed: bool = False
) -> str | None:
    """Why a cell is refused, in words with counts; None when it is accepted. `basis`: the cell against which a shrink is measured."""
    if count.unit == UNKNOWN_UNIT:
        return None
    if count.accepted == 0 and count.received >= ALL_BAD_ROWS:
        return ALL_BAD.of(received=count.received)
    share = count.rejected / count.received if count.received else 0.0
    if count.rejected > dataset.tolerated_rows and share > dataset.tolerated_share:
        return ABOVE_TOLERANCE.of(
            rejected=count.rejected,
            received=count.received,
            share=f"{share:.1%}".replace(".", ","),
            tolerated=dataset.tolerated_share,
            rows=dataset.tolerated_rows,
        )
    if basis is not None and basis.rows_received and not is_confirmed:
        gone = (basis.rows_received - count.received) / basis.rows_received  # 1 - 70/100 is more than 30 %
        # One row of two is half of a small commune's list: below a handful only an emptied cell tells of a loss.
        is_handful = basis.rows_received - count.received < SHRINK_ROWS and count.received > 0
        if gone > dataset.shrink_share and not is_handful:
            return SHRUNKEN.of(received=count.received, before=basis.rows_received, gone=gone, tolerated=dataset.shrink_share)
    if is_resent and not is_confirmed:
        return RESENT.of()
    return None
