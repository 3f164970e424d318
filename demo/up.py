"""`demo up`: the outside systems stand: the sources' servers, and the gateway in the background. Stopped by `ansinh stop`."""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence

import psutil
import requests

from pipelines.terminal.printed import say
from resources import mariadb
from resources.durable import write_whole
from resources.embedded import existing
from resources.mariadb import MariaDbServer
from resources.settings import PROJECT, Settings

WAIT_SECONDS = 30


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="ansinh demo up", description="Cho các hệ thống mô phỏng chạy: nguồn và cổng báo cáo.")
    parser.parse_args(arguments)
    up(Settings.load())
    return 0


def up(settings: Settings) -> None:
    """Start what does not stand yet."""
    existing(settings.home)
    if MariaDbServer(settings.home).databases():
        mariadb.existing(settings.home)
    if not _answers(settings):
        _start(settings)


def _start(settings: Settings) -> None:
    say("Bật cổng báo cáo mô phỏng…")
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    log = settings.home / "logs" / "gateway.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo", "gateway"],
            cwd=PROJECT,
            stdout=sink,
            stderr=sink,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    write_whole(settings.run_dir / "gateway.pid", str(process.pid))
    until = time.monotonic() + WAIT_SECONDS
    while not _answers(settings):
        if time.monotonic() > until or process.poll() is not None:
            raise SystemExit(f"Khởi động cổng báo cáo mô phỏng: không trả lời sau {WAIT_SECONDS} giây. Xem {log}.")
        time.sleep(0.1)


def _answers(settings: Settings) -> bool:
    """The gateway of this state stands: its process lives and its address answers."""
    pid_file, url_file = settings.run_dir / "gateway.pid", settings.run_dir / "gateway.url"
    if not pid_file.exists() or not url_file.exists():
        return False
    if not psutil.pid_exists(int(pid_file.read_text() or 0)):
        return False
    try:
        requests.get(url_file.read_text().strip(), timeout=2)
    except requests.RequestException:
        return False
    return True
