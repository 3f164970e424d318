"""Loading a source's database: streams of Arrow batches, of which some are for later, and the lines of its submission log."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from demo.databases.database import LOG, Database, quoted
from demo.lives.deliveries import HELD
from demo.writing import text
from demo.writing.plans import Batch
from demo.writing.values import Change
from resources.clock import ZONE


@dataclass
class Loader:
    """Sends batches to one source, keeps what is still to come apart, and counts each cell for the submission log."""

    database: Database
    today: int
    rows: dict[str, int] = field(default_factory=dict)
    later: dict[str, int] = field(default_factory=dict)
    counts: dict[tuple[str, str, str, int], int] = field(default_factory=dict)  # dataset, period, unit, day

    def __post_init__(self) -> None:
        self._sender = self.database.sender()

    def add(self, batch: Batch) -> None:
        table, name = batch.table, batch.dataset.road.at_source
        now = batch.day <= self.today
        self.rows[name] = self.rows.get(name, 0) + int(now.sum())
        if now.all():
            self._sender.send(quoted(name), table)
        else:
            self.later[name] = self.later.get(name, 0) + int((~now).sum())
            if now.any():
                self._sender.send(quoted(name), table.filter(pa.array(now)))
            rest = np.flatnonzero(~now)
            cells = [batch.cells[i] if i >= 0 else (None, None) for i in batch.cell[rest]]
            later = table.take(pa.array(rest))
            later = later.append_column("_ngay", pa.array(batch.day[rest], pa.int32()))
            later = later.append_column("_ky", pa.array([c[0] for c in cells], pa.string()))
            later = later.append_column("_don_vi", pa.array([c[1] for c in cells], pa.string()))
            self._sender.send(self.database.later(name), later)
        if batch.dataset.kind != "register":
            self._count(batch)

    def _count(self, batch: Batch) -> None:
        placed = (batch.cell >= 0) & (batch.day < HELD)
        keys = batch.cell[placed].astype(np.int64) * 2**31 + batch.day[placed]
        for key, count in zip(*np.unique(keys, return_counts=True), strict=True):
            period, unit = batch.cells[int(key) >> 31]
            at = (batch.dataset.id, period, unit, int(key) & (2**31 - 1))
            self.counts[at] = self.counts.get(at, 0) + int(count)

    def log(self, lines: Iterable[tuple[str, str, str, int, float, int, bool]]) -> None:
        """Lines of the submission log: unit, table, period, day, share of the working day, rows, declared empty."""
        lines = list(lines)
        if lines:
            day = np.array([line[3] for line in lines], dtype=np.int64)
            table = pa.table(
                {
                    "ma_don_vi": pa.array([line[0] for line in lines]),
                    "bang": pa.array([line[1] for line in lines]),
                    "ky": pa.array([line[2] for line in lines]),
                    "thoi_diem_nop": self._not_after_now(text.instants(day, np.array([line[4] for line in lines])), day),
                    "so_dong": pa.array([line[5] for line in lines], pa.int64()),
                    "khai_rong": pa.array([line[6] for line in lines]),
                }
            )
            now = day <= self.today
            self._sender.send(LOG, table.filter(pa.array(now)))
            rest = table.filter(pa.array(~now)).append_column("_ngay", pa.array(day[~now], pa.int32()))
            self._sender.send(self.database.later(LOG), rest)

    def _not_after_now(self, instants: pa.Array, day: np.ndarray) -> pa.Array:
        """A line of today is not later than now: the hub does not look into the future."""
        moment = dt.datetime.combine(dt.date(1970, 1, 1) + dt.timedelta(days=self.today), dt.datetime.now(ZONE).timetz())
        micros = instants.cast(pa.int64()).to_numpy()
        capped = np.where(day == self.today, np.minimum(micros, int(moment.timestamp() * 1_000_000)), micros)
        return pa.array(capped, pa.int64()).cast(instants.type)

    def changes(self, changes: Iterable[Change]) -> None:
        """Changes of rows that come on later days."""
        listed = [c for c in changes if self.today < c.day < HELD]
        if not listed:
            return
        lines = pa.table(
            {
                "_ngay": pa.array([c.day for c in listed], pa.int32()),
                "bang": pa.array([c.table for c in listed]),
                "khoa": pa.array([json.dumps(c.key) for c in listed]),
                "gia_tri": pa.array([json.dumps(c.values) for c in listed]),
            }
        )
        self._sender.send(self.database.later("sua"), lines)

    def close(self) -> None:
        self._sender.close()
