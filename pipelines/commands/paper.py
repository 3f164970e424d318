"""`ansinh paper find`: a result paper that the store holds, valid on a day, instead of asking its owner for it again.

The owner's number is read from a prompt or standard input: an argument would stay in the shell's history and in the list of processes.
Exit status: 0 found; 1 none is held that is valid.
"""

import argparse
import dataclasses
import datetime as dt
import json
import re

from pipelines.failures import DossierMalformed, LookTellsWho, LookWordEmpty, PaperDayAhead, PaperKindUnknown
from pipelines.reads import witness
from pipelines.terminal.identity_number import identity_number
from resources import accounts
from resources.clock import ZONE
from resources.hub import Hub
from resources.warehouse.arrivals import dataset_pulls
from resources.warehouse.persons import papers, reads
from resources.warehouse.persons.papers import REFUSAL, Look, Paper
from resources.warehouse.persons.reads import Read
from schemas import codes
from schemas.reasons import tells_who
from schemas.registry import dataset_named

KINDS = "result_paper_kind"
PAPERS = "administrative_procedures.result_papers"


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", required=True, metavar="find")
    find = commands.add_parser(
        "find", help="tìm giấy tờ theo chủ sở hữu và loại; số định danh gõ khi được hỏi hoặc đưa qua đầu vào chuẩn"
    )
    find.add_argument("--kind", required=True, metavar="LOẠI", help="mã loại giấy tờ")
    find.add_argument("--on", metavar="NGÀY", help="còn hiệu lực vào ngày này, dạng YYYY-MM-DD; mặc định: hôm nay")
    find.add_argument(
        "--reason", required=True, metavar="LÝ_DO", help="việc đang giải quyết, được lưu lại; không ghi tên hay số của ai"
    )
    find.add_argument("--for", dest="dossier", metavar="HỒ_SƠ", help="mã hồ sơ dùng giấy tờ này: đếm một lượt tái sử dụng")
    find.add_argument("--by", metavar="TÊN", help="người tra cứu; mặc định: tài khoản của máy")
    find.add_argument("--json", action="store_true", help="in dạng JSON")


def run(parsed: argparse.Namespace) -> int:
    look = _look(parsed)
    hub = Hub.open()
    on = _day(parsed.on, hub.today())
    _refuse_other_kinds(parsed.kind, on)
    number = identity_number("Số định danh của chủ sở hữu: ")
    with hub.warehouse.engine.begin() as connection:
        now = hub.now()
        paper = papers.find(connection, number, parsed.kind, on, look.dossier_id)
        is_new = papers.keep(connection, paper, parsed.kind, on, look, now)
        read = Read(
            "paper find",
            f"giấy tờ loại {parsed.kind} của một người",
            look.officer,
            look.reason,
            look.dossier_id,
            PAPERS,
            int(paper is not None),
        )
        line = reads.keep(connection, read, now)
        read_at = dataset_pulls.last_read(connection, dataset_named(PAPERS))
    witness(hub.settings, line)
    if parsed.json:
        print(json.dumps(_record(paper, read_at, on, is_new), ensure_ascii=False, default=str))
    else:
        _tell(paper, read_at, on, parsed.kind, look.dossier_id, is_new)
    return 0 if paper else 1


def _look(parsed: argparse.Namespace) -> Look:
    look = Look((parsed.by or accounts.asking()).strip(), parsed.reason.strip(), parsed.dossier)
    if not look.officer or not look.reason:
        raise LookWordEmpty
    if tells_who(look.officer, look.reason):
        raise LookTellsWho
    form = dataset_named("administrative_procedures.dossiers").column("dossier_id").form
    if form and look.dossier_id is not None and not re.fullmatch(form.pattern, look.dossier_id, re.ASCII):
        raise DossierMalformed(words=form.words)
    return look


def _day(asked: str | None, today: dt.date) -> dt.date:
    if asked is None:
        return today
    try:
        day = dt.date.fromisoformat(asked)
    except ValueError:
        day = dt.date.max
    if day > today:
        raise PaperDayAhead(day=asked, today=today)
    return day


def _refuse_other_kinds(kind: str, on: dt.date) -> None:
    known = codes.listed(KINDS, on) - {REFUSAL}
    if kind not in known:
        raise PaperKindUnknown(kind=kind, known=", ".join(f"{k} ({codes.label(KINDS, k, on)})" for k in sorted(known)))


def _record(paper: Paper | None, read_at: dt.datetime | None, on: dt.date, is_new: bool) -> dict[str, object]:
    return {
        "found": paper is not None,
        "valid_on": on,
        "read_at": read_at,
        "counted": is_new,
        "paper": dataclasses.asdict(paper) if paper else None,
    }


def _tell(paper: Paper | None, read_at: dt.datetime | None, on: dt.date, kind: str, dossier: str | None, is_new: bool) -> None:
    as_of = (
        f"kho giấy tờ đọc lần cuối {read_at.astimezone(ZONE):%d/%m/%Y %H:%M}" if read_at else "kho giấy tờ chưa đọc được lần nào"
    )
    title = codes.label(KINDS, kind, on) or kind
    if paper is None:
        print(f"Không có trong kho: {title} còn hiệu lực ngày {on:%d/%m/%Y}, ký số hợp lệ ({as_of}). Đề nghị người nộp cung cấp.")
        return
    until = f"{paper.expires_on:%d/%m/%Y}" if paper.expires_on else "không thời hạn"
    print(f"{title}, còn hiệu lực ngày {on:%d/%m/%Y} ({as_of}):")
    print(f"  Số hiệu {paper.paper_number or 'không ghi'}, cấp ngày {paper.issued_on:%d/%m/%Y}, hết hạn: {until}")
    print(f"  Nơi cấp {paper.issuer or 'không ghi'}; mã giấy tờ {paper.paper_id}, kết quả của hồ sơ {paper.dossier_id}")
    print(f"  SHA-256 của tệp: {paper.sha256}")
    if dossier is None:
        print("Không nêu hồ sơ (--for): đã lưu lần tra cứu, không đếm lượt tái sử dụng.")
    elif is_new:
        print(f"Đã đếm một lượt tái sử dụng cho hồ sơ {dossier}.")
    else:
        print(f"Giấy tờ này đã được đếm cho hồ sơ {dossier}; không đếm thêm.")
