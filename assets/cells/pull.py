"""One pull on its way: kept as received, validated, handed to the load, each a step ahead of the next."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources.connectors.connector import BATCH_ROWS, KEY
from resources.person.masking import Masks
from resources.raw_store import GONE, RawFile, RawStore, RawWriter
from resources.streaming.prefetch import prefetched
from resources.warehouse.loading.full import PeriodLoad
from resources.warehouse.loading.staging import Received
from resources.warehouse.quarantine.answers import ANSWERS
from schemas.dataset import Dataset, Moment
from schemas.origin import BESIDE
from schemas.persons import ERASED
from schemas.validation import Verdict
from schemas.validation.erased import validate_but
from schemas.validation.findings import received_json

# pyright: reportAttributeAccessIssue=false


class Pull:
    """What was received of one period. Counts only stay here: no value of a row does."""

    def __init__(
        self,
        raw: RawStore,
        dataset: Dataset,
        moment: Moment,
        texts_at_once: int,
        erased: Masks | None = None,
        *,
        is_increment: bool = False,
    ) -> None:
        """`erased`: who was erased from this dataset, and is taken out of every row before it is kept or looked at."""
        self._texts_at_once = texts_at_once
        self._raw, self._dataset, self._moment, self._is_increment = raw, dataset, moment, is_increment
        self._erased = erased
        self._writer: RawWriter | None = None
        self._parts: list[tuple[int, Sequence[RawFile]]] = []  # where the rows of each raw file, or folded files, begin
        self.rows = 0
        self.rules = 0
        self.failures: Counter[tuple[str, str]] = Counter()
        self.received = Received(self._texts, self._accepted_of)

    def take(self, batches: Iterator[pa.RecordBatch], load: PeriodLoad) -> None:
        """The next batch is pulled and kept while this one is validated and the one before is loaded."""
        try:
            with closing(prefetched(self._kept(self._without_erased(batches)))) as pulled:
                self._validate_into(load, pulled)
            # A pull without rows is kept too: else the one before it would be the last.
            if self._writer is None and not self._is_increment:
                self._writer = self._open(pa.schema([(KEY, pa.int64())]))
        except BaseException:
            self.abandon()
            raise

    def close(self, gone: Sequence[int] = ()) -> RawFile | None:
        """End the raw file of the pull; None where there was nothing to keep."""
        try:
            if gone:
                if self._writer is None:
                    self._writer = self._open(pa.schema([(KEY, pa.int64()), (GONE, pa.bool_())]))
                self._writer.write_gone(gone)
            if self._writer is None:
                return None
            file = self._writer.close()
        except BaseException:
            self.abandon()
            raise
        self._writer = None
        self._parts.append((0, [file]))
        return file

    def abandon(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.abandon()

    def validate_again(self, files: Sequence[RawFile], load: PeriodLoad) -> range:
        """Validate rows from raw: those of a whole pull and the increments after it, or those of a patch. Returns their ordinals.

        Raises RawMissing and RawDamaged.
        """
        first = self.rows
        self._parts.append((first, files))
        self._validate_into(load, self._without_erased(self._raw.folded(files, BATCH_ROWS)))
        return range(first, self.rows)

    def _open(self, schema: pa.Schema) -> RawWriter:
        return self._raw.writer(self._dataset.source.name, self._dataset.name, self._moment.period, schema)

    def _kept(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if self._is_increment:
                batch = batch.append_column(GONE, pa.repeat(pa.scalar(False), batch.num_rows))
            if self._writer is None:
                self._writer = self._open(batch.schema)
            yield batch
            self._writer.write(batch)  # while it is validated

    def _validate_into(self, load: PeriodLoad, batches: Iterable[pa.RecordBatch]) -> None:
        for batch in batches:
            verdict, accepted, rejected = self._verdict(pa.Table.from_batches([batch]), self.rows)
            load.add(accepted, rejected, verdict.remarks)
            self.rows += batch.num_rows
            self.rules = verdict.examined.rules
            self.failures.update(verdict.failures_by_rule)

    def _without_erased(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return batches if self._erased is None else map(self._erased.of, batches)

    def _verdict(self, batch: pa.Table, first_ordinal: int) -> tuple[Verdict, pa.Table, pa.Table]:
        # Files of before keys were kept have none.
        keys = batch.column(KEY) if KEY in batch.column_names else pa.nulls(batch.num_rows, pa.int64())
        erased = batch.column(ERASED) if ERASED in batch.column_names else None
        rows = _without(batch, KEY, GONE, ANSWERS, ERASED)
        verdict = validate_but(self._dataset, rows, erased, self._moment, first_ordinal)
        keyed = []
        for part in (verdict.accepted, verdict.rejected):
            places = pc.subtract(part.column("ordinal"), first_ordinal)
            part = part.append_column("source_key", keys.take(places))
            if ANSWERS in batch.column_names:
                part = part.append_column("names", batch.column(ANSWERS).take(places))
            keyed.append(part)
        return verdict, *keyed

    def _texts(self, ordinals: np.ndarray) -> Iterator[list[str]]:
        ends = [first for first, _ in self._parts[1:]] + [self.rows]
        for (first, files), end in zip(self._parts, ends, strict=True):
            inside = ordinals[np.searchsorted(ordinals, first) : np.searchsorted(ordinals, end)] - first
            for rows in self._raw.rows(files, inside, BATCH_ROWS) if len(inside) else ():
                for start in range(0, rows.num_rows, self._texts_at_once):
                    yield received_json(_without(rows.slice(start, self._texts_at_once), KEY, GONE, ANSWERS, ERASED, *BESIDE))

    def _accepted_of(self, source_keys: np.ndarray) -> Iterator[pa.Table]:
        wanted = pa.array(source_keys)
        for first, files in self._parts:
            for batch in self._without_erased(self._raw.folded(files, BATCH_ROWS)):
                chosen = pc.is_in(batch.column(KEY), wanted)
                if pc.any(chosen).as_py():
                    _, accepted, _ = self._verdict(pa.Table.from_batches([batch]), first)
                    yield accepted.filter(pc.is_in(accepted.column("source_key"), wanted))
                first += batch.num_rows


def _without(rows: pa.Table, *beside: str) -> pa.Table:
    """The rows without some of what the raw store keeps beside them."""
    return rows.drop_columns([name for name in beside if name in rows.column_names])
