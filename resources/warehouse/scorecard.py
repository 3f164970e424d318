"""The night in figures: per system its cells and rows, the reports and their receipts."""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from resources.warehouse import ledger, submissions
from resources.warehouse.submissions import OPEN, STATUS_TITLES
from schemas.registry import source_named

COUNTS = """
    select
        count(*) filter (where status in ('on_time', 'late', 'missing', 'refused', 'empty_declared')) as expected,
        count(*) filter (where status in ('on_time', 'late', 'empty_declared')) as received,
        count(*) filter (where status in ('on_time', 'empty_declared')) as on_time,
        count(*) filter (where status = 'late') as late,
        count(*) filter (where status = 'missing') as missing,
        count(*) filter (where last_outcome = 'refused') as refused,
        coalesce(sum(rows_accepted), 0)::bigint as rows_accepted, coalesce(sum(rows_rejected), 0)::bigint as rows_rejected,
        coalesce(sum(rows_repaired), 0)::bigint as rows_repaired, coalesce(sum(rows_warned), 0)::bigint as rows_warned,
        coalesce(sum(rows_waiting), 0)::bigint as rows_waiting
    from ops.cells where source = :source and period = any(coalesce(cast(:periods as text[]), array[period]))
"""


def counts(connection: sa.Connection, source: str, periods: list[str] | None = None) -> dict[str, Any]:
    row = connection.execute(sa.text(COUNTS), {"source": source, "periods": periods}).mappings().one()
    return dict(row)


def read(connection: sa.Connection, sources: list[str], seconds: dict[str, float], since: dt.datetime) -> dict[str, Any]:
    systems = []
    for name in sources:
        refused = ledger.refused_cells(connection, name)
        failed = ledger.failing(connection, name)
        systems.append(
            {"source": name, "label": source_named(name).label, "seconds": round(seconds.get(name, 0.0), 2)}
            | counts(connection, name)
            | {
                "refused_cells": [f"{name}.{r.dataset} {r.period}|{r.unit_code}: {r.reason}" for r in refused],
                "failed_datasets": [f"{name}.{r.dataset}: {r.last_failure}" for r in failed],
            }
        )
    reports = [
        s
        for s in submissions.listed(connection)
        if s.composed_at >= since or (s.submitted_at and s.submitted_at >= since) or s.status in OPEN or s.status == "returned"
    ]
    return {
        "systems": systems,
        "waiting": sum(s["rows_waiting"] for s in systems),
        "reports": [
            f"{r.form} {r.period}, lần {r.revision}: {STATUS_TITLES[r.status]}"
            + (f", biên nhận {r.receipt}" if r.receipt else "")
            + "".join(f"; {f['code']} {f['message']}" for f in r.stopped_by)
            for r in reports
        ],
        "report_seconds": round(seconds.get("reports", 0.0), 2),
    }
