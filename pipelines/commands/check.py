"""`ansinh check`: the verdict that a file would be given, rows included. Nothing is taken in, loaded or written."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from assets.cells.foretelling import foretold
from pipelines.failures import SenderUnknown, SenderUnsaid
from pipelines.terminal.known import known_source
from pipelines.terminal.printed import paged
from resources.failing import why_not
from resources.hub import Hub
from resources.inbox import senders
from resources.inbox.headings import mapping_of
from resources.inbox.judge import judged
from resources.inbox.looking import TAKING
from resources.inbox.notes import shown
from resources.inbox.opening import content
from resources.inbox.patch import looked_up
from resources.inbox.receipts import line_told
from resources.inbox.rows import Judgement, judge_rows
from resources.inbox.verdict import GOES_BACK, Verdict
from resources.settings import Settings
from resources.workbooks.reading.failures import FileUnavailable
from resources.workbooks.reading.read import LIMITS
from schemas.dataset import Source
from schemas.registry import SOURCES
from schemas.written import grouped


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="TỆP", type=Path, help="tệp .xlsx, .xls, .ods hoặc .csv")
    parser.add_argument("--source", metavar="S", help="hệ thống; không cần khi tệp nằm trong hộp nhận")
    parser.add_argument(
        "--unit", metavar="U", help="đơn vị gửi: mã huyện, mã xã, hoặc 40 (cấp tỉnh); không cần khi tệp nằm trong hộp nhận"
    )


def run(parsed: argparse.Namespace) -> int:
    hub = Hub.look()
    today = hub.today()
    try:
        with content(parsed.file.absolute(), LIMITS):  # who mistyped a name is told so before whose the file is
            pass
        source, sender = whose(hub.settings, parsed.file, parsed.source, parsed.unit)
        mapping = mapping_of(hub.settings, source, sender)
        with judged(parsed.file, parsed.file.name, sender, source, today, partial(looked_up, hub), mapping) as verdicts:
            judged_rows = [(verdict, judge_rows(verdict, today)) for verdict in verdicts]
            became = [foretold(hub, verdict, rows) for verdict, rows in judged_rows]
            lines = [line for verdict, rows in judged_rows for line in _told(verdict, rows, senders.title(sender, today))]
            lines += dict.fromkeys(line for one in became for line in one.told)
            refused = [line for one in became for line in one.refused]
    except GOES_BACK as why:
        print(why, file=sys.stderr)
        print("Tệp này sẽ được trả lại.", file=sys.stderr)
        return 1
    except OSError as error:  # it is not there, or not for us
        raise FileUnavailable(why=why_not(error)) from None
    with paged() as console:
        for line in (*lines, *refused):
            console.print(shown(line), markup=False, soft_wrap=True)
    return 1 if refused else 0


def whose(settings: Settings, file: Path, source: str | None, unit: str | None) -> tuple[Source, str]:
    """The system and the sender of a file: as they are told, else by the inbox in which it lies."""
    found = _inbox_of(settings, file) if source is None or unit is None else None
    if found is None and (source is None or unit is None):
        raise SenderUnsaid
    system = known_source(source or (found or ("", ""))[0])
    sender = unit or (found or ("", ""))[1]
    if not senders.is_sender(sender):
        raise SenderUnknown(unit=sender)
    return system, sender


def _inbox_of(settings: Settings, file: Path) -> tuple[str, str] | None:
    folder = file.absolute().parent
    for source in SOURCES:
        inbox = settings.inbox_of(source.name)
        if folder.parent in (inbox, inbox / TAKING) and senders.is_sender(folder.name):
            return source.name, folder.name
    return None


def _told(verdict: Verdict, rows: Judgement, sender: str) -> Sequence[str]:
    dataset = verdict.dataset
    period = "" if dataset.placed_by is None else f", kỳ {', '.join(verdict.periods)}"
    kind = "sửa các dòng bị loại của" if verdict.kind == "patch" else "toàn bộ"
    lines = [
        f"Nhận được: {kind} bộ {dataset.id} ({dataset.title}){period}, của {sender}.",
        f"{grouped(rows.rows)} dòng: {grouped(rows.accepted)} dòng được nhận ({grouped(rows.warned)} có cảnh báo), "
        f"{grouped(rows.rejected)} dòng bị loại.",
        *verdict.told,
        *verdict.foretold,
    ]
    if rows.lines:
        more = f" ({len(rows.lines)} dòng đầu)" if len(rows.lines) < rows.rejected else ""
        lines.append(f"Dòng bị loại{more}:")
        lines += [line_told(line.sheet, line.row, line.reasons) for line in rows.lines]
    return lines
