"""Which cells of the released tables must stay hidden, so that no total gives a small count away.

Pure: numbers in, a pattern out. What a table is lies in schemas/release.py, how its figures are computed in
assets/open/figures.py, and the attack that tries to undo this file, written apart from it, in assets/attacker.py.

The reading that is kept (k = 5): every hidden cell, seen by someone who holds all released tables and knows that counts
are not negative, may be as small as 1, as large as 5, and ranges over at least 4. That binds the cells hidden for the
sake of others too: otherwise their range would tell which of two hidden cells is the small one. Zeros are published.

How: the cells of all tables that share a total form one additive system. A binary variable says whether a cell is
hidden; the cheapest pattern is found, an attacker's linear program tries to narrow each hidden cell, and where it
succeeds the dual of that program is the sentence that the next pattern must obey (Fischetti and Salazar 2001).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import highspy
import numpy as np

from assets.additive import Cell, Key, System, components
from assets.solver import silent_solver

TOLERANCE = 1e-6
ROUNDS = 60
WHOLE_ROUNDS = 4
NODES = 10


class Unprotectable(Exception):
    """No pattern hides what must be hidden. The message names no value."""


def protect(system: System, stay_hidden: Iterable[Key] = ()) -> frozenset[Key]:
    """The cells to hide. `stay_hidden` are hidden whatever the cost. Deterministic: the same system, the same pattern."""
    kept = frozenset(stay_hidden)
    hidden: set[Key] = set()
    for part in components(system):
        hidden |= _Pattern(part, kept).solve()
    return frozenset(hidden)


def _mask_of(key: Key, cell: Cell) -> Key:
    return ("own", key) if cell.mask is None else ("mask", cell.mask)


class _Pattern:
    """The search for the cheapest pattern of one component."""

    def __init__(self, system: System, stay_hidden: frozenset[Key]) -> None:
        self.system = system
        self.keys = list(system.cells)
        self.at = {k: i for i, k in enumerate(self.keys)}
        self.cells = [system.cells[k] for k in self.keys]
        masks: dict[Key, int] = {}
        self.mask = [masks.setdefault(_mask_of(k, c), len(masks)) for k, c in system.cells.items()]
        self.masks = len(masks)
        self.lower, self.upper, self.cost = np.zeros(self.masks), np.ones(self.masks), np.zeros(self.masks)
        must = {self.mask[i] for i, (k, c) in enumerate(zip(self.keys, self.cells, strict=True)) if c.small or k in stay_hidden}
        for i, c in enumerate(self.cells):
            m = self.mask[i]
            self.cost[m] = max(self.cost[m], c.cost)
            if m in must:
                self.lower[m] = 1
            elif c.known or c.value == 0:
                self.upper[m] = 0
        # A cell that an earlier edition showed, or a zero, gives no cover even where its mask is hidden.
        self.cover = [not c.known and c.value > 0 and self.upper[self.mask[i]] > 0 for i, c in enumerate(self.cells)]
        self.follows = {
            self.mask[self.at[x.count]]: self.mask[self.at[x.money]]
            for x in system.links
            if self.upper[self.mask[self.at[x.money]]] > 0
        }
        for count, money in self.follows.items():
            self.lower[money] = max(self.lower[money], self.lower[count])
        self.rows = [[(self.at[whole], -1.0), *((self.at[p], 1.0) for p in parts)] for whole, parts in system.sums]

    def solve(self) -> set[Key]:
        if not self.lower.any():
            return set()
        first = self._cheapest_under(whole=False)
        pattern = self._closed(first)
        if not np.array_equal(pattern, first):
            # Widening cost something: perhaps less when the search knows beforehand that every hidden cell must be free.
            other = self._closed(self._cheapest_under(whole=True))
            pattern = min(pattern, other, key=lambda p: float(self.cost @ p))
        return {k for i, k in enumerate(self.keys) if pattern[self.mask[i]] and self.cells[i].value > 0}

    def covered(self, pattern: np.ndarray) -> list[int]:
        return [i for i in range(len(self.cells)) if pattern[self.mask[i]] and self.cover[i]]

    def _cheapest_under(self, whole: bool) -> np.ndarray:
        """The cheapest pattern under which the small counts are free; `whole`: all hidden cells, as far as a few rounds go."""
        master = self._master(whole)
        pattern = self._cheapest(master)
        for _ in range(WHOLE_ROUNDS if whole else ROUNDS):
            cuts = _Attack(self, self.covered(pattern)).cuts(whole)
            if not cuts:
                break
            for coefficients, need, target in cuts:
                self._add(master, coefficients, need, target)
            pattern = self._cheapest(master)
        return pattern

    def _closed(self, pattern: np.ndarray) -> np.ndarray:
        """The pattern, widened until every hidden cell is free, those hidden for the sake of others too.

        A pattern only grows here, so a table that the attacker must hold possible stays possible: it is found once.
        """
        pattern = pattern.copy()
        roads = _Roads(self)
        low, high = roads.truth.copy(), roads.truth.copy()
        queue = self.covered(pattern)
        while queue:
            queue.sort(key=lambda i: (-self.cells[i].value, i))
            i = queue.pop()
            cell = self.cells[i]
            for direction, need in ((1.0, cell.up), (-1.0, cell.down)):
                reached = high[i] >= cell.reach - TOLERANCE if direction > 0 else low[i] <= cell.floor + TOLERANCE
                if not need or reached:
                    continue
                table = roads.move(i, direction * need, pattern)
                np.minimum(low, table, out=low)
                np.maximum(high, table, out=high)
                moved = {self.mask[j] for j in np.flatnonzero(np.abs(table - roads.truth) > TOLERANCE)}
                new = [m for m in sorted(moved | {self.follows[m] for m in moved & self.follows.keys()}) if not pattern[m]]
                if new:
                    pattern[new] = True
                    queue += [j for j in range(len(self.cells)) if self.mask[j] in new and self.cover[j]]
        return pattern

    def _master(self, whole: bool) -> highspy.Highs:
        master = silent_solver()
        # A pattern five per cent from the cheapest is good enough; the bound on nodes keeps the time even (no clock: the
        # same tables must give the same pattern on any machine).
        master.setOptionValue("mip_rel_gap", 0.05)
        for m in range(self.masks):
            master.addVar(self.lower[m], self.upper[m])
            master.changeColCost(m, self.cost[m])
            master.changeColIntegrality(m, highspy.HighsVarType.kInteger)
        for row in self.rows:
            self._cover_of_a_sum(master, row, whole)
        for count, money in self.follows.items():
            master.addRow(0.0, highspy.kHighsInf, 2, np.array([count, money], dtype=np.int32), np.array([-1.0, 1.0]))
        return master

    def _cover_of_a_sum(self, master: highspy.Highs, row: list[tuple[int, float]], whole: bool) -> None:
        """What one sum alone demands: a hidden cell can rise or fall only as far as the other hidden cells of it let it."""
        active = [(i, sign) for i, sign in row if self.cover[i]]
        for i, sign in active:
            cell = self.cells[i]
            for need, direction in ((cell.up, 1.0), (cell.down, -1.0)):
                if not (whole or cell.small):
                    need = min(need, 1.0)
                if not need:
                    continue
                coefficients: dict[int, float] = defaultdict(float)
                for j, other in active:
                    if j == i:
                        continue
                    # When i moves by `direction`, j must move by -direction * sign * other; a fall stops at zero.
                    falls = direction * sign * other > 0
                    coefficients[self.mask[j]] += min(self.cells[j].value, need) if falls else need
                self._add(master, coefficients, need, self.mask[i])

    def _add(self, master: highspy.Highs, coefficients: Mapping[int, float], need: float, target: int) -> None:
        """sum of coefficient * hidden >= need * (target is hidden)."""
        clipped = {m: min(c, need) for m, c in coefficients.items() if c > TOLERANCE and self.upper[m] > 0}
        if clipped.get(target, 0.0) >= need:
            return
        if self.lower[target]:
            bound = float(need) - clipped.pop(target, 0.0)
        else:
            bound = 0.0
            clipped[target] = clipped.get(target, 0.0) - need
        index = np.array(sorted(clipped), dtype=np.int32)
        master.addRow(bound, highspy.kHighsInf, len(index), index, np.array([clipped[m] for m in index], dtype=np.float64))

    def _cheapest(self, master: highspy.Highs) -> np.ndarray:
        for nodes in (NODES, 100 * NODES, 10_000 * NODES):
            master.setOptionValue("mip_max_nodes", nodes)
            master.run()
            status, solution = master.getModelStatus(), master.getSolution()
            if status == highspy.HighsModelStatus.kInfeasible:
                raise Unprotectable("no pattern hides all small counts")
            if solution.value_valid:
                return np.array(solution.col_value) > 0.5
        # Not Unprotectable: that would keep former figures without a word of the solver's fault.
        raise RuntimeError(f"the search for a pattern ended {status.name} without one")


def _optimal(solver: highspy.Highs) -> bool:
    """Run; once more from nothing where the warm start led the solver astray. False: it has no solution."""
    for _ in range(2):
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return True
        solver.clearSolver()
    if status != highspy.HighsModelStatus.kInfeasible:
        raise RuntimeError(f"a linear program ended {status.name}")
    return False


class _Attack:
    """The attacker's linear program over the hidden cells of a pattern; one model, warm from one target to the next."""

    def __init__(self, pattern: _Pattern, hidden: list[int]) -> None:
        self.pattern, self.hidden = pattern, hidden
        cells = pattern.cells
        self.column = {i: n for n, i in enumerate(hidden)}
        # A ceiling far above every range asked for keeps each program bounded.
        self.ceiling = 10.0 + max((c.value + c.reach for c in cells), default=0)
        self.rows: list[tuple[list[tuple[int, float]], float]] = []  # full rows, and their slack at the true values
        self.solver = silent_solver()
        for i in hidden:
            self.solver.addVar(0.0, cells[i].value + self.ceiling)
        for row in pattern.rows:
            self._row(row, 0.0)
        for link in (x for x in pattern.system.links if x.binds):
            c, m = pattern.at[link.count], pattern.at[link.money]
            self._row([(c, link.low), (m, -1.0)], None)
            self._row([(c, -link.high), (m, 1.0)], None)

    def _row(self, row: list[tuple[int, float]], slack: float | None) -> None:
        """A sum (equal to 0) or, without a slack given, a link (at most 0)."""
        cells = self.pattern.cells
        inside = [(self.column[i], a) for i, a in row if i in self.column]
        if not inside:
            return
        shown = -sum(a * cells[i].value for i, a in row if i not in self.column)
        at_truth = sum(a * cells[i].value for i, a in row)
        self.rows.append((row, at_truth))
        index = np.array([n for n, _ in inside], dtype=np.int32)
        values = np.array([a for _, a in inside], dtype=np.float64)
        self.solver.addRow(shown if slack is not None else -highspy.kHighsInf, shown, len(index), index, values)

    def cuts(self, whole: bool) -> list[tuple[dict[int, float], float, int]]:
        """What the pattern fails: (coefficients by mask, need, the mask in want of it)."""
        cells, found = self.pattern.cells, []
        if not self.hidden:
            return found
        low = np.array([float(cells[i].value) for i in self.hidden])
        high = low.copy()
        # The smallest first: their programs move most of the others, which then need none of their own.
        for n in sorted(range(len(self.hidden)), key=lambda n: (cells[self.hidden[n]].value, n)):
            cell = cells[self.hidden[n]]
            if not (whole or cell.small):
                continue
            for direction, need in ((1.0, cell.up), (-1.0, cell.down)):
                reached = high[n] >= cell.reach - TOLERANCE if direction > 0 else low[n] <= cell.floor + TOLERANCE
                if not need or reached:
                    continue
                x, duals = self._push(n, direction)
                np.minimum(low, x, out=low)
                np.maximum(high, x, out=high)
                if direction * (x[n] - cell.value) < need - TOLERANCE:
                    found.append(self._cut(n, direction, need, duals))
        return found

    def _push(self, n: int, direction: float) -> tuple[np.ndarray, np.ndarray]:
        """Drive one cell as far as it goes: the whole solution, and the rows' duals."""
        self.solver.changeColCost(n, -direction)
        if not _optimal(self.solver):
            raise Unprotectable("the attacker's program has no answer: the sums do not add up")
        solution = self.solver.getSolution()
        self.solver.changeColCost(n, 0.0)
        return np.array(solution.col_value), np.array(solution.row_dual)

    def _cut(self, n: int, direction: float, need: float, duals: np.ndarray) -> tuple[dict[int, float], float, int]:
        """From min(-direction * x) the reduced costs of all cells, hidden or not: who would have to give way."""
        pattern = self.pattern
        reduced: dict[int, float] = defaultdict(float)
        reduced[self.hidden[n]] = -direction
        spare = 0.0
        for (row, at_truth), dual in zip(self.rows, duals, strict=True):
            if abs(dual) < 1e-9:
                continue
            spare += dual * at_truth
            for i, a in row:
                reduced[i] -= dual * a
        coefficients: dict[int, float] = defaultdict(float)
        for i, d in reduced.items():
            if abs(d) > 1e-9 and pattern.cover[i]:
                coefficients[pattern.mask[i]] += d * pattern.cells[i].value if d > 0 else -d * self.ceiling
        return coefficients, need - max(spare, 0.0), pattern.mask[self.hidden[n]]


