"""`ansinh restore`: bring a backup back into an empty place, and check what stands there."""

import argparse
import sys
import time
from pathlib import Path

from pipelines import reads
from pipelines.person import acting
from pipelines.runtime.dead_runs import under_way
from pipelines.terminal.printed import say
from resources.backup.names import CONFIG
from resources.backup.restore import restore
from resources.clock import ZONE, moment
from resources.hub import Hub
from resources.settings import Settings
from schemas.written import decimal, grouped


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="folder",
        required=True,
        type=Path,
        metavar="THƯ_MỤC",
        help="một bản sao lưu, hoặc thư mục chứa nhiều bản: bản trọn vẹn mới nhất được dùng",
    )
    parser.add_argument(
        "--identity",
        type=Path,
        metavar="TỆP",
        help="tệp khóa giải mã age; mặc định là BACKUP_IDENTITY_FILE, ở tỉnh mô phỏng là khóa của nó",
    )
    reads.arguments(parser, does="khôi phục")
    parser.epilog = (
        "Chỉ khôi phục vào nơi trống: ANSINH_HOME chưa có hoặc rỗng; production: cơ sở dữ liệu mới, tài khoản thường. "
        "Chữ ký được kiểm bằng BACKUP_VERIFY_KEY trước khi bất cứ gì được giải mã hay ghi."
    )


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.load()
    by, begun = reads.asking(parsed), time.monotonic()
    done = restore(settings, parsed.folder, parsed.identity, say)
    reads.begin_anew(settings)
    reads.keep(settings, by, "restore", f"toàn bộ kho và tệp gốc của bản sao lưu {done.backup.name}")
    _end_runs(settings)
    _erase_again(done.backup.path.parent)
    manifest, counts = done.backup.manifest, done.counts
    say(
        f"Đã khôi phục {done.backup.name}, tạo lúc {moment(manifest.made_at)}, vào "
        f"{settings.home}: {len(manifest.databases)} cơ sở dữ liệu, {grouped(done.files)} tệp, "
        f"{decimal(time.monotonic() - begun)} giây."
    )
    say(
        f"Kiểm tra: {counts.tables} bảng có {grouped(counts.current)} dòng hiện hành, {grouped(counts.versions)} phiên bản, "
        f"{grouped(counts.arrivals)} lần đến: đúng như lúc sao lưu."
    )
    say(
        f"Kiểm tra: lúc {moment(manifest.measured.instant)} kho đã biết {grouped(counts.known)} dòng: "
        "đúng như lúc sao lưu, cả số dòng và nội dung."
    )
    say(f"Kiểm tra: {grouped(counts.raw_files)} tệp gốc khớp mã băm trong ops.pulls.")
    if any(name.startswith(f"{CONFIG}/") for name in manifest.files):
        say(f"Bảng của địa phương (ANSINH_CONFIG) lúc sao lưu: {settings.home / CONFIG}; chép ra ngoài nếu nơi mới chưa có.")
    for path in manifest.absent_raw:
        print(f"Bản sao lưu này không có tệp gốc: {path}", file=sys.stderr)
    if manifest.absent_raw:
        print(
            f"Bản sao lưu này KHÔNG ĐẦY ĐỦ: thiếu {len(manifest.absent_raw)} tệp gốc, đã mất hoặc hỏng từ trước khi sao lưu.",
            file=sys.stderr,
        )
    if settings.is_demo:
        say("Chạy ansinh demo up để bật lại các hệ thống mô phỏng, rồi ansinh nightly để bắt kịp.")
    else:
        say("Chạy ansinh doctor, rồi ansinh nightly để bắt kịp.")
    return 0


def _erase_again(folder: Path) -> None:
    """Whoever was erased since this backup was made is erased again: what was restored holds the person."""
    hub = Hub.open()
    acting.take_in(hub, [hub.settings.home, folder])
    for act, taken in acting.redo(hub):
        say(
            f"Đã xóa lại theo lần ghi ngày {act.acted_at.astimezone(ZONE):%d/%m/%Y} (văn bản {act.document}): {acting.in_words(taken)}."
        )


def _end_runs(settings: Settings) -> None:
    """Runs that were under way when the backup was made: their processes are on another state, perhaps another machine."""
    from pipelines.runtime.instance import instance

    with instance(settings) as found:
        for run in under_way(found):
            found.report_run_canceled(run, "Lượt chạy này đang dở lúc sao lưu; trạng thái đã được khôi phục từ bản sao lưu đó.")
