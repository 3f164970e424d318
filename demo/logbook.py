"""The submission log of each source, from its deliveries and from the rows that were sent."""

from collections.abc import Iterator

from demo.deliveries import HELD, Delivery
from demo.randomness import stream
from schemas.dataset import Dataset

Line = tuple[str, str, str, int, float, int, bool]
# Lists that are entered as things happen: the unit closes a period with one line, after its rows.
RUNNING = (
    "labour_employment.vacancies",
    "labour_employment.overseas_workers",
    "labour_employment.jobs_created",
    "labour_employment.unemployment_decisions",
)


def lines(
    dataset: Dataset, sent: dict[tuple[str, str], Delivery], counts: dict[tuple[str, str, str, int], int], seed: int
) -> Iterator[Line]:
    """One line for each cell that was sent; of a cell that is being filled, one for each day with all rows so far."""
    rng = stream(seed, "log", dataset.id)
    by_cell: dict[tuple[str, str], dict[int, int]] = {}
    for (name, period, unit, day), count in counts.items():
        if name == dataset.id:
            by_cell.setdefault((period, unit), {})[day] = count
    for (period, unit), delivery in sent.items():
        when = float(rng.random())
        rows = by_cell.get((period, unit), {})
        if delivery.logged:
            total = sum(rows.values())
            yield unit, dataset.road.table, period, int(delivery.day), when, total, total == 0
        elif delivery.state == "in_progress" and dataset.id not in RUNNING:
            so_far = 0
            for day in sorted(d for d in rows if d < HELD):
                so_far += rows[day]
                yield unit, dataset.road.table, period, day, when, so_far, False
