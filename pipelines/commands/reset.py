"""`ansinh reset`: stop what runs and remove the embedded state. Never in production."""

import argparse
import shutil
import sys

from pipelines.processes import stop_all
from resources.settings import PROJECT, Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.load()
    if not settings.is_demo:
        print("Xóa trạng thái: cấu hình production không bao giờ bị xóa bằng lệnh này. Chưa có gì thay đổi.", file=sys.stderr)
        return 2
    stop_all(settings)
    if settings.home.exists():
        shutil.rmtree(settings.home)
    (PROJECT / ".env").unlink(missing_ok=True)
    print(f"Đã xóa {settings.home}.")
    return 0
