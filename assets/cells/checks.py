"""The checks of a dataset's core: what they claim, and what they say of it after a run.

A check tells how the dataset stands now, whatever the run did; the run's own part stands beside it, under names that end in
«trong lượt này». So a night in which nothing moved says what the night before it said.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import sqlalchemy as sa

from assets.cells.outcome import Outcome
from assets.keys import core_key, open_key
from assets.open.tables import made_with
from resources.clock import ZONE, moment
from resources.hub import Hub
from resources.warehouse.arrivals import dataset_pulls, ledger, tracker
from resources.warehouse.arrivals.tracker import Held
from resources.warehouse.quarantine import standing
from resources.warehouse.quarantine.standing import by_weight, in_short
from schemas.dataset import UNKNOWN_UNIT, Dataset
from schemas.weights import ORDER, TITLES
from schemas.written import unit_title

READ, SUBMITTED, ACCEPTED = "source_read", "all_units_submitted", "cells_accepted"
RULES, RECONCILED = "rows_follow_rules", "counts_reconcile"
INPUTS_READ = "inputs_read"  # of the open tables
# Instants in metadata are texts: Dagster would write them by the reader's own clock, the month in English before the day.
READ_LAST = "đọc được lần cuối"
WRONG_PERIODS = "kỳ không khớp"
RULES_EXAMINED = "số quy tắc"
SHOWN = 10  # cells that a description names; all of them stand in a table

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN


def check_specs(dataset: Dataset, core: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    claims = {
        READ: "Đêm gần nhất đọc được hệ thống nguồn và nạp xong bộ dữ liệu.",
        ACCEPTED: "Lần đến gần nhất của mọi ô được nhận: đúng cấu trúc, trong mức cho phép, không hụt bất thường.",
        RULES: "Hiện không còn dòng bị loại, không còn cảnh báo về tiền. Số dòng theo quy tắc là số đang mở, của cả bộ dữ liệu.",
        RECONCILED: "Số dòng nhận = số dòng được chấp nhận + số dòng bị loại, và bản hiện hành đúng bằng số được chấp nhận; đêm "
        "đối soát cả tuần: các lần lấy phần thay đổi không bỏ sót ô nào.",
    }
    if dataset.kind != "register":  # a register has no due day
        claims[SUBMITTED] = "Mọi đơn vị đã nộp các kỳ đến hạn. Đơn vị chưa nộp được nêu tên, kèm hạn nộp và số ngày quá hạn."
    return [dg.AssetCheckSpec(name, asset=core, description=claim) for name, claim in claims.items()]


def results(
    hub: Hub, dataset: Dataset, core: dg.AssetKey, outcome: Outcome, wrong_before: Sequence[str]
) -> Sequence[dg.AssetCheckResult | dg.AssetCheckEvaluation]:
    """What each check says after a run; those of other datasets too, where rules that read this one found something else.

    `wrong_before`: periods whose counts did not agree when they were last looked at.
    """
    found: list[dg.AssetCheckResult | dg.AssetCheckEvaluation] = []
    with hub.warehouse.engine.connect() as connection:
        read, failure = dataset_pulls.last_read(connection, dataset), dataset_pulls.why_unread(connection, dataset)
        found.append(dg.AssetCheckResult(asset_key=core, check_name=READ, **_reading(read, failure)))
        held = tracker.held(connection, dataset)
        found.append(_accepted(connection, hub, dataset, core, outcome, held))
        if dataset.kind != "register":
            found.append(_submitted(connection, hub, dataset, core))
        facts = _follows_rules(connection, dataset, held)
        facts["metadata"] |= _of_this_run(outcome)
        found.append(dg.AssetCheckResult(asset_key=core, check_name=RULES, **facts))
        found.append(_reconciled(connection, dataset, core, outcome, wrong_before))
        found += rules_beside(connection, outcome.changed_beside)
    return found  # not one by one: a step that is left in between would end a connection that may be lost


def rules_beside(connection: sa.Connection, datasets: Iterable[Dataset]) -> list[dg.AssetCheckEvaluation]:
    """What is said of datasets whose rows were found to be otherwise by a run that loaded none of them."""
    told = ((d, _follows_rules(connection, d, tracker.held(connection, d))) for d in datasets)
    return [dg.AssetCheckEvaluation(asset_key=core_key(d), check_name=RULES, **facts) for d, facts in told]


def unread(hub: Hub, dataset: Dataset, core: dg.AssetKey, failure: str) -> Iterator[dg.AssetCheckEvaluation]:
    """What a night that failed says of the dataset, and of the open tables that it leaves as they were."""
    with hub.warehouse.engine.connect() as connection:
        read, left = dataset_pulls.last_read(connection, dataset), made_with(dataset)
        failures = {d: dataset_pulls.why_unread(connection, d) for d in dict.fromkeys(d for d, _ in left)}
    yield dg.AssetCheckEvaluation(asset_key=core, check_name=READ, **_reading(read, failure))
    for _, open_table in left:
        key = open_key(dataset.source.name, open_table.name)
        yield dg.AssetCheckEvaluation(asset_key=key, check_name=INPUTS_READ, **inputs_read(failures | {dataset: failure}))


def inputs_read(failures: Mapping[Dataset, str | None]) -> dict[str, Any]:
    """What an open table says of the datasets that its step reads; of each why it could not be read, None: it was."""
    unread: dict[str, list[str]] = {}  # a system that is down says the same of all its datasets
    for dataset, failure in failures.items():
        if failure:
            unread.setdefault(failure, []).append(dataset.title)
    told = "".join(f" {', '.join(titles)}: {failure}" for failure, titles in unread.items())
    return {
        "passed": not told,
        "severity": WARN,
        "description": f"Giữ bản công bố trước.{told}" if told else None,
        "metadata": {"bộ dữ liệu không đọc được": sum(map(len, unread.values()))},
    }


def _reading(read: dt.datetime | None, failure: str | None) -> dict[str, Any]:
    at = moment(read) if read else None
    if failure is None:
        told = f"Đọc được lúc {at}." if at else None
    else:
        told = f"Không đọc được từ sau {at}. {failure}" if at else f"Chưa đọc được lần nào. {failure}"
    return {"passed": failure is None, "severity": ERROR, "description": told, "metadata": {READ_LAST: at} if at else {}}


def _accepted(
    connection: sa.Connection, hub: Hub, dataset: Dataset, core: dg.AssetKey, outcome: Outcome, held: Held
) -> dg.AssetCheckResult:
    # The refused cells of the whole dataset, not of this run: a run over one cell must not turn the red of another to green.
    refused, today = ledger.refused_cells(connection, dataset.source.name, dataset.name), hub.today()
    named = [(c, unit_title(c.unit_code, c.period, today)) for c in refused]
    told = [f"{c.period} {unit}: {c.reason}" for c, unit in named] + [str(failure) for failure in outcome.trouble]
    return dg.AssetCheckResult(
        passed=not told,
        asset_key=core,
        check_name=ACCEPTED,
        description=_listed(told, 5),
        metadata={
            "ô được nạp trong lượt này": sum(c.unit != UNKNOWN_UNIT for c in outcome.loaded()),
            "ô bị từ chối": len(refused),
            "dòng chờ": held.waiting,
            **({"sổ nộp": outcome.log_told} if outcome.log_told else {}),
            "các ô bị từ chối": table(
                {"ô": "string", "đơn vị": "string", "dòng": "int", "lý do": "string"},
                [(f"{c.period}|{c.unit_code}", unit, c.rows_received, c.reason or "") for c, unit in named],
            ),
        },
    )


def _submitted(connection: sa.Connection, hub: Hub, dataset: Dataset, core: dg.AssetKey) -> dg.AssetCheckResult:
    today = hub.today()
    cells = tracker.overdue(connection, dataset)
    told = [f"{c.period} {unit_title(c.unit, c.period, today)}, quá hạn {c.days(today)} ngày" for c in cells]
    return dg.AssetCheckResult(
        passed=not cells,
        asset_key=core,
        check_name=SUBMITTED,
        severity=WARN,
        description=_listed(told, SHOWN),
        metadata={
            "ô quá hạn": len(cells),
            "đơn vị quá hạn": len({c.unit for c in cells}),
            "các ô quá hạn": table(
                {"kỳ": "string", "đơn vị": "string", "hạn nộp": "string", "số ngày quá hạn": "int"},
                [(c.period, unit_title(c.unit, c.period, today), f"{c.due:%d/%m/%Y}", c.days(today)) for c in cells],
            ),
        },
    )


def _follows_rules(connection: sa.Connection, dataset: Dataset, held: Held) -> dict[str, Any]:
    found = standing.read(connection, dataset.source.name, dataset.name)
    warned = by_weight(found)
    rejected = standing.rejected_rows(connection, dataset)
    named = ", ".join(f"{TITLES[w]} {warned[w]}" for w in ORDER if warned[w]) or "không"
    return {
        "passed": not rejected and not warned["money"],
        "severity": WARN,
        "description": f"Đang mở: {rejected} dòng bị loại; cảnh báo: {named}.",
        "metadata": {
            "dòng nhận": held.received,
            "dòng bị loại": rejected,
            "dòng có cảnh báo": held.warned,
            **{f"cảnh báo {TITLES[w]}": warned[w] for w in ORDER},
            "số cột": len(dataset.columns),
            "dòng bị loại theo quy tắc": table(
                {"cột": "string", "quy tắc": "string", "sai gì": "string", "dòng": "int"},
                [(s.column, s.rule, in_short(s.message), s.rows) for s in found if s.kind == "rejected"],
            ),
            "cảnh báo theo quy tắc": table(
                {"mức": "string", "quy tắc": "string", "sai gì": "string", "dòng": "int", "từ ngày": "string"},
                [
                    (TITLES[s.weight], s.rule, in_short(s.message), s.rows, f"{s.since.astimezone(ZONE):%d/%m/%Y}")
                    for s in found
                    if s.kind == "warning"
                ],
            ),
        },
    }


def _of_this_run(outcome: Outcome) -> dict[str, int]:
    of_rules = {RULES_EXAMINED: outcome.rules} if outcome.rules else {}  # a plot of them would else fall to 0
    rejected = sum(c.rejected for c in outcome.cells)
    return {"dòng đã xét trong lượt này": outcome.rows_examined, "dòng bị loại trong lượt này": rejected, **of_rules}


def _reconciled(
    connection: sa.Connection, dataset: Dataset, core: dg.AssetKey, outcome: Outcome, wrong_before: Sequence[str]
) -> dg.AssetCheckResult:
    wrong = tracker.unreconciled(connection, dataset, sorted({c.period for c in outcome.loaded()} | set(wrong_before)))
    missed = [f"{period}|{unit}" for period, unit in outcome.missed]
    told = [f"{len(wrong)} ô có số dòng không khớp: {', '.join(wrong[:SHOWN])}"] if wrong else []
    if missed:
        told.append(
            f"{len(missed)} ô khác bản đang giữ dù nguồn báo không đổi, đã nạp lại cả ô: {', '.join(missed[:SHOWN])}; báo người "
            "phát triển"
        )
    return dg.AssetCheckResult(
        passed=not told,
        asset_key=core,
        check_name=RECONCILED,
        description="; ".join(told) or None,
        metadata={
            "ô không khớp": len(wrong),
            "ô bị lần lấy phần thay đổi bỏ sót": len(missed),
            "dòng trước kỳ đầu": dataset_pulls.before_first(connection, dataset.source.name).get(dataset.name, 0),
            WRONG_PERIODS: ";".join(sorted({cell.partition("|")[0] for cell in wrong})),
        },
    )


def wrong_before(instance: dg.DagsterInstance, core: dg.AssetKey) -> list[str]:
    """The periods whose counts did not agree when they were last looked at: they are looked at until they do."""
    key = dg.AssetCheckKey(core, RECONCILED)
    # Not the latest of all: that may be this run's own, which has not ended.
    record = instance.event_log_storage.get_asset_check_summary_records([key])[key].last_completed_check_execution_record
    if record is None or record.evaluation is None:
        return []
    told = record.evaluation.metadata.get(WRONG_PERIODS)
    return str(told.value).split(";") if told is not None and told.value else []


def table(columns: Mapping[str, str], rows: Iterable[Sequence[str | int]]) -> dg.TableMetadataValue:
    return dg.TableMetadataValue(
        [dg.TableRecord(dict(zip(columns, row, strict=True))) for row in rows],
        dg.TableSchema([dg.TableColumn(name, kind) for name, kind in columns.items()]),
    )


def _listed(told: Sequence[str], most: int) -> str | None:
    """The first of them, and how many more there are."""
    more = f"; và {len(told) - most} ô khác" if len(told) > most else ""
    return "; ".join(told[:most]) + more or None
