"""`ansinh demo url SOURCE`: the owner's URL of a synthetic source, so that anyone can change it as its users would."""

from demo.databases.places import database, refuse_absent
from pipelines.terminal.parser import Parser
from resources.embedded import existing
from resources.settings import Settings
from schemas.registry import SOURCES, source_named


def main(arguments: list[str]) -> int:
    parser = Parser(prog="ansinh demo url", description="Địa chỉ của chủ sở hữu một hệ thống nguồn mô phỏng.")
    parser.add_argument("source", metavar="HỆ_THỐNG", choices=[s.name for s in SOURCES])
    source = source_named(parser.parse_args(arguments).source)
    found = existing(Settings.load().home)
    refuse_absent(found, source)
    print(database(found, source).url())
    return 0
