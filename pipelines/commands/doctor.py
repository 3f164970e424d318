"""`ansinh doctor`: checks every connection, right, clock, disk and version, and says what to mend."""

import argparse
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass

import requests
import sqlalchemy as sa
from rich.console import Console

from resources import migrations
from resources.clock import ClockWentBack
from resources.failures import Failure
from resources.hub import Hub
from resources.settings import Unconfigured
from resources.shared_warehouse import READER, SharedWarehouse, shared_engine
from resources.sources import snapshot
from resources.warehouse import WarehouseUnreachable
from schemas.dataset import Source
from schemas.registry import SOURCES, datasets_of

LEAST_FREE_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    what: str
    fine: bool
    told: str


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="in dạng JSON")


def run(parsed: argparse.Namespace) -> int:
    hub = Hub.open()
    findings = [_tried(what, check) for what, check in _checks(hub)]
    if parsed.json:
        print(json.dumps([asdict(f) for f in findings], ensure_ascii=False))
    else:
        console = Console()
        for finding in findings:
            sign = "[green]tốt[/green]" if finding.fine else "[red]hỏng[/red]"
            console.print(f"{sign}  {finding.what}: {finding.told}", highlight=False)
    return 0 if all(f.fine for f in findings) else 1


def _checks(hub: Hub) -> list[tuple[str, Callable[[], str]]]:
    return [
        ("kho dữ liệu của trung tâm", lambda: _warehouse(hub)),
        ("kho dùng chung của tỉnh", lambda: _shared(hub)),
        ("đồng hồ", lambda: f"{hub.now():%Y-%m-%d %H:%M} UTC, ngày {hub.today():%d/%m/%Y}"),
        ("đĩa", lambda: _disk(hub)),
        *((f"nguồn {source.name}", lambda source=source: _source(hub, source)) for source in SOURCES),
        ("cổng báo cáo quốc gia", lambda: _reporting(hub)),
    ]


class Wrong(Exception):
    """Something that has to be mended, in words."""


def _tried(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, check())
    except (Wrong, Failure, Unconfigured, WarehouseUnreachable, ClockWentBack, migrations.NewerWarehouse) as error:
        return Finding(what, False, str(error))


def _warehouse(hub: Hub) -> str:
    with hub.warehouse.engine.connect() as connection:
        version = connection.execute(sa.text("show server_version")).scalar()
        stamp = connection.execute(sa.text("select max(version) from ops.schema_version")).scalar()
    return f"PostgreSQL {version}, phiên bản kho {stamp}"


def _shared(hub: Hub) -> str:
    url = hub.settings.shared_url()
    if url is None:
        raise Wrong("chưa cấu hình; đặt SHARED_WAREHOUSE_URL để công bố số liệu mở, phần còn lại vẫn chạy")
    shared = SharedWarehouse(shared_engine(url))
    if not shared.may_publish():
        raise Wrong(f"tài khoản chưa có quyền công bố; đề nghị quản trị kho dùng chung chạy: {shared.rights_to_ask_for()}")
    elsewhere = shared.readable_elsewhere()
    if elsewhere:
        raise Wrong(
            f"vai trò {READER} đọc được cả {', '.join(elsewhere[:5])}{' …' if len(elsewhere) > 5 else ''}; "
            "đề nghị quản trị kho thu hồi, vai trò này chỉ được đọc lược đồ open_data"
        )
    return f"kết nối được, có quyền công bố, {READER} chỉ đọc được open_data"


def _disk(hub: Hub) -> str:
    free = shutil.disk_usage(hub.settings.home).free
    if free < LEAST_FREE_BYTES:
        raise Wrong(f"còn {free / 1024**3:.1f} GB, cần ít nhất {LEAST_FREE_BYTES / 1024**3:.0f} GB; dọn hoặc mở rộng đĩa")
    return f"còn {free / 1024**3:.0f} GB"


def _source(hub: Hub, source: Source) -> str:
    url = hub.settings.source_url(source.name)
    if url is None:
        raise Wrong(f"chưa cấu hình; đặt {source.environment}")
    with snapshot(source, url) as opened:
        faults = [f"{d.source_table}: {'; '.join(f)}" for d in datasets_of(source) if (f := opened.structure_faults(d))]
        writable = opened.writable_tables([d.source_table for d in datasets_of(source)])
    if faults:
        raise Wrong(f"cấu trúc khác khai báo: {' | '.join(faults)}")
    if writable:
        raise Wrong(f"tài khoản ghi được vào {', '.join(writable)}; đề nghị đơn vị quản lý thu hồi, chỉ để quyền đọc")
    return f"kết nối được, {len(datasets_of(source))} bảng đúng cấu trúc, tài khoản không ghi được"


def _reporting(hub: Hub) -> str:
    url = hub.settings.reporting_url()
    if url is None or hub.settings.reporting_credentials() is None:
        raise Wrong("chưa cấu hình; đặt NATIONAL_REPORTING_URL, _CLIENT_ID, _CLIENT_SECRET")
    try:
        requests.get(url, timeout=5)
    except requests.RequestException as error:
        raise Wrong(
            f"không kết nối được ({type(error).__name__}); kiểm tra NATIONAL_REPORTING_URL và mạng, báo cáo chờ ở hộp thư đi"
        ) from None
    return "trả lời"
