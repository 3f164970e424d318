"""`python -m demo COMMAND ...`: the synthetic province's own commands, each in its module, imported when asked for."""

import importlib
import sys

from resources.backup.restore import refuse_half_restored
from resources.failures import Failure
from resources.settings import Settings

COMMANDS = {
    "build": "demo.build",
    "day": "demo.days",
    "fault": "demo.fault_commands",
    "gateway": "demo.gateway",
    "up": "demo.up",
    "truth": "demo.truth",
    "url": "demo.urls",
}


def main() -> int:
    name, arguments = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if name not in COMMANDS:
        print(f"Dùng: python -m demo {{{','.join(COMMANDS)}}} ...", file=sys.stderr)
        return 2
    try:
        refuse_half_restored(Settings.load().home)
        return importlib.import_module(COMMANDS[name]).main(arguments)
    except KeyboardInterrupt:
        print("Đã dừng theo yêu cầu.", file=sys.stderr)
        return 130
    except Failure as failure:
        print(failure, file=sys.stderr)
        return failure.exit_status


if __name__ == "__main__":
    sys.exit(main())
