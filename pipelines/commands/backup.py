"""`ansinh backup`: a whole, checked, signed and encrypted copy of the state in a folder outside it; `--verify` rehearses a restore."""

import argparse
import sys
import time
from pathlib import Path

from pipelines import reads
from pipelines.backups import back_up, folder_of, rehearsed
from pipelines.failures import RehearsalUnsaid
from pipelines.person import acting
from pipelines.terminal.printed import say
from resources.backup import keys
from resources.backup.databases import databases
from resources.backup.failures import RawFilesDamaged
from resources.backup.unfinished import refuse_half_restored
from resources.settings import Settings
from schemas.written import decimal, grouped


def arguments(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--into", type=Path, metavar="THƯ_MỤC", help="nơi giữ các bản sao lưu, ngoài ANSINH_HOME; mặc định là BACKUP_DIR"
    )
    where.add_argument(
        "--verify", action="store_true", help="diễn tập: khôi phục bản mới nhất vào nơi tạm, so với lúc sao lưu, rồi xóa nơi tạm"
    )
    parser.add_argument(
        "--from",
        dest="folder",
        type=Path,
        metavar="THƯ_MỤC",
        help="với --verify: bản sao lưu, hoặc thư mục chứa chúng; mặc định là BACKUP_DIR",
    )
    parser.add_argument(
        "--identity", type=Path, metavar="TỆP", help="với --verify: khóa giải mã; mặc định là BACKUP_REHEARSAL_IDENTITY_FILE"
    )
    reads.arguments(parser, does="sao lưu")
    parser.epilog = (
        "Bản sao lưu được ký và mã hóa (age) cho BACKUP_RECIPIENT; mở từng tệp không cần ansinh: age -d -i khoa.txt tệp.age. "
        "Chữ ký kiểm được bằng openssl pkeyutl -verify."
    )


def run(parsed: argparse.Namespace) -> int:
    for option, told in (("--from", parsed.folder), ("--identity", parsed.identity)):
        if told is not None and not parsed.verify:
            raise RehearsalUnsaid(option=option)
    settings = Settings.load()
    refuse_half_restored(settings.home)
    by = reads.asking(parsed)
    if parsed.verify:
        folder = folder_of(settings, parsed.folder)
        reads.keep_or_say(settings, by, "backup --verify", "bản sao lưu, khôi phục thử vào nơi tạm rồi xóa")
        return _verify(settings, folder, parsed.identity)
    into = folder_of(settings, parsed.into)
    if any(found.name == "warehouse" for found in databases(settings)):  # else there is nothing to back up, which is told below
        reads.keep_or_say(settings, by, "backup", "toàn bộ kho và tệp gốc, đã mã hóa cho người giữ khóa")
    return _make(settings, into)


def _make(settings: Settings, into: Path) -> int:
    begun = time.monotonic()
    made = back_up(settings, into, say)
    acting.copy_beside(settings, into)
    shared = f" ({grouped(made.shared_files)} tệp dùng chung với bản trước)" if made.shared_files else ""
    say(
        f"Đã sao lưu vào {made.path}: {made.databases} cơ sở dữ liệu, {grouped(made.raw_files)} tệp gốc{shared}, "
        f"{grouped(made.other_files)} tệp khác; {decimal(made.bytes / 1e6)} MB ghi mới, {decimal(time.monotonic() - begun)} giây. "
        "Đã mã hóa và ký."
    )
    if settings.is_demo:
        say(
            f"Khóa của tỉnh mô phỏng nằm ở {keys.demo_folder()}, ngoài trạng thái và ngoài bản sao lưu; ansinh restore tự tìm ở đó."
        )
    for path in made.damaged:
        print(f"Tệp gốc mất hoặc hỏng: {path}", file=sys.stderr)
    if made.damaged:
        if made.absent:
            became = f"Bản sao lưu đã ghi nhưng KHÔNG ĐẦY ĐỦ, thiếu {len(made.absent)} tệp gốc"
        else:
            became = "Bản sao lưu vẫn đầy đủ vì lấy các tệp đó từ bản sao lưu trước"
        raise RawFilesDamaged(name=made.path.name, count=len(made.damaged), first=made.damaged[0], became=became)
    if made.stays:
        raise made.stays
    return 0


def _verify(settings: Settings, folder: Path, identity: Path | None) -> int:
    begun = time.monotonic()
    done = rehearsed(settings, folder, identity, say)
    name, counts = done.backup.name, done.counts
    if counts is None:
        say(
            f"{name}: chữ ký và mã băm của mọi tệp đúng. Chưa khôi phục thử: BACKUP_REHEARSAL_IDENTITY_FILE chưa đặt và không có "
            "--identity, nên không giải mã được."
        )
        return 0
    say(
        f"Diễn tập tốt: {name} khôi phục được, {counts.tables} bảng có {grouped(counts.current)} dòng hiện hành, "
        f"{grouped(counts.versions)} phiên bản, {grouped(counts.arrivals)} lần đến, {grouped(counts.raw_files)} tệp gốc, "
        f"đúng như lúc sao lưu; {decimal(time.monotonic() - begun)} giây. Nơi tạm đã xóa."
    )
    return 0
