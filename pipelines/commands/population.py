"""`ansinh population check|status|forget`: the check against the national population database."""

import argparse
import json
import sys

from pipelines.population import card, has_to_do, in_words
from pipelines.terminal.parser import whole
from resources.hub import Hub
from resources.locks import only_now, only_one
from resources.population.failures import PopulationRunning
from resources.warehouse.persons import population
from schemas.written import grouped

MOST = 10_000_000  # more than a province has


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", required=True, metavar="check|status|forget")
    check = commands.add_parser("check", help="hỏi tiếp trong số lượt còn được phép hôm nay, như đêm vẫn làm")
    check.add_argument("--limit", type=whole("một số người", 1, MOST), metavar="N", help="hỏi về nhiều nhất N người")
    status = commands.add_parser("status", help="đã hỏi bao nhiêu người, kết quả, cảnh báo đang mở, số lượt hôm nay")
    status.add_argument("--json", action="store_true", help="in dạng JSON")
    commands.add_parser("forget", help="bỏ mọi kết quả đang giữ và khép các cảnh báo; nhật ký các lượt hỏi vẫn giữ")


def run(parsed: argparse.Namespace) -> int:
    if parsed.action == "status":
        hub = Hub.look()
        print(json.dumps(card(hub), ensure_ascii=False) if parsed.json else f"Đối chiếu dân cư: {in_words(hub)}.")
        return 0
    hub = Hub.open()
    return _forget(hub) if parsed.action == "forget" else _check(hub, parsed.limit)


def _check(hub: Hub, most: int | None) -> int:
    failures: list[str] = []
    if has_to_do(hub):
        from pipelines.definitions import defs  # every asset is made: nothing for a province that has no access
        from pipelines.runtime import running

        with running.dagster(hub.settings, defs) as runner:
            failures = runner.population(hub.today().isoformat(), most)
    print(f"Đối chiếu dân cư: {in_words(hub)}.")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def _forget(hub: Hub) -> int:
    engine = hub.warehouse.engine
    with only_now(engine, population.LOCK, PopulationRunning), only_one(engine, "findings"), engine.begin() as connection:
        persons = population.forget(connection, hub.now())
    print(
        f"Đã bỏ kết quả của {grouped(persons)} người và khép các cảnh báo đối chiếu; ops.population_calls vẫn giữ mọi lượt hỏi."
    )
    return 0
