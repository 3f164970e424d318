"""Sensors: what follows when cells are loaded by hand, late rows seen by day, files that were dropped, reports that wait, dead runs,
and what the operators are told."""

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from assets.cells.run import moved_since_due
from assets.guard import told
from assets.keys import core_key, raw_key
from assets.tags import CELLS, FILES, NIGHT, OFFICER, REASON, SEND_AGAIN, SOURCE, process_lives
from pipelines.alerting.telling import UNSET, tell
from pipelines.following import Load, followed_with, followers, is_by_hand, is_followed, load_of
from pipelines.jobs import NIGHT_JOBS, REPORTS, night_job_name
from pipelines.runtime.dead_runs import clear
from resources.alerting.channels import usable
from resources.connectors.connect import connect
from resources.connectors.turns import turn
from resources.hub import Hub
from resources.inbox.looking import Entry, waiting
from resources.local.laying import refuse_wrong
from resources.reporting import outbox
from resources.settings import Settings
from resources.warehouse.arrivals.backfills import LATE_ROWS
from resources.warehouse.engine import typed
from schemas.dataset import Dataset, Source
from schemas.registry import DATASETS, SOURCES, datasets_of

RECORDS = 1000  # fetched at once
TICK_SECONDS = 45.0  # that all sources may take together: the daemon gives up a tick after 60
LONGEST_TELLING = 15.0  # after which no other message is begun, for the same reason


