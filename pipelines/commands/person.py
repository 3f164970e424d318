"""`ansinh person show|erase|correct|acts|redo`: everything on one person, and what is done on the word of that person.

The number is read from a prompt or standard input: an argument would stay in the shell's history and in the list of processes.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from rich.markup import escape
from rich.table import Table

from pipelines import reads, restricted
from pipelines.person import acting
from pipelines.person.account import KINDS, account
from pipelines.person.failures import DocumentUnsaid, FieldUnknown, NobodyToCorrect, ValueEmpty
from pipelines.person.note import write_note
from pipelines.terminal.identity_number import identity_number, unseen
from pipelines.terminal.known import known_datasets
from pipelines.terminal.printed import LINES, NONE, into, paged
from resources.clock import ZONE
from resources.durable import write_whole
from resources.hub import Hub
from resources.inbox.notes import shown
from resources.locks import only_one
from resources.person import correcting, finding
from resources.person.digests import secret
from resources.person.failures import PersonSecretMissing
from resources.person.finding import Found
from resources.warehouse.persons import person_acts
from resources.warehouse.persons import reads as reading
from resources.warehouse.persons.person_acts import Act, Wanted
from schemas.persons import NUMBER
from schemas.written import grouped

PROMPT = "Số định danh của người đó: "
EXPORTS = 1_000  # of the last reads, that are looked through for exports


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", required=True, metavar="show|erase|correct|acts|redo")
    show = commands.add_parser("show", help="mọi dữ liệu về một người; số định danh gõ khi được hỏi hoặc đưa qua đầu vào chuẩn")
    show.add_argument("--into", metavar="TỆP", help="ghi vào tệp này, chỉ mình đọc được, thay vì in ra")
    erase = commands.add_parser("erase", help="xóa mọi dữ liệu về một người, và chặn không cho trở lại từ nguồn")
    erase.add_argument("--kept-by-law-too", action="store_true", help="cả dữ liệu luật buộc giữ: chỉ khi văn bản cho phép")
    for sub in (show, erase):
        sub.add_argument("--source", action="append", metavar="S", help="chỉ hệ thống này; nêu nhiều lần được")
    correct = commands.add_parser("correct", help="ghi yêu cầu đính chính một trường và làm tệp gửi đơn vị quản lý nguồn")
    correct.add_argument("--dataset", required=True, metavar="D", help="bộ dữ liệu, dạng hệ_thống.bộ")
    correct.add_argument("--field", required=True, metavar="F", help="trường")
    correct.add_argument("--into", metavar="NƠI", help="tệp hoặc thư mục của tệp gửi đi; mặc định: thư mục hiện hành")
    needed = "nếu có; bắt buộc khi nêu --restricted"
    for sub, does, document in ((show, "xem", needed), (erase, "xóa", "bắt buộc"), (correct, "yêu cầu đính chính", needed)):
        restricted.arguments(sub)
        reads.arguments(sub, does=does, document=document, is_reason_required=True)
    acts = commands.add_parser("acts", help="các yêu cầu xóa, đính chính: đã xong chưa, hạn trả lời")
    acts.add_argument("--json", action="store_true", help="in dạng JSON")
    redo = commands.add_parser("redo", help="làm nốt các lần xóa bị cắt ngang, hoặc có từ sau bản sao lưu vừa khôi phục")
    redo.add_argument("--from", dest="folder", type=Path, metavar="THƯ_MỤC", help=f"nơi có {acting.COPY}, như thư mục sao lưu")


def run(parsed: argparse.Namespace) -> int:
    return {"show": _show, "erase": _erase, "correct": _correct, "acts": _acts, "redo": _redo}[parsed.action](parsed)


def _show(parsed: argparse.Namespace) -> int:
    by = reads.asking(parsed)
    sources = restricted.asked(parsed.source, by, is_said=parsed.restricted)
    number, hub = identity_number(PROMPT), Hub.look()
    with hub.warehouse.engine.connect() as connection:
        found = finding.find(hub, connection, finding.told_by(connection, number, sources), sources)
        acts = _acts_of(hub, connection, number)
        exports = _exports(reading.listed(connection, EXPORTS), found)
    about = ", ".join(source.name for source in sources)
    reads.keep(hub.settings, by, "person show", "mọi dữ liệu về một người", about=about, rows=found.rows)
    lines = [shown(line) for line in account(hub, found, sources, acts, exports, acting.backups_until(hub.today()))]
    if parsed.into:
        path = into(parsed.into, "du-lieu-ca-nhan.txt")
        write_whole(path, "\n".join(lines) + "\n")
        print(
            f"Đã ghi {grouped(found.rows)} dòng về người này vào {path}. Tệp chứa dữ liệu cá nhân: chỉ giao cho người đó, rồi xóa."
        )
        return 0
    with paged() as console:
        for line in lines:
            console.print(line, markup=False, soft_wrap=True)
    return 0


def _acts_of(hub: Hub, connection: sa.Connection, number: str) -> list[Act]:
    try:
        digest = secret(hub.settings).digest(NUMBER, number)
    except PersonSecretMissing:
        return []
    return person_acts.of_person(connection, NUMBER, digest)


def _exports(lines: Sequence[reading.Line], found: Found) -> list[reading.Line]:
    """Exports of the units and periods in which rows of the person were set aside, where they hold rows of that system."""
    cells = {
        (of.dataset.source.name, f"đơn vị {row.unit_code} kỳ {row.period}") for of in found.datasets for row, _ in of.set_aside
    }
    exports = [line for line in lines if line.read.command == "quarantine export"]
    return [line for line in exports if any(_held(line.read, *one) for one in cells)]


def _held(export: reading.Read, source: str, cell: str) -> bool:
    """A line of before systems were named may speak of any."""
    return export.what.endswith(cell) and (export.about is None or source in export.about.split(", "))


def _erase(parsed: argparse.Namespace) -> int:
    by = reads.asking(parsed)
    sources = restricted.asked(parsed.source, by, is_said=parsed.restricted)
    if by.document is None:
        raise DocumentUnsaid
    if not parsed.kept_by_law_too:
        acting.refuse_kept_by_law(sources)
    number, hub = identity_number(PROMPT), Hub.open()
    about = ", ".join(source.name for source in sources)
    reads.keep(hub.settings, by, "person erase", "mọi dữ liệu về một người, để xóa", about=about)
    act, taken = acting.erase(hub, number, sources, by)
    print(f"Đã xóa (lần ghi số {act.id}): {acting.in_words(taken)}. Đã tìm lại ở mọi nơi: không còn.")
    until = acting.backups_until(hub.today())
    print(
        f"Nguồn còn gửi người này thì dòng được đếm và bị loại, không giữ giá trị nào. Bản sao lưu cũ hết hạn chậm nhất {until:%d/%m/%Y}; "
        "khôi phục một bản như vậy thì lần xóa được làm lại."
    )
    return 0


def _correct(parsed: argparse.Namespace) -> int:
    by = reads.asking(parsed)
    source, _, name = parsed.dataset.partition(".")
    (dataset,) = known_datasets(restricted.asked([source], by, is_said=parsed.restricted), name)
    names = [c.name for c in dataset.columns]
    if parsed.field not in names:
        raise FieldUnknown(name=parsed.field, dataset=dataset.id, known=", ".join(names))
    column, number = dataset.column(parsed.field), identity_number(PROMPT)
    right = unseen("Giá trị đúng: ").strip()
    if not right:
        raise ValueEmpty
    hub = Hub.open()
    digests, path = acting.by_secret(hub), into(parsed.into, f"dinh-chinh-{dataset.source.name}-{hub.today():%Y%m%d}.xlsx")
    with only_one(hub.warehouse.engine, "findings"), hub.warehouse.engine.begin() as connection:
        person = finding.told_by(connection, number, [dataset.source])
        rows = correcting.rows_of(connection, dataset, column, person)
        if not rows:
            raise NobodyToCorrect(dataset=dataset.id)
        wanted = Wanted("correction", by.officer, by.reason or "", by.document, (dataset.source.name,))
        acts = correcting.ask(connection, digests, wanted, dataset, column, rows, number, hub.now(), hub.today())
    what = f"dòng của một người ở {dataset.id}, để đính chính"
    reads.keep(hub.settings, by, "person correct", what, about=dataset.id, rows=len(rows))
    write_note(path, dataset, column, rows, acts, right, hub.today())
    print(
        f"Đã ghi yêu cầu số {', '.join(str(a.id) for a in acts)}, hạn trả lời {acts[0].due_on:%d/%m/%Y}. Gửi {path} cho đơn vị quản lý nguồn."
    )
    return 0


def _acts(parsed: argparse.Namespace) -> int:
    hub = Hub.look()
    with hub.warehouse.engine.connect() as connection:
        found = person_acts.listed(connection)
    if parsed.json:
        names = (
            "id",
            "kind",
            "acted_at",
            "officer",
            "reason",
            "document",
            "sources",
            "done_at",
            "counts",
            "dataset",
            "column",
            "due_on",
        )
        print(json.dumps([{n: getattr(a, n) for n in names} for a in found], ensure_ascii=False, default=str))
        return 0
    if not found:
        print("Chưa có yêu cầu nào.")
        return 0
    table = Table(title="Yêu cầu xóa, đính chính", title_justify="left", **LINES)
    for heading in ("Số", "Việc", "Ngày", "Hạn", "Tình trạng"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Ở đâu", "Ai, vì sao"):
        table.add_column(heading, overflow="fold")
    for act in found:
        due = f"{act.due_on:%d/%m/%Y}" if act.due_on else NONE
        where = f"{act.dataset}.{act.column}" if act.dataset else ", ".join(act.sources)
        why = escape(" · ".join(word for word in (act.officer, act.reason, act.document) if word))
        table.add_row(
            str(act.id), KINDS[act.kind], f"{act.acted_at.astimezone(ZONE):%d/%m/%Y}", due, _state(hub, act), where, why
        )
    with paged() as console:
        console.print(table)
    return 0


def _state(hub: Hub, act: Act) -> str:
    if act.done_at:
        return f"xong {act.done_at.astimezone(ZONE):%d/%m/%Y}"
    if act.due_on is None:
        return "chưa xong"
    return "quá hạn" if hub.today() > act.due_on else "chờ nguồn sửa"


def _redo(parsed: argparse.Namespace) -> int:
    if parsed.folder is not None:
        acting.refuse_no_copy(parsed.folder)
    hub = Hub.open()
    new = acting.take_in(hub, [folder for folder in (hub.settings.home, parsed.folder) if folder])
    if new:
        print(f"{grouped(new)} lần xóa mà kho này chưa biết.")
    done = acting.redo(hub)
    for act, taken in done:
        print(f"Đã xóa lại (lần ghi số {act.id}): {acting.in_words(taken)}.")
    if not done:
        print("Không có lần xóa nào chưa xong.", file=sys.stderr)
    return 0
