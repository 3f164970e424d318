"""`ansinh env`: what Dagster's own commands need in their environment."""

import argparse

from pipelines.runtime.instance import environment, write_dotenv
from resources.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--write", action="store_true", help="ghi vào tệp .env của dự án (đã được git bỏ qua)")


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.load().reading()
    settings.refuse_no_state()
    if parsed.write:
        write_dotenv(settings)
        return 0
    for name, value in environment(settings).items():
        print(f"export {name}='{value}'")
    return 0
