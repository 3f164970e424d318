"""`ansinh backfill`: exactly those cells, with a reason, and what depends on them: open data and the report corrected."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from assets.reports.forms import FORMS
from assets.tags import CONFIRM, DOCUMENT, FROM, OFFICER, REASON, SOURCE
from pipelines.failures import ReasonEmpty, refuse_blank
from pipelines.following import Load
from pipelines.runtime import running
from pipelines.terminal.known import holding, known_datasets, known_source, known_unit
from pipelines.terminal.printed import log_to
from resources import accounts
from resources.hub import Hub
from resources.local.laying import refuse_wrong
from resources.warehouse.arrivals import ledger
from resources.warehouse.published.submissions import Submission
from resources.warehouse.running import scorecard
from schemas.dataset import Dataset


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", required=True, metavar="S", help="hệ thống nguồn")
    parser.add_argument("--dataset", metavar="D", help="mặc định: mọi bộ dữ liệu của hệ thống có kỳ này")
    parser.add_argument(
        "--period", required=True, nargs="+", action="extend", metavar="P", help="một hay nhiều kỳ (lặp lại được)"
    )
    parser.add_argument(
        "--unit",
        nargs="+",
        action="extend",
        metavar="U",
        help="một hay nhiều đơn vị (lặp lại được); mặc định: mọi đơn vị phải nộp",
    )
    parser.add_argument("--reason", required=True, metavar="LÝ_DO", help="vì sao, được lưu lại")
    parser.add_argument("--by", metavar="TÊN", help="người yêu cầu; mặc định: tài khoản của máy")
    parser.add_argument("--document", metavar="SỐ", help="số văn bản, nếu có")
    parser.add_argument("--from-raw", action="store_true", help="kiểm tra lại từ dữ liệu gốc, không hỏi nguồn")
    parser.add_argument(
        "--confirm-shrink", action="store_true", help="xác nhận ô bị rỗng, hụt hoặc giống hệt tháng trước là đúng"
    )
    parser.add_argument("--json", action="store_true", help="in kết quả dạng JSON")


def run(parsed: argparse.Namespace) -> int:
    refuse_wrong(parsed.source)
    hub = Hub.open()
    cells = chosen(hub, parsed)
    tags = {
        REASON: parsed.reason.strip(),
        OFFICER: (parsed.by or accounts.asking()).strip(),
        SOURCE: parsed.source,
    }
    if parsed.document:
        tags[DOCUMENT] = parsed.document.strip()
    if parsed.confirm_shrink:
        tags[CONFIRM] = "shrink"
    if parsed.from_raw:
        tags[FROM] = "raw"
    log_to(Console(stderr=parsed.json))
    began = hub.now()
    from pipelines.definitions import defs  # every asset is made: nothing for a command that was refused

    with running.dagster(hub.settings, defs) as runner:
        failures, loads = runner.backfill(parsed.source, cells, tags)
    with hub.warehouse.engine.connect() as connection:
        reports = scorecard.reports_since(connection, began)
    if parsed.json:
        print(json.dumps(_as_json(loads, reports, failures), ensure_ascii=False))
    else:
        for load in loads:
            print(f"Đã nạp {load.source}.{load.dataset} {load.period}|{load.unit}")
        for line in [scorecard.told(report) for report in reports] or [_why_no_report(loads, failures)]:
            print(f"Báo cáo {line}" if reports else f"Báo cáo: {line}")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def _as_json(loads: Sequence[Load], reports: Sequence[Submission], failures: Sequence[str]) -> dict[str, Any]:
    return {
        "loaded": [
            {"source": load.source, "dataset": load.dataset, "period": load.period, "unit_code": load.unit} for load in loads
        ],
        "reports": [
            {
                "form": report.form,
                "period": report.period,
                "revision": report.revision,
                "replaces": report.replaces,
                "status": report.status,
                "receipt": report.receipt,
                "told": scorecard.told(report),
            }
            for report in reports
        ],
        "why_no_report": None if reports else _why_no_report(loads, failures),
        "failures": list(failures),
    }


def _why_no_report(loads: Sequence[Load], failures: Sequence[str]) -> str:
    if not loads:
        return "không ô nào được nạp, nên không lập lại báo cáo nào"
    if failures:
        return "không gửi lần nào; xem lỗi được nêu"
    counted = {dataset.id for form in FORMS for dataset in form.datasets}
    if not {f"{load.source}.{load.dataset}" for load in loads} & counted:
        return "không biểu nào tính từ bộ dữ liệu này"
    return "không số liệu nào của các kỳ đã đến hạn thay đổi, không gửi lần nào"


def chosen(hub: Hub, parsed: argparse.Namespace) -> dict[Dataset, list[tuple[str, str]]]:
    """dataset -> the cells asked for. What cannot be a cell is named, and nothing is run."""
    if not parsed.reason.strip():
        raise ReasonEmpty
    refuse_blank(parsed.by, parsed.document)
    datasets = known_datasets([known_source(parsed.source)], parsed.dataset)
    today = hub.today()
    found: dict[Dataset, list[tuple[str, str]]] = {}
    for period in dict.fromkeys(parsed.period):
        holders = holding(period, datasets, today)
        asked = {known_unit(unit, holders, [period], today): None for unit in parsed.unit or ()}
        for dataset in holders:
            expected = ledger.expected_units(dataset, period, today)
            units = [u for u in asked if u in expected] if asked else expected
            if units:
                found.setdefault(dataset, []).extend((period, u) for u in units)
    return found
