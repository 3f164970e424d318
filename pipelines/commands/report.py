"""`ansinh report list|show|approve|submit`: forms, receipts, corrections."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from assets.reports.filing import submit
from assets.reports.form import Form
from assets.reports.forms import FORMS
from assets.reports.indicators import lines_of
from assets.reports.sheet import Sheet, read_sheet
from assets.reports.workbook import write_form
from pipelines import reads
from pipelines.failures import refuse_blank, refuse_who
from pipelines.terminal.known import due_period, known_form
from pipelines.terminal.parser import whole
from pipelines.terminal.printed import LINES, NONE, into, paged
from pipelines.terminal.report_page import print_page
from resources.hub import Hub
from resources.local.laying import refuse_wrong
from resources.reporting import outbox
from resources.reporting.client import client
from resources.reporting.failures import NeverComposed, OutboxRefused
from resources.reporting.parties import refuse_unknown
from resources.reporting.sending import send_waiting
from resources.warehouse.published import submissions
from resources.warehouse.published.submissions import MATURITY_TITLES as MATURITY
from resources.warehouse.published.submissions import STATUS_TITLES, Submission
from schemas.local import REPORTS


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", required=True, metavar="list|show|approve|submit")
    listing = commands.add_parser("list", help="các lần lập, biên nhận và trạng thái")
    listing.add_argument("--form", metavar="BIỂU", help="chỉ biểu này")
    listing.add_argument("--period", metavar="P", help="chỉ kỳ này")
    states = "; ".join(f"{name}: {title}" for name, title in STATUS_TITLES.items())
    listing.add_argument("--status", choices=submissions.STATUSES, metavar="TRẠNG_THÁI", help=states)
    listing.add_argument("--json", action="store_true", help="in dạng JSON")
    for name, gloss in (
        ("show", "một lần lập: chỉ tiêu, khác lần trước ở đâu và vì sao"),
        ("approve", "duyệt lần đang chờ và gửi"),
        ("submit", "gửi ngay: lần đang chờ gửi, hoặc lập lại sau khi sửa"),
    ):
        sub = commands.add_parser(name, help=gloss)
        sub.add_argument("form", metavar="BIỂU", help="mã biểu, ví dụ AS-T")
        sub.add_argument("period", metavar="KỲ", help="kỳ, ví dụ 2024-11, 2024-Q3, 2024-H1, 2024")
        instead = sub.add_mutually_exclusive_group()
        instead.add_argument("--json", action="store_true", help="in dạng JSON")
        if name != "submit":
            sub.add_argument("--revision", type=whole("một lần", 1, 9_999), metavar="LẦN", help="mặc định: lần mới nhất")
        if name != "show":
            who = "người duyệt, đi cùng báo cáo" if name == "approve" else "người gửi, được lưu lại"
            sub.add_argument("--by", required=True, metavar="TÊN", help=who)
        if name == "submit":
            sub.add_argument("--reason", metavar="LÝ_DO", help="vì sao lập lại, đi cùng báo cáo")
        if name == "show":
            reads.arguments(sub)
            sub.add_argument("--details", action="store_true", help="cả phân tổ và từng đơn vị")
            sub.add_argument("--indicator", metavar="MÃ", help="chỉ chỉ tiêu này, cả phân tổ và từng đơn vị")
            instead.add_argument("--xlsx", "--into", metavar="TỆP", help="ghi biểu khổ A4 để in và ký, vào tệp hoặc thư mục này")


def run(parsed: argparse.Namespace) -> int:
    forms = [known_form(parsed.form)] if parsed.form else list(FORMS)
    read = {"list": Hub.glance, "show": Hub.look}.get(parsed.action)
    if read is None:
        refuse_wrong(REPORTS)
    hub = (read or Hub.open)()
    if parsed.action == "submit":
        refuse_unknown(hub.settings, hub.today())
    try:
        return {"list": _list, "show": _show, "approve": _approve, "submit": _submit}[parsed.action](hub, parsed, forms)
    except NeverComposed as error:
        due_period(parsed.period, forms, hub.today())  # a period that there is not is no period without a report
        print(error, file=sys.stderr)
        return 2
    except (OutboxRefused, LookupError) as error:
        print(error, file=sys.stderr)
        return 2


def _list(hub: Hub, parsed: argparse.Namespace, forms: Sequence[Form]) -> int:
    with hub.warehouse.engine.connect() as connection:
        found = submissions.listed(connection, parsed.form, parsed.period, parsed.status)
    if parsed.period and not found:
        due_period(parsed.period, forms, hub.today())
    if parsed.json:
        print(json.dumps([_row(s) for s in found], ensure_ascii=False, default=str))
        return 0
    if not found:
        print("Chưa có lần lập nào như vậy.")
        return 0
    table = Table(title="Báo cáo", title_justify="left", **LINES)
    for heading in ("Biểu", "Kỳ", "Lần", "Mức", "Trạng thái", "Biên nhận"):
        table.add_column(heading, no_wrap=heading != "Trạng thái")
    table.add_column("Lý do", overflow="fold", ratio=1)
    for s in found:
        why = s.last_error or s.reason or ""
        row = (s.form, s.period, str(s.revision), MATURITY[s.maturity], STATUS_TITLES[s.status], s.receipt or NONE, escape(why))
        table.add_row(*row)
    with paged() as console:
        console.print(table)
    return 0


def _show(hub: Hub, parsed: argparse.Namespace, _: Sequence[Form]) -> int:
    with hub.warehouse.engine.connect() as connection:
        s = outbox.latest(connection, parsed.form, parsed.period, parsed.revision)
        earlier = outbox.followed(connection, s)
    sheet = read_sheet(s, earlier)
    _keep_read(hub, sheet, parsed)
    if parsed.json:
        print(a_figure_a_line(_row(s) | {"payload": s.payload, "findings": s.findings, "inputs": s.inputs}))
        return 0
    if parsed.xlsx:
        path = into(parsed.xlsx, f"{s.form}-{s.period}-lan-{s.revision}.xlsx")
        write_form(path, sheet)
        print(f"Đã ghi biểu {s.form} kỳ {s.period}, lần {s.revision} vào {path}. Số theo đơn vị chưa làm tròn: không công bố.")
        return 0
    if parsed.indicator and parsed.indicator not in {line.code for line in sheet.lines}:
        known = ", ".join(dict.fromkeys(line.code for line in sheet.lines))
        raise LookupError(f"Biểu {s.form} kỳ {s.period} không có chỉ tiêu {parsed.indicator}; các chỉ tiêu: {known}.")
    print_page(sheet, parsed.indicator, details=parsed.details)
    return 0


def _keep_read(hub: Hub, sheet: Sheet, parsed: argparse.Namespace) -> None:
    """Keep who reads lines that are counted from a restricted system, where any are shown: few persons stand behind many of them."""
    codes = {line.code for line in sheet.lines if parsed.json or parsed.xlsx or parsed.indicator in (None, line.code)}
    closed = {d.source.name for code in codes for line in lines_of(code) for d in line.reads if d.source.restricted}
    if closed:
        what = f"biểu {parsed.form} kỳ {parsed.period}, dòng tính từ hệ thống hạn chế"
        reads.keep(hub.settings, reads.asking(parsed), "report show", what, about=", ".join(sorted(closed)))


def a_figure_a_line(value: dict[str, Any]) -> str:
    """JSON in which a list has an item a line: 1.800 figures are read by programs and by `diff`, not by a person."""
    lines = []
    for name, part in value.items():
        if isinstance(part, dict):
            told = a_figure_a_line(part)
        elif isinstance(part, list) and part:
            told = "[\n" + ",\n".join(_compact(item) for item in part) + "\n]"
        else:
            told = _compact(part)
        lines.append(f"{_compact(name)}: {told}")
    return "{\n" + ",\n".join(lines) + "\n}"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _approve(hub: Hub, parsed: argparse.Namespace, _: Sequence[Form]) -> int:
    refuse_who(parsed.by)
    engine = hub.reporting.engine
    with outbox.one_writer(engine, parsed.form, parsed.period), engine.begin() as connection:
        waiting = outbox.latest(connection, parsed.form, parsed.period, parsed.revision)
        outbox.approve(connection, waiting.transaction_id, parsed.by, hub.now())
    return _sent(hub, waiting.transaction_id, parsed)


def _submit(hub: Hub, parsed: argparse.Namespace, forms: Sequence[Form]) -> int:
    refuse_blank(parsed.by, parsed.reason)
    refuse_who(parsed.by, parsed.reason)
    due_period(parsed.period, forms, hub.today())
    submission = submit(
        hub.reporting.engine,
        forms[0],
        parsed.period,
        hub.now(),
        mode=hub.settings.filing,
        by=parsed.by,
        reason=parsed.reason,
    )
    return _sent(hub, submission.transaction_id, parsed)


def _sent(hub: Hub, transaction_id: str, parsed: argparse.Namespace) -> int:
    send_waiting(hub.reporting.engine, client(hub.settings), hub.now(), at_once=True)
    with hub.reporting.engine.connect() as connection:
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
        "last_error",
        "received_at",
        "asked_at",
        "judged_at",
    )
    return {name: getattr(s, name) for name in names}
