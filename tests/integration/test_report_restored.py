"""A hub that was brought back from a backup of before a form was filed: it takes over what stands at the receiver and goes on."""

import datetime as dt
import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from assets.reports.filing import submit
from assets.reports.forms import form_named
from assets.reports.night import file_due
from assets.reports.sheet import read_sheet
from resources.reporting import outbox
from resources.reporting.sending import refresh_states, send_waiting
from resources.warehouse.published import submissions
from resources.warehouse.published.submissions import Submission
from schemas.reports.packet import content_hash
from tests.integration.report_hub import GatewayProcess, SmallHub, at

pytestmark = pytest.mark.landing

AS_T = form_named("AS-T")
DUE = at("2024-10-22 02:00")
MERIT = "meritorious_persons.monthly_payments"


def of(hub: SmallHub) -> list[Submission]:
    with hub.engine.connect() as connection:
        return submissions.listed(connection, "AS-T", "2024-10")


def night(hub: SmallHub, gateway: GatewayProcess, day: str) -> list[Submission]:
    now = at(f"{day} 02:00")
    hub.read(now)
    filed = file_due(hub.engine, gateway.client(), now, AS_T, ["2024-10"], mode="automatic")
    assert filed.failed == {}
    return filed.composed


def restored(hub: SmallHub, *, after_revision: int = 0) -> None:
    """As a backup knows it that was made after this revision was filed, and before the next."""
    with hub.engine.begin() as connection:
        connection.execute(sa.text("delete from ops.report_looks"))
        connection.execute(sa.text("delete from ops.report_submissions where revision > :n"), {"n": after_revision})
        connection.execute(
            sa.text("""update ops.report_submissions set status = 'received', superseded_by = null, asked_at = null
                where revision = :n"""),
            {"n": after_revision},
        )


def standing(gateway: GatewayProcess) -> list[str]:
    return [one["ma_giao_dich"] for one in gateway.listed() if one["trang_thai"] in ("da_tiep_nhan", "da_phe_duyet")]


def test_what_was_filed_after_the_backup_is_taken_over_and_replaced_by_what_is_counted_now(
    hub: SmallHub, gateway: GatewayProcess
) -> None:
    hub.month(DUE)
    night(hub, gateway, "2024-10-22")
    (lost,) = of(hub)
    restored(hub)
    hub.load(MERIT, "2024-10", "412", [{}, {}], at("2024-10-22 20:00"))
    night(hub, gateway, "2024-10-23")
    refused, taken = of(hub)
    assert (refused.revision, refused.status) == (1, "returned") and lost.transaction_id in (refused.last_error or "")
    assert "đã nhận lại lần gửi đó" in (refused.last_error or "")
    assert (taken.revision, taken.status, taken.maturity, taken.is_taken_over) == (2, "received", "final", True)
    assert (taken.transaction_id, taken.receipt, taken.payload) == (lost.transaction_id, lost.receipt, lost.payload)
    assert taken.figures_hash == lost.figures_hash and read_sheet(taken, refused).lines
    night(hub, gateway, "2024-10-24")
    last = of(hub)[-1]
    assert (last.revision, last.status, last.maturity, last.replaces) == (3, "received", "correction", lost.transaction_id)
    told = last.payload["ly_do_dieu_chinh"]
    assert told.startswith("Kho được khôi phục từ bản sao lưu làm trước lần gửi 1 mà nơi nhận giữ") and "NCC02" in told
    assert standing(gateway) == [last.transaction_id] and of(hub)[1].status == "replaced"
    assert night(hub, gateway, "2024-10-25") == []


