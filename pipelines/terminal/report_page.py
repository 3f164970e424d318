"""A revision of a form on an officer's screen: what it is, what it says, what differs from the one before it and why."""

import datetime as dt
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assets.reports.sheet import Line, Sheet
from pipelines.terminal.printed import LINES, paged
from resources.clock import ZONE
from resources.warehouse.published.submissions import MATURITY_TITLES as MATURITY
from resources.warehouse.published.submissions import STATUS_TITLES, Submission
from schemas.written import grouped

MOST_DIFFERENCES = 20


def print_page(sheet: Sheet, only: str | None, *, details: bool) -> None:
    """The form; `details`: with the province's breakdowns and every unit; `only`: one indicator, with these."""
    with paged() as console:
        _page(console, sheet, only, details=details)


def _page(console: Console, sheet: Sheet, only: str | None, *, details: bool) -> None:
    _heading(console, sheet)
    lines = [line for line in sheet.main if only in (None, line.code)]
    console.print()
    console.print(_figures(sheet, lines))
    told = list(lines)
    if details or only:
        for indicator in dict.fromkeys(line.indicator for line in lines):
            told += _detail(console, sheet, indicator)
    if any(line.number is not None and not line.is_final for line in told):
        console.print("* số tạm thời: còn đơn vị chưa nộp hoặc chưa chốt.")
    if sheet.earlier:
        seen = set(map(id, told))
        unseen = [x for x in sheet.differing if id(x) not in seen and only in (None, x.code)]
        _differences(console, sheet, unseen, is_any=bool(sheet.differing))
    _remarks(console, sheet, told)


def _heading(console: Console, sheet: Sheet) -> None:
    s = sheet.submission
    console.print(f"[bold]{s.form}[/bold]  [bold]{escape(sheet.title)}[/bold]", soft_wrap=False)
    console.print(
        f"Kỳ {sheet.period}: số liệu từ {s.window_start:%d/%m/%Y} đến {s.window_end:%d/%m/%Y}, hạn gửi {s.due_day:%d/%m/%Y}"
    )
    facts = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(sheet):
        facts.add_row(name, escape(value))
    console.print()
    console.print(facts)


def _facts(sheet: Sheet) -> Iterable[tuple[str, str]]:
    s = sheet.submission
    follows = f", sau lần {sheet.earlier.revision} ({STATUS_TITLES[sheet.earlier.status]})" if sheet.earlier else ""
    yield "Lần", f"{s.revision}, {MATURITY[s.maturity]}{follows}"
    yield "Trạng thái", _status(s)
    if s.receipt and s.received_at:
        yield "Biên nhận", f"{s.receipt}, ngày {_moment(s.received_at)}"
    yield "Lập", f"{_moment(s.composed_at)}, {s.composed_by}"
    if s.approved_by and s.approved_at:
        yield "Duyệt", f"{_moment(s.approved_at)}, {s.approved_by}"
    yield "Mã giao dịch", s.transaction_id
    if s.reason:
        yield "Lý do", s.reason
    if s.last_error:
        yield "Cần xem", s.last_error


def _status(s: Submission) -> str:
    told = STATUS_TITLES[s.status]
    if s.status == "sent" and s.next_attempt_at:
        return f"{told}; đã gửi {s.attempts} lượt, lượt sau {_moment(s.next_attempt_at)}"
    if s.status in ("accepted", "returned") and s.judged_at:
        return f"{told}, biết từ {_moment(s.judged_at)}"
    return told


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone(ZONE):%d/%m/%Y %H:%M}"


def _figures(sheet: Sheet, lines: Iterable[Line]) -> Table:
    table = Table(**LINES)
    table.add_column("Mã", no_wrap=True)
    table.add_column("Chỉ tiêu", overflow="fold", ratio=1)
    _number_columns(table, "Toàn tỉnh", sheet)
    table.add_column("Đơn vị tính")
    named = None
    for line in lines:
        if line.dimension and line.indicator != named:  # it means something by its parts alone
            table.add_row(line.code, escape(line.title))
            named = line.indicator
        heading = ("", f"  {line.value_title}") if line.dimension else (line.code, line.title)
        table.add_row(*map(escape, heading), *_numbers(sheet, line), line.measure)
    return table


