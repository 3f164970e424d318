"""From core to open data, one system at a time: compute, hide, attack, remember, publish, write the files. No Dagster here.

Order of the writing: what the hub remembers, then the shared warehouse (one transaction a table), then the files, each
made from the one before. A crash anywhere leaves the former state whole, and the next run finds the rest to do.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa

from assets.attacker import Violation, attack
from assets.open.figures import (
    Figure,
    OpenFrame,
    ReportingUnit,
    compute,
    period_kind,
    persons_moved,
    releasable,
    table_name,
    tables_of,
)
from assets.release_pattern import Edition, decide, groups
from resources import open_memory
from resources.clock import ZONE
from resources.failures import Permanent
from resources.locks import only_one
from resources.open_memory import Remembered
from resources.publication import files
from resources.publication.content import OpenContent, Row
from resources.publication.shared_warehouse import Release, SharedWarehouse, is_embedded
from schemas import calendar
from schemas.dataset import Dataset, Source
from schemas.release import Decision, OpenTable, Share, Sum, decisions

PATTERN = "2"  # raise it when the way of hiding changes: every period is then decided anew


@dataclass(frozen=True)
class Published:
    """What became of one open table in a run."""

    dataset: Dataset
    table: OpenTable
    release: Release | None
    is_new: bool
    periods: tuple[str, ...]  # those decided anew in this run
    standing: tuple[str, ...]  # all that the table holds
    rows: int
    cells: int  # cells with a figure, and how many of them stand hidden, over all periods that the hub remembers
    hidden: int
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)  # period: the units that keep their former figures
    unmatched: tuple[str, ...] = ()  # periods whose total is not core's

    @property
    def name(self) -> str:
        return table_name(self.dataset, self.table)


class Reveals(Permanent):
    """The attack found a way to a hidden cell: nothing of that system was published."""

    attempted = "Công bố số liệu mở của {source}"
    found = "{count} ô bị ẩn có thể suy ra được, ô đầu: {first}"
    remedy = "Chưa có gì được công bố, bản trước vẫn nguyên; báo người phát triển kèm tên bảng và kỳ"
    means = "Chương trình tự tấn công bảng sắp công bố và tìm được đường suy ra một số nhỏ. Vì vậy không công bố."
    steps = (
        "Không công bố bằng cách khác. Gửi tên bảng và kỳ (không kèm số) cho người phát triển.",
        "Bản công bố trước vẫn dùng được; dữ liệu trung tâm và báo cáo không bị ảnh hưởng.",
    )

    def __init__(self, source: str, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__(source=source, count=len(violations), first=violations[0])


def publish(
    hub_engine: sa.Engine,
    shared_engine: sa.Engine,
    home: Path,
    source: Source | str,
    periods: Iterable[str] | None,
    clock_now: dt.datetime,
    decision: Decision | str | None,
    kind: str | None = None,
) -> list[Published]:
    """Bring the open tables of a system to what core says. `periods` None: every period of which figures may be made.

    `decision` is the number, or the decision, under which to publish; without one nothing is published. `kind` keeps to
    the tables whose periods are of it: tables of two kinds share no figure.
    """
    name = source if isinstance(source, str) else source.name
    granted = _granted(decision)
    tables = [(d, t) for d, t in tables_of(name) if kind is None or period_kind(d) == kind]
    if granted is None or not tables:
        return []
    today = clock_now.astimezone(ZONE).date()
    shared = SharedWarehouse(shared_engine)
    shared.prepare()
    if is_embedded(shared_engine, home):
        shared.close_the_rest()
    declared = {table_name(d, t) for d, t in tables_of(name)}
    with only_one(hub_engine, f"open.{name}"):
        shared.withdraw(name, declared)
        files.withdraw(Path(home) / "open", name, declared)
        frames, changed, unmatched = _decided(hub_engine, shared, name, tables, periods, clock_now, today)
        return [
            _released(shared, home, dataset, table, frames, changed, unmatched, granted, clock_now) for dataset, table in tables
        ]


def _granted(decision: Decision | str | None) -> Decision | None:
    if decision is None or isinstance(decision, Decision):
        return decision
    if not decision.strip():
        return None
    listed = [d for d in decisions() if d.number == decision.strip()]
    return listed[0] if listed else Decision(decision.strip(), "", "", dt.date.min, None, False)


def _decided(
    engine: sa.Engine,
    shared: SharedWarehouse,
    source: str,
    tables: Sequence[tuple[Dataset, OpenTable]],
    wanted: Iterable[str] | None,
    now: dt.datetime,
    today: dt.date,
) -> tuple[dict[tuple[str, str], OpenFrame], set[tuple[str, str]], set[tuple[str, str]]]:
    """The frames of all periods remembered after this run, those decided in it, and those whose totals are not core's."""
    names = {table_name(d, t): (d, t) for d, t in tables}
    with engine.connect() as connection:
        memory = open_memory.editions(connection, names)
        marks = open_memory.watermarks(connection, source)
    asked = None if wanted is None else set(wanted)
    stale: set[str] = set()
    for dataset, table in tables:
        for period in releasable(dataset, today):
            kept = memory.get((table_name(dataset, table), period))
            # After a late cell of a register its period, `now`, is asked for: the month of the clock shows it.
            named = asked is None or period in asked or (dataset.kind == "register" and calendar.REGISTER in asked)
            if named and (not kept or kept[-1].watermark != _mark(marks, dataset, table, period)):
                stale.add(period)
    changed: set[tuple[str, str]] = set()
    unmatched: set[tuple[str, str]] = set()
    released = {name: shared.rows(d, t) for name, (d, t) in names.items()} if stale else {}
    for period in sorted(stale):
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            frames = [f for f in compute(connection, source, period, today) if f.name in names]
            frames = [_dated(connection, f, memory, now) for f in frames]
            totals = {f.name: core_total(connection, f) for f in frames}
        for group in groups(frames):
            if not any(_is_stale(memory, marks, f) for f in group):
                continue
            decided, number = _edition(released, group, memory)
            unmatched |= {(f.name, period) for f in decided if not f.held_units and totals[f.name] != _total(f)}
            violations = attack(decided)
            if violations:
                raise Reveals(source, violations)
            found = [Remembered(f.name, period, number, _mark(marks, f.dataset, f.table, period), facts(f)) for f in decided]
            with engine.begin() as connection:
                open_memory.remember(connection, found, now)
            for r in found:
                editions = memory.setdefault((r.dataset, r.period), [])
                editions[:] = [*(e for e in editions if e.edition != r.edition), r]
            changed |= {(f.name, period) for f in decided}
    latest = {key: frame_of(*names[key[0]], key[1], editions[-1].facts) for key, editions in memory.items() if editions}
    return latest, changed, unmatched


