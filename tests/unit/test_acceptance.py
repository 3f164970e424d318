"""What becomes of a cell at the edges of its tolerance: each bound as it is met, and by one row more."""

import dataclasses
import datetime as dt
import re

import pytest

from assets.cells.acceptance import Facts, judge, refused_together
from assets.cells.failures import ABOVE_TOLERANCE, ALL_BAD, BESIDE_REFUSED, RESENT, SHRUNKEN, CellRefusal
from resources.connectors.connector import Submission
from resources.warehouse.arrivals.cells import Arrival, CellState
from resources.warehouse.loading.full import CellCount
from schemas.dataset import UNKNOWN_UNIT
from schemas.registry import dataset_named

LIST = dataclasses.replace(
    dataset_named("social_protection.monthly_payments"), tolerated_rows=20, tolerated_share=0.05, shrink_share=0.3
)
NOW, SENT = dt.datetime(2024, 11, 20, 1, tzinfo=dt.UTC), dt.datetime(2024, 11, 18, 2, tzinfo=dt.UTC)


def held(rows: int, outcome: str | None = "accepted", *, ever: bool = True, content: str | None = "held") -> CellState:
    return CellState("412", "on_time", outcome, rows, rows, ever, content, 0, 0)


def judged(
    accepted: int,
    rejected: int = 0,
    *,
    state: CellState | None = None,
    month_before: CellState | None = None,
    mark: Submission | None = None,
    unit: str = "412",
    is_resent: bool = False,
    is_manual: bool = False,
    is_confirmed: bool = False,
) -> Arrival | None:
    count = CellCount(unit, accepted, rejected, pulled=accepted + rejected)
    facts = Facts(count, state, month_before, mark, is_resent)
    return judge(LIST, facts, NOW, is_manual=is_manual, is_confirmed=is_confirmed)


def says(arrival: Arrival | None, refusal: CellRefusal) -> bool:
    """Whether an arrival was refused for this reason, whatever the figures in its words."""
    words = ".+".join(map(re.escape, re.split(r"\{[^}]*\}", refusal.text)))
    return arrival is not None and arrival.outcome == "refused" and re.fullmatch(words, arrival.reason or "") is not None


@pytest.mark.parametrize(
    ("accepted", "rejected", "refusal"),
    [
        (0, 4, None),  # every row bad, and a handful
        (0, 5, ALL_BAD),
        (1, 5, None),
        (380, 20, None),  # 5 % and 20 rows
        (379, 21, ABOVE_TOLERANCE),
        (399, 21, None),  # 21 rows, and 5 % exactly
        (398, 21, ABOVE_TOLERANCE),
        (30, 20, None),  # 40 %, and 20 rows
    ],
)
def test_so_many_bad_rows_are_borne(accepted: int, rejected: int, refusal: CellRefusal | None) -> None:
    found = judged(accepted, rejected)
    assert found is not None
    if refusal is None:
        assert (found.outcome, found.rows_accepted, found.rows_rejected, found.reason) == ("accepted", accepted, rejected, None)
    else:
        assert says(found, refusal) and (found.rows_accepted, found.rows_rejected) == (0, accepted + rejected)


@pytest.mark.parametrize(
    ("before", "now", "is_refused"),
    [
        (100, 70, False),  # 30 %, which is allowed
        (100, 69, True),
        (1000, 700, False),
        (6, 2, False),  # four rows gone: a handful
        (10, 6, False),
        (10, 5, True),
        (4, 1, False),
        (4, 0, True),  # emptied
        (0, 0, False),
    ],
)
def test_so_many_rows_may_go(before: int, now: int, is_refused: bool) -> None:
    bases = [{"state": held(before)}]
    if now:  # of a cell that never came nothing is no arrival
        bases.append({"month_before": held(before), "state": held(0, ever=False)})
    for basis in bases:
        found = judged(now, **basis)
        assert found is not None
        assert says(found, SHRUNKEN) if is_refused else found.outcome == "accepted"
        confirmed = judged(now, **basis, is_confirmed=True)
        assert confirmed is not None and confirmed.outcome == "accepted"


def test_it_is_held_against_its_own_last_good_version_and_not_against_the_month_before() -> None:
    found = judged(50, state=held(60), month_before=held(500))
    assert found is not None and found.outcome == "accepted"


def test_what_no_unit_answers_for_is_never_refused() -> None:
    found = judged(0, 50, unit=UNKNOWN_UNIT, state=held(900))
    assert found is not None and (found.outcome, found.rows_rejected) == ("accepted", 50)


