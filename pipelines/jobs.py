"""Jobs: one a source system, and one for the reports."""

import dagster as dg

from assets.cells import CELLS, NIGHT
from schemas.dataset import Source

# With this tag a run's outputs record no asset event of their own: a night's run spans many cells, and only those that
# moved are recorded, one explicit event each. Without it every output would be one more event without a partition.
DEFERRED = {"dagster/defer_asset_events": "true"}

REPORTS_JOB = "nightly_reports"


def night_job_name(source: str) -> str:
    return f"nightly_{source}"


def night_job(source: Source) -> dg.UnresolvedAssetJobDefinition:
    return dg.define_asset_job(
        night_job_name(source.name),
        selection=dg.AssetSelection.groups(source.name),
        description=f"Đêm của {source.title}: lấy, kiểm tra, nạp mọi ô mở và theo dõi, rồi công bố số liệu mở.",
        tags={"ansinh/source": source.name, **DEFERRED},
    )


def reports_job() -> dg.UnresolvedAssetJobDefinition:
    return dg.define_asset_job(
        REPORTS_JOB,
        selection=dg.AssetSelection.groups("reports"),
        description="Báo cáo đến hạn: tính chỉ tiêu, gửi hệ thống báo cáo quốc gia, lưu biên nhận.",
        tags=DEFERRED,
    )


__all__ = ["CELLS", "NIGHT", "night_job", "night_job_name", "reports_job"]
