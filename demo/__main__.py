"""`python -m demo COMMAND ...`: the synthetic province's own commands, each in its module, imported when asked for."""

import importlib
import sys

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
    return importlib.import_module(COMMANDS[name]).main(arguments)


if __name__ == "__main__":
    sys.exit(main())
