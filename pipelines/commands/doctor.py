"""`ansinh doctor`: checks every connection, right, clock, disk and version, and says what to mend."""

import argparse
import datetime as dt
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from rich.markup import escape
from rich.table import Table

from assets.cells.failures import NoRoundingSecret, OtherSecret
from assets.open.rounding import Rounding
from pipelines import backups
from pipelines.doctor import lines
from pipelines.doctor.lines import Told
from pipelines.failures import (
    DiskLow,
    GatewayUnconfigured,
    ReaderReadsMore,
    SharedUnconfigured,
    SourceDiffers,
    SourceHides,
    SourceWritable,
)
from pipelines.runtime.instance import refuse_empty
from pipelines.terminal.printed import console
from resources import state_folder
from resources.clock import DRIFTS, ClockDrifts
from resources.connectors.connect import connect
from resources.connectors.connector import Connector
from resources.connectors.turns import turn
from resources.embedded import NeverFilled
from resources.environment import open_to_others
from resources.failing import Failure
from resources.hub import Hub
from resources.publication.shared_warehouse import READER, SharedRightMissing, SharedWarehouse
from resources.reporting.client import client
from resources.servers import connecting
from resources.warehouse import contents, ledger, open_instants
from resources.warehouse.engine import Warehouse, refuse_other_than_utf8
from schemas.dataset import Dataset, Limits, Source
from schemas.registry import SOURCES, datasets_of
from schemas.submissions import SUBMISSION_LOG
from schemas.written import grouped, lasting

LEAST_FREE_BYTES = 2 * 1024**3
LONGEST_LOGIN = 30.0  # seconds


@dataclass(frozen=True)
class Diagnosis:
    what: str
    fine: bool
    told: str
    warnings: tuple[str, ...] = ()  # of what works, and should not stay so
    bounds: Limits | None = None  # of a source: what reading may cost it
    status: int = 0  # of the command, by this alone


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--mend-grid", action="store_true", help="kể lại cho giao diện những ô mà lưới đã mất, rồi kiểm tra")
    parser.add_argument("--json", action="store_true", help="in dạng JSON")


def run(parsed: argparse.Namespace) -> int:
    if parsed.mend_grid:
        _mend_grid()
    hub = Hub.look()
    findings = [_tried(*check) for check in _checks(hub)]
    if parsed.json:
        print(json.dumps([asdict(f) for f in findings], ensure_ascii=False, default=dt.timedelta.total_seconds))
    else:
        table = Table.grid(padding=(0, 2, 0, 0))
        for finding in findings:
            fine = "[yellow]cảnh báo[/yellow]" if finding.warnings else "[green]tốt[/green]"
            table.add_row(fine if finding.fine else "[red]hỏng[/red]", f"{finding.what}: {escape(finding.told)}")
            for warning in finding.warnings:
                table.add_row("", escape(warning))
            if finding.bounds:
                table.add_row("", f"giới hạn khi đọc: {_shown(finding.bounds)}")
        console().print(table)
    return max(f.status for f in findings)


def _checks(hub: Hub) -> list[tuple[str, Callable[[], str | Told], Limits | None]]:
    return [
        ("kho dữ liệu của trung tâm", lambda: _warehouse(hub), None),
        ("nhật ký điều phối", lambda: lines.dagster(hub), None),
        ("sao lưu", lambda: lines.backup(hub), None),
        ("kho dùng chung của tỉnh", lambda: _shared(hub), None),
        ("khóa làm tròn số liệu mở", lambda: _rounding(hub), None),
        ("lưới ô của giao diện", lambda: _grid(hub), None),
        ("đồng hồ", lambda: _clock(hub), None),
        ("đĩa", lambda: _disk(hub), None),
        ("cấu hình và quyền tệp", lambda: _own_things(hub), None),
        *((f"nguồn {source.name}", lambda source=source: _source(hub, source), source.limits) for source in SOURCES),
        ("các bản sao lưu", lambda: backups.health(hub), None),
        ("cổng báo cáo quốc gia", lambda: _reporting(hub), None),
    ]


