"""Both payment lists longer and under watch: older months at the source, and the calendar of one process set for them.

`python -m benchmarks.watched MONTHS` is `ansinh nightly --json` in such a process. The declarations stay as they are.
"""

import datetime as dt
import sys
from contextlib import closing
from dataclasses import replace
from functools import cache
from typing import Any

from demo.databases import cells
from demo.databases.database import LOG, database_of, owner_of
from resources.clock import FIRST_DAY
from resources.embedded import EmbeddedServer
from schemas import calendar, rates
from schemas.dataset import Dataset
from schemas.registry import dataset_named

STANDARDS = {"meritorious_persons.monthly_payments": "merit", "social_protection.monthly_payments": "social_assistance"}
LISTS = tuple(dataset_named(name) for name in STANDARDS)
LAST = FIRST_DAY[:7]
# Older months repeat these: a list that equals the one of the month before is refused, the last one is not whole yet.
REPEATED = calendar.periods("monthly", "2024-01", dt.date(2024, 10, 31))


def first_month(months: int) -> str:
    first = LAST
    for _ in range(months - 1):
        first = calendar.previous(first)
    return first


def lengthen(server: EmbeddedServer, months: int) -> None:
    """Give the sources the months before their first one, each with its lines in the submission log."""
    older = calendar.periods("monthly", first_month(months), calendar.span(calendar.previous(REPEATED[0]))[1])
    for dataset in LISTS:
        owned = server.connect(database_of(dataset.source), owner_of(dataset.source))
        with closing(owned) as connection, connection.cursor() as cursor:
            for steps, period in enumerate(reversed(older)):
                _repeat(cursor, dataset, REPEATED[-1 - steps % len(REPEATED)], period)
            cursor.execute(f"vacuum analyze {dataset.road.table}")


def _repeat(cursor: Any, dataset: Dataset, known: str, period: str) -> None:
    """Write a month's rows again for an older one, at the standard then in force, sent on the due day."""
    (then, _), (now, _) = calendar.span(period), calendar.span(known)
    standard = STANDARDS[dataset.id]
    ratio = f"{rates.standard(standard, then)}::numeric / {rates.standard(standard, now)}"
    chosen = {
        "thang": f"date '{then}'",
        "so_tien": f"case when so_tien ~ '^[0-9]+$' then round(so_tien::numeric * {ratio})::text else so_tien end",
        "ngay_nhan": f"ngay_nhan - (date '{now}' - date '{then}')",
    }
    names = [c.source_column for c in dataset.columns]
    cursor.execute(
        f"insert into {dataset.road.table} ({', '.join(names)}) select {', '.join(chosen.get(n, n) for n in names)}"
        f" from {dataset.road.table} where thang = date '{now}'"
    )
    for unit, rows in cells.counts(cursor, dataset, period).items():
        if rows:
            cursor.execute(
                f"insert into {LOG} (ma_don_vi, bang, ky, thoi_diem_nop, so_dong, khai_rong) values (%s, %s, %s, %s, %s, false)",
                (unit, dataset.road.table, period, f"{calendar.due_day(dataset, period)} 09:00+07", rows),
            )


def watch(months: int) -> None:
    """Set the first month and the lock of both lists, in this process alone."""
    first = first_month(months)
    for dataset in LISTS:
        object.__setattr__(dataset, "first_period", first)  # the same object stands in every module that imported it
    rules = tuple(replace(r, lock_months=months + 1) if r.dataset in STANDARDS else r for r in calendar.due_rules())
    calendar.due_rules = cache(lambda: rules)


def main() -> int:
    watch(int(sys.argv[1]))
    from pipelines.cli import main as ansinh

    return ansinh(["nightly", "--json"])


if __name__ == "__main__":
    sys.exit(main())
