"""The population check as the commands, the night and the doctor meet it: whether there is anything to do, and how it stands."""

from typing import Any

from resources.hub import Hub
from resources.warehouse.persons import population
from resources.warehouse.persons.population import Known
from schemas.population import Outcome
from schemas.written import grouped

NOT_GRANTED = "chưa được cấp quyền đối chiếu (POPULATION_URL chưa đặt)"
OUTCOMES: dict[Outcome, str] = {
    "match": "khớp",
    "mismatch": "không khớp",
    "unknown": "không có trong CSDLQG",
    "unanswered": "hỏi rồi chưa rõ",
    "expired": "đã hết hạn giữ",
}


def is_granted(hub: Hub) -> bool:
    return hub.settings.population_url() is not None


def has_to_do(hub: Hub) -> bool:
    """Whether there is access, or something that was said when there was, which expires."""
    return is_granted(hub) or not known(hub).is_empty


def known(hub: Hub) -> Known:
    with hub.warehouse.engine.connect() as connection:
        return population.known(connection, hub.today())


def card(hub: Hub) -> dict[str, Any]:
    """How it stands, for the scorecard of a night."""
    found = known(hub)
    return {
        "granted": is_granted(hub),
        "persons": found.persons,
        "findings": found.findings,
        "calls_today": found.calls_today,
        "last_outcome": found.last_outcome,
    }


def in_words(hub: Hub) -> str:
    """How it stands, in a line."""
    found = known(hub)
    counted = ", ".join(f"{title} {grouped(found.persons[o])}" for o, title in OUTCOMES.items() if found.persons.get(o))
    told = [f"người đã hỏi: {counted or 'chưa có ai'}", f"cảnh báo đang mở: {grouped(found.findings)}"]
    told += [f"hôm nay đã hỏi {grouped(found.calls_today)} lượt"]
    if not is_granted(hub):
        told = [NOT_GRANTED, *(told if not found.is_empty else [])]
    return "; ".join(told)
