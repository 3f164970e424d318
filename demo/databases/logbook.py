"""The submission log of each source, from its deliveries and from the rows that were sent."""

from collections.abc import Iterator, Mapping

from demo.lives.deliveries import HELD, Sending, deliveries
from demo.people.randomness import stream
from schemas.dataset import Dataset

Line = tuple[str, str, str, int, float, int, bool]


def lines(dataset: Dataset, seed: int, sending: Sending, counts: Mapping[tuple[str, str, str, int], int]) -> Iterator[Line]:
    """One line for each cell that was sent; of a cell that is being filled, one for each day with all rows so far.

    A list that is entered as things happen is closed with one line after its rows.
    """
    rng = stream(seed, "log", dataset.id)
    by_cell: dict[tuple[str, str], dict[int, int]] = {}
    for (name, period, unit, day), count in counts.items():
        if name == dataset.id:
            by_cell.setdefault((period, unit), {})[day] = count
    for (period, unit), delivery in deliveries(dataset, seed, sending).items():
        when = float(rng.random())
        rows = by_cell.get((period, unit), {})
        if delivery.logged:
            total = sum(rows.values())
            yield unit, dataset.road.at_source, period, int(delivery.day), when, total, total == 0
        elif delivery.state == "in_progress" and not sending.as_it_happens:
            so_far = 0
            for day in sorted(d for d in rows if d < HELD):
                so_far += rows[day]
                yield unit, dataset.road.at_source, period, day, when, so_far, False
