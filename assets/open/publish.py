"""From the hub's history to open data, one system at a time: set the instants, count, round, publish, write the files.

The order of the writing: what the hub keeps (instants, no figure), then the shared warehouse (one transaction a table), then
the files, each made from the one before. A crash anywhere leaves the former state whole, and the next run finds the rest to
do: figures follow from instants, again and again the same. No Dagster here.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from assets.open import nights
from assets.open.figures import figures, snapshot, total
from assets.open.instants import Instant
from assets.open.nights import Waiting
from assets.open.rounding import NOT_REPORTED, Figure, Rounding, Shown, bounds_hold
from assets.open.tables import TOTAL_NAME, categories_of, period_kind, places, rows_of, table_name, tables_of
from assets.refusals import OtherSecret
from resources.locks import only_one
from resources.publication import files
from resources.publication.content import OpenContent, Row
from resources.publication.shared_warehouse import Release, SharedWarehouse, is_embedded
from resources.warehouse import open_instants
from resources.warehouse.open_instants import Part
from schemas import calendar
from schemas.dataset import PROVINCE, Dataset, Source
from schemas.release import TOTAL, Decision, OpenTable, decisions
from schemas.rounding import money_step
from schemas.units import PROVINCE_NAME

RULE = "1"  # raise it when figures are made or rounded otherwise: every period is then made anew
VALUE, STATUS, MATURITY = -3, -2, -1  # of a released row


@dataclass(frozen=True)
class Published:
    """What became of one open table in a run."""

    dataset: Dataset
    table: OpenTable
    release: Release | None
    is_new: bool
    periods: tuple[str, ...]  # those made anew in this run
    standing: tuple[str, ...]  # all that the table holds
    rows: int
    statuses: dict[str, int]  # value_status -> cells, over all periods
    waiting: dict[str, Waiting] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()  # periods with a figure that the history cannot stand for

    @property
    def name(self) -> str:
        return table_name(self.dataset, self.table)


@dataclass(frozen=True)
class _Made:
    """A period of a table."""

    rows: list[Row]
    part: Part
    is_new: bool
    matches: bool = True


def publish(
    hub_engine: sa.Engine,
    shared_engine: sa.Engine,
    home: Path,
    source: Source | str,
    periods: Iterable[str] | None,
    now: dt.datetime,
    decision: Decision | str | None,
    secret: bytes,
    *,
    is_night: bool,
    kind: str | None = None,
) -> list[Published]:
    """Bring the open tables of a system to what their instants say; a night sets those that are due first.

    `periods`: whose instants the night may set; None: of all. `decision` is the number, or the decision, under which to
    publish; without one nothing is published. `kind` keeps to the tables whose periods are of it. Raises OtherSecret.
    """
    name = source if isinstance(source, str) else source.name
    granted = _granted(decision)
    tables = [(d, t) for d, t in tables_of(name) if kind is None or period_kind(d) == kind]
    if granted is None or not tables:
        return []
    rounding = Rounding(secret)
    with hub_engine.begin() as connection:
        if not open_instants.secret_check(connection, rounding.check):
            raise OtherSecret(source=name)
    shared = SharedWarehouse(shared_engine)
    shared.prepare()
    if is_embedded(shared_engine, home):
        shared.close_the_rest()
    datasets = list(dict.fromkeys(d for d, _ in tables))
    if is_night:
        nights.advance(hub_engine, datasets, None if periods is None else set(periods), now)
    declared = {table_name(d, t) for d, t in tables_of(name)}
    with only_one(hub_engine, f"open.{name}"):
        shared.withdraw(name, declared)
        files.withdraw(Path(home) / "open", name, declared)
        done = []
        for dataset in datasets:
            with snapshot(hub_engine) as connection:
                instants = nights.kept(connection, dataset)
                held = nights.waiting(connection, dataset, now)
            for table in (t for d, t in tables if d is dataset):
                done.append(_released(hub_engine, shared, home, dataset, table, instants, held, rounding, granted, now))
    with only_one(hub_engine, "open_releases"):
        files.write_releases(Path(home) / "open", shared.releases())
    return done


def _granted(decision: Decision | str | None) -> Decision | None:
    if decision is None or isinstance(decision, Decision):
        return decision
    if not decision.strip():
        return None
    listed = [d for d in decisions() if d.number == decision.strip()]
    return listed[0] if listed else Decision(decision.strip(), "", "", dt.date.min, None, False)


def _released(
    engine: sa.Engine,
    shared: SharedWarehouse,
    home: Path,
    dataset: Dataset,
    table: OpenTable,
    instants: Mapping[tuple[str, str], Instant],
    held: dict[str, Waiting],
    rounding: Rounding,
    decision: Decision,
    now: dt.datetime,
) -> Published:
    name = table_name(dataset, table)
    former = _by_period(shared.rows(dataset, table))
    with snapshot(engine) as connection:
        kept = open_instants.parts(connection, [name])
        made = {
            period: _period(connection, dataset, table, period, _of(instants, period), rounding, kept, former.get(period))
            for period in sorted({p for p, _ in instants})
        }
    with engine.begin() as connection:
        open_instants.keep_parts(connection, {(name, p): m.part for p, m in made.items() if m.is_new})
    rows = [r for m in made.values() for r in m.rows]
    release, is_new = None, False
    if rows or former:
        content = OpenContent.of(dataset, table, rows)
        changes = _changes(former, {p: m.rows for p, m in made.items()}, is_first_by_rule=not kept)
        release, is_new = shared.replace(content, decision.number, now, maturity_note(made_rows=rows), changes)
        # The decision of a standing release is the one it was published under.
        files.write(Path(home) / "open", content, release, decision if decision.number == release.decision else None)
    statuses: dict[str, int] = {}
    for row in rows:
        statuses[row[STATUS]] = statuses.get(row[STATUS], 0) + 1
    return Published(
        dataset=dataset,
        table=table,
        release=release,
        is_new=is_new,
        periods=tuple(p for p, m in made.items() if m.is_new),
        standing=tuple(made),
        rows=len(rows),
        statuses=statuses,
        waiting=held,
        unmatched=tuple(p for p, m in made.items() if not m.matches),
    )


def _of(instants: Mapping[tuple[str, str], Instant], period: str) -> dict[str, Instant]:
    return {unit: instant for (p, unit), instant in instants.items() if p == period}


def _by_period(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _period(
    connection: sa.Connection,
    dataset: Dataset,
    table: OpenTable,
    period: str,
    instants: dict[str, Instant],
    rounding: Rounding,
    kept: Mapping[tuple[str, str], Part],
    former: list[Row] | None,
) -> _Made:
    """A period as it stands, where it stands as it was made; else made from the history."""
    made_from = _made_from(dataset, table, period, instants, rounding)
    standing = kept.get((table_name(dataset, table), period))
    if former is not None and standing == Part(made_from, _hash(dataset, table, former)):
        return _Made(former, standing, is_new=False)
    as_of = {unit: instant.as_of for unit, instant in instants.items()}
    shown = shown_cells(dataset, table, period, instants, figures(connection, dataset, table, period, as_of), rounding)
    rows = _rows(dataset, table, period, instants, shown)
    step = money_step(calendar.span(period)[1])
    totals = total(connection, dataset, table, period, as_of)
    matches = all(bounds_hold(table, totals[unit], shown[unit, TOTAL], step) for unit in totals)
    return _Made(rows, Part(made_from, _hash(dataset, table, rows)), is_new=True, matches=matches)


def shown_cells(
    dataset: Dataset,
    table: OpenTable,
    period: str,
    instants: Collection[str],
    true: Mapping[tuple[str, str], Figure],
    rounding: Rounding,
) -> dict[tuple[str, str], Shown]:
    """Every cell of a table and period as it is released. `instants`: the units that are reported."""
    units = [u.code for u in rows_of(dataset, period)]
    silent = {u for u in units if u not in instants}
    silent |= {PROVINCE} if silent else set()
    step = money_step(calendar.span(period)[1])
    return {
        place: NOT_REPORTED if place[0] in silent else rounding.shown(dataset, table, place, true.get(place, Figure()), step)
        for place in places(units, categories_of(dataset, table, period))
    }


def _rows(
    dataset: Dataset, table: OpenTable, period: str, instants: Mapping[str, Instant], shown: Mapping[tuple[str, str], Shown]
) -> list[Row]:
    names = {PROVINCE: PROVINCE_NAME} | {u.code: u.name for u in rows_of(dataset, period)}
    labels = {TOTAL: TOTAL_NAME} | categories_of(dataset, table, period)
    maturities = {unit: instants[unit].maturity if unit in instants else "provisional" for unit in names if unit != PROVINCE}
    found = set(maturities.values())
    whole = next((m for m in ("provisional", "corrected") if m in found), "final")
    return [
        (
            period,
            unit,
            names[unit],
            *((category, labels[category]) if table.by else ()),
            cell.value,
            cell.status,
            maturities.get(unit, whole),
        )
        for (unit, category), cell in shown.items()
    ]


def _made_from(dataset: Dataset, table: OpenTable, period: str, instants: Mapping[str, Instant], rounding: Rounding) -> str:
    """A hash of everything that a period's rows follow from, but for the history, which an instant fixes."""
    facts = [
        RULE,
        rounding.check,
        repr(table),
        money_step(calendar.span(period)[1]),
        [(u.code, u.name) for u in rows_of(dataset, period)],
        list(categories_of(dataset, table, period).items()),
        sorted((unit, i.as_of.isoformat(), i.maturity) for unit, i in instants.items()),
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def _hash(dataset: Dataset, table: OpenTable, rows: Iterable[Row]) -> str:
    return OpenContent.of(dataset, table, rows).sha256


def _changes(former: dict[str, list[Row]], rows: dict[str, list[Row]], *, is_first_by_rule: bool) -> str:
    """What a reader of the release before will find otherwise, in words: of what is shown alone."""
    if not former:
        return "Lần công bố đầu tiên"
    if is_first_by_rule:
        return "Mọi kỳ được làm lại theo quy tắc làm tròn; số của các bản trước không còn dùng"
    parts = [
        ("Kỳ mới", [p for p in rows if p not in former]),
        ("Kỳ bỏ", [p for p in former if p not in rows]),
        ("Kỳ sửa", [f"{p} ({n} giá trị)" for p in rows if p in former and (n := len(set(rows[p]) - set(former[p])))]),
    ]
    return ". ".join(f"{what}: {', '.join(found)}" for what, found in parts if found) or "Chỉ đổi phần mô tả"


def maturity_note(made_rows: Sequence[Row]) -> str:
    """Which periods are not final and why, in words: by what is shown."""
    notes, final = [], 0
    for period, rows in sorted(_by_period(made_rows).items()):
        missing = list(dict.fromkeys(r[2] for r in rows if r[STATUS] == "not_reported" and r[1] != PROVINCE))
        if missing:
            shown = ", ".join(missing[:5]) + (f" và {len(missing) - 5} đơn vị khác" if len(missing) > 5 else "")
            notes.append(f"{period}: chưa có số của {shown}")
        elif any(r[MATURITY] == "corrected" for r in rows):
            notes.append(f"{period}: đã đính chính")
        else:
            final += 1
    if final:
        notes.append(f"{final} kỳ chính thức")
    return ". ".join(notes)
