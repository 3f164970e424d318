"""The rate at which a source is read, by a clock that only sleeping moves on."""

import pyarrow as pa

from resources.connectors.limits import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def batch(rows: int) -> pa.RecordBatch:
    return pa.record_batch({"n": pa.array(range(rows))})


def times(pace: Pace, clock: Clock, *rows: int, work: float = 0.0) -> list[float]:
    """When each batch comes through, where each takes `work` seconds of whoever reads."""
    found = []
    for _ in pace.held(map(batch, rows)):
        found.append(round(clock.now - 100.0, 6))
        clock.now += work
    return found


def test_rows_never_come_faster_than_allowed_but_for_one_batch() -> None:
    clock = Clock()
    assert times(Pace(1000, clock, clock.sleep), clock, 500, 500, 100, 1) == [0, 0.5, 1.0, 1.1]


def test_a_small_pull_is_not_slowed() -> None:
    clock = Clock()
    assert times(Pace(1000, clock, clock.sleep), clock, 900) == [0]
    assert clock.now == 100.0


def test_whoever_reads_slower_is_not_slowed_and_saves_nothing_up() -> None:
    clock = Clock()
    pace = Pace(1000, clock, clock.sleep)
    assert times(pace, clock, 100, 100, 100, work=2.0) == [0, 2.0, 4.0]
    assert times(pace, clock, 500, 500) == [6.0, 6.5], "the idle seconds are no licence for a burst"


def test_the_pulls_of_a_snapshot_share_one_rate() -> None:
    clock = Clock()
    pace = Pace(1000, clock, clock.sleep)
    assert [times(pace, clock, 400), times(pace, clock, 400), times(pace, clock, 400)] == [[0], [0.4], [0.8]]


def test_without_a_rate_nothing_waits() -> None:
    clock = Clock()
    assert times(Pace(None, clock, clock.sleep), clock, 10**6, 10**6) == [0, 0]
