"""The orchestrator's share of a night: what its jobs take beyond the bodies of our steps (runs, steps, events, partitions).

Both are taken in one process, so that the two do not differ by what else the machine did.
"""

from contextlib import closing
from pathlib import Path

from benchmarks.measuring import Columns, night, seconds
from benchmarks.province import province
from resources.embedded import EmbeddedServer


def run(scale: float) -> None:
    with province(scale) as home:
        columns = Columns(
            ("night", "process", "start", "jobs", "step bodies", "orchestrator", "of the jobs", "events", "an event")
        )
        before = 0
        for name in ("first", "quiet"):
            done = night(home, "benchmarks.timed_night")
            spent = done.told
            rest, now = spent["jobs"] - spent["bodies"], _events(home)
            columns.row(
                name,
                seconds(done.seconds),
                seconds(done.seconds - spent["jobs"]),
                seconds(spent["jobs"]),
                seconds(spent["bodies"]),
                seconds(rest),
                f"{rest / spent['jobs']:.0%}",
                f"{now - before:,}",
                f"{rest / (now - before) * 1e3:.1f} ms",
            )
            before = now
        print("start: imports, the orchestrator's storage, and the scorecard at the end", flush=True)


def _events(home: Path) -> int:
    with closing(EmbeddedServer(home).connect("dagster")) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from event_logs")
        ((found,),) = cursor.fetchall()
    return found
