"""`ansinh backup`: a whole, checked copy of the state in a folder outside it."""

import argparse
import sys
import time
from pathlib import Path

from pipelines.printed import say
from resources.backup.make import RawFilesDamaged, make
from resources.backup.restore import refuse_half_restored
from resources.settings import Settings
from schemas.written import decimal, grouped


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--into", required=True, type=Path, metavar="THƯ_MỤC", help="nơi giữ các bản sao lưu, ngoài ANSINH_HOME")
    parser.epilog = "Bản sao lưu chứa dữ liệu cá nhân và không mã hóa: cất ở nơi chỉ người có trách nhiệm đọc được."


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.load()
    refuse_half_restored(settings.home)
    begun = time.monotonic()
    made = make(settings, parsed.into, say)
    shared = f" ({grouped(made.shared_files)} tệp dùng chung với bản trước)" if made.shared_files else ""
    say(
        f"Đã sao lưu vào {made.path}: {made.databases} cơ sở dữ liệu, {grouped(made.raw_files)} tệp gốc{shared}, "
        f"{grouped(made.other_files)} tệp khác; {decimal(made.bytes / 1e6)} MB ghi mới, {decimal(time.monotonic() - begun)} giây."
    )
    for path in made.damaged:
        print(f"Tệp gốc mất hoặc hỏng: {path}", file=sys.stderr)
    if made.damaged:
        if made.absent:
            became = f"Bản sao lưu đã ghi nhưng KHÔNG ĐẦY ĐỦ, thiếu {len(made.absent)} tệp gốc"
        else:
            became = "Bản sao lưu vẫn đầy đủ vì lấy các tệp đó từ bản sao lưu trước"
        raise RawFilesDamaged(name=made.path.name, count=len(made.damaged), first=made.damaged[0], became=became)
    return 0
