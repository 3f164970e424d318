"""What any source has to bear, held: rows a second."""

import time
from collections.abc import Callable, Iterator

import pyarrow as pa


class Pace:
    """Lets batches through so that in any stretch of time there are no more rows than allowed, and one batch."""

    def __init__(
        self,
        rows_per_second: int | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._rows_per_second = rows_per_second
        self._clock, self._sleep = clock, sleep
        self._free_at = clock()

    def held(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if self._rows_per_second is not None:
                now = self._clock()
                if now < self._free_at:
                    self._sleep(self._free_at - now)
                self._free_at = max(now, self._free_at) + batch.num_rows / self._rows_per_second
            yield batch
