"""The last night as Dagster's runs tell it, whoever ran it: the schedules or `ansinh nightly`. Dagster itself is not imported."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assets.tags import NIGHT
from pipelines.job_names import POPULATION_JOB, REPORTS_JOB, night_job_name
from resources.clock import ZONE, moment
from resources.environment import number
from resources.failing import Failure
from resources.hub import Hub
from resources.servers.dagster_runs import Run, runs_of_nights
from resources.settings import Settings
from resources.warehouse.running import alerts
from schemas.registry import SOURCES
from schemas.written import day

BY_HOUR = 7  # of the morning, by which a night has ended: the reports go at 05:00 at the latest
EARLIEST = dt.timedelta(hours=13)  # before that hour: a night that is run in the evening before counts too
OTHERS = {REPORTS_JOB: "báo cáo", POPULATION_JOB: "đối chiếu dân cư"}


@dataclass(frozen=True)
class Night:
    """A night: what became of its jobs. `owed`: the jobs without which it is not whole."""

    name: str
    runs: Mapping[str, Run]
    owed: frozenset[str]

    @property
    def day(self) -> str:
        """Its day as officers write it."""
        return day(self.name)

    @property
    def failed(self) -> list[str]:
        """The jobs that ended badly."""
        return sorted(job for job, run in self.runs.items() if run.is_over and not run.is_good)

    @property
    def is_whole(self) -> bool:
        """Whether all of it was run to its end, well or badly."""
        return self.owed <= self.runs.keys() and all(run.is_over for run in self.runs.values())

    @property
    def worked(self) -> dt.timedelta:
        """How long any of its runs was at work. One that was run again by day, or waited for its hour, leaves a gap that is none of it."""
        worked, until = dt.timedelta(0), dt.datetime.min.replace(tzinfo=dt.UTC)
        for started, ended in sorted((run.started, run.ended) for run in self.runs.values() if run.started and run.ended):
            worked += max(ended - max(started, until), dt.timedelta(0))
            until = max(until, ended)
        return worked

    @property
    def ended(self) -> dt.datetime | None:
        """When the last of it ended; None: some of it has not, or it is not whole."""
        return max((run.ended for run in self.runs.values() if run.ended), default=None) if self.is_whole else None


def last_nights(hub: Hub) -> list[Night]:
    """The last two nights, the newest first."""
    found = runs_of_nights(hub.settings.dagster_url(), NIGHT, hub.clock.system())
    owed = frozenset([REPORTS_JOB, *(night_job_name(source) for source in read_nightly(hub.settings))])
    return [Night(name, {run.job: run for run in runs}, owed) for name, runs in found.items()]


def read_nightly(settings: Settings) -> list[str]:
    """The systems that a night reads: those that are set up. One whose address is wrong is owed."""
    found = []
    for source in SOURCES:
        try:
            # The demo's would be started to tell where they are.
            is_there = not settings.leaves_out(source.name) if settings.is_demo else settings.source_url(source.name) is not None
        except Failure:
            is_there = True
        found += [source.name] if is_there else []
    return found


def night_by() -> float:
    """The hour by which a night is missed (`ALERT_NIGHT_BY`)."""
    told = number("ALERT_NIGHT_BY", least=0, most=23)
    return BY_HOUR if told is None else told


def missed_by(hub: Hub, nights: Sequence[Night], now: dt.datetime) -> dt.datetime | None:
    """The hour at which a night should have ended and had not; None: one had, or none was due yet."""
    local = now.astimezone(ZONE)
    due = local.replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(hours=night_by())
    due -= dt.timedelta(days=1) if due > local else dt.timedelta(0)
    for night in nights:
        ended = night.ended
        # A night's name counts first: in the demo Dagster writes down its end by another clock than the demo's.
        if ended and (night.name >= due.date().isoformat() or (not hub.settings.is_demo and ended > due - EARLIEST)):
            return None
    if not nights:
        with hub.warehouse.engine.connect() as connection:
            if alerts.begun_at(connection) > due:
                return None
    return due


def job_title(job: str) -> str:
    """A job as officers call it."""
    labels = {night_job_name(source.name): source.label for source in SOURCES}
    return labels.get(job) or OTHERS.get(job) or job


def in_words(night: Night) -> str:
    """How a night went, in a line."""
    good = sum(run.is_good for run in night.runs.values())
    told = f"{good}/{len(night.owed | night.runs.keys())} lượt tốt"
    if night.failed:
        told += f"; hỏng: {', '.join(map(job_title, night.failed))}"
    if not_run := sorted(night.owed - night.runs.keys()):
        told += f"; không có lượt: {', '.join(map(job_title, not_run))}"
    if night.ended is None:
        going = [job_title(job) for job, run in night.runs.items() if not run.is_over]
        return f"đêm {night.day} chưa xong: {told}" + (f"; đang chạy hoặc mất tiến trình: {', '.join(going)}" if going else "")
    return f"đêm {night.day} xong lúc {moment(night.ended)}, chạy {spanning(night.worked)}: {told}"


def spanning(span: dt.timedelta) -> str:
    """A span to the minute; below that to the second."""
    seconds = round(span.total_seconds())
    minutes, hours = seconds // 60, seconds // 3600
    if seconds < 60:
        return f"{seconds} giây"
    return f"{hours} giờ {minutes % 60} phút" if hours else f"{minutes} phút"
