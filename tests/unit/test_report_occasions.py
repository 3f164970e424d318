"""On which nights a form is filed again: every case of the table in occasions.py, and the dated days behind it."""

import datetime as dt

import pytest

from assets.reports.occasions import Situation, occasion, was_final
from assets.reports.sheet import Sheet
from resources.warehouse.published.submissions import Submission
from schemas.revision_days import last_revision_day, revision_days
from tests.fixtures.revisions import DAY, revision

FILED = revision()
FINAL = revision(maturity="final", is_final=True)
CONTROL_FAILS = revision(is_final=True)  # complete, and provisional for a control alone
WAITING = revision(status="waiting_approval", receipt=None)
TAKEN_OVER = revision(attempts=0, night=None)  # on 22 October, in the province
RETURNED = revision(status="returned")
REFUSED = revision(status="returned", receipt=None)
NEVER_SENT = revision(status="replaced", receipt=None)
NEVER_SENT_BUT_FINAL = revision(status="replaced", receipt=None, maturity="final", is_final=True)
FINAL_AFTER_LOCK = revision(2, maturity="correction", is_final=True)
PARTLY_AFTER_LOCK = revision(2, maturity="correction")

# AS-T 2024-10 is due on 22 October and locked after 30 November.
CASES = [
    # an officer asks, or loaded cells by hand: whatever the day, and also after the night's own
    ("asked", [FILED], "2024-10-22", "2024-10-22", {"is_asked": True}),
    ("asked", [FILED], "2024-10-24", "2024-10-23", {"is_asked": True, "is_backfilled": True}),
    ("backfill", [FILED], "2024-10-22", "2024-10-22", {"is_backfilled": True}),
    ("backfill", [FINAL], "2024-12-20", "2024-12-19", {"is_backfilled": True}),
    # nothing was ever filed: a backfill before that is of the first filing
    ("first", [], "2024-10-22", None, {}),
    ("first", [], "2024-10-24", "2024-10-23", {"is_complete": True, "is_backfilled": True}),
    # once a night
    (None, [FILED], "2024-10-22", "2024-10-22", {"is_complete": True}),
    # what never went, and what came back
    ("unsent", [WAITING], "2024-10-23", "2024-10-22", {}),
    ("unsent", [FILED, revision(2, status="draft", receipt=None)], "2024-10-23", "2024-10-22", {}),
    ("returned", [RETURNED], "2024-10-23", "2024-10-22", {}),
    ("returned", [REFUSED], "2024-10-23", "2024-10-22", {}),
    ("returned", [FINAL, revision(2, status="returned", night=None)], "2024-10-23", "2024-10-22", {"is_complete": True}),
    # complete for the first time, also after the lock
    ("complete", [FILED], "2024-10-23", "2024-10-22", {"is_complete": True}),
    ("complete", [FILED], "2024-12-09", "2024-12-08", {"is_complete": True}),
    ("complete", [FILED, PARTLY_AFTER_LOCK], "2024-12-09", "2024-12-08", {"is_complete": True}),
    ("complete", [NEVER_SENT, revision(2)], "2024-10-23", "2024-10-22", {"is_complete": True}),
    (None, [FINAL], "2024-10-23", "2024-10-22", {"is_complete": True}),
    (None, [CONTROL_FAILS], "2024-10-23", "2024-10-22", {"is_complete": True}),
    ("complete", [CONTROL_FAILS], "2024-10-23", "2024-10-22", {"is_complete": True, "is_final": True}),
    (None, [FILED, FINAL_AFTER_LOCK], "2024-12-09", "2024-12-08", {"is_complete": True}),
    (None, [FINAL], "2024-10-23", "2024-10-22", {"is_complete": True, "is_final": True}),
    (None, [FILED, FINAL_AFTER_LOCK], "2024-12-09", "2024-12-08", {"is_complete": True, "is_final": True}),
    # what was complete and never went told nobody so; what went and was replaced since was a filing
    ("complete", [NEVER_SENT_BUT_FINAL, revision(2)], "2024-10-23", "2024-10-22", {"is_complete": True}),
    (None, [revision(status="replaced")], "2024-10-24", "2024-10-23", {}),
    # any other night
    (None, [FILED], "2024-10-24", "2024-10-23", {}),
    # the revision day, the first look after one that was missed, and no second
    ("revision_day", [FILED], "2024-10-25", "2024-10-24", {}),
    ("revision_day", [FILED], "2024-10-25", None, {}),  # never looked at since
    ("revision_day", [FINAL], "2024-10-28", "2024-10-24", {"is_complete": True}),
    ("revision_day", [FINAL], "2024-11-24", "2024-10-24", {"is_complete": True}),
    ("revision_day", [FINAL], "2025-03-25", "2025-03-24", {"is_complete": True}),
    (None, [FILED], "2024-10-26", "2024-10-25", {}),
    (None, [FILED], "2024-11-24", "2024-11-23", {}),
    # the first look after the lock, and no second
    (None, [FILED], "2024-11-30", "2024-11-29", {}),
    ("taken_over", [TAKEN_OVER], "2024-10-23", "2024-10-22", {}),
    ("taken_over", [TAKEN_OVER], "2024-10-23", None, {}),
    (None, [TAKEN_OVER], "2024-10-24", "2024-10-23", {}),
    (None, [TAKEN_OVER, revision(2)], "2024-10-23", "2024-10-22", {}),  # one of our own followed it
    ("lock", [FILED], "2024-12-01", "2024-11-30", {}),
    ("lock", [FINAL], "2024-12-04", "2024-11-30", {"is_complete": True}),
    (None, [FILED], "2024-12-02", "2024-12-01", {}),
]


