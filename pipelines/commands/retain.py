"""`ansinh retain`: what is past its term goes, by whose law, and what cannot be asked any more; `--dry-run` only tells it."""

import argparse
import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from pipelines.retaining import HOLDS_EVERYTHING, Retained, answers_whole, in_words, look, retain
from pipelines.terminal.printed import LINES, paged
from resources.clock import ZONE
from resources.hub import Hub
from resources.retention.line import Line
from schemas.retention import STORES
from schemas.written import decimal, grouped


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="chỉ nêu sẽ bỏ gì; không đổi gì")
    parser.add_argument("--json", action="store_true", help="in dạng JSON, từng bộ dữ liệu")


def run(parsed: argparse.Namespace) -> int:
    done = look(Hub.look()) if parsed.dry_run else _retain(Hub.open())
    if parsed.json:
        print(json.dumps([line.record() for line in done.lines], ensure_ascii=False))
    else:
        _print(done, is_look=parsed.dry_run)
    for failure in done.failures:
        print(failure, file=sys.stderr)
    return max((failure.exit_status for failure in done.failures), default=0)


def _retain(hub: Hub) -> Retained:
    from pipelines.runtime.instance import instance  # Dagster itself: nothing for who only looks

    with instance(hub.settings) as found:
        return retain(hub, found)


def _print(done: Retained, *, is_look: bool) -> None:
    order = list(STORES)
    lines = sorted(done.lines, key=lambda line: order.index(line.store))  # of one store as they were found
    title = "Sẽ bỏ" if is_look else "Đã bỏ"
    with paged() as console:
        if going := [line for line in lines if line.count]:
            console.print(_table(title, going))
            console.print()
        console.print(f"{title} {in_words(lines)}.", soft_wrap=True)
        if held := _held(lines):
            console.print(f"Quá thời hạn nhưng còn cần, giữ lại: {held}.", soft_wrap=True)
        if answers_whole(lines):
            console.print(f"Lịch sử: {HOLDS_EVERYTHING}.", soft_wrap=True)
        for loses, names in _losses(lines).items():
            console.print(f"{escape(names)}: {escape(loses)}.", soft_wrap=True)
        console.print()
        console.print(_terms(lines))


def _held(lines: Sequence[Line]) -> str:
    """How much stays in each store though its term is over."""
    counts = Counter[str]()
    for line in lines:
        counts[STORES[line.store]] += line.held
    return "; ".join(f"{store} {grouped(count)}" for store, count in counts.items() if count)


def _losses(lines: Sequence[Line]) -> dict[str, str]:
    """What cannot be asked any more -> of which data, all that lose the same together."""
    found: dict[str, tuple[str, list[str]]] = {}
    for line in lines:
        if line.loses:
            found.setdefault(line.loses, (STORES[line.store], []))[1].append(line.title)
    return {loses: f"{store}: {'; '.join(titles)}" for loses, (store, titles) in found.items()}


def _table(title: str, lines: Sequence[Line]) -> Table:
    table = Table(title=title, title_justify="left", **LINES)
    table.add_column("Nơi giữ, dữ liệu", ratio=4)
    for heading in ("Số", "MB"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("Từ ngày", "Đến ngày"):
        table.add_column(heading, no_wrap=True)
    for line in lines:
        size = "" if line.bytes is None else decimal(line.bytes / 1e6)
        table.add_row(escape(_named(line)), grouped(line.count), size, _day(line.first), _day(line.last))
    return table


def _terms(lines: Sequence[Line]) -> Table:
    """Each term once, with whose it is: where all datasets of a store share one, the store's."""
    by_term: dict[tuple[str, str, str], list[str]] = {}
    for line in lines:
        legal = line.term.legal_basis if line.term else ""
        by_term.setdefault((STORES[line.store], line.term_words, legal), []).append(line.title)
    stores = [store for store, _, _ in by_term]
    table = Table(title="Thời hạn giữ", title_justify="left", **LINES)
    table.add_column("Nơi giữ, dữ liệu", ratio=4)
    table.add_column("Thời hạn", no_wrap=True)
    table.add_column("Căn cứ", ratio=5)
    for (store, words, legal), titles in by_term.items():
        of = store if stores.count(store) == 1 else f"{store}: {'; '.join(titles)}"
        table.add_row(escape(of), words, escape(legal))
    return table


def _named(line: Line) -> str:
    return f"{STORES[line.store]}: {line.title}"


def _day(instant: dt.datetime | None) -> str:
    return f"{instant.astimezone(ZONE):%d/%m/%Y}" if instant else ""
