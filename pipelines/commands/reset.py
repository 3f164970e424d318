"""`ansinh reset`: stop what runs and remove the embedded state. Never in production."""

import argparse
import shutil

from pipelines.failures import NotAState, ProductionKept
from pipelines.runtime.processes import stop_all
from resources.backup.unfinished import RESTORING
from resources.settings import PROJECT, Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.load()
    if not settings.is_demo:
        raise ProductionKept
    if not settings.home.is_dir():
        print(f"Không có trạng thái ở {settings.home}: không có gì để xóa.")
        return 0
    if any(settings.home.iterdir()) and not any((settings.home / mark).exists() for mark in ("pg", RESTORING)):
        raise NotAState(home=settings.home)
    stop_all(settings)
    shutil.rmtree(settings.home)
    (PROJECT / ".env").unlink(missing_ok=True)
    print(f"Đã xóa {settings.home}.")
    return 0