def _tried(what: str, check: Callable[[], str | Told], limits: Limits | None) -> Diagnosis:
    try:
        told = check()
    except NeverFilled as error:  # before the first night that is how it should be
        return Diagnosis(what, True, str(error), bounds=limits)
    except Failure as error:
        return Diagnosis(what, False, str(error), bounds=limits, status=3 if error.exit_status == 3 else 1)
    if isinstance(told, str):
        return Diagnosis(what, True, told, bounds=limits)
    return Diagnosis(what, True, told.text, tuple(map(str, told.warnings)), limits)


def _lasting(span: dt.timedelta) -> str:
    return lasting(span.total_seconds())


def _shown(limits: Limits) -> str:
    rate = f"{grouped(limits.rows_per_second)} dòng mỗi giây" if limits.rows_per_second else "không giới hạn dòng mỗi giây"
    return (
        f"{limits.connections} kết nối, {rate}, mỗi câu lệnh {_lasting(limits.statement_timeout)}, "
        f"chờ khóa {_lasting(limits.lock_timeout)}, chờ trả lời {_lasting(limits.answer_timeout)}, "
        f"cả lượt {_lasting(limits.reading_timeout)}, bộ nhớ {limits.memory_mb} MB"
    )


def _warehouse(hub: Hub) -> Told:
    try:
        hub.warehouse.refuse_telling_log()
    except NeverFilled as never:  # before anything lies there its log is asked about all the same
        empty = Warehouse(hub.settings.warehouse_url(), only_reads=True)
        refuse_other_than_utf8(empty.engine, "WAREHOUSE_URL")
        empty.refuse_too_old()
        empty.refuse_telling_log()
        empty.refuse_no_right_to_fill()
        return lines.over_line(hub, str(never), empty.url, "WAREHOUSE_URL")
    with hub.warehouse.engine.connect() as connection:
        version = connection.execute(sa.text("show server_version")).scalar()
        stamp = contents.version(connection)
    return lines.over_line(hub, f"PostgreSQL {version}, phiên bản kho {stamp}", hub.warehouse.url, "WAREHOUSE_URL")


def _shared(hub: Hub) -> Told:
    url = hub.settings.shared_url()
    if url is None:
        raise SharedUnconfigured
    engine = connecting.engine(url)
    shared = SharedWarehouse(engine)
    may_publish = shared.may_publish()  # the first to ask: it knows what it means that nobody answers
    refuse_other_than_utf8(engine, "SHARED_WAREHOUSE_URL")
    if not may_publish:
        raise SharedRightMissing(what="Công bố số liệu mở", rights=shared.rights_to_ask_for())
    elsewhere = shared.readable_elsewhere()
    if elsewhere:
        raise ReaderReadsMore(reader=READER, relations=", ".join(elsewhere[:5]) + (" …" if len(elsewhere) > 5 else ""))
    told = f"kết nối được, có quyền công bố, {READER} chỉ đọc được open_data"
    return lines.over_line(hub, told, url, "SHARED_WAREHOUSE_URL")


def _rounding(hub: Hub) -> str:
    secret = hub.settings.rounding_secret()
    if secret is None and hub.settings.is_demo:
        return "chưa có: lượt đêm đầu tiên của tỉnh mô phỏng tự tạo"
    if secret is None:
        raise NoRoundingSecret(source="mọi hệ thống")
    with hub.warehouse.engine.connect() as connection:
        kept = open_instants.kept_check(connection)
    if kept not in (None, Rounding(secret).check):
        raise OtherSecret(source="mọi hệ thống")
    return "đúng khóa của những bản đã công bố" if kept else "đã đặt, chưa công bố lần nào"


def _clock(hub: Hub) -> str:
    now, recorded = hub.now(), hub.recorded()
    hub.refuse_leap(recorded.last)
    differs = abs(hub.clock.now() - recorded.server)
    if not hub.settings.is_demo and differs > DRIFTS:
        raise ClockDrifts(minutes=round(differs.total_seconds() / 60))
    return f"{now:%Y-%m-%d %H:%M} UTC, ngày {hub.today():%d/%m/%Y}"