@pytest.mark.parametrize(("expected", "history", "today", "looked_on", "more"), CASES)
def test_a_form_is_filed_on_these_occasions_and_no_others(
    expected: str | None, history: list[Submission], today: str, looked_on: str | None, more: dict[str, bool]
) -> None:
    situation = Situation(
        history=history,
        today=DAY(today),
        looked_on=DAY(looked_on) if looked_on else None,
        locked_day=DAY("2024-11-30"),
        revision_day=last_revision_day(DAY(today)),
        **{"is_complete": False} | more,
    )
    assert occasion(situation) == expected


def test_nights_in_a_row_file_once_a_revision_day_and_once_after_the_lock() -> None:
    """Whatever changes each night, and on whichever nights the machine is off."""
    for off in (set(), {DAY("2024-10-25")}, {DAY("2024-12-01"), DAY("2024-12-02")}):
        history, filed, looked_on, day = [revision(night=None)], [], DAY("2024-10-22"), DAY("2024-10-23")
        while day <= DAY("2025-01-10"):
            if day not in off:
                found = occasion(
                    Situation(
                        history=history, today=day, looked_on=looked_on, locked_day=DAY("2024-11-30"),
                        revision_day=last_revision_day(day), is_complete=False,
                    )
                )  # fmt: skip
                looked_on = day
                if found:
                    filed.append(found)
                    history.append(revision(len(history) + 1, night=day))
            day += dt.timedelta(days=1)
        assert filed == ["revision_day", "revision_day", "lock", "revision_day"], off


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2024-10", "tháng 10 năm 2024"), ("2024-Q3", "quý 3 năm 2024"), ("2024-H1", "6 tháng đầu năm 2024"), ("2023-2024", "năm học 2023-2024"),
        ("2024-H2", "6 tháng cuối năm 2024"), ("2024", "năm 2024"),
    ],
)  # fmt: skip
def test_a_period_is_named_in_words(period: str, words: str) -> None:
    assert Sheet(revision(period=period), None, None, ()).period == words


def test_the_last_revision_day_is_dated_data() -> None:
    shown = {"2024-10-24": "2024-09-25", "2024-10-25": "2024-10-25", "2024-11-01": "2024-10-25", "2024-01-02": "2023-12-25"}
    assert {day: last_revision_day(DAY(day)) for day in shown} == {day: DAY(come) for day, come in shown.items()}
    assert last_revision_day(DAY("1999-12-31")) is None
    assert all(r.reason and 1 <= r.day <= 31 for r in revision_days())


def test_a_correction_was_final_where_its_figures_were_complete_and_no_control_failed() -> None:
    failed, asked = {"kind": "failed_control"}, {"kind": "for_sender"}
    for maturity, is_final, findings, expected in (
        ("correction", True, [], True),
        ("correction", True, [asked], True),
        ("correction", True, [asked, failed], False),
        ("correction", False, [], False),
        ("final", True, [], True),
        ("provisional", True, [], False),  # of which a control failed
    ):
        assert was_final(revision(maturity=maturity, is_final=is_final, findings=findings)) is expected, (maturity, findings)
    mixed = revision(maturity="correction", payload={"so_lieu": [{"tinh_chat": "chinh_thuc"}, {"tinh_chat": "tam_thoi"}]})
    assert not was_final(mixed), "one line that is not settled is enough"
