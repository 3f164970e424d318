"""`python -m benchmarks.timed_night`: `ansinh nightly --json` that also says where its time went, as one more line of JSON.

`jobs`: the orchestrator's jobs, from their start to their end; `bodies`: what runs inside them and would run without an
orchestrator.
"""

import functools
import importlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BODIES = (
    "assets.cells.asset:run_cells",
    "assets.cells.asset:unreconciled",
    "assets.open.asset:publish",
    "resources.servers.connecting:engine",
    "assets.reports.asset:file_due",
    "resources.warehouse.arrivals.dataset_pulls:last_read",
    "resources.warehouse.arrivals.ledger:refused_cells",
    "resources.warehouse.published.submissions:listed",
    "resources.warehouse.engine:Warehouse.open",
)
JOBS = ("pipelines.runtime.running:Runner.night", "pipelines.runtime.running:Runner.reports")


@dataclass
class Watch:
    """Time spent inside some functions; those called by one another count once."""

    seconds: float = 0.0
    depth: int = 0

    def over(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*given: Any, **named: Any) -> Any:
            begun = time.monotonic()
            self.depth += 1
            try:
                return function(*given, **named)
            finally:
                self.depth -= 1
                if not self.depth:
                    self.seconds += time.monotonic() - begun

        return timed


def main() -> int:
    jobs, bodies = Watch(), Watch()
    for name in JOBS:
        _set(name, jobs.over)
    for name in BODIES:
        _set(name, lambda function: _inside(function, bodies.over(function), jobs))
    from pipelines.cli import main as ansinh

    status = ansinh(["nightly", "--json"])
    print(json.dumps({"jobs": jobs.seconds, "bodies": bodies.seconds}))
    return status


def _inside(function: Callable[..., Any], timed: Callable[..., Any], jobs: Watch) -> Callable[..., Any]:
    """The function, timed where a job calls it; the command calls some of them too."""

    @functools.wraps(function)
    def chosen(*given: Any, **named: Any) -> Any:
        return (timed if jobs.depth else function)(*given, **named)

    return chosen


def _set(name: str, change: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    module, path = name.split(":")
    owner: Any = importlib.import_module(module)
    *between, last = path.split(".")
    for part in between:
        owner = getattr(owner, part)
    setattr(owner, last, change(getattr(owner, last)))


if __name__ == "__main__":
    sys.exit(main())