def test_the_list_of_the_month_before_is_refused_until_it_is_confirmed() -> None:
    for state in (None, held(50)):
        assert says(judged(50, state=state, is_resent=True), RESENT)
        assert says(judged(50, state=state, is_resent=True, is_manual=True), RESENT), "a run by hand confirms nothing of itself"
        confirmed = judged(50, state=state, is_resent=True, is_confirmed=True)
        assert confirmed is not None and (confirmed.outcome, confirmed.rows_accepted) == ("accepted", 50)


def test_a_confirmation_bears_no_bad_rows() -> None:
    assert says(judged(379, 21, is_resent=True, is_confirmed=True), ABOVE_TOLERANCE)
    assert says(judged(0, 5, state=held(50), is_confirmed=True), ALL_BAD)


@pytest.mark.parametrize("refusal", [SHRUNKEN, RESENT])
def test_what_may_be_confirmed_says_how(refusal: CellRefusal) -> None:
    assert "--confirm-shrink" in refusal.text and "ansinh/confirm=shrink" in refusal.text


def test_what_came_already_is_no_arrival_but_by_hand_or_where_it_was_refused_and_is_so_no_more() -> None:
    content = CellCount("412", 50).content_hash
    for outcome, more, is_news in (
        ("accepted", {}, False),
        ("accepted", {"is_confirmed": True}, False),
        ("accepted", {"is_manual": True}, True),
        ("refused", {"is_resent": True}, False),
        ("refused", {}, True),
        ("refused", {"is_resent": True, "is_confirmed": True}, True),
    ):
        assert (judged(50, state=held(50, outcome, content=content), **more) is not None) is is_news, (outcome, more)
    bad = held(50, "refused", content=CellCount("412", 0, 5).content_hash)
    assert judged(0, 5, state=bad) is None
    assert says(judged(0, 5, state=bad, is_confirmed=True), ALL_BAD), "who confirms it is told why it is refused all the same"


def test_an_arrival_is_of_the_instant_at_which_the_unit_sent_it() -> None:
    marked = judged(50, mark=Submission(SENT, 51, False))
    assert marked is not None and (marked.received_at, marked.has_mark, marked.marked_rows) == (SENT, True, 51)
    unmarked = judged(50)
    assert unmarked is not None and (unmarked.received_at, unmarked.has_mark, unmarked.marked_rows) == (NOW, False, None)


@pytest.mark.parametrize(
    ("state", "mark", "is_manual", "is_declared"),
    [
        (None, None, False, False),
        (None, Submission(SENT, 5, False), False, False),  # it says that it sent, and nothing is there
        (None, Submission(SENT, 0, True), False, True),
        (held(0, "refused", ever=False), Submission(SENT, 0, True), False, True),
        (held(0, "empty_declared"), Submission(SENT, 0, True), False, False),  # known
        (held(0, "empty_declared"), Submission(SENT, 0, True), True, True),
        (held(0, "empty_declared"), Submission(SENT, 0, False), True, False),
    ],
)
def test_a_cell_of_no_rows_is_empty_by_the_word_of_its_unit_alone(
    state: CellState | None, mark: Submission | None, is_manual: bool, is_declared: bool
) -> None:
    found = judged(0, state=state, mark=mark, is_manual=is_manual)
    if not is_declared:
        assert found is None
    else:
        assert found is not None and (found.outcome, found.received_at, found.rows_accepted) == ("empty_declared", SENT, 0)


def test_a_mark_of_nothing_does_not_empty_what_stands() -> None:
    assert says(judged(0, state=held(40), mark=Submission(SENT, 0, True)), SHRUNKEN)


def came(unit: str, outcome: str = "accepted", accepted: int = 3, rejected: int = 1) -> Arrival:
    return Arrival(unit, NOW, f"of {unit}", accepted + rejected, accepted, rejected, outcome)


def test_what_exchanges_rows_with_a_refused_cell_is_refused_with_it_and_may_come_again_as_it_is() -> None:
    arrivals = [came("412"), came("413", "refused", 0, 4), came("414"), came("415"), came("416", "empty_declared", 0, 0)]
    crossed = [("413", "412"), ("412", "414"), ("415", "416")]
    first, refused, third, *others = refused_together(arrivals, crossed)
    assert [refused, *others] == [arrivals[1], *arrivals[3:]]
    for found, was in ((first, arrivals[0]), (third, arrivals[2])):  # one of them by way of the other
        assert found == dataclasses.replace(
            was, outcome="refused", reason=BESIDE_REFUSED.of(), rows_accepted=0, rows_rejected=4, content_hash=""
        )


def test_where_nothing_is_refused_what_exchanges_rows_stays_unless_the_other_was_refused_before() -> None:
    arrivals, crossed = [came("412"), came("414")], [("412", "413"), ("414", "415")]
    assert refused_together(arrivals, crossed) == arrivals
    assert [a.outcome for a in refused_together(arrivals, crossed, before={"413"})] == ["refused", "accepted"]
