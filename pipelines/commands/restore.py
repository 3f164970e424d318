"""`ansinh restore`: bring a backup back into an empty place, and check what stands there."""

import argparse
import sys
import time
from pathlib import Path

from pipelines.dead_runs import under_way
from pipelines.printed import say
from resources.backup.restore import restore
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
    parser.epilog = "Chỉ khôi phục vào nơi trống: ANSINH_HOME chưa có hoặc rỗng; production: cơ sở dữ liệu mới."


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.load()
    begun = time.monotonic()
    done = restore(settings, parsed.folder, say)
    _end_runs(settings)
    say(
        f"Đã khôi phục {done.backup.name} vào {settings.home}: {done.databases} cơ sở dữ liệu, {grouped(done.files)} tệp, "
        f"{decimal(time.monotonic() - begun)} giây."
    )
    say(
        f"Kiểm tra: {done.tables} bảng có {grouped(done.current)} dòng hiện hành, {grouped(done.versions)} phiên bản, "
        f"{grouped(done.arrivals)} lần đến: đúng như lúc sao lưu."
    )
    say(
        f"Kiểm tra: lúc {done.instant:%Y-%m-%d %H:%M:%S} UTC kho đã biết {grouped(done.known)} dòng: "
        "đúng như lúc sao lưu, cả số dòng và nội dung."
    )
    say(f"Kiểm tra: {grouped(done.raw_files)} tệp gốc khớp mã băm trong ops.pulls.")
    for path in done.absent:
        print(f"Bản sao lưu này không có tệp gốc: {path}", file=sys.stderr)
    if done.absent:
        print(
            f"Bản sao lưu này KHÔNG ĐẦY ĐỦ: thiếu {len(done.absent)} tệp gốc, đã mất hoặc hỏng từ trước khi sao lưu.",
            file=sys.stderr,
        )
    if settings.is_demo:
        say("Chạy ansinh demo up để mở lại cổng báo cáo mô phỏng, rồi ansinh nightly để bắt kịp.")
    else:
        say("Chạy ansinh doctor, rồi ansinh nightly để bắt kịp.")
    return 0


def _end_runs(settings: Settings) -> None:
    """Runs that were under way when the backup was made: their processes are on another state, perhaps another machine."""
    from pipelines.instance import instance

    with instance(settings) as found:
        for run in under_way(found):
            found.report_run_canceled(run, "Lượt chạy này đang dở lúc sao lưu; trạng thái đã được khôi phục từ bản sao lưu đó.")
