"""`demo up`: the outside systems stand: the sources' servers, the reporting gateway, and the integration platform where a system comes by it.

They stand in the background, and are stopped by `ansinh stop`.
"""

from collections.abc import Sequence

from pipelines.terminal.parser import Parser
from pipelines.terminal.printed import say
from resources import mariadb
from resources.beside import Beside
from resources.embedded import existing
from resources.mariadb import MariaDbServer
from resources.settings import Settings
from schemas.registry import SOURCES, comes_by_service


def main(arguments: Sequence[str]) -> int:
    parser = Parser(prog="ansinh demo up", description="Cho các hệ thống mô phỏng chạy: nguồn, cổng báo cáo, nền tảng tích hợp.")
    parser.parse_args(arguments)
    up(Settings.load())
    return 0


def up(settings: Settings) -> None:
    """Start what does not stand yet."""
    existing(settings.home)
    if MariaDbServer(settings.home).databases():
        mariadb.existing(settings.home)
    wanted = [Beside(settings.home, "gateway")]
    if any(map(comes_by_service, SOURCES)):
        wanted.append(Beside(settings.home, "platform"))
    for server in wanted:
        if not server.answers():
            say(f"Bật {server.title}…")
            server.start()
