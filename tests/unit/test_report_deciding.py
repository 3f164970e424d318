"""What becomes of figures once they are counted: whether they are news, as what they go, and whose reasons go with them."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from assets.reports import filing
from assets.reports.erasures import NOTHING_FILED
from assets.reports.occasions import Situation
from resources.warehouse.published.submissions import Decision, Draft, Submission
from tests.fixtures.revisions import DAY, revision

CODES = {"don_vi_gui": "H41.10", "don_vi_nhan": "G09", "ma_che_do": "ND09.T", "ma_bieu_mau": "AS-T", "ky_bao_cao": "2024M10"}
RETURNED = revision(status="returned", payload=CODES, replaces="t0")
LOCKED = DAY("2024-11-30")


def draft(figures: str = "1", **content: str) -> Draft:
    of = RETURNED
    return Draft(
        form=of.form,
        regime=of.regime,
        period=of.period,
        window_start=of.window_start,
        window_end=of.window_end,
        due_day=of.due_day,
        content=CODES | content,
        figures_hash=figures,
        inputs=[],
        composed_at=of.composed_at,
        composed_by="t",
    )


def decision(maturity: str = "provisional", replaces: str | None = "t0") -> Decision:
    return Decision(
        revision=2, replaces=replaces, maturity=maturity, reasons=[], reason=None, told=None, night=None, approved_by=None
    )


@pytest.mark.parametrize(
    ("figures", "was", "becomes", "more"),
    [
        ("1", "provisional", "provisional", False),
        ("2", "provisional", "provisional", True),
        ("2", "final", "correction", True),
        ("1", "provisional", "final", True),
        ("1", "provisional", "correction", False),
        ("1", "final", "final", False),
        ("1", "final", "correction", False),
    ],
)
def test_more_is_told_by_another_figure_or_by_the_same_that_are_final_now(
    figures: str, was: str, becomes: str, more: bool
) -> None:
    assert filing._tells_more(draft(figures), decision(becomes), revision(maturity=was)) is more


@pytest.mark.parametrize(
    ("drafted", "decided", "history", "against", "why", "is_news"),
    [
        (draft(), decision(), [], None, "first", True),
        (draft(), decision(), [revision()], revision(), "complete", False),
        (draft(), decision(), [revision(status="received", payload=CODES, replaces="t0")], None, "complete", True),
        (draft("2"), decision(), [revision()], revision(), "complete", True),
        # What was sent back goes again where what could be refused is another, or an officer wants it.
        (draft(), decision(), [RETURNED], None, "returned", False),
        (draft(), decision(), [RETURNED], None, "asked", True),
        (draft("2"), decision(), [RETURNED], None, "returned", True),
        (draft(), decision(replaces=None), [RETURNED], None, "returned", True),
        *((draft(**{code: "khác"}), decision(), [RETURNED], None, "returned", True) for code in CODES),
        (draft(ghi_chu="khác"), decision(), [RETURNED], None, "returned", False),
        # It is the last that counts.
        (draft(), decision(), [RETURNED, revision(2, status="replaced")], None, "unsent", True),
        (draft("2"), decision(), [revision(2), RETURNED], revision(2), "asked", False),
    ],
)
def test_what_the_receiver_does_not_know_yet_is_news(
    drafted: Draft, decided: Decision, history: list[Submission], against: Submission | None, why: Any, is_news: bool
) -> None:
    assert filing._is_news(drafted, decided, history, against, why) is is_news


@pytest.mark.parametrize(
    ("known", "today", "is_final", "maturity"),
    [
        ([], "2024-10-22", False, "provisional"),
        ([], "2024-12-22", True, "final"),
        ([revision()], "2024-11-30", False, "provisional"),
        ([revision()], "2024-11-30", True, "final"),
        ([revision()], "2024-12-01", False, "correction"),
        ([revision(maturity="final"), revision(2)], "2024-10-23", True, "correction"),
        ([revision(maturity="correction")], "2024-10-23", False, "correction"),
    ],
)
def test_a_revision_of_a_final_or_of_a_locked_period_is_a_correction(
    known: list[Submission], today: str, is_final: bool, maturity: str
) -> None:
    filled: Any = SimpleNamespace(form=SimpleNamespace(locked_day=lambda _: LOCKED), period="2024-10", is_final=is_final)
    assert filing._maturity(filled, known, DAY(today)) == maturity


def test_known_is_what_the_receiver_took_and_did_not_send_back() -> None:
    stood, stands = revision(status="replaced"), revision(2, status="accepted")
    never = [
        revision(3, status="replaced", receipt=None),
        revision(4, status="returned"),
        revision(5, status="sent", receipt=None),
    ]
    assert filing._known([stood, stands, *never]) == [stood, stands]


STANDS = revision(reasons=["đã kể"])
REFUSED = revision(2, status="returned", receipt=None, reasons=["bị từ chối"])
SENT_BACK = revision(3, status="returned", reasons=["bị trả lại"])
WAITS = revision(4, status="waiting_approval", receipt=None, reasons=["chờ duyệt", "thêm"])


@pytest.mark.parametrize(
    ("history", "reasons"),
    [
        ([], []),
        ([STANDS], []),
        ([STANDS, WAITS], ["chờ duyệt", "thêm"]),
        ([STANDS, REFUSED, SENT_BACK, WAITS], ["bị từ chối", "bị trả lại", "chờ duyệt", "thêm"]),
        ([REFUSED, STANDS, WAITS], ["chờ duyệt", "thêm"]),
        # Replaced by another that waits, it was never told; taken back for what stands, it is over.
        ([STANDS, revision(2, status="replaced", receipt=None, reasons=["thay"], superseded_by="t4"), WAITS], ["thay", "chờ duyệt", "thêm"]),
        ([STANDS, REFUSED, revision(3, status="replaced", receipt=None, reasons=["rút"], superseded_by="t1"), WAITS], ["chờ duyệt", "thêm"]),
        # What was replaced under another's id than that of what stands, or never came to stand, is no taking back.
        ([STANDS, revision(2, status="returned", receipt=None, reasons=["bị từ chối"], superseded_by="t1"), WAITS],
         ["bị từ chối", "chờ duyệt", "thêm"]),
        ([STANDS, revision(2, status="returned", reasons=["bị trả lại"], superseded_by="t1")], ["bị trả lại"]),
        ([revision(2, status="replaced", receipt=None, reasons=["thay"], superseded_by="t4"), WAITS], ["thay", "chờ duyệt", "thêm"]),
        # What was taken over from the receiver stood there before.
        ([STANDS, REFUSED, revision(3, attempts=0, reasons=["của nơi nhận"])], ["bị từ chối"]),
    ],
)  # fmt: skip
def test_the_reasons_of_what_the_receiver_never_took_go_with_what_comes_next(
    history: list[Submission], reasons: list[str]
) -> None:
    assert filing._reasons_untold(history, STANDS if STANDS in history else None) == reasons


def settled(history: list[Submission], today: str = "2024-12-01", **more: Any) -> bool:
    situation = Situation(
        history=history, today=DAY(today), looked_on=None, locked_day=LOCKED, revision_day=None, is_complete=True, **more
    )
    return filing._is_settled_history(situation, (), NOTHING_FILED)


def test_a_locked_form_of_which_a_register_alone_moved_is_not_restated() -> None:
    same = [{"fingerprint": filing.inputs_fingerprint(())}]
    assert settled([revision(inputs=same)])
    assert settled([revision(), revision(2, inputs=same)])
    assert not settled([revision(inputs=same)], "2024-11-30"), "on its last day it is not locked yet"
    assert not settled([revision(inputs=same)], is_asked=True)
    assert not settled([revision(inputs=same)], is_backfilled=True)
    assert not settled([]) and not settled([revision(status="returned", inputs=same)])
    assert not settled([revision(inputs=[{"fingerprint": "khác"}])]) and not settled([revision(inputs=same), revision(2)])


def test_what_replaces_another_goes_under_the_code_under_which_that_one_stands() -> None:
    today = dt.date(2024, 11, 20)
    assert filing._sender(revision(payload={"don_vi_gui": "H41.CŨ"}), today) == "H41.CŨ"
    assert filing._sender(None, today) == filing.organisation("sender", today).code
