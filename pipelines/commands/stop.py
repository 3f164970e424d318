"""`ansinh stop`: leave no process of this state behind."""

import argparse

from pipelines.processes import stop_all
from resources.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(parsed: argparse.Namespace) -> int:
    stopped = stop_all(Settings.load())
    print(f"Đã dừng: {', '.join(stopped)}." if stopped else "Không có gì đang chạy.")
    return 0