def _is_stale(memory: dict[tuple[str, str], list[Remembered]], marks: dict[tuple[str, str], str], frame: OpenFrame) -> bool:
    kept = memory.get((frame.name, frame.period))
    return not kept or kept[-1].watermark != _mark(marks, frame.dataset, frame.table, frame.period)


def _dated(
    connection: sa.Connection, frame: OpenFrame, memory: dict[tuple[str, str], list[Remembered]], now: dt.datetime
) -> OpenFrame:
    """The frame with the instant of its reading and, of money, how many rows moved since each unit's former one."""
    kept = memory.get((frame.name, frame.period))
    moved = {}
    if kept and isinstance(frame.table.measure, Sum):
        moved = persons_moved(connection, frame, {u: t for u, t in kept[-1].facts["as_of"].items() if t})
    return replace(frame, as_of={u.code: now.isoformat() for u in frame.units if u.is_reported}, moved=moved)


def _edition(
    released: dict[str, list[Row]], group: list[OpenFrame], memory: dict[tuple[str, str], list[Remembered]]
) -> tuple[list[OpenFrame], int]:
    """The group decided against its former editions, and the edition's number: the last one's when nothing changed."""
    by_number: dict[int, list[OpenFrame]] = defaultdict(list)
    for frame in group:
        for r in memory.get((frame.name, frame.period), ()):
            by_number[r.edition].append(frame_of(frame.dataset, frame.table, frame.period, r.facts))
    earlier: list[Edition] = [by_number[n] for n in sorted(by_number)]
    last = max(by_number, default=0)
    lost = _unremembered(released, group, earlier)
    decided = decide(group, [*earlier, lost] if lost else earlier)
    former = {f.name: f for f in by_number.get(last, ())}
    same = all(f.name in former and _said(former[f.name]) == _said(f) for f in decided)
    return decided, max(last if same else last + 1, 1)


def _unremembered(released: dict[str, list[Row]], group: list[OpenFrame], earlier: list[Edition]) -> list[OpenFrame]:
    """What the shared warehouse shows of the period that the hub has no memory of: it was brought back from a backup.

    A hidden value is not there to read: it is taken to be what it is now, the worst case.
    """
    found = []
    for frame in group:
        if isinstance(frame.table.measure, Share):
            continue
        shown = [r for r in released[frame.name] if r[0] == frame.period]
        remembered = [{r[:-1] for r in f.rows()} for edition in earlier for f in edition if f.name == frame.name]
        if not shown or {r[:-1] for r in shown} in remembered:
            continue
        found.append(_from_rows(frame, shown))
    return found


def _from_rows(frame: OpenFrame, shown: list[Row]) -> OpenFrame:
    figures, hidden, reported = {}, set(), {}
    for row in shown:
        place = (row[1], row[3] if frame.table.by else "total")
        value, status = row[-3], row[-2]
        now = frame.figure(place)
        figures[place] = replace(now, value=int(value)) if value is not None else now
        if status == "suppressed":
            hidden.add(place)
        reported[row[1]] = status != "not_reported"
    units = tuple(replace(u, is_reported=reported.get(u.code, False)) for u in frame.units)
    return replace(frame, units=units, figures=figures, hidden=frozenset(hidden))


def _mark(marks: dict[tuple[str, str], str], dataset: Dataset, table: OpenTable, period: str) -> str:
    """What a table's figures of a period follow from: its cells, its declaration, the way of hiding."""
    stored = calendar.REGISTER if dataset.kind == "register" else period
    return f"{PATTERN}|{marks.get((dataset.name, stored), '')}|{table!r}"