def test_the_same_figures_are_not_sent_once_more(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    night(hub, gateway, "2024-10-22")
    (lost,) = of(hub)
    restored(hub)
    night(hub, gateway, "2024-10-23")
    for day in ("2024-10-24", "2024-10-25", "2024-11-25", "2024-12-01", "2024-12-25"):
        assert night(hub, gateway, day) == []
    assert [s.status for s in of(hub)] == ["returned", "received"] and standing(gateway) == [lost.transaction_id]
    hub.load(MERIT, "2024-10", "412", [{}, {}], at("2024-12-30 09:00"))
    assert [s.replaces for s in night(hub, gateway, "2025-01-25")] == [lost.transaction_id]
    assert of(hub)[-1].status == "received"


def test_what_replaced_a_filing_that_the_backup_knows_is_taken_over_when_it_is_asked_for(
    hub: SmallHub, gateway: GatewayProcess
) -> None:
    hub.month(DUE)
    night(hub, gateway, "2024-10-22")
    hub.load(MERIT, "2024-10", "412", [{}, {}], at("2024-10-24 09:00"))
    night(hub, gateway, "2024-10-25")
    first, lost = of(hub)
    restored(hub, after_revision=1)
    hub.load(MERIT, "2024-10", "412", [{}, {}, {}], at("2024-10-26 09:00"))
    night(hub, gateway, "2024-10-26")
    known, taken, last = of(hub)
    assert (known.status, known.superseded_by) == ("replaced", lost.transaction_id)
    assert (taken.revision, taken.replaces, taken.status) == (2, first.transaction_id, "replaced")
    assert (last.revision, last.replaces, last.status) == (3, lost.transaction_id, "received")
    assert standing(gateway) == [last.transaction_id]


def test_a_correction_that_names_what_stands_no_more_is_refused_once(hub: SmallHub, gateway: GatewayProcess) -> None:
    """It was composed before the receiver was asked what became of the revision that it names."""
    hub.month(DUE)
    night(hub, gateway, "2024-10-22")
    first = of(hub)[0]
    other = first.payload | {
        "ma_giao_dich": str(uuid.uuid4()),
        "lan_gui": 7,
        "thay_the": first.transaction_id,
        "ly_do_dieu_chinh": "Gửi sau bản sao lưu",
    }
    gateway.client().submit(other | {"bam_noi_dung": content_hash(other)})
    hub.load(MERIT, "2024-10", "412", [{}, {}], at("2024-10-22 20:00"))
    now = at("2024-10-23 09:00")
    submit(hub.engine, AS_T, "2024-10", now, mode="automatic", by="Trần Thử", reason="Theo biên bản số 7")
    assert refresh_states(hub.engine, gateway.client(), now) != []  # told, and left to the sending: one is open
    send_waiting(hub.engine, gateway.client(), now, at_once=True)
    assert [(s.revision, s.status) for s in of(hub)] == [(1, "replaced"), (2, "returned"), (7, "received")]
    again = submit(hub.engine, AS_T, "2024-10", now, mode="automatic", by="Trần Thử")
    send_waiting(hub.engine, gateway.client(), now, at_once=True)
    assert (again.revision, again.replaces) == (8, other["ma_giao_dich"])
    assert of(hub)[-1].status == "received" and of(hub)[-1].payload["ly_do_dieu_chinh"].startswith("Theo biên bản số 7. Kho được")


def test_what_stands_there_of_another_sender_or_untrue_to_its_hash_is_not_taken_over(
    hub: SmallHub, gateway: GatewayProcess
) -> None:
    hub.month(DUE)
    night(hub, gateway, "2024-10-22")
    restored(hub)
    client = gateway.client()
    told: dict[str, Any] = {}
    ask = client.call

    def untrue(what: str, method: str, path: str, *rest: Any) -> Any:
        answer = ask(what, method, path, *rest)
        if path.endswith("/goi"):
            answer.result["so_lieu"][0]["gia_tri"] = "999"
            told["asked"] = path
        return answer

    client.call = untrue  # the receiver's own words, as a line of it would spoil them
    file_due(hub.engine, client, at("2024-10-23 02:00"), AS_T, ["2024-10"], mode="automatic")
    (refused,) = of(hub)
    assert told and refused.status == "returned" and "sai giá trị băm" in (refused.last_error or "")


def test_a_receiver_that_is_down_when_it_is_asked_is_asked_again_with_the_packet(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    night(hub, gateway, "2024-10-22")
    (lost,) = of(hub)
    restored(hub)
    client = gateway.client()
    ask = client.call

    def dies(what: str, method: str, path: str, *rest: Any) -> Any:
        if "?" in path:
            gateway.stop()
        return ask(what, method, path, *rest)

    client.call = dies
    now = at("2024-10-23 02:00")
    file_due(hub.engine, client, now, AS_T, ["2024-10"], mode="automatic")
    (waiting,) = of(hub)
    assert waiting.status == "sent" and "đã có lần gửi" in (waiting.last_error or "")
    gateway.start()
    send_waiting(hub.engine, gateway.client(), now + dt.timedelta(days=1), at_once=True)
    assert [(s.status, s.transaction_id == lost.transaction_id) for s in of(hub)] == [("returned", False), ("received", True)]
    with hub.engine.connect() as connection:
        assert outbox.latest(connection, "AS-T", "2024-10").receipt == lost.receipt
