"""Which matters stand open, in words that hold counts, systems, periods and forms, and nothing of a row, a file or an answer.

What was found elsewhere in words (why a pull failed, why a report came back) is not repeated here: whoever reads of a matter reads
the rest at the hub.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from pipelines.doctor.backups import health
from pipelines.doctor.failures import BackupOverdue, RehearsalBad
from pipelines.job_names import night_job_name
from pipelines.nights import Night, job_title, last_nights, missed_by, read_nightly
from pipelines.scheduler import is_silent, last_beat
from resources.clock import moment
from resources.failing import Failure
from resources.hub import Hub
from resources.servers.dagster_runs import heartbeats
from resources.warehouse.arrivals import dataset_pulls, ledger
from resources.warehouse.published import submissions
from resources.warehouse.running.alerts import Key
from schemas.dataset import Source
from schemas.registry import SOURCES, dataset_named, datasets_of
from schemas.written import grouped

UNSENT = dt.timedelta(hours=24)  # of a report that may go: a night's outage of the gateway is over by then
# What ends by an officer's own act is news to nobody.
ENDS_ARE_TOLD = frozenset({"source", "run", "night", "scheduler", "orchestrator", "backup", "warehouse"})


@dataclass
class Seen:
    """What was looked at: the matters, and the kinds or single ones that could not be judged now."""

    matters: dict[Key, str] = field(default_factory=dict)
    unjudged: set[Key | str] = field(default_factory=set)

    def is_judged(self, key: Key) -> bool:
        return key not in self.unjudged and key[0] not in self.unjudged


def look(hub: Hub, now: dt.datetime) -> Seen:
    """All that stands open. Raises only what keeps the warehouse itself from being read."""
    seen = Seen()
    nights: list[Night] = []
    try:
        nights = last_nights(hub)
        beats = heartbeats(hub.settings.dagster_url())
    except Failure:
        seen.matters["orchestrator", ""] = (
            "Nơi lưu nhật ký điều phối không đọc được: không biết đêm gần nhất và bộ lập lịch ra sao. Xem: ansinh doctor"
        )
        seen.unjudged |= {"run", "night", "scheduler"}
    else:
        _nights(seen, hub, nights, now)
        _scheduler(seen, hub, beats)
    with hub.warehouse.engine.connect() as connection:
        set_up = read_nightly(hub.settings)
        for source in SOURCES:
            if source.name not in set_up and all(dataset_pulls.is_first_pull(connection, d) for d in datasets_of(source)):
                continue  # it never was; one that was read and is no more is missed
            _source(seen, connection, source, nights[0] if nights else None)
        for key, words in _reports(connection, now):
            seen.matters[key] = words
    _backups(seen, hub)
    return seen


def _nights(seen: Seen, hub: Hub, nights: list[Night], now: dt.datetime) -> None:
    if due := missed_by(hub, nights, now):
        last = next((night for night in nights if night.ended), None)
        known = f"đêm gần nhất đã xong là đêm {last.day}" if last else "chưa có đêm nào xong"
        seen.matters["night", ""] = (
            f"Đến {moment(due)} chưa có lượt đêm nào xong; {known}. Xem: ansinh status, ansinh doctor; chạy tay: ansinh nightly"
        )
    if not nights:
        return
    of_sources = {night_job_name(source.name) for source in SOURCES}
    for job, run in nights[0].runs.items():
        if not run.is_over:
            seen.unjudged.add(("run", job))
        elif not run.is_good and job not in of_sources:
            seen.matters["run", job] = f"Lượt {job_title(job)} của đêm {nights[0].day} hỏng. Xem: ansinh status, ansinh doctor"
    # A job that the night has not come to yet is as it was in the night before.
    seen.unjudged |= {("run", job) for night in nights[1:] for job in night.runs.keys() - nights[0].runs.keys()}


def _scheduler(seen: Seen, hub: Hub, beats: dict[str, dt.datetime]) -> None:
    last = last_beat(beats)  # none: nights are begun otherwise
    if last and is_silent(hub, last):
        seen.matters["scheduler", ""] = (
            f"Bộ lập lịch đã dừng: nhịp cuối lúc {moment(last)}; các đêm sau không tự chạy. Bật lại dịch vụ của ansinh (ansinh ui)"
        )


def _backups(seen: Seen, hub: Hub) -> None:
    try:
        health(hub)
    except BackupOverdue:
        seen.matters["backup", "overdue"] = (
            "Không có bản sao lưu tốt nào trong 3 ngày qua. Chạy: ansinh backup; xem: ansinh doctor"
        )
        seen.unjudged.add(("backup", "rehearsal"))  # what is told first
    except RehearsalBad:
        seen.matters["backup", "rehearsal"] = (
            "Lần diễn tập khôi phục gần nhất không tốt. Xem: ansinh doctor; thử: ansinh backup --verify"
        )
    except Failure:  # backups are not set up: the doctor says so
        seen.unjudged.add("backup")


def _source(seen: Seen, connection: sa.Connection, source: Source, night: Night | None) -> None:
    """A system whose last pull failed, and its refused cells. While its run goes on it is as it was."""
    run = night.runs.get(night_job_name(source.name)) if night else None
    if run and not run.is_over:
        seen.unjudged.add(("source", source.name))
        return
    dead = len(dataset_pulls.failing(connection, source.name))
    if dead:
        seen.matters["source", source.name] = (
            f"Hệ thống {source.label}: {dead}/{len(datasets_of(source))} bộ dữ liệu không nạp được ở lần đọc gần nhất; bản tốt gần "
            f"nhất vẫn dùng. Xem: ansinh status --source {source.name}, ansinh doctor"
        )
    elif night and run and not run.is_good:
        seen.matters["source", source.name] = (
            f"Hệ thống {source.label}: lượt của đêm {night.day} hỏng sau khi đã đọc nguồn. Xem: ansinh doctor, trang của lượt "
            f"{night_job_name(source.name)}"
        )
    refused = Counter((cell.dataset, cell.period) for cell in ledger.refused_cells(connection, source.name))
    for (dataset, period), count in refused.items():
        title = dataset_named(f"{source.name}.{dataset}").title
        seen.matters["refused", f"{source.name}.{dataset} {period}"] = (
            f"Hệ thống {source.label}: {grouped(count)} ô bị từ chối của bộ {title}, kỳ {period}. Xem: ansinh status "
            f"--source {source.name} --period {period}"
        )


def _reports(connection: sa.Connection, now: dt.datetime) -> Iterator[tuple[Key, str]]:
    """The last revision of each form and period, where a person or the gateway has still to move it."""
    for form, period, revision, status, attempts, approved_at in submissions.still_to_move(connection):
        which, key = f"Báo cáo {form} kỳ {period}, lần {revision}", f"{form} {period} {revision}"
        show = f"ansinh report show {form} {period}"
        if status == "waiting_approval":
            yield ("report_waiting", key), f"{which}: chờ duyệt. Xem: {show}; duyệt: ansinh report approve"
        elif status == "returned":
            yield ("report_returned", key), f"{which}: bị nơi nhận trả lại. Xem lý do: {show}"
        elif approved_at is not None and now - approved_at > UNSENT:
            tried = f"đã thử {grouped(attempts)} lần" if attempts else "chưa gửi lần nào"
            yield ("report_unsent", key), f"{which}: quá 24 giờ chưa có biên nhận, {tried}. Xem: {show}, ansinh doctor"
