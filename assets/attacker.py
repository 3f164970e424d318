"""The attack on released tables: what someone who holds all of them can work out about each hidden cell.

Written apart from assets/disclosure.py and sharing none of its code, so that a fault there is found here: it reads what
is shown, writes down every sum that the reader knows, and asks a linear program for the least and the greatest value of
each hidden cell. It runs before each release and as the check `no_cell_reveals_a_person`, and in the tests on tables of
every kind. A violation names the cell, never its range.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from assets.open.figures import OpenFrame, Place
from assets.solver import silent_solver
from schemas.dataset import PROVINCE
from schemas.release import TOTAL, Count, Share, Sum

LEAST, GREATEST, WIDTH = 1, 5, 4
SLACK = 1e-5


@dataclass(frozen=True)
class Violation:
    """A hidden cell of which the released tables say too much."""

    table: str
    period: str
    unit: str
    category: str
    reason: str

    def __str__(self) -> str:
        return f"{self.table} {self.period}, đơn vị {self.unit}, nhóm {self.category}: {self.reason}"


def attack(frames: Sequence[OpenFrame]) -> list[Violation]:
    """Every hidden cell of the frames of one period, against all of them together."""
    knowledge = _Knowledge()
    for frame in frames:
        knowledge.learn(frame, edition=None)
    knowledge.link(frames)
    program = knowledge.program()
    found = []
    for frame in frames:
        for place in frame.places():
            if frame.status(place) != "suppressed" or place not in frame.hidden:
                continue
            key = knowledge.key(frame, place, None)
            least, greatest = program.range(key)
            why = _too_narrow(frame, place, least, greatest)
            if why:
                found.append(Violation(frame.name, frame.period, *place, why))
    return found


def attack_editions(editions: Sequence[Sequence[OpenFrame]]) -> list[Violation]:
    """The small counts of every edition, against all editions together, when the reader guesses what has not changed.

    A difference of totals says how much a cell rose; that its least is above 1 is then no secret of a person. What must
    not happen: a count of 1 to 4 that can no longer be 5, or whose range is narrower than 4.
    """
    knowledge = _Knowledge()
    for n, edition in enumerate(editions):
        for frame in edition:
            knowledge.learn(frame, edition=n)
    program = knowledge.program()
    found: dict[Hashable, Violation] = {}
    for n, edition in enumerate(editions):
        for frame in edition:
            if isinstance(frame.table.measure, Sum):
                continue
            for place in frame.hidden:
                key = knowledge.key(frame, place, n)
                if not frame.is_small(place) or key in found or frame.status(place) != "suppressed":
                    continue
                least, greatest = program.range(key)
                if math.floor(greatest + SLACK) < _greatest(frame) or _width(least, greatest) < WIDTH:
                    found[key] = Violation(frame.name, frame.period, *place, "các bản công bố của kỳ trừ nhau thì lộ")
    return list(found.values())


def _greatest(frame: OpenFrame) -> int:
    return frame.table.measure.least if isinstance(frame.table.measure, Count) else GREATEST


def _width(least: float, greatest: float) -> int:
    return math.floor(greatest + SLACK) - math.ceil(least - SLACK)


def _too_narrow(frame: OpenFrame, place: Place, least: float, greatest: float) -> str | None:
    if isinstance(frame.table.measure, Sum):
        value = frame.figure(place).value
        if least > 0.01 * value + 1 or greatest < 1.19 * value:
            return "số tiền bị ẩn tính ra được gần đúng từ các số đã công bố"
        return None
    if math.ceil(least - SLACK) > LEAST:
        return "giá trị nhỏ nhất có thể lớn hơn 1"
    if math.floor(greatest + SLACK) < _greatest(frame):
        return f"giá trị lớn nhất có thể nhỏ hơn {_greatest(frame)}"
    if _width(least, greatest) < WIDTH:
        return "khoảng giá trị có thể hẹp hơn 4"
    return None


class _Knowledge:
    """All that the reader knows: the values shown, and which cells add up to which."""

    def __init__(self) -> None:
        self.values: dict[Hashable, float] = {}  # shown, by any table or edition
        self.cells: dict[Hashable, None] = {}
        self.equations: dict[tuple[Hashable, ...], None] = {}  # first = sum of the others
        self.bounds: list[tuple[Hashable, Hashable, float, float]] = []  # low * count <= money <= high * count
        self.truth: dict[Hashable, float] = {}

    def key(self, frame: OpenFrame, place: Place, edition: int | None) -> Hashable:
        """Over editions a cell that kept its value is one unknown; one that changed is another."""
        if edition is None:
            return frame.identity(place)
        if not frame.is_reported(place[0]):
            return (frame.identity(place), "edition", edition)
        return (frame.identity(place), frame.figure(place).value)

    def learn(self, frame: OpenFrame, edition: int | None) -> None:
        share = isinstance(frame.table.measure, Share)
        column = 5 if frame.table.by else 3
        released = {}
        for row in frame.rows():
            place = (row[1], row[3] if frame.table.by else TOTAL)
            released[place] = (row[column], row[column + 1])
        for place, (value, status) in released.items():
            key = self.key(frame, place, edition)
            self.cells[key] = None
            self.truth[key] = float(frame.figure(place).value)
            # A rate and a known base give the part; a rate over too small a base has its count in another table.
            if status == "published" or (share and status == "suppressed" and place not in frame.hidden):
                self.values[key] = float(frame.figure(place).value) if share else float(value)
        parts = [u for u in frame.unit_codes if u != PROVINCE]
        for category in frame.category_codes:
            self._adds_up(frame, edition, (PROVINCE, category), [(u, category) for u in parts])
        inner = [c for c in frame.category_codes if c != TOTAL]
        if inner:
            for unit in frame.unit_codes:
                self._adds_up(frame, edition, (unit, TOTAL), [(unit, c) for c in inner])

    def _adds_up(self, frame: OpenFrame, edition: int | None, whole: Place, parts: list[Place]) -> None:
        self.equations[tuple(self.key(frame, p, edition) for p in (whole, *parts))] = None

    def link(self, frames: Sequence[OpenFrame]) -> None:
        """The law gives the amounts: money over a count lies between that many smallest and that many largest payments."""
        for money in frames:
            for count in frames:
                if (
                    isinstance(money.table.measure, Sum)
                    and isinstance(count.table.measure, Count)
                    and count.table.measure.of is None
                    and (count.dataset.id, count.table.where) == (money.dataset.id, money.table.where)
                    and money.table.by in (None, count.table.by)
                    and not money.held_units - count.held_units  # money of an earlier moment says nothing of this count
                ):
                    for place in money.places():
                        self.bounds.append((count.identity(place), money.identity(place), money.low, money.high))

    def program(self) -> "_Program":
        return _Program(self)


class _Program:
    """Least and greatest of each unknown."""

    def __init__(self, known: _Knowledge) -> None:
        self.known = known
        self.unknown = [k for k in known.cells if k not in known.values]
        self.at = {k: n for n, k in enumerate(self.unknown)}
        # Amounts are brought to the size of counts, or the program's tolerances would be a person wide.
        self.scale = {k: 1e6 if k[0][0] == "money" or k[0] == "money" else 1.0 for k in known.cells}  # ty: ignore[not-subscriptable]
        limit = {1.0: 100.0, 1e6: 100.0}  # far above anything possible, so that no range is endless
        for k, value in known.truth.items():
            limit[self.scale[k]] += 10.0 * value / self.scale[k]
        self.solver = silent_solver()
        for k in self.unknown:
            self.solver.addVar(0.0, limit[self.scale[k]])
        for equation in known.equations:
            self._row([(k, 1.0 if n else -1.0) for n, k in enumerate(equation)], equal=True)
        for count, money, low, high in known.bounds:
            self._row([(count, low), (money, -1.0)], equal=False)
            self._row([(count, -high), (money, 1.0)], equal=False)

    def _row(self, terms: list[tuple[Hashable, float]], equal: bool) -> None:
        size = max(self.scale[k] for k, _ in terms)
        inside: dict[int, float] = {}
        fixed = 0.0
        for k, a in terms:
            if k in self.at:
                inside[self.at[k]] = inside.get(self.at[k], 0.0) + a * self.scale[k] / size
            else:
                fixed += a * self.known.values[k] / size
        inside = {n: a for n, a in inside.items() if a}
        if inside:
            index = np.array(list(inside), dtype=np.int32)
            low = -fixed if equal else -highspy.kHighsInf
            self.solver.addRow(low, -fixed, len(index), index, np.array(list(inside.values()), dtype=np.float64))

    def range(self, key: Hashable) -> tuple[float, float]:
        """The least and the greatest value that everything shown allows."""
        if key in self.known.values:
            value = self.known.values[key]
            return value, value
        column = self.at[key]
        ends = []
        for sign in (1.0, -1.0):
            self.solver.changeColCost(column, sign)
            self.solver.run()
            if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                raise RuntimeError(f"the attacker's program ended {self.solver.getModelStatus().name}: the sums do not add up")
            ends.append(self.solver.getSolution().col_value[column] * self.scale[key])
        self.solver.changeColCost(column, 0.0)
        return ends[0], ends[1]
