"""A source: whether it is as declared, shows all its rows, cannot be written by us, and tells the right time."""

import datetime as dt

from pipelines.doctor.checking import Told
from pipelines.doctor.failures import SourceDiffers, SourceHides, SourceNotConfigured, SourceWritable
from pipelines.doctor.lines import over
from pipelines.left_out import UNCONFIGURED, has_no_address, left_out
from resources.clock import DRIFTS
from resources.connectors.connect import connect
from resources.connectors.connector import Connector
from resources.connectors.turns import turn
from resources.failing import Failure
from resources.hub import Hub
from resources.warehouse.arrivals import ledger
from schemas import calendar
from schemas.dataset import Dataset, Source
from schemas.registry import datasets_of
from schemas.roads import Drop, Rest
from schemas.submissions import SUBMISSION_LOG

# What a service cannot be asked is not said of it.
SEEN = {
    Rest.name: "trả lời được, {count} dịch vụ đúng mẫu đã khai; dịch vụ không cho biết có giấu dòng nào hay không",
    Drop.name: "{count} bộ dữ liệu nhận bằng tệp của đơn vị gửi, xem hộp nhận tệp",
}
SHOWN = 3  # periods without a due day that a line names


def look(hub: Hub, source: Source) -> str | Told:
    if why := _left_out(hub, source):
        if hub.settings.is_demo:
            return Told(why, is_absent=True)
        raise SourceNotConfigured(source=source.name, environment=source.environment)
    datasets = datasets_of(source)
    with turn(others_wait=True), connect(source, hub.settings) as connector:
        declared = [*datasets, SUBMISSION_LOG]
        faults = [f"{d.road.at_source}: {'; '.join(f)}" for d in declared if (f := connector.faults(d))]
        hidden = [f"{d.road.at_source}: {'; '.join(h)}" for d in declared if (h := connector.hidden(d))]
        rights = connector.rights(datasets)
        late = _clock_of(hub, connector)
        log = [] if faults or hidden else [f"{d.road.at_source}: {told}" for d in datasets if (told := _log(hub, connector, d))]
        for dataset in () if faults or hidden else datasets:
            connector.rehearse(dataset, hub.today())
    if hidden:
        raise SourceHides(source=source.name, hidden=" | ".join(hidden + faults))
    if faults:
        raise SourceDiffers(source=source.name, faults=" | ".join(faults))
    if rights:
        raise SourceWritable(source=source.name, what="; ".join(rights))
    told = SEEN.get(connector.road, "kết nối được, {count} bảng đúng cấu trúc, thấy mọi dòng, tài khoản không ghi được")
    told = told.format(count=len(datasets))
    undue = [
        f"{d.title}: chưa khai hạn nộp cho kỳ {', '.join(p)} (due_days.csv)" for d in datasets if (p := _without_due_day(hub, d))
    ]
    found = "; ".join([told, *late, *log, *undue])
    return found if connector.road == Drop.name else over(hub, found, connector.line(), source.environment)


def _left_out(hub: Hub, source: Source) -> str | None:
    """Why a source is passed over, in words. Where the warehouse cannot be asked whether anything was ever read, its own check says so."""
    try:
        return left_out(hub).get(source)
    except Failure:
        return UNCONFIGURED.format(environment=source.environment) if has_no_address(hub, source) else None


def _clock_of(hub: Hub, connector: Connector) -> list[str]:
    """A source's clock that is another: by it units are on time or late. The demo's day is of no clock of a server."""
    told = None if hub.settings.is_demo else connector.clock()
    differs = dt.timedelta(0) if told is None else told - hub.clock.now()
    minutes = round(abs(differs).total_seconds() / 60)
    word = "nhanh" if differs > dt.timedelta(0) else "chậm"
    return [f"đồng hồ của nguồn {word} hơn {minutes} phút, báo đơn vị quản lý nguồn chỉnh lại"] if abs(differs) > DRIFTS else []


def _without_due_day(hub: Hub, dataset: Dataset) -> list[str]:
    """The periods of which nothing can be late, since nobody said when they are due; the first ones where they are many."""
    without = calendar.without_due_day(dataset, hub.today())
    return without if len(without) <= SHOWN else [*without[:SHOWN], "…"]


def _log(hub: Hub, connector: Connector, dataset: Dataset) -> str | None:
    """What an officer should know of the submission log."""
    return connector.submissions(dataset, ledger.owed(dataset, hub.today()), hub.clock.now()).told