def _detail(console: Console, sheet: Sheet, indicator: tuple[str, str]) -> list[Line]:
    """The province by each breakdown, then every unit; gives the lines that are shown."""
    rows = [(line.dimension_title, line.value_title, line) for line in sheet.parts(indicator)]
    for line in sheet.by_unit(indicator):
        name = f"{line.unit_name}: {line.value_title}" if line.dimension else line.unit_name
        rows.append((line.unit, f"{name} ({line.note})" if line.number is None and line.note else name, line))
    if not rows:
        return []
    first = rows[0][2]
    table = Table(title=f"[bold]{first.code}[/bold]  {escape(first.title)} ({first.measure})", title_justify="left", **LINES)
    table.add_column("Phân tổ, đơn vị", no_wrap=True)
    table.add_column("", overflow="fold", ratio=1)
    _number_columns(table, "Số liệu", sheet)
    shown_group = None
    for group, name, line in rows:
        table.add_row("" if group == shown_group else group, escape(name), *_numbers(sheet, line))
        shown_group = group
    console.print()
    console.print(table)
    return [line for _, _, line in rows]


def _number_columns(table: Table, heading: str, sheet: Sheet) -> None:
    table.add_column(heading, justify="right")
    table.add_column("", width=1)  # the star of a provisional figure, apart so that figures keep their column
    if sheet.earlier:
        table.add_column(f"Lần {sheet.earlier.revision}", justify="right")


def _numbers(sheet: Sheet, line: Line) -> list[str]:
    told = f"[bold]{line.shown}[/bold]" if line.before is not None else line.shown
    star = "*" if line.number is not None and not line.is_final else ""
    return [told, star, line.before or ""] if sheet.earlier else [told, star]


def _differences(console: Console, sheet: Sheet, unseen: list[Line], *, is_any: bool) -> None:
    """The lines that differ from the earlier revision and stand in no table above."""
    assert sheet.earlier is not None
    if not is_any:
        console.print(f"Không số liệu nào khác lần {sheet.earlier.revision}.")
    if not unseen:
        return
    console.print(f"\n[bold]Khác lần {sheet.earlier.revision} ở phân tổ, đơn vị[/bold] ({grouped(len(unseen))} dòng)")
    table = Table(**LINES)
    table.add_column("Mã", no_wrap=True)
    table.add_column("Đơn vị, phân tổ", overflow="fold", ratio=1)
    _number_columns(table, "Số liệu", sheet)
    for line in unseen[:MOST_DIFFERENCES]:
        name = f"{line.unit_name}, {line.value_title}" if line.dimension else line.unit_name
        table.add_row(line.code, escape(name), *_numbers(sheet, line))
    console.print(table)
    if len(unseen) > MOST_DIFFERENCES:
        console.print(f"và {grouped(len(unseen) - MOST_DIFFERENCES)} dòng khác: xem --indicator MÃ, hoặc đủ trong --xlsx.")


def _remarks(console: Console, sheet: Sheet, told: list[Line]) -> None:
    notes = [*sheet.notes, *(f"{x.code}: {x.note}" for x in told if x.is_province and x.note and x.note not in sheet.notes)]
    for title, points in (
        ("Ghi chú", notes),
        ("Đối chiếu chưa khớp", [f"{f['code']}: {f['message']}" for f in sheet.submission.findings]),
    ):
        if points:
            console.print(f"\n[bold]{title}[/bold]")
            listed = Table.grid(padding=(0, 1))
            for point in dict.fromkeys(points):
                listed.add_row("-", escape(point))
            console.print(listed)
