"""What becomes of what waits in the outbox, whatever the receiver says to it."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest

from resources.failing import LONGEST_DELAY, Failure, delay
from resources.reporting import outbox
from resources.reporting.client import Receipt
from resources.reporting.failures import (
    ApproverMissing,
    GatewayBusy,
    GatewayFailed,
    GatewayNotThere,
    NeverComposed,
    NotWaitingApproval,
    StandingForeign,
    SubmissionUnknown,
)
from resources.reporting.sending import LONGEST_PASS, NO_REASON, refresh_states, send_waiting
from schemas.reports.packet import content_hash
from tests.integration.played_receiver import (
    BUSY,
    CUT,
    DAY,
    DOWN,
    MINUTE,
    NOW,
    REFUSED,
    Receiver,
    Said,
    as_,
    ask,
    composed,
    held_there,
    passing,
    receipt_as,
    received,
    row,
    send,
    stands,
)
from tests.integration.report_hub import SmallHub


@pytest.mark.parametrize(
    ("state", "told", "status", "said"),
    [
        ("da_tiep_nhan", [], "received", None),
        ("da_phe_duyet", [], "accepted", None),
        ("thay_the", [], "received", None),  # asked about it, the receiver says so again
        ("bi_tra_lai", [as_("bi_tra_lai", "Thiếu thuyết minh")], "returned", "Thiếu thuyết minh"),
        ("bi_tra_lai", [as_("bi_tra_lai")], "returned", NO_REASON),
        ("bi_tra_lai", [None], "returned", NO_REASON),
    ],
)
def test_a_receipt_says_how_what_was_sent_stands(
    hub: SmallHub, state: str, told: list[Said], status: str, said: str | None
) -> None:
    composed(hub)
    receiver = Receiver().on("submit", "2024-10", receipt_as(state)).on("state", "2024-10", *told)
    [sent] = send(hub, receiver)
    assert (sent.status, sent.receipt, sent.last_error, sent.attempts) == (status, "TN-2024-10-1", said, 1)
    assert sent.receipt_detail is not None and sent.receipt_detail["state"] == state and sent.received_at == NOW
    assert receiver.asked == [("submit", "2024-10"), *([("state", "2024-10")] if told else [])]
    assert send(hub, receiver, NOW + DAY, at_once=True) == [], "it went"


def test_a_refusal_counts_once_the_receiver_holds_nothing_of_that_id(hub: SmallHub) -> None:
    composed(hub)
    composed(hub, "2024-09", NOW - DAY)
    [held, refused] = send(
        hub, Receiver().on("submit", "2024-09", REFUSED).on("submit", "2024-10", REFUSED).on("state", "2024-10", None)
    )
    assert (held.period, held.status, held.receipt) == ("2024-09", "received", "TN-2024-09-1"), "its first try had arrived"
    assert (refused.status, refused.receipt, refused.last_error) == ("returned", None, str(REFUSED))
    assert refused.next_attempt_at is None and refused.judged_at == NOW


def test_of_a_refused_packet_it_is_told_why_what_stands_instead_is_not_known(hub: SmallHub) -> None:
    foreign = StandingForeign(what="Hỏi")
    no_such_question = GatewayNotThere(what="Hỏi", status=404)
    for period, why_not, told in (("2024-08", foreign, f"{REFUSED} {foreign}"), ("2024-09", no_such_question, str(REFUSED))):
        composed(hub, period)
        receiver = Receiver().on("submit", period, REFUSED).on("state", period, None).on("standing", period, why_not)
        [became] = send(hub, receiver)
        assert (became.status, became.last_error) == ("returned", told)


@pytest.mark.parametrize("unanswered", [DOWN, BUSY])
def test_a_refusal_waits_where_what_stands_instead_cannot_be_asked(hub: SmallHub, unanswered: Exception) -> None:
    composed(hub)
    receiver = Receiver().on("submit", "2024-10", REFUSED).on("state", "2024-10", None).on("standing", "2024-10", unanswered)
    [waits] = send(hub, receiver)
    assert (waits.status, waits.last_error) == ("sent", f"{REFUSED} {unanswered}")


@pytest.mark.parametrize(
    ("said", "wait", "ends_the_pass"),
    [
        (DOWN, delay(1), True),
        (BUSY, dt.timedelta(hours=3), True),
        (CUT, delay(1), False),
        (GatewayBusy(what="Gửi", status=503), delay(1), False),
        (GatewayFailed(what="Gửi", status=501, why="", retry_after=MINUTE), LONGEST_DELAY, False),
        (GatewayNotThere(what="Gửi", status=404), LONGEST_DELAY, True),
        (KeyError("riêng"), LONGEST_DELAY, False),
    ],
)
def test_what_has_no_receipt_waits_its_time_and_what_all_would_meet_ends_the_pass(
    hub: SmallHub, said: Exception, wait: dt.timedelta, ends_the_pass: bool
) -> None:
    composed(hub, "2024-09", NOW - DAY)
    composed(hub)
    receiver = Receiver().on("submit", "2024-09", said).on("state", "2024-09", said)
    first, *others = send(hub, receiver)
    assert (first.period, first.status, first.next_attempt_at) == ("2024-09", "sent", NOW + wait)
    told = first.last_error or ""
    assert (str(said) in told) == isinstance(said, Failure) and "riêng" not in told and not told.startswith("None")
    assert [s.period for s in others] == ([] if ends_the_pass else ["2024-10"])
    assert send(hub, Receiver(), NOW + wait - MINUTE)[1:] == [] and row(hub, first).status == "sent"
    assert [s.period for s in send(hub, Receiver(), NOW + wait)] == ["2024-09"]


def test_without_a_gateway_nothing_is_tried_and_nothing_asked(hub: SmallHub) -> None:
    stands(hub, "2024-09")
    waits = composed(hub)
    assert (
        send_waiting(hub.engine, None, NOW) == [] == refresh_states(hub.engine, None, NOW + DAY) and row(hub, waits).attempts == 0
    )


def test_a_pass_that_has_lasted_too_long_leaves_the_rest_as_it_is(hub: SmallHub) -> None:
    composed(hub, "2024-09", NOW - DAY)
    waits = composed(hub)
    with passing(0, LONGEST_PASS, LONGEST_PASS + 1):
        first, second = send(hub, Receiver())
    assert (first.period, first.status, second) == ("2024-09", "received", waits) and row(hub, waits) == waits
    send(hub, Receiver())
    receiver = Receiver()
    with passing(0, LONGEST_PASS, LONGEST_PASS + 1):
        assert ask(hub, receiver, NOW + DAY) == []
    assert receiver.asked == [("state", "2024-09")]


def test_what_was_replaced_or_answered_since_it_was_listed_does_not_go(hub: SmallHub) -> None:
    composed(hub, "2024-09", NOW - DAY)
    old = composed(hub)

    def meanwhile(packet: dict[str, Any]) -> Receipt:
        composed(hub, by=None, revision=2, in_place_of=old)
        return received(packet).receipt

    receiver = Receiver().on("submit", "2024-09", meanwhile)
    composed(hub, "2024-11")
    assert [s.period for s in send(hub, receiver)] == ["2024-09", "2024-11"] and row(hub, old).status == "replaced"
    assert ("submit", "2024-10") not in receiver.asked


def test_what_waits_for_approval_goes_once_somebody_gave_it_and_with_his_name(hub: SmallHub) -> None:
    waits = composed(hub, by=None)
    assert send(hub, Receiver(), at_once=True) == [] and "nguoi_duyet" not in waits.payload
    with hub.engine.begin() as connection:
        with pytest.raises(ApproverMissing):
            outbox.approve(connection, waits.transaction_id, "  ", NOW + DAY)
        done = outbox.approve(connection, waits.transaction_id, " Lê Thử ", NOW + DAY)
    assert (done.status, done.payload["nguoi_duyet"], done.payload["thoi_diem_duyet"]) == (
        "draft",
        "Lê Thử",
        "2024-10-22T19:00:00+00:00",
    )
    assert done.payload_hash == waits.payload_hash and send(hub, Receiver(), NOW) == [], "not before that"
    assert [s.status for s in send(hub, Receiver(), NOW + DAY)] == ["received"]
    with hub.engine.begin() as connection, pytest.raises(NotWaitingApproval, match="đã tiếp nhận") as caught:
        outbox.approve(connection, waits.transaction_id, "Lê Thử", NOW + DAY)
    assert "thay bằng" not in str(caught.value)


def test_what_goes_by_itself_is_signed_when_it_is_composed(hub: SmallHub) -> None:
    goes = composed(hub, by="Hệ thống")
    assert (goes.payload["nguoi_duyet"], goes.payload["thoi_diem_duyet"]) == ("Hệ thống", "2024-10-21T19:00:00+00:00")
    assert (goes.payload_hash, goes.approved_at) == (content_hash(goes.payload), NOW), "of its content who lets it go is no part"


def test_of_several_revisions_it_is_told_which_is_which(hub: SmallHub) -> None:
    first = stands(hub)
    second = composed(hub, by=None, revision=2, replaces=first.transaction_id)
    third = composed(hub, by=None, revision=3, replaces=first.transaction_id, in_place_of=second)
    other = composed(hub, "2024-09", NOW)
    with hub.engine.connect() as connection:
        assert [outbox.latest(connection, "AS-T", "2024-10", n).revision for n in (None, 2)] == [3, 2]
        assert outbox.followed(connection, third) == row(hub, first), "what it replaces, before what was made before it"
        assert outbox.followed(connection, second) == row(hub, first) and outbox.followed(connection, other) is None
        with pytest.raises(NeverComposed, match="lần 7"):
            outbox.latest(connection, "AS-T", "2024-10", 7)
        with pytest.raises(SubmissionUnknown):
            outbox.show(connection, str(uuid.uuid4()))
    fourth = composed(hub, by=None, revision=4, in_place_of=third)
    with hub.engine.begin() as connection:
        assert outbox.followed(connection, fourth) == row(hub, third)
        with pytest.raises(NotWaitingApproval, match=f"thay bằng {fourth.transaction_id}"):
            outbox.approve(connection, third.transaction_id, "Lê Thử", NOW)


def test_due_again_is_what_was_tried_and_whose_time_has_come(hub: SmallHub) -> None:
    composed(hub, "2024-09", NOW - DAY)
    composed(hub)
    [tried] = send(hub, Receiver().on("submit", "2024-09", DOWN))
    assert tried.next_attempt_at is not None
    with hub.engine.connect() as connection:
        assert outbox.due_again(connection, tried.next_attempt_at - MINUTE) == []
        assert [s.period for s in outbox.due_again(connection, tried.next_attempt_at)] == ["2024-09"]


def test_what_stands_there_instead_of_what_was_refused_is_taken_over_unless_the_outbox_knows_it(hub: SmallHub) -> None:
    first = stands(hub)
    held = held_there(first, 9)
    ours = replace(held, packet=held.packet | {"ma_giao_dich": first.transaction_id})
    for revision, standing in ((2, ours), (3, held)):
        composed(hub, revision=revision, replaces=None)
        receiver = Receiver().on("submit", "2024-10", REFUSED).on("state", "2024-10", None).on("standing", "2024-10", standing)
        [refused] = send(hub, receiver)
        with hub.engine.connect() as connection:
            last = outbox.latest(connection, "AS-T", "2024-10")
        if standing is ours:
            assert (last, refused.status, refused.last_error) == (refused, "returned", str(REFUSED))
    assert (last.transaction_id, last.revision, last.receipt, last.is_taken_over) == (held.transaction_id, 9, "TN-9", True)
    assert refused.status == "returned" and f"mã {held.transaction_id}, biên nhận TN-9" in (refused.last_error or "")
    assert row(hub, first).superseded_by == held.transaction_id