@dg.sensor(
    name="follow_up",
    jobs=[*NIGHT_JOBS.values(), REPORTS],
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Ô nạp bằng tay mà lượt chạy mất giữa chừng: công bố lại số liệu mở của kỳ đó và lập lại báo cáo (điều chỉnh).",
)
@told("xem các ô nạp bằng tay")
def follow_up(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Follow what a run loaded by hand and did not come to follow itself, since its process died.

    Its cursor is the last event that is done with: a restart forgets nothing, and what a living run loaded is looked at again.
    """
    newest = context.instance.event_log_storage.get_maximum_record_id() or 0
    if context.cursor is None:
        # What was loaded before the sensor first ran was followed by its own night.
        context.update_cursor(str(newest))
        yield dg.SkipReason("Bắt đầu theo dõi từ bây giờ.")
        return
    found = _loaded_by_hand(context.instance, int(context.cursor), newest)
    until = min((record for record, run, _ in found if _goes_on(context.instance, run)), default=newest + 1) - 1
    context.update_cursor(str(until))
    loads = [load for record, run, load in found if record <= until and not is_followed(run)]
    if not loads:
        yield dg.SkipReason("Không có ô nào được nạp bằng tay mà chưa công bố và báo cáo lại.")
        return
    for follower in followers(loads):
        yield dg.RunRequest(
            run_key=f"{follower.job}-{until}", job_name=follower.job, asset_selection=follower.assets, tags=dict(follower.tags)
        )


def _goes_on(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run may yet be followed without the sensor; the command line follows when its runs have ended."""
    if is_followed(run):
        return False
    lives = process_lives(run.tags)
    return (not run.is_finished if lives is None else lives) or not followed_with(instance, run)


def _loaded_by_hand(instance: dg.DagsterInstance, after: int, until: int) -> list[tuple[int, dg.DagsterRun, Load]]:
    """The loads by hand between two events: the event, the run and what was loaded."""
    found = []
    runs: dict[str, dg.DagsterRun | None] = {}
    for dataset in DATASETS:
        for record in _materialized(instance, dataset, after):
            if record.run_id not in runs:
                runs[record.run_id] = instance.get_run_by_id(record.run_id)
            run = runs[record.run_id]
            if run is None or not is_by_hand(run) or record.storage_id > until:
                continue
            if load := load_of(run, record.asset_key, record.partition_key):
                found.append((record.storage_id, run, load))
    return found


def _materialized(instance: dg.DagsterInstance, dataset: Dataset, after: int) -> Iterator[dg.EventLogRecord]:
    of_core = dg.AssetRecordsFilter(asset_key=core_key(dataset), after_storage_id=after)
    cursor, has_more = None, True
    while has_more:
        found = instance.fetch_materializations(of_core, limit=RECORDS, cursor=cursor)
        cursor, has_more = found.cursor, found.has_more
        yield from found.records


@dg.sensor(
    name="late_rows",
    jobs=[*NIGHT_JOBS.values()],
    minimum_interval_seconds=900,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Bật: cứ 15 phút nạp ngay các ô quá hạn, chưa khóa mà nguồn có dòng mới. Tắt: chờ đến đêm. Kỳ đã khóa không bao giờ tự nạp.",
)
@told("xem dòng nộp muộn")
def late_rows(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One request a dataset that has late rows. It asks how the cells stand; the rows are pulled by the run."""
    hub = Hub.open()
    silent, asked = [], False
    ends = time.monotonic() + TICK_SECONDS
    for others, source in zip(reversed(range(len(SOURCES))), SOURCES, strict=True):
        try:
            if hub.settings.source_url(source.name) is None:
                continue
            refuse_wrong(source.name)
            share = (ends - time.monotonic()) / (others + 1)
            with turn(others_wait=True, most=share), connect(source, hub.settings) as connector:
                late = {
                    d: moved_since_due(hub, d, connector)
                    for d in datasets_of(source)
                    if not (connector.faults(d) or connector.hidden(d))
                }
        except Exception as error:  # of this system alone, whatever it is: an address that is none, a server that is gone
            silent.append(str(typed(f"xem dòng nộp muộn của {source.name}", error)))
            continue
        for dataset, cells in late.items():
            if cells:
                asked = True
                yield _late_request(dataset, cells)
    if not asked:
        yield dg.SkipReason(" ".join(silent) or "Không có dòng nộp muộn nào.")


def _late_request(dataset: Dataset, cells: Mapping[tuple[str, str], str]) -> dg.RunRequest:
    joined = ";".join(f"{period}|{unit}" for period, unit in cells)
    seen = hashlib.sha256("".join(cells.values()).encode()).hexdigest()[:16]
    return dg.RunRequest(
        # The same rows are asked for once, also while the first request still waits for its turn.
        run_key=f"late-{dataset.id}-{seen}",
        job_name=night_job_name(dataset.source.name),
        asset_selection=[raw_key(dataset), core_key(dataset)],
        tags={
            SOURCE: dataset.source.name,
            CELLS: joined,
            REASON: "Đơn vị nộp muộn: nguồn có dòng mới sau hạn nộp",
            OFFICER: LATE_ROWS,
        },
    )


@dg.sensor(
    name="dropped_files",
    jobs=[*NIGHT_JOBS.values()],
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Bật: cứ 30 giây xem hộp nhận, nạp ngay tệp đơn vị vừa gửi. Tắt: chờ đến đêm. Tệp của kỳ đã khóa được nhận rồi chờ cán bộ nạp.",
)
@told("xem hộp nhận tệp")
def dropped_files(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One request a system in whose inbox something lies at rest. Not even a name of it is told: the run looks for itself."""
    settings = Settings.load()
    wrong, asked = [], False
    for source in SOURCES:
        try:
            if settings.leaves_out(source.name):
                continue
            found = list(waiting(settings.inbox_of(source.name), settings))
        except Exception as error:  # of this system alone: an address that is none
            wrong.append(str(typed(f"xem hộp nhận tệp của {source.name}", error)))
            continue
        if found:
            asked = True
            yield _files_request(source, found)
    if not asked:
        yield dg.SkipReason(" ".join(wrong) or "Không có tệp nào trong hộp nhận.")


def _files_request(source: Source, found: Sequence[Entry]) -> dg.RunRequest:
    # The same files are asked for once, and once more each hour, where a run could not take them.
    marks = sorted(entry.mark for entry in found)
    seen = hashlib.sha256(";".join([str(int(time.time() // 3600)), *marks]).encode()).hexdigest()[:16]
    return dg.RunRequest(
        run_key=f"files-{source.name}-{seen}",
        job_name=night_job_name(source.name),
        asset_selection=[key for dataset in datasets_of(source) for key in (raw_key(dataset), core_key(dataset))],
        tags={SOURCE: source.name, FILES: "alone"},
    )


@dg.sensor(
    name="waiting_reports",
    job=REPORTS,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Báo cáo đã lập mà cổng chưa nhận được: gửi lại khi đến giờ thử lại.",
)
@told("xem báo cáo chờ gửi")
def waiting_reports(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """A night's hour of outage is over by morning: what waits goes when its own next attempt has come."""
    hub = Hub.open()
    with hub.warehouse.engine.connect() as connection:
        due = outbox.due_again(connection, hub.now())
    if not due:
        return dg.SkipReason("Không có báo cáo nào đến giờ gửi lại.")
    # Which ones and how often, hashed: Dagster keeps the key as a tag, and those of many would be too long for one.
    seen = hashlib.sha256("-".join(f"{s.transaction_id}.{s.attempts}" for s in due).encode()).hexdigest()[:16]
    return dg.RunRequest(run_key=f"again-{seen}", tags={NIGHT: SEND_AGAIN})


@dg.sensor(
    name="dead_runs",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Lượt chạy mà tiến trình đã mất (máy tắt, bị kết thúc) được đánh dấu hỏng, để không hiện đang chạy mãi.",
    jobs=[*NIGHT_JOBS.values()],
)
@told("xem lượt chạy mất tiến trình")
def dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    cleared = clear(context.instance)
    return dg.SkipReason(f"Đã đánh dấu hỏng: {', '.join(cleared)}." if cleared else "Không có lượt chạy nào mất tiến trình.")


@dg.sensor(
    name="alerts",
    minimum_interval_seconds=300,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Báo cho cán bộ trực, mỗi việc một lần: đêm hỏng hoặc thiếu, hệ thống không nạp được, báo cáo chờ hoặc bị trả lại.",
    jobs=[*NIGHT_JOBS.values()],
)
@told("báo tin cho cán bộ trực")
def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """A night that never began is told by who lives without it."""
    channels, wrong = usable()
    if not channels:
        return dg.SkipReason(" ".join(map(str, wrong)) or f"{UNSET}.")
    return dg.SkipReason(" ".join(tell(Hub.open(), longest=LONGEST_TELLING).told))


SENSORS = [follow_up, late_rows, dropped_files, waiting_reports, dead_runs, alerts]
