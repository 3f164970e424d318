"""A receiver of reports that is played by a list of answers, and revisions of a form for it: no figure is counted, and nothing is sent."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest import mock

from resources.reporting import outbox, sending
from resources.reporting.client import Receipt, State
from resources.reporting.failures import (
    GatewayBusy,
    GatewayGarbled,
    GatewayUnreachable,
    PacketRefused,
    StateNotTold,
)
from resources.reporting.held import Held
from resources.reporting.sending import refresh_states, send_waiting
from resources.warehouse.published.submissions import Decision, Draft, Submission
from tests.integration.report_hub import SmallHub, at

NOW, DAY, MINUTE = at("2024-10-22 02:00"), dt.timedelta(days=1), dt.timedelta(minutes=1)
CHAIN = {"don_vi_gui": "H41.21", "don_vi_nhan": "G22", "ma_che_do": "ND09.T", "ma_bieu_mau": "AS-T"}
REFUSED = PacketRefused(what="Gửi", form="AS-T", status=422, code="22", expected="00", why=": NCC02 lệch")
DOWN = GatewayUnreachable(what="Gửi", kind="im lặng", connect=1, read=1)
BUSY = GatewayBusy(what="Gửi", status=429, retry_after=dt.timedelta(hours=3))
CUT = GatewayGarbled(what="Gửi", how="không phải JSON")
CUT.__cause__ = ValueError("riêng")
UNTOLD = StateNotTold(what="Hỏi", status=400, code="9", expected="00", why="")
Said = Any  # an answer, a failure that is raised, or what makes one of a packet


class Receiver:
    """What it says to each packet, question about one, and question about what stands; once each, and of the rest as it should."""

    def __init__(self) -> None:
        self.says: dict[tuple[str, str], list[Said]] = defaultdict(list)
        self.asked: list[tuple[str, str]] = []

    def submit(self, packet: dict[str, Any]) -> Receipt:
        return self._say("submit", packet, lambda p: received(p).receipt)

    def state(self, packet: dict[str, Any]) -> State | None:
        return self._say("state", packet, received)

    def standing(self, packet: dict[str, Any]) -> Held | None:
        return self._say("standing", packet, lambda p: None)

    def _say(self, what: str, packet: dict[str, Any], else_: Callable[[dict[str, Any]], Any]) -> Any:
        period = packet["ky_bao_cao"]
        self.asked.append((what, period))
        said = self.says[what, period].pop(0) if self.says[what, period] else else_
        if isinstance(said, Exception):
            raise said
        return said(packet) if callable(said) else said

    def on(self, what: str, period: str, *said: Said) -> "Receiver":
        self.says[what, period] += said
        return self


def received(packet: dict[str, Any], state: str = "da_tiep_nhan", reason: str | None = None) -> State:
    number = f"TN-{packet['ky_bao_cao']}-{packet['lan_gui']}"
    return State(Receipt(packet["ma_giao_dich"], number, "2024-10-22", packet["bam_noi_dung"], state), reason)


def as_(state: str, reason: str | None = None) -> Callable[[dict[str, Any]], State]:
    return lambda packet: received(packet, state, reason)


def receipt_as(state: str) -> Callable[[dict[str, Any]], Receipt]:
    return lambda packet: received(packet, state).receipt


def composed(
    hub: SmallHub, period: str = "2024-10", now: dt.datetime = NOW, *, by: str | None = "t", **decided: Any
) -> Submission:
    """A revision that may go at once; `by` None: it waits for approval."""
    drafted = Draft(
        form="AS-T", regime="ND09.T", period=period, window_start=now.date(), window_end=now.date(), due_day=now.date(),
        content=CHAIN | {"ky_bao_cao": period, "so_lieu": []}, figures_hash=period, inputs=[], composed_at=now, composed_by="t",
    )  # fmt: skip
    decision = Decision(
        revision=decided.get("revision", 1), replaces=decided.get("replaces"), maturity="provisional", reasons=[], reason=None,
        told=None, night=None, approved_by=by,
    )  # fmt: skip
    with hub.engine.begin() as connection:
        return outbox.file(connection, drafted, decision, in_place_of=decided.get("in_place_of"))


def send(hub: SmallHub, receiver: Receiver, now: dt.datetime = NOW, **how: Any) -> list[Submission]:
    playing: Any = receiver
    return send_waiting(hub.engine, playing, now, **how)


def ask(hub: SmallHub, receiver: Receiver, now: dt.datetime) -> list[Submission]:
    playing: Any = receiver
    return refresh_states(hub.engine, playing, now)


def stands(hub: SmallHub, period: str = "2024-10", now: dt.datetime = NOW) -> Submission:
    composed(hub, period, now)
    [sent] = send(hub, Receiver(), now)
    return sent


def row(hub: SmallHub, of: Submission) -> Submission:
    with hub.engine.connect() as connection:
        return outbox.show(connection, of.transaction_id)


def held_there(like: Submission, number: int, replaces: str | None = None) -> Held:
    """What stands there, and the outbox does not know."""
    packet = like.payload | {"ma_giao_dich": str(uuid.uuid4()), "lan_gui": number, "thay_the": replaces, "nguoi_duyet": "Lê Thử"}
    return Held(packet | {"tu_ngay": "2024-09-15", "den_ngay": "2024-10-14"}, "TN-9", "2024-10-23", "da_phe_duyet")


def passing(*seconds: float) -> Any:
    """The clock of a pass, each time that it is looked at."""
    return mock.patch.object(sending, "time", SimpleNamespace(monotonic=iter(seconds).__next__))
