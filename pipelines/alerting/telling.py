"""Telling the operators: a look, what is new in it, and a pass over what waits to go. It stops nothing and raises nothing."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.alerting import lost, words
from pipelines.alerting.matters import look
from resources.alerting.channels import TITLES, Channel, usable
from resources.alerting.sending import LONGEST_PASS, send_waiting
from resources.failing import Failure
from resources.hub import Hub
from resources.locks import if_free
from resources.warehouse.engine import typed
from resources.warehouse.running import alerts
from schemas.written import grouped

UNSET = "Báo tin: chưa cấu hình (ALERT_SMTP_URL và ALERT_TO, hoặc ALERT_WEBHOOK_URL); không ai được báo"


@dataclass
class Outcome:
    """What became of one telling. `waiting`: messages that are still to go."""

    come: int = 0
    over: int = 0
    went: int = 0
    waiting: int = 0
    is_set: bool = True
    is_busy: bool = False
    failures: list[Failure] = field(default_factory=list)

    @property
    def told(self) -> list[str]:
        """What was told, in lines for a terminal or the page of a sensor."""
        if not self.is_set and not self.failures:
            return [UNSET + "."]
        if self.is_busy:
            return ["Báo tin: một lượt khác đang báo."]
        line = f"Báo tin: {grouped(self.come)} việc mới, {grouped(self.over)} việc đã hết; đã gửi {grouped(self.went)} tin"
        return [f"{line}, còn chờ {grouped(self.waiting)}.", *map(str, self.failures)]


def tell(hub: Hub, *, longest: float = LONGEST_PASS) -> Outcome:
    """Tell what is new, by every channel that is set."""
    outcome = Outcome()
    try:
        channels, wrong = usable()
        outcome.is_set = bool(channels)
        outcome.failures += wrong
        if channels:
            _tell(hub, channels, outcome, longest)
    except Exception as error:
        outcome.failures.append(typed("báo tin cho cán bộ trực", error))
    return outcome


def _tell(hub: Hub, channels: Sequence[Channel], outcome: Outcome, longest: float) -> None:
    engine = hub.warehouse.engine
    with if_free(engine, "alerts") as is_free:
        if not is_free:
            outcome.is_busy = True
            return
        lost.found_again(hub, channels)
        now = hub.clock.now()  # a clock that is refused elsewhere is no reason to keep silent
        seen = look(hub, now)
        with engine.begin() as connection:
            alerts.settle(connection, seen.matters, seen.is_judged, now)
            for channel in channels:
                come = alerts.untold(connection, channel.name)
                over = alerts.untold_over(connection, channel.name, now)
                outcome.come, outcome.over = max(outcome.come, len(come)), max(outcome.over, len(over))
                sent_at = machine_time(hub)
                if message := words.composed(come, over, hub.settings, sent_at):
                    alerts.put(connection, channel.name, message, come, over, sent_at)
                else:
                    alerts.mark_told(connection, channel.name, [], [a.id for a in over])
        outcome.went, failures = send_waiting(engine, channels, lambda: machine_time(hub), longest=longest)
        outcome.failures += failures
        with engine.connect() as connection:
            outcome.waiting = len(alerts.waiting(connection))


def machine_time(hub: Hub) -> dt.datetime:
    """The machine's own time: a mail server knows nothing of the demo's day."""
    return hub.clock.system().astimezone(dt.UTC)


def looked(hub: Hub) -> list[str]:
    """What would be told, without telling or keeping anything."""
    seen = look(hub, hub.clock.now())
    with hub.warehouse.engine.connect() as connection:
        known = {(a.kind, a.key): a for a in alerts.open_now(connection)} if alerts.is_there(connection) else {}
    lines = [f"{'đã biết' if key in known else 'mới'}: {words}" for key, words in seen.matters.items()]
    lines += [f"đã hết: {a.words}" for key, a in known.items() if key not in seen.matters and seen.is_judged(key)]
    return lines or ["Không có việc gì phải báo."]


def roads(channels: Sequence[Channel]) -> str:
    return "; ".join(f"{TITLES[c.name]}: {c.road}" for c in channels)
