"""What becomes of what stands at the receiver, by what that says of it later."""

import datetime as dt
from typing import Any

import pytest

from resources.reporting.client import State
from resources.reporting.sending import ASKED_AT_ONCE, NO_REASON
from resources.warehouse.published import submissions
from resources.warehouse.published.submissions import Answer
from tests.integration.played_receiver import (
    BUSY,
    DAY,
    MINUTE,
    NOW,
    UNTOLD,
    Receiver,
    Said,
    as_,
    ask,
    composed,
    held_there,
    received,
    row,
    stands,
)
from tests.integration.report_hub import SmallHub


def test_what_stands_is_asked_for_each_night_for_sixty_days_and_then_each_week(hub: SmallHub) -> None:
    stands(hub)
    times = [NOW + dt.timedelta(hours=19), NOW + dt.timedelta(hours=20)]
    young = NOW + 60 * DAY
    times += [
        young,
        young + MINUTE,
        young + dt.timedelta(hours=20),
        young + dt.timedelta(days=6, hours=19),
        young + dt.timedelta(days=6, hours=20),
    ]
    asked = []
    for now in times:
        receiver = Receiver()
        assert ask(hub, receiver, now) == []
        asked.append(len(receiver.asked))
    assert asked == [0, 1, 1, 0, 0, 0, 1]


def test_so_many_are_asked_for_at_once_those_first_that_were_not_for_longest(hub: SmallHub) -> None:
    assert ASKED_AT_ONCE == 100
    last = stands(hub, "2024-10", NOW + DAY)
    first = stands(hub, "2024-09")
    receiver = Receiver()
    ask(hub, receiver, NOW + 3 * DAY)
    assert receiver.asked == [("state", "2024-09"), ("state", "2024-10")]
    with hub.engine.begin() as connection:
        for submission in (first, last):
            submissions.judged(connection, submission, "received", None, NOW + (9 if submission is first else 8) * DAY)
        kept: dict[str, Any] = {"young_since": NOW, "young_asked_before": NOW + 99 * DAY, "old_asked_before": NOW, "most": 1}
        assert [s.period for s in submissions.to_ask(connection, **kept)] == ["2024-10"]


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        (as_("da_phe_duyet"), "accepted", None),
        (as_("bi_tra_lai", "Thiếu chữ ký"), "returned", "Thiếu chữ ký"),
        (as_("bi_tra_lai"), "returned", NO_REASON),
        (None, "received", "không còn biết lần gửi có biên nhận TN-2024-10-1"),
        (as_("khac"), "received", "ghi trạng thái khac"),
        (as_("thay_the"), "received", "ghi trạng thái thay_the"),
        (UNTOLD, "received", "nơi nhận không cho biết"),
        (KeyError("riêng"), "received", "KeyError"),
    ],
)
def test_what_the_receiver_says_of_it_later_is_kept_and_told_once(
    hub: SmallHub, said: Said, status: str, told: str | None
) -> None:
    sent = stands(hub)
    receiver = Receiver().on("state", "2024-10", said, said)
    [became] = ask(hub, receiver, NOW + DAY)
    assert became.status == status and (told or "") in (became.last_error or "") and (became.last_error is None) == (told is None)
    assert became.asked_at == became.judged_at == NOW + DAY
    assert ask(hub, receiver, NOW + 2 * DAY) == []
    assert row(hub, sent).judged_at == NOW + DAY, "it says the same"
    assert (("standing", "2024-10") in receiver.asked) == (told == "ghi trạng thái thay_the")


def test_a_failure_of_one_question_is_its_own_and_an_outage_ends_the_asking(hub: SmallHub) -> None:
    for number, period in enumerate(("2024-08", "2024-09", "2024-10")):
        stands(hub, period, NOW + number * MINUTE)
    receiver = Receiver().on("state", "2024-08", UNTOLD).on("state", "2024-09", BUSY)
    assert [s.period for s in ask(hub, receiver, NOW + DAY)] == ["2024-08"]
    assert receiver.asked == [("state", "2024-08"), ("state", "2024-09")]
    assert [s.period for s in ask(hub, receiver, NOW + 2 * DAY)] == ["2024-08"], "nothing is to be said of it any more"


def test_what_took_its_place_there_is_taken_over_and_replaces_it(hub: SmallHub) -> None:
    sent = stands(hub)
    held = held_there(sent, 2, sent.transaction_id)
    receiver = Receiver().on("state", "2024-10", as_("thay_the")).on("standing", "2024-10", held)
    [taken] = ask(hub, receiver, NOW + DAY)
    assert (taken.transaction_id, taken.status, taken.receipt, taken.is_taken_over) == (
        held.transaction_id,
        "accepted",
        "TN-9",
        True,
    )
    assert row(hub, sent).superseded_by == taken.transaction_id
    again = Receiver().on("state", "2024-10", as_("thay_the")).on("standing", "2024-10", held)
    [told] = ask(hub, again, NOW + 2 * DAY)
    assert told.transaction_id == taken.transaction_id and told.status == "accepted", "the outbox knows it by now"


def test_what_another_took_the_place_of_while_it_was_asked_for_is_not_judged(hub: SmallHub) -> None:
    sent = stands(hub)

    def meanwhile(packet: dict[str, Any]) -> State:
        later = composed(hub, revision=2, replaces=sent.transaction_id)
        with hub.engine.begin() as connection:
            submissions.attempted(connection, later, NOW)
            answer = Answer(status="received", receipt="TN-2", receipt_detail={}, received_at=NOW, said=None)
            submissions.received(connection, later, answer)
        return received(packet, "bi_tra_lai")

    assert ask(hub, Receiver().on("state", "2024-10", meanwhile), NOW + DAY) == []
    assert row(hub, sent).status == "replaced"
