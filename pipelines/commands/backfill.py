"""`ansinh backfill`: exactly those cells, with a reason, and what depends on them: open data and the report corrected."""

import argparse
import getpass
import sys

from rich.console import Console

from assets.tags import CONFIRM, DOCUMENT, FROM, OFFICER, REASON, SOURCE
from pipelines import running
from pipelines.printed import known_source, log_to
from pipelines.refusals import DatasetUnknown, PeriodNotStarted, ReasonEmpty, UnitNotExpected
from resources.hub import Hub
from resources.warehouse import ledger
from schemas import calendar
from schemas.dataset import Dataset
from schemas.registry import datasets_of


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", required=True, metavar="S")
    parser.add_argument("--dataset", metavar="D", help="mặc định: mọi bộ dữ liệu của hệ thống có kỳ này")
    parser.add_argument("--period", required=True, nargs="+", metavar="P")
    parser.add_argument("--unit", nargs="+", metavar="U", help="mặc định: mọi đơn vị phải nộp")
    parser.add_argument("--reason", required=True, metavar="LÝ DO", help="vì sao, được lưu lại")
    parser.add_argument("--by", metavar="TÊN", help="người yêu cầu; mặc định: người dùng hệ điều hành")
    parser.add_argument("--document", metavar="SỐ", help="số văn bản, nếu có")
    parser.add_argument("--from-raw", action="store_true", help="kiểm tra lại từ dữ liệu gốc, không hỏi nguồn")
    parser.add_argument("--confirm-shrink", action="store_true", help="xác nhận ô bị rỗng hoặc hụt là đúng")


def run(parsed: argparse.Namespace) -> int:
    hub = Hub.open()
    cells = chosen(hub, parsed)
    tags = {
        REASON: parsed.reason.strip(),
        OFFICER: (parsed.by or getpass.getuser()).strip(),
        SOURCE: parsed.source,
    }
    if parsed.document:
        tags[DOCUMENT] = parsed.document.strip()
    if parsed.confirm_shrink:
        tags[CONFIRM] = "shrink"
    if parsed.from_raw:
        tags[FROM] = "raw"
    log_to(Console())
    with running.dagster(hub.settings) as runner:
        failures, loaded = runner.backfill(parsed.source, cells, tags)
        periods = sorted({period for _, period, _ in loaded})
        if periods:
            failures += runner.follow_up(parsed.source, periods, tags)
    for dataset, period, unit in loaded:
        print(f"Đã nạp {dataset} {period}|{unit}")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def chosen(hub: Hub, parsed: argparse.Namespace) -> dict[Dataset, list[tuple[str, str]]]:
    """dataset -> the cells asked for. What cannot be a cell is named, and nothing is run."""
    if not parsed.reason.strip():
        raise ReasonEmpty
    source = known_source(parsed.source)
    datasets = datasets_of(source)
    if parsed.dataset:
        datasets = tuple(d for d in datasets if d.name == parsed.dataset)
        if not datasets:
            known = ", ".join(d.name for d in datasets_of(source))
            raise DatasetUnknown(source=source.name, name=parsed.dataset, known=known)
    today = hub.today()
    found: dict[Dataset, list[tuple[str, str]]] = {}
    for period in parsed.period:
        holders = [d for d in datasets if period in calendar.started(d, today)]
        if not holders:
            raise PeriodNotStarted(source=source.name, period=period, today=today)
        for dataset in holders:
            expected = ledger.expected_units(dataset, period, today)
            units = [u for u in (parsed.unit or expected) if u in expected]
            unknown = [u for u in parsed.unit or () if u not in expected]
            if unknown and not dataset.by_province:
                raise UnitNotExpected(dataset=dataset.id, period=period, units=", ".join(unknown), known=", ".join(expected))
            if units:
                found.setdefault(dataset, []).extend((period, u) for u in units)
    return found
