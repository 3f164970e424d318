"""`ansinh reset`: stop what runs and remove the embedded state. Never in production."""

import argparse
import shutil

from pipelines.processes import stop_all
from pipelines.refusals import ProductionKept
from resources.settings import PROJECT, Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.load()
    if not settings.is_demo:
        raise ProductionKept
    stop_all(settings)
    if settings.home.exists():
        shutil.rmtree(settings.home)
    (PROJECT / ".env").unlink(missing_ok=True)
    print(f"Đã xóa {settings.home}.")
    return 0