class _Roads:
    """The cheapest way to let one cell move: which cells, hidden already or yet to be hidden, move with it."""

    def __init__(self, pattern: _Pattern) -> None:
        self.pattern = pattern
        cells = pattern.cells
        self.truth = np.array([float(c.value) for c in cells])
        self.count = len(cells)
        ceiling = 10.0 + max((c.value + c.reach for c in cells), default=0)
        self.ceiling = np.where(pattern.cover, ceiling, 0.0)
        self.floor = np.where(pattern.cover, self.truth, 0.0)
        self.solver = silent_solver()
        for i in range(self.count):  # a rise and a fall of each cell
            self.solver.addVar(0.0, self.ceiling[i])
        for i in range(self.count):
            self.solver.addVar(0.0, self.floor[i])
        for row in pattern.rows:
            self._row(row, 0.0, 0.0)
        for link in (x for x in pattern.system.links if x.binds):
            c, m = pattern.at[link.count], pattern.at[link.money]
            for row in ([(c, link.low), (m, -1.0)], [(c, -link.high), (m, 1.0)]):
                self._row(row, -highspy.kHighsInf, -sum(a * cells[i].value for i, a in row))

    def _row(self, row: list[tuple[int, float]], least: float, most: float) -> None:
        row = [(i, a) for i, a in row if self.pattern.cover[i]]
        index = np.array([i for i, _ in row] + [i + self.count for i, _ in row], dtype=np.int32)
        values = np.array([a for _, a in row] + [-a for _, a in row], dtype=np.float64)
        self.solver.addRow(least, most, len(index), index, values)

    def move(self, i: int, by: float, hidden: np.ndarray) -> np.ndarray:
        """A possible table in which cell i lies `by` away from the truth, hiding as little more as it can."""
        pattern, n = self.pattern, self.count
        free = np.array([hidden[m] for m in pattern.mask])
        price = np.where(free, 1e-4, np.array([pattern.cost[m] for m in pattern.mask]))
        up, down = (by, 0.0) if by > 0 else (0.0, -by)
        self.solver.changeColBounds(i, up, up)
        self.solver.changeColBounds(i + n, down, down)
        weight = price / (1.0 + np.minimum(self.truth, abs(by)))
        shift = np.zeros(n)
        for _ in range(4):
            both = np.concatenate([weight, weight])
            self.solver.changeColsCost(2 * n, np.arange(2 * n, dtype=np.int32), both)
            if not _optimal(self.solver):
                raise Unprotectable("a hidden cell cannot be freed even with every figure hidden")
            x = np.array(self.solver.getSolution().col_value)
            shift = x[:n] - x[n:]
            if not (np.abs(shift[~free]) > TOLERANCE).any():
                break
            # What moves a little costs as much as what moves far: the fixed price of hiding a cell, by reweighting.
            weight = np.where(free, 1e-4, price / (np.abs(shift) + 0.05 * abs(by)))
        self.solver.changeColBounds(i, 0.0, self.ceiling[i])
        self.solver.changeColBounds(i + n, 0.0, self.floor[i])
        return self.truth + shift
