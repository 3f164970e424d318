"""`python -m benchmarks [PART] [--rows N] [--rounds N] [--scale F] [--months N]`: one part, or all that TOGETHER names.

A part is a module here whose `run` takes the options that its line in PARTS gives.
"""

import argparse
import importlib
import signal
import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Part:
    title: str
    options: dict[str, int | float]  # those it takes, with what they are unless given


PARTS = {
    "load": Part("a full load beside raw binary COPY of the same table", {"rows": 1_000_000, "rounds": 5}),
    "peers": Part("the same, and dlt and sling copying that table, in interleaved rounds", {"rows": 1_000_000, "rounds": 5}),
    "service": Part("a full load through a service behind a platform", {"rows": 1_000_000, "rounds": 2}),
    "files": Part("a .csv file and a workbook, to their rows and to a whole load", {"rows": 1_000_000, "rounds": 2}),
    "nights": Part("a night in which 1 % of the rows changed, beside the full load", {"rows": 3_500_000, "rounds": 5}),
    "growth": Part("time per row and peak memory at 0.1, 1, 3.5 and 10 times the rows", {"rows": 1_000_000, "rounds": 3}),
    "doubled": Part("time per row when every row was sent twice", {"rows": 100_000}),
    "quiet": Part("a quiet night with months of both payment lists under watch", {"scale": 1.0, "months": 24, "rounds": 2}),
    "province": Part("the whole province from nothing", {"scale": 1.0}),
    "overhead": Part("the orchestrator's share of a first and a quiet night", {"scale": 0.1}),
}
TOGETHER = ("peers", "service", "files", "nights", "growth", "doubled", "quiet", "province", "overhead")


def main() -> int:
    asked = _asked()
    # As an exception, so that servers are stopped and files removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        for name in [asked.part] if asked.part else TOGETHER:
            part = PARTS[name]
            print(f"== {name}: {part.title}", flush=True)
            given = {option: getattr(asked, option) for option in part.options}
            importlib.import_module(f"benchmarks.{name}").run(
                **{option: part.options[option] if value is None else value for option, value in given.items()}
            )
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _asked() -> argparse.Namespace:
    lines = [f"  {name:<10}{part.title}\n{'':12}{_options(part)}" for name, part in PARTS.items()]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Parts, with their options and what these are unless given:\n" + "\n".join(lines),
        epilog=f"Without a part: {', '.join(TOGETHER)}, which takes over an hour. `load` is left out: `peers` measures it too.",
    )
    parser.add_argument("part", nargs="?", choices=list(PARTS), metavar="PART")
    parser.add_argument("--rows", type=int, help="rows of the benchmark's table")
    parser.add_argument("--rounds", type=int, help="how often each figure is taken")
    parser.add_argument("--scale", type=float, help="of the synthetic province; 1.0 is all of it")
    parser.add_argument("--months", type=int, help="of the payment lists")
    asked = parser.parse_args()
    for option in ("rows", "rounds", "scale", "months"):
        value = getattr(asked, option)
        if value is not None and value <= 0:
            parser.error(f"--{option} has to be above 0")
        if value is not None and asked.part and option not in PARTS[asked.part].options:
            parser.error(f"{asked.part} takes no --{option}")
    return asked


def _options(part: Part) -> str:
    shown: dict[str, Any] = part.options
    return " ".join(f"--{option} {value}" for option, value in shown.items())


if __name__ == "__main__":
    sys.exit(main())
