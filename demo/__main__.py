"""`ansinh demo COMMAND ...`: the synthetic province's own commands, each in its module, imported when asked for."""

import argparse
import importlib
import os
import sys

from pipelines.failures import refuse_demo_in_production
from pipelines.runtime import last_net
from pipelines.terminal import speaking
from pipelines.terminal.parser import Parser
from resources.backup.unfinished import refuse_half_restored
from resources.failing import Failure
from resources.local.laying import lay
from resources.settings import Settings

COMMANDS = {
    "build": ("demo.build", "dựng tỉnh mô phỏng"),
    "up": ("demo.up", "bật các hệ thống mô phỏng: nguồn, cổng báo cáo, nền tảng tích hợp"),
    "day": ("demo.days", "chuyển đồng hồ của tỉnh tới trước; người dân sống tiếp đến ngày đó"),
    "fault": ("demo.acts.commands", "thay đổi một hệ thống nguồn như đơn vị ngoài đời vẫn làm"),
    "truth": ("demo.faults.truth", "các lỗi đã cài vào tỉnh mô phỏng"),
    "url": ("demo.urls", "địa chỉ của chủ sở hữu một hệ thống nguồn"),
    "gateway": ("demo.gateway.server", "chạy cổng báo cáo mô phỏng (demo up tự gọi)"),
    "platform": ("demo.platform.server", "chạy nền tảng tích hợp mô phỏng (demo up tự gọi)"),
}


def main() -> int:
    os.umask(0o077)
    last_net.hold()
    try:
        return _main(sys.argv[1:])
    except KeyboardInterrupt:
        print("Đã dừng theo yêu cầu.", file=sys.stderr)
        return 130
    except SystemExit:
        raise
    except Failure as failure:
        print(failure, file=sys.stderr)
        return failure.exit_status
    except BaseException as error:
        last_net.tell(error)
        return last_net.STATUS


def _main(arguments: list[str]) -> int:
    speaking.speak()
    refuse_demo_in_production()
    name = arguments[0] if arguments else ""
    if name not in COMMANDS:
        _parser().parse_args(arguments)
    module, _ = COMMANDS[name]
    refuse_half_restored(Settings.load().home)
    lay()
    status = importlib.import_module(module).main(arguments[1:])
    return status if speaking.fall_silent() else status or last_net.STATUS


def _parser() -> argparse.ArgumentParser:
    """Tells which commands there are; each has a parser of its own."""
    parser = Parser(prog="ansinh demo", description="Tỉnh mô phỏng và các hệ thống ở ngoài.")
    commands = parser.add_subparsers(dest="command", metavar="lệnh", required=True)
    for name, (_, gloss) in COMMANDS.items():
        commands.add_parser(name, help=gloss)
    return parser


if __name__ == "__main__":
    sys.exit(main())
