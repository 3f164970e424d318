"""`ansinh clock accept`: a person says that the hub's clock is right though what was recorded speaks against it."""

import argparse
from contextlib import ExitStack

from pipelines.failures import ClockWordEmpty, refuse_who
from pipelines.left_out import unconfigured
from resources.clock import BORNE, moment
from resources.hub import Hub
from resources.locks import only_one
from resources.servers import dagster_ahead
from resources.warehouse import instants
from resources.warehouse.arrivals import ledger
from resources.warehouse.published import submissions
from schemas.registry import DATASETS, SOURCES
from schemas.written import grouped


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", required=True, metavar="accept")
    accept = commands.add_parser(
        "accept",
        help="xác nhận giờ bây giờ của máy là đúng, sau khi doctor báo đồng hồ; ghi lại ngày cho những gì mang thời điểm chưa đến",
    )
    accept.add_argument("--reason", required=True, metavar="LÝ_DO", help="vì sao, được lưu lại")
    accept.add_argument("--by", required=True, metavar="TÊN", help="người xác nhận")


def run(parsed: argparse.Namespace) -> int:
    if not parsed.reason.strip() or not parsed.by.strip():
        raise ClockWordEmpty
    refuse_who(parsed.by, parsed.reason)
    hub = Hub.open()
    with ExitStack() as locks:
        for name in (*(f"source.{source.name}" for source in SOURCES), "findings"):  # nobody records an instant meanwhile
            locks.enter_context(only_one(hub.warehouse.engine, name))
        recorded, now = hub.recorded(), hub.clock.now()
        hub.clock.refuse_other_than_server(recorded.server)
        if waited := dagster_ahead.bring_back(hub.settings.dagster_url(), hub.clock.system()):
            print(
                f"Lịch và cảm biến chờ một giờ chưa đến: {grouped(waited)} mục nay nối tiếp từ bây giờ; đêm đã lỡ thì chạy ansinh nightly."
            )
        with hub.warehouse.engine.connect() as connection:
            is_ahead = instants.lies_ahead(connection, now, BORNE)
        if recorded.last is not None and abs(now - recorded.last) <= BORNE and not is_ahead:
            print(f"Đồng hồ đang khớp với lần ghi cuối ({moment(recorded.last)}); không có gì phải xác nhận.")
            return 0
        with hub.warehouse.engine.begin() as connection:
            redated = instants.accept(connection, now, hub.today(), parsed.by.strip(), parsed.reason.strip())
            gone = submissions.kept_back(connection, hub.today())
            without = unconfigured(hub)
            ledger.refresh(connection, now, [d for d in DATASETS if d.source not in without])
    print(f"Đã xác nhận giờ của máy: {moment(now)} (giờ Việt Nam); người xác nhận và lý do được lưu trong ops.clock_acts.")
    if redated:
        print(
            f"Đã ghi lại ngày cho {grouped(redated.rows)} dòng mang thời điểm chưa đến, lùi {redated.by.days} ngày, giữ nguyên thứ tự."
        )
    if gone:
        print(f"Báo cáo đã gửi đi khi chưa đến hạn, phải báo nơi nhận: {', '.join(gone)}.")
    return 0
