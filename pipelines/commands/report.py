"""`ansinh report list|show|approve|submit`: forms, receipts, corrections."""

import argparse
import json
import sys

from rich.console import Console
from rich.table import Table

from assets.reports.filing import submit
from resources.hub import Hub
from resources.reporting import outbox
from resources.reporting.client import client
from resources.reporting.outbox import OutboxRefused
from resources.reporting.sending import send_waiting
from resources.warehouse import submissions
from resources.warehouse.submissions import STATUS_TITLES, Submission
from schemas.reports.registry import form_named

MATURITY = {"provisional": "tạm thời", "final": "chính thức", "correction": "điều chỉnh"}


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", required=True, metavar="list|show|approve|submit")
    listing = commands.add_parser("list", help="các lần lập, biên nhận và trạng thái")
    listing.add_argument("--form")
    listing.add_argument("--period")
    listing.add_argument("--status", choices=submissions.STATUSES)
    listing.add_argument("--json", action="store_true")
    for name, gloss in (
        ("show", "một lần lập, nguyên văn gói tin"),
        ("approve", "duyệt lần đang chờ và gửi"),
        ("submit", "gửi ngay: lần đang chờ gửi, hoặc lập lại sau khi sửa"),
    ):
        sub = commands.add_parser(name, help=gloss)
        sub.add_argument("form")
        sub.add_argument("period")
        sub.add_argument("--json", action="store_true")
        if name != "submit":
            sub.add_argument("--revision", type=int, help="mặc định: lần mới nhất")
        if name != "show":
            sub.add_argument("--by", required=True, help="người duyệt hoặc người gửi")
        if name == "submit":
            sub.add_argument("--reason", help="lý do")


def run(parsed: argparse.Namespace) -> int:
    hub = Hub.open()
    try:
        return {"list": _list, "show": _show, "approve": _approve, "submit": _submit}[parsed.action](hub, parsed)
    except (OutboxRefused, LookupError) as error:
        print(error, file=sys.stderr)
        return 2


def _list(hub: Hub, parsed: argparse.Namespace) -> int:
    with hub.warehouse.engine.connect() as connection:
        found = submissions.listed(connection, parsed.form, parsed.period, parsed.status)
    if parsed.json:
        print(json.dumps([_row(s) for s in found], ensure_ascii=False, default=str))
        return 0
    table = Table(title="Báo cáo", title_justify="left")
    for heading in ("Biểu", "Kỳ", "Lần", "Mức", "Trạng thái", "Biên nhận", "Lý do"):
        table.add_column(heading, overflow="fold")
    for s in found:
        row = (s.form, s.period, str(s.revision), MATURITY[s.maturity], STATUS_TITLES[s.status], s.receipt or "", s.reason or "")
        table.add_row(*row)
    Console().print(table)
    return 0


def _show(hub: Hub, parsed: argparse.Namespace) -> int:
    with hub.warehouse.engine.connect() as connection:
        s = outbox.latest(connection, parsed.form, parsed.period, parsed.revision)
    print(
        json.dumps(
            _row(s) | {"payload": s.payload, "findings": s.findings, "inputs": s.inputs},
            ensure_ascii=False,
            indent=2,
            default=str,
        )
    )
    return 0


def _approve(hub: Hub, parsed: argparse.Namespace) -> int:
    with hub.warehouse.engine.begin() as connection:
        waiting = outbox.latest(connection, parsed.form, parsed.period, parsed.revision)
        outbox.approve(connection, waiting.transaction_id, parsed.by, hub.now())
    return _sent(hub, waiting.transaction_id, parsed)


def _submit(hub: Hub, parsed: argparse.Namespace) -> int:
    submission = submit(
        hub.warehouse.engine,
        form_named(parsed.form),
        parsed.period,
        hub.now(),
        mode=hub.settings.filing,
        by=parsed.by,
        reason=parsed.reason,
    )
    return _sent(hub, submission.transaction_id, parsed)


def _sent(hub: Hub, transaction_id: str, parsed: argparse.Namespace) -> int:
    send_waiting(hub.warehouse.engine, client(hub.settings), hub.now(), at_once=True)
    with hub.warehouse.engine.connect() as connection:
        s = outbox.show(connection, transaction_id)
    if parsed.json:
        print(json.dumps(_row(s), ensure_ascii=False, default=str))
    else:
        print(
            f"{s.form} {s.period}, lần {s.revision}: {STATUS_TITLES[s.status]}"
            + (f", biên nhận {s.receipt}" if s.receipt else "")
        )
    for finding in s.stopped_by:
        print(f"{finding['code']} {finding['message']}", file=sys.stderr)
    if s.stopped_by:
        return 1
    if s.receipt is None and s.last_error:
        print(s.last_error, file=sys.stderr)
        return 1
    return 0


def _row(s: Submission) -> dict[str, object]:
    names = (
        "form",
        "regime",
        "period",
        "window_start",
        "window_end",
        "revision",
        "replaces",
        "transaction_id",
        "payload_hash",
        "submitted_at",
        "receipt",
        "status",
        "reason",
        "maturity",
    )
    return {name: getattr(s, name) for name in names}
