"""Released figures as one additive system: cells, which of them add up to which, and what binds money to its count.

Numbers and keys only: which table a cell is of, how it is hidden and who attacks it are other files' matter.
"""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field

Key = Hashable


@dataclass(frozen=True)
class Cell:
    """One figure. `known`: the reader of an earlier edition has it, so hiding it now protects nothing.

    `mask`: cells with one mask are hidden together (the same figure by two roads). `floor` and `reach` are how low and
    how high its range must go; a sum of money must also reach a share above itself.
    """

    value: float
    small: bool
    cost: float = 1.0
    known: bool = False
    floor: float = 1
    reach: float = 5
    mask: Key | None = None

    @property
    def up(self) -> float:
        return max(self.reach - self.value, 0)

    @property
    def down(self) -> float:
        return max(self.value - self.floor, 0)


@dataclass(frozen=True)
class Link:
    """A sum of money over the rows of a count: low * count <= money <= high * count, as everybody knows from the law.

    Where the count is hidden the money is: it would tell the count. `binds` is false where the two speak of different
    moments, since the money was held back.
    """

    count: Key
    money: Key
    low: float
    high: float
    binds: bool = True


@dataclass
class System:
    """Cells and how they add up: (whole, parts)."""

    cells: dict[Key, Cell] = field(default_factory=dict)
    sums: list[tuple[Key, tuple[Key, ...]]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


def components(system: System) -> list[System]:
    """The parts of a system that share no cell, no mask and no link."""
    parent: dict[Key, Key] = {k: k for k in system.cells}

    def root(k: Key) -> Key:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    by_mask: dict[Key, Key] = {}
    for key, cell in system.cells.items():
        if cell.mask is not None:
            parent[root(key)] = root(by_mask.setdefault(cell.mask, key))
    for whole, parts in system.sums:
        for p in parts:
            parent[root(p)] = root(whole)
    for link in system.links:
        parent[root(link.count)] = root(link.money)
    found: dict[Key, System] = defaultdict(System)
    for key, cell in system.cells.items():
        found[root(key)].cells[key] = cell
    for whole, parts in system.sums:
        found[root(whole)].sums.append((whole, parts))
    for link in system.links:
        found[root(link.count)].links.append(link)
    return list(found.values())
