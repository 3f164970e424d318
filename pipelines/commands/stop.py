"""`ansinh stop`: leave no process of this state behind."""

import argparse

from pipelines.runtime.processes import stop_all
from resources.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.load()
    stopped = stop_all(settings)
    nothing = "Không có gì đang chạy" + ("." if settings.home.is_dir() else f": không có trạng thái ở {settings.home}.")
    print(f"Đã dừng: {', '.join(stopped)}." if stopped else nothing)
    return 0