def _grid(hub: Hub) -> str:
    hub.warehouse.open()
    refuse_empty(hub.settings)
    from pipelines.doctor.grid import looking as grid  # with it comes Dagster: a second and a half

    return grid.look(hub)


def _mend_grid() -> None:
    from pipelines.doctor.grid import looking as grid

    screen = console(stderr=True)
    mended = grid.mend(Hub.open(), lambda name: screen.print(f"Chờ lượt chạy đang dùng {name} xong…"))
    for line in mended or ["không có gì phải kể lại"]:
        screen.print(f"Lưới ô, kể lại: {escape(line)}" if mended else f"Lưới ô: {line}.", soft_wrap=True)


def _disk(hub: Hub) -> str:
    home = hub.settings.home
    free = shutil.disk_usage(next(p for p in (home, *home.parents) if p.exists())).free
    if free < LEAST_FREE_BYTES:
        raise DiskLow(free=free / 1024**3, least=LEAST_FREE_BYTES / 1024**3)
    return f"còn {free / 1024**3:.0f} GB"


def _own_things(hub: Hub) -> str:
    """What other accounts of the machine may read, and the settings that nothing else here asks for."""
    _ = hub.settings.filing, hub.settings.retry_seconds  # each is refused by its name where it has no meaning
    state_folder.refuse_open(hub.settings.home)
    told = "chỉ thư mục open cho tài khoản khác đọc"
    shown = open_to_others()
    return f"{told}; tài khoản khác cũng đọc được tệp của {', '.join(shown)} (chmod 600)" if shown else told


def _source(hub: Hub, source: Source) -> Told:
    datasets = datasets_of(source)
    with turn(others_wait=True), connect(source, hub.settings) as connector:
        declared = [*datasets, SUBMISSION_LOG]
        faults = [f"{d.road.table}: {'; '.join(f)}" for d in declared if (f := connector.faults(d))]
        hidden = [f"{d.road.table}: {'; '.join(h)}" for d in declared if (h := connector.hidden(d))]
        rights = connector.rights(datasets)
        late = _clock_of(hub, connector)
        log = [] if faults or hidden else [f"{d.road.table}: {told}" for d in datasets if (told := _log(hub, connector, d))]
    if hidden:
        raise SourceHides(source=source.name, hidden=" | ".join(hidden + faults))
    if faults:
        raise SourceDiffers(source=source.name, faults=" | ".join(faults))
    if rights:
        raise SourceWritable(source=source.name, what="; ".join(rights))
    told = f"kết nối được, {len(datasets)} bảng đúng cấu trúc, thấy mọi dòng, tài khoản không ghi được"
    # The road's own driver and this one open their lines by one library and one address.
    return lines.over_line(hub, "; ".join([told, *late, *log]), hub.settings.source_url(source.name) or "", source.environment)


def _clock_of(hub: Hub, connector: Connector) -> list[str]:
    """A source's clock that is another: by it units are on time or late. The demo's day is of no clock of a server."""
    told = None if hub.settings.is_demo else connector.clock()
    differs = dt.timedelta(0) if told is None else told - hub.clock.now()
    minutes = round(abs(differs).total_seconds() / 60)
    word = "nhanh" if differs > dt.timedelta(0) else "chậm"
    return [f"đồng hồ của nguồn {word} hơn {minutes} phút, báo đơn vị quản lý nguồn chỉnh lại"] if abs(differs) > DRIFTS else []


def _log(hub: Hub, connector: Connector, dataset: Dataset) -> str | None:
    """What an officer should know of the submission log."""
    return connector.submissions(dataset, ledger.owed(dataset, hub.today()), hub.now()).told


def _reporting(hub: Hub) -> str:
    gateway = client(hub.settings)
    if gateway is None:
        raise GatewayUnconfigured
    gateway.longest_call = LONGEST_LOGIN
    gateway.login()
    return f"đăng nhập được, {gateway.road}"
