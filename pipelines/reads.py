"""Who reads personal values says so before they are shown: a line of `ops.reads`, and beside the warehouse a witness of where it ends.

The witness, a small file of the state, is what tells that the last lines were cut off: no line could.
"""

import argparse
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from pipelines.failures import ReadTellsWho, ReadWordEmpty
from resources import accounts
from resources.clock import Clock
from resources.durable import write_whole
from resources.failing import Failure
from resources.inbox.notes import shown
from resources.servers import connecting
from resources.settings import Settings
from resources.warehouse.engine import typed
from resources.warehouse.failures import opening_failure
from resources.warehouse.persons import reads
from resources.warehouse.persons.reads import Line, Read
from schemas.reasons import tells_who

WITNESS = "reads.end"  # in the home: the last line that was kept, and its seal
LONGEST = 500


@dataclass(frozen=True)
class Asking:
    """Who asks, why, and on which paper."""

    officer: str
    reason: str | None
    document: str | None


def arguments(
    parser: argparse.ArgumentParser, *, does: str = "xem", document: str = "nếu có", is_reason_required: bool = False
) -> None:
    """`does`: what the command does with personal values, in a word; `document`: when a paper is needed."""
    parser.add_argument(
        "--reason", required=is_reason_required, metavar="LÝ_DO", help=f"vì sao {does}, được lưu lại; không ghi tên hay số của ai"
    )
    parser.add_argument("--by", metavar="TÊN", help=f"người {does}; mặc định: tài khoản của máy")
    parser.add_argument("--document", metavar="SỐ", help=f"số văn bản, {document}")


def asking(parsed: argparse.Namespace) -> Asking:
    """Raises ReadWordEmpty and ReadTellsWho."""
    words = [getattr(parsed, name, None) for name in ("by", "reason", "document")]
    if any(word is not None and (not word.strip() or len(word) > LONGEST) for word in words):
        raise ReadWordEmpty(longest=LONGEST)
    officer, reason, document = (shown(word.strip()) if word else None for word in words)
    if tells_who(officer, reason, document):
        raise ReadTellsWho
    return Asking(officer or accounts.asking(), reason, document)


def keep(settings: Settings, by: Asking, command: str, what: str, *, about: str | None = None, rows: int | None = None) -> Line:
    """Keep a line, in a transaction of its own, which is over before anything is shown."""
    read = Read(command, what, by.officer, by.reason, by.document, about, rows)
    with connecting.engine(settings.warehouse_url(), is_pooled=False).begin() as connection:
        kept = reads.keep(connection, read, Clock(settings).now())
    witness(settings, kept)
    return kept


def keep_or_say(settings: Settings, by: Asking, command: str, what: str) -> None:
    """Keep a line as `keep` does, or say why there is none.

    It is for values that do not come from the warehouse that stands now: that one may be out of reach, or older than the register of reads.
    """
    url = None
    try:
        url = settings.warehouse_url()
        with connecting.engine(url, is_pooled=False).connect() as connection:
            is_there = reads.is_there(connection)
        if is_there:
            keep(settings, by, command, what)
            return
        why = "kho chưa có sổ này (trước đêm đầu, hoặc của bản trước)"
    except sa.exc.OperationalError as error:
        why = str(opening_failure(error, url)).rstrip(".")
    except (Failure, sa.exc.SQLAlchemyError) as error:
        why = str(typed(f"ansinh {command}", error)).rstrip(".")
    print(f"Không ghi được lần xem này vào sổ ops.reads: {why}.", file=sys.stderr)


def witness(settings: Settings, kept: Line) -> None:
    """Keep the last line and its seal outside the warehouse. Of two that are written at once the later line stays."""
    known = witnessed(settings)
    if known is None or known[0] < kept.line:
        write_whole(_path(settings), f"{kept.line} {kept.seal}\n")


def witnessed(settings: Settings) -> tuple[int, str] | None:
    """The last line that was kept from here, and its seal."""
    with suppress(OSError, ValueError):
        line, seal = _path(settings).read_text(encoding="ascii").split()
        return int(line), seal
    return None


def begin_anew(settings: Settings) -> None:
    """Forget what was witnessed: of a warehouse that was brought back it says nothing."""
    _path(settings).unlink(missing_ok=True)


def fault(settings: Settings, connection: sa.Connection) -> str | None:
    """In words, where the lines do not follow from each other, or not from what was witnessed of their end. None: nowhere."""
    found = reads.broken(connection)
    if found is not None:
        return f"dòng {found.line} {'không còn' if found.how == 'missing' else 'đã bị sửa'}"
    known = witnessed(settings)
    if known is None:
        return None
    kept, last = reads.at(connection, known[0]), reads.end(connection)
    if kept is None:
        return f"các dòng cuối không còn: đã ghi đến dòng {known[0]}, nay hết ở dòng {last.line if last else 0}"
    return None if kept.seal == known[1] else f"dòng {known[0]} trở về trước đã được viết lại"


def _path(settings: Settings) -> Path:
    return settings.home / WITNESS
