"""Row versions of a PostgreSQL table at a source: from where on they tell what has changed, and where what has changed stands.

Rule and proof: docs/method/increments.md.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

# Where rows stand and their keys, as one value of fourteen bytes each, in no order.
PLACED = "string_agg(tidsend(ctid) || int8send({}), '')"
PLACE = np.dtype([("page", ">u4"), ("row", ">u2"), ("key", ">i8")])


@dataclass(frozen=True)
class Horizon:
    """A point in the life of one table: every row version that its snapshot did not see is of a transaction from here on.

    `place` names the cluster, its timeline, the database, the table with all below it and their columns, and when the server was started.
    Of their transaction numbers alone it speaks: after a restore, a move, a failover, or a start, which may be of an earlier copy, it
    says nothing.
    """

    place: str
    xid: int

    # Numbers are told apart up to 2^31 transactions; a horizon far older than any night's is not trusted to them.
    REACH: ClassVar[int] = 1_000_000_000

    @classmethod
    def read(cls, text: str | None) -> "Horizon | None":
        place, _, xid = (text or "").rpartition("/")
        return cls(place, int(xid)) if xid else None

    @property
    def text(self) -> str:
        return f"{self.place}/{self.xid}"

    def reaches(self, kept: "Horizon | None") -> bool:
        """Whether what changed since a kept horizon can be told by row versions."""
        return kept is not None and kept.place == self.place and 0 <= self.xid - kept.xid < self.REACH

    @property
    def changed(self) -> str:
        """The condition that a row has changed since: its version is of the half circle of numbers that begins here.

        By the bytes of the number, since its age can be asked by one process of the server alone.
        """
        begins, ends = self.xid % 2**32, (self.xid + 2**31) % 2**32
        either = "and" if begins < ends else "or"
        return f"(xidsend(xmin) >= '\\x{begins:08x}' {either} xidsend(xmin) < '\\x{ends:08x}')"


def earliest(bookmarks: Collection[str] | None, present: Horizon | None) -> Horizon | None:
    """The earliest of some bookmarks, if the present horizon reaches them all."""
    if not bookmarks or present is None:
        return None
    kept = [Horizon.read(text) for text in bookmarks]
    reached = [horizon for horizon in kept if horizon is not None and present.reaches(horizon)]
    return min(reached, key=lambda horizon: horizon.xid) if len(reached) == len(kept) else None


def standing_at(places: np.ndarray) -> str:
    """The condition that a row stands at one of these places; of a table that is several, others may come along."""
    listed = ",".join(f'"({page},{row})"' for page, row in places[["page", "row"]].tolist())
    return f"ctid = any('{{{listed}}}'::tid[])"
