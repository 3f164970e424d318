"""A register has no due day: it is judged by when it was last read. Its check fails after 48 hours without a pull.

The check is a step of its own, beside the register's: it must be able to say that the register's step did not run.
"""

import datetime as dt

import dagster as dg

from assets.cells.checks import READ_LAST
from assets.cells.failures import RegisterStale
from assets.guard import told
from assets.keys import core_key
from resources.clock import moment
from resources.hub import Hub
from resources.warehouse.arrivals import dataset_pulls
from schemas.dataset import Dataset
from schemas.registry import DATASETS

LONGEST = dt.timedelta(hours=48)
CHECK = "read_within_48_hours"


def freshness_check(dataset: Dataset) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=core_key(dataset),
        name=CHECK,
        description="Sổ đăng ký được đọc từ nguồn trong 48 giờ gần nhất.",
    )
    @told(f"xem {dataset.id} được đọc lúc nào")
    def read_within_48_hours() -> dg.AssetCheckResult:
        hub = Hub.open()
        with hub.warehouse.engine.connect() as connection:
            read = dataset_pulls.last_read(connection, dataset)
        return judged(dataset, read, hub.now())

    return read_within_48_hours


def judged(dataset: Dataset, read: dt.datetime | None, now: dt.datetime) -> dg.AssetCheckResult:
    """`read`: when the register was last read whole, None: never."""
    fresh = read is not None and now - read <= LONGEST
    at = moment(read) if read else None
    told = f"lần đọc gần nhất {at}" if at else "chưa đọc được lần nào"
    return dg.AssetCheckResult(
        asset_key=core_key(dataset),
        check_name=CHECK,
        passed=fresh,
        severity=dg.AssetCheckSeverity.ERROR,
        description=None if fresh else str(RegisterStale(dataset=dataset.id, read=told)),
        metadata={READ_LAST: at} if at else {},
    )


FRESHNESS_CHECKS = [freshness_check(dataset) for dataset in DATASETS if dataset.kind == "register"]