def core_total(connection: sa.Connection, frame: OpenFrame) -> int:
    """The total of a frame asked of core by a query of its own, for the check `matches_core_totals`."""
    dataset, measure = frame.dataset, frame.table.measure
    fields = [f for _, f in measure.parts] if isinstance(measure, Share) else list(measure.fields)
    what = " + ".join(f"coalesce(sum({f}), 0)" for f in fields) or "count(*)"
    where = f" and ({frame.table.where})" if frame.table.where else ""
    stored = calendar.REGISTER if dataset.kind == "register" else frame.period
    return int(
        connection.execute(
            sa.text(f"select {what} from core.{dataset.table} where period = :period{where}"),
            {"period": stored, "first_day": calendar.span(frame.period)[0]},
        ).scalar_one()
    )


def _total(frame: OpenFrame) -> int:
    """The sum of the units of a frame, over all its categories."""
    inner = [c for c, _ in frame.categories] or ["total"]
    return sum(frame.figure((u.code, c)).value for u in frame.units for c in inner)


def _released(
    shared: SharedWarehouse,
    home: Path,
    dataset: Dataset,
    table: OpenTable,
    frames: dict[tuple[str, str], OpenFrame],
    changed: set[tuple[str, str]],
    unmatched: set[tuple[str, str]],
    decision: Decision,
    now: dt.datetime,
) -> Published:
    name = table_name(dataset, table)
    mine = {period: f for (n, period), f in frames.items() if n == name}
    # A period that the hub says nothing of keeps its former rows.
    rows = [r for r in shared.rows(dataset, table) if r[0] not in mine]
    rows += [r for f in mine.values() for r in f.rows()]
    release, is_new = None, False
    if rows:
        content = OpenContent.of(dataset, table, rows)
        release, is_new = shared.replace(content, decision.number, now, maturity_note(mine.values()))
        # The decision of a standing release is the one it was published under.
        files.write(Path(home) / "open", content, release, decision if decision.number == release.decision else None)
    figured = [(f, p) for f in mine.values() for p in f.places() if f.figure(p).value > 0 and f.is_reported(p[0])]
    return Published(
        dataset=dataset,
        table=table,
        release=release,
        is_new=is_new,
        periods=tuple(sorted(p for n, p in changed if n == name)),
        standing=tuple(sorted({r[0] for r in rows})),
        rows=len(rows),
        cells=len(figured),
        hidden=sum(f.status(p) == "suppressed" for f, p in figured),
        held={p: tuple(sorted(f.held_units)) for p, f in sorted(mine.items()) if f.held_units},
        unmatched=tuple(sorted(p for n, p in unmatched if n == name)),
    )


def maturity_note(frames: Iterable[OpenFrame]) -> str:
    """Which periods are not final and why, in words."""
    notes, final = [], 0
    for f in sorted(frames, key=lambda f: f.period):
        parts = []
        missing = [u.name for u in f.units if not u.is_reported]
        if missing:
            shown = ", ".join(missing[:5]) + (f" và {len(missing) - 5} đơn vị khác" if len(missing) > 5 else "")
            parts.append(f"chưa có số của {shown}")
        elif f.maturity("40") != "final":
            parts.append("tạm thời" if f.maturity("40") == "provisional" else "đã đính chính")
        if f.held_units:
            parts.append("một số đơn vị giữ số của bản trước vì thay đổi quá nhỏ để công bố")
        if parts:
            notes.append(f"{f.period}: {'; '.join(parts)}")
        else:
            final += 1
    if final:
        notes.append(f"{final} kỳ chính thức")
    return ". ".join(notes)


def facts(frame: OpenFrame) -> dict:
    """A frame as plain data, for the hub's memory."""
    return {
        "units": [[u.code, u.name, u.is_reported, u.maturity] for u in frame.units],
        "categories": [list(c) for c in frame.categories],
        "figures": [[u, c, f.value, f.persons, f.whole] for (u, c), f in sorted(frame.figures.items())],
        "low": frame.low,
        "high": frame.high,
        "hidden": sorted(list(p) for p in frame.hidden),
        "as_of": frame.as_of,
        "held": sorted(frame.held_units),
    }


def _said(frame: OpenFrame) -> dict:
    """What an edition says; when it was read and what it holds back make no new one."""
    return {k: v for k, v in facts(frame).items() if k not in ("held", "as_of")}


def frame_of(dataset: Dataset, table: OpenTable, period: str, kept: dict) -> OpenFrame:
    return OpenFrame(
        dataset,
        table,
        period,
        tuple(ReportingUnit(*u) for u in kept["units"]),
        tuple((code, label) for code, label in kept["categories"]),
        {(u, c): Figure(value, persons, whole) for u, c, value, persons, whole in kept["figures"]},
        kept["low"],
        kept["high"],
        frozenset((u, c) for u, c in kept["hidden"]),
        as_of=kept["as_of"],
        held_units=frozenset(kept["held"]),
    )
