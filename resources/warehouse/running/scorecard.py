"""The night in figures: per system its cells and rows, the reports and their receipts, and what is to be done first."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from resources.warehouse.arrivals import dataset_pulls, deliveries, ledger
from resources.warehouse.arrivals.ledger import STORED, Cells
from resources.warehouse.published import submissions
from resources.warehouse.published.submissions import OPEN, STATUS_TITLES, Submission
from resources.warehouse.quarantine import standing
from schemas.registry import datasets_of, source_named
from schemas.written import grouped

RESOLVED_WITHIN = dt.timedelta(days=90)  # how long mending takes is told of the last months, not of all time
COUNTS = f"""
    select
        count(*) filter (where status in ('on_time', 'late', 'missing', 'refused', 'empty_declared')) as expected,
        count(*) filter (where status in ('on_time', 'late', 'empty_declared')) as received,
        count(*) filter (where status = 'on_time' or (status = 'empty_declared' and first_received_at <= due_at)) as on_time,
        count(*) filter (where status = 'late' or (status = 'empty_declared' and first_received_at > due_at)) as late,
        count(*) filter (where status = 'missing') as missing,
        count(*) filter (where last_outcome = 'refused') as refused,
        coalesce(sum(rows_accepted), 0)::bigint as rows_accepted, coalesce(sum(rows_rejected), 0)::bigint as rows_rejected,
        coalesce(sum(rows_repaired), 0)::bigint as rows_repaired, coalesce(sum(rows_warned), 0)::bigint as rows_warned,
        (coalesce(sum(rows_waiting), 0) + (select coalesce(sum(rows_of_files), 0) from {deliveries.WAITING} w
            where source = :source and period = any(coalesce(cast(:only as text[]), array[period]))))::bigint as rows_waiting
    from cells where source = :source and period = any(coalesce(cast(:only as text[]), array[period]))
"""


def counts(connection: sa.Connection, source: str, periods: list[str] | None = None, among: Cells = STORED) -> dict[str, Any]:
    values = {**among.values, "source": source, "only": periods}
    row = connection.execute(sa.text(among.clause + COUNTS), values).mappings().one()
    return dict(row)


def read(connection: sa.Connection, sources: list[str], seconds: dict[str, float], since: dt.datetime) -> dict[str, Any]:
    systems = []
    for name in sources:
        refused = ledger.refused_cells(connection, name)
        failed = dataset_pulls.failing(connection, name)
        days = standing.days_to_resolve(connection, name, since - RESOLVED_WITHIN)
        systems.append(
            {"source": name, "label": source_named(name).label, "seconds": round(seconds.get(name, 0.0), 2)}
            | counts(connection, name)
            | {
                "roads": dataset_pulls.roads(connection, name),
                "cells_beside": ledger.cells_beside(connection, name),
                "datasets": len(datasets_of(name)),
                "warnings": {w: n for w, n in standing.by_weight(standing.read(connection, name)).items()},
                "days_to_resolve": None if days is None else round(days, 1),
                "refused_cells": [f"{name}.{r.dataset} {r.period}|{r.unit_code}: {r.reason}" for r in refused],
                "failed_datasets": [f"{name}.{r.dataset}: {r.last_failure}" for r in failed],
            }
        )
    reports = submissions.moved_or_waiting(connection, since)
    return {
        "systems": systems,
        "waiting": sum(s["rows_waiting"] for s in systems),
        "reports": [told(s) for s in reports],
        "report_seconds": round(seconds.get("reports", 0.0), 2),
        "first": first_thing(systems, [f"{s.form} {s.period}" for s in reports if s.status == "returned"]),
    }


def reports_since(connection: sa.Connection, since: dt.datetime) -> list[Submission]:
    """The revisions that were composed, sent or judged since then; of a form and period the last, and what stands at the receiver."""
    return submissions.moved_or_waiting(connection, since, with_waiting=False)


def first_thing(systems: Sequence[Mapping[str, Any]], returned: Sequence[str]) -> str | None:
    """What to do first, in a line; None: nothing stands open. The most urgent kind of thing, where there is most of it."""
    kinds: tuple[tuple[str, Callable[[Mapping[str, Any]], int]], ...] = (
        ("{label}: {n} bộ dữ liệu không nạp được; lý do ở cuối, rồi ansinh doctor", lambda s: len(s["failed_datasets"])),
        ("{label}: {n} ô bị từ chối; lý do ở cuối, đơn vị sửa tại nguồn", lambda s: len(s["refused_cells"])),
        ("{n} cảnh báo về tiền; ansinh quarantine list --source {source}", lambda s: s["warnings"].get("money", 0)),
        ("{n} ô quá hạn chưa nộp; ansinh status --source {source}", lambda s: s["missing"]),
        ("{n} dòng bị loại; ansinh quarantine list --source {source}", lambda s: s["rows_rejected"]),
    )
    for place, (told, size) in enumerate(kinds):
        worst = max(systems, key=size, default=None)
        if worst is not None and size(worst):
            return told.format(n=grouped(size(worst)), label=worst["label"], source=worst["source"])
        if returned and place == 1:  # after what keeps figures out of the reports
            return f"báo cáo {', '.join(returned)} bị trả lại; ansinh report show"
    return None


def told(s: Submission) -> str:
    """One revision in one line: what became of it, its receipt, and what keeps it."""
    receipt = f", biên nhận {s.receipt}" if s.receipt else ""
    # Why one is still on its way is told by the run that sent it.
    why = f". {s.last_error}" if s.last_error and s.status not in OPEN else ""
    unbelieved = "".join(f"; {f['code']} {f['message']}" for f in s.stopped_by)
    return f"{s.form} {s.period}, lần {s.revision}: {STATUS_TITLES[s.status]}{receipt}{why}{unbelieved}"
