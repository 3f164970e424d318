"""`ansinh doctor`: checks every connection, right, clock, disk and version, and says what to mend."""

import argparse
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.markup import escape
from rich.table import Table

from pipelines.doctor import orchestrator
from pipelines.doctor.checking import Diagnosis, diagnosis, examined, of_failure, worst
from pipelines.doctor.checks import CHECKS, STATE
from pipelines.terminal.printed import console
from resources.failing import Failure
from resources.hub import Hub
from resources.settings import Settings
from schemas.dataset import Limits
from schemas.written import grouped, lasting


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mend-grid", action="store_true", help="dựng lại từ kho những ô mà lưới của giao diện đã mất, rồi kiểm tra"
    )
    parser.add_argument("--json", action="store_true", help="in dạng JSON")


def run(parsed: argparse.Namespace) -> int:
    if parsed.mend_grid:
        _mend_grid()
    findings = _findings()
    if parsed.json:
        print(json.dumps([asdict(f) for f in findings], ensure_ascii=False, default=dt.timedelta.total_seconds))
    else:
        console().print(table(findings))
    return worst(findings)


def _findings() -> list[Diagnosis]:
    """What became of every check; of the first alone where what it finds leaves nothing else to look at."""
    try:
        hub = Hub(Settings.load().reading())
    except Failure as failure:  # a profile that there is not, a state folder that is a file
        return [of_failure("cấu hình", failure)]
    state = diagnosis(STATE, hub)
    return [state] if state.status == 3 else [state, *examined(CHECKS, hub)]


def _mend_grid() -> None:
    screen = console(stderr=True)
    mended = orchestrator.mend_grid(lambda name: screen.print(f"Chờ lượt chạy đang dùng {name} xong…"))
    for line in mended or ["không có gì phải dựng lại"]:
        screen.print(f"Lưới ô, dựng lại: {escape(line)}" if mended else f"Lưới ô: {line}.", soft_wrap=True)


def table(findings: Sequence[Diagnosis]) -> Table:
    """What was found, a line a check; at the end how the sources are read."""
    lines = Table.grid(padding=(0, 2, 0, 0))
    for finding in findings:
        lines.add_row(_word(finding), f"{finding.what}: {escape(finding.told)}")
        for warning in finding.warnings:
            lines.add_row("", escape(warning))
    for limits, names in _bounded(findings).items():
        of = "mọi nguồn" if names == [f.what for f in findings if f.bounds] and len(names) > 1 else ", ".join(names)
        lines.add_row("", f"giới hạn khi đọc, {of}: {_shown(limits)}")
    return lines


def _bounded(findings: Sequence[Diagnosis]) -> dict[Limits, list[str]]:
    """The sources by how they are read: most are read alike, and the same line beside each hides what differs."""
    alike: dict[Limits, list[str]] = {}
    for finding in findings:
        if finding.bounds:
            alike.setdefault(finding.bounds, []).append(finding.what)
    return alike


def _word(finding: Diagnosis) -> str:
    if not finding.fine:
        return "[red]chưa xem[/red]" if finding.is_unseen else "[red]hỏng[/red]"
    return "[yellow]cảnh báo[/yellow]" if finding.warnings else "chưa cấu hình" if finding.is_absent else "[green]tốt[/green]"


def _shown(limits: Limits) -> str:
    rate = f"{grouped(limits.rows_per_second)} dòng mỗi giây" if limits.rows_per_second else "không giới hạn dòng mỗi giây"
    return (
        f"{limits.connections} kết nối, {rate}, mỗi câu lệnh {_lasting(limits.statement_timeout)}, "
        f"chờ khóa {_lasting(limits.lock_timeout)}, chờ trả lời {_lasting(limits.answer_timeout)}, "
        f"cả lượt {_lasting(limits.reading_timeout)}, bộ nhớ {limits.memory_mb} MB"
    )


def _lasting(span: dt.timedelta) -> str:
    return lasting(span.total_seconds())
