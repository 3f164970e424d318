"""What is past its term, removed or only told: each system under its lock, each store by itself, and what became of it is kept.

Cut off at any instant it leaves what no register names; the next run removes that too, and a second run finds nothing.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from assets.tags import process_lives
from pipelines.failures import NightBesideRetention, RetentionRunning
from pipelines.runtime import dead_runs
from resources.clock import ZONE
from resources.failing import Failure
from resources.hub import Hub
from resources.inbox import looking
from resources.local.laying import refuse_wrong
from resources.locks import only_now, only_one
from resources.retention import events, folders
from resources.retention.folders import Old
from resources.retention.line import Line, instant_of
from resources.warehouse.engine import typed
from resources.warehouse.running import retention, retentions
from resources.warehouse.running.retention import PastRaw
from schemas.dataset import Dataset, Source
from schemas.local import RETENTION
from schemas.registry import SOURCES, datasets_of
from schemas.retention import Store, Term, term
from schemas.written import grouped

if TYPE_CHECKING:
    import dagster as dg

NIGHTLY = "nightly_"  # how the jobs of a night are called
PATIENCE = 1800.0  # seconds for which a load of a system is waited for

LOSES_RAW = "bản nhận trước của các ô không còn để đối chiếu; ô hiện hành vẫn kiểm tra lại từ bản gốc được"
LOSES_QUARANTINE = "sổ sửa còn nêu số của các dòng này thì nộp lại không khớp nữa"
LOSES_EVENTS = "trang lượt chạy cũ chỉ còn lúc bắt đầu, lúc kết thúc và các ô, không còn nhật ký từng bước"
HOLDS_EVERYTHING = "mọi câu hỏi «ngày đó kho biết gì» vẫn trả lời như trước"


@dataclass
class Retained:
    """What was removed, or would be, and what kept a part from it."""

    lines: list[Line] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def look(hub: Hub) -> Retained:
    """What would be removed now; nothing is changed."""
    refuse_wrong(RETENTION)
    hub.warehouse.engine.connect().close()  # out of reach, each part would say so, between words of what stays
    return _Sweep(hub, None).all()


def retain(hub: Hub, instance: "dg.DagsterInstance") -> Retained:
    """Remove it. Raises NightBesideRetention and RetentionRunning; what goes wrong with one part stops no other."""
    refuse_wrong(RETENTION)  # by the shipped terms would go what the place's own keep longer
    engine = hub.warehouse.engine
    if is_night(instance):
        raise NightBesideRetention
    with only_now(engine, "night", NightBesideRetention):  # looked at, not kept: a night that begins now would be refused
        pass
    with only_now(engine, "retention", RetentionRunning):
        with engine.begin() as connection:
            number = retentions.begin(connection, hub.now())
        done = _Sweep(hub, instance.delete_run).all()
        with engine.begin() as connection:
            retentions.end(connection, number, [line.record() for line in done.lines], len(done.failures), hub.now())
    return done


def is_night(instance: "dg.DagsterInstance") -> bool:
    """Whether a night of any system, or its reports, is under way; one whose process is gone is none."""
    running = dead_runs.under_way(instance)
    return any(run.job_name.startswith(NIGHTLY) and process_lives(run.tags) is not False for run in running)


class _Sweep:
    """`delete_run`: how the orchestrator deletes a run; None: nothing is removed."""

    def __init__(self, hub: Hub, delete_run: Callable[[str], object] | None) -> None:
        self._hub, self._delete_run, self._today = hub, delete_run, hub.today()
        self._done = Retained()

    @property
    def _removes(self) -> bool:
        return self._delete_run is not None

    def all(self) -> Retained:
        for source in SOURCES:
            self._alone(f"dọn dữ liệu quá thời hạn của {source.name}", partial(self._of_source, source))
        self._alone("dọn sổ xuất quá thời hạn", self._exports)
        for source in SOURCES:
            self._alone(f"dọn tệp trả lại quá thời hạn của {source.name}", partial(self._given_back, source))
        self._alone("dọn tệp nhật ký quá thời hạn", self._logs)
        self._alone("dọn sự kiện điều phối quá thời hạn", self._events)
        self._done.lines.append(self._line("reports", None, "phiên bản mà một báo cáo đã được tính từ"))
        self._done.lines.append(self._line("audit", None, "ai đọc, ai chạy lại, ai gửi, ai tra cứu"))
        return self._done

    def _alone(self, what: str, sweep: Callable[[], Iterator[Line]]) -> None:
        try:
            self._done.lines += sweep()
        except Exception as error:
            self._done.failures.append(typed(what, error))

    def _line(self, store: Store, dataset: Dataset | None, title: str, **facts: Any) -> Line:
        found = term(store, self._today, dataset)
        return Line(store, dataset.id if dataset else None, title, found, _before(found, self._today), **facts)

    def _before(self, store: Store, dataset: Dataset | None = None) -> dt.datetime | None:
        return _before(term(store, self._today, dataset), self._today)

    # --- a system -------------------------------------------------------------------------------------------------------------

    def _of_source(self, source: Source) -> Iterator[Line]:
        engine = self._hub.warehouse.engine
        alone = only_one(engine, f"source.{source.name}", seconds=PATIENCE) if self._removes else nullcontext()
        with alone:
            lines = self._raw(source)
            for dataset in datasets_of(source):
                with self._transaction() as connection:
                    lines += [self._history(connection, dataset), self._quarantine(connection, dataset)]
        yield from lines

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        """One in which the rows are counted and removed; a look that only counts ends without a trace."""
        engine = self._hub.warehouse.engine
        with engine.begin() if self._removes else engine.connect() as connection:
            yield connection

    def _raw(self, source: Source) -> list[Line]:
        """The registers first, then the disk: a name without its file would be a loss, a file without a name is removed next time."""
        store, named = self._hub.raw, {d.name: d for d in datasets_of(source)}
        before: dict[str, dt.datetime | None] = {name: self._before("raw", d) for name, d in named.items()}
        folder = store.folder_of(source.name)
        with self._transaction() as connection:
            past = retention.raw(connection, source, before, self._today)
            unnamed = self._unnamed(connection, source, before, past)
            sizes = store.sizes({*past.files, *unnamed})
            if self._removes:
                retention.forget_raw(connection, past)
        if self._removes:
            with self._hub.warehouse.engine.connect() as connection:
                going = {*retention.leaving(connection, folder), *(unnamed - retention.registered(connection, source))}
            store.remove(sorted(going))
            with self._transaction() as connection:
                retention.has_left(connection, folder)
        lines = [self._raw_line(named[name], past, sizes) for name in named]
        if unnamed:
            size = sum(sizes[path] for path in unnamed)
            title = f"{source.label}, tệp của lượt bị cắt ngang, không sổ nào nêu"
            lines.append(replace(self._line("raw", None, title, count=len(unnamed), bytes=size), of=source.name))
        return lines

    def _unnamed(
        self, connection: sa.Connection, source: Source, before: Mapping[str, dt.datetime | None], past: PastRaw
    ) -> set[str]:
        """Files that left the registers in a run that was cut off, and old ones that no register ever named.

        Where the register is empty it is the wrong one, or new: nothing on the disk is judged by it.
        """
        store = self._hub.raw
        found = set(retention.leaving(connection, store.folder_of(source.name)))
        named, limits = retention.registered(connection, source), [*before.values(), self._before("raw")]
        if named and None not in limits:
            found |= set(store.unnamed(source.name, named, min(limit.timestamp() for limit in limits if limit)))
        return found - past.files.keys()

    def _raw_line(self, dataset: Dataset, past: PastRaw, sizes: Mapping[str, int]) -> Line:
        of = past.by_dataset[dataset.name]
        size = sum(sizes[path] for path, name in past.files.items() if name == dataset.name)
        facts = {"count": of.count, "bytes": size, "first": of.first, "last": of.last, "held": of.held}
        return self._line("raw", dataset, dataset.title, loses=LOSES_RAW if of.count else "", **facts)

    def _history(self, connection: sa.Connection, dataset: Dataset) -> Line:
        line = self._line("history", dataset, dataset.title)
        before, answers_from = line.before, retention.known_from(connection).get(dataset.id)
        if before is not None:
            past = retention.history(connection, dataset, before, self._before("reports"), remove=self._removes)
            line = replace(line, count=past.count, first=past.first, last=past.last, held=past.held)
            if past.count:
                answers_from = max(filter(None, (answers_from, before)))
        if answers_from is None:
            return replace(line, loses="")
        day = f"{answers_from.astimezone(ZONE):%d/%m/%Y}"
        told = (
            f"câu hỏi «ngày đó kho biết gì» trả lời trọn vẹn từ ngày {day}; trước đó chỉ còn dòng hiện hành và phiên bản được giữ"
        )
        return replace(line, loses=told)

    def _quarantine(self, connection: sa.Connection, dataset: Dataset) -> Line:
        line = self._line("quarantine", dataset, dataset.title)
        if line.before is None:
            return line
        raw_before = self._before("raw", dataset)
        past = retention.quarantine(connection, dataset, line.before, raw_before, remove=self._removes)
        loses = LOSES_QUARANTINE if past.count else ""
        return replace(line, count=past.count, first=past.first, last=past.last, loses=loses)

    # --- files and events -----------------------------------------------------------------------------------------------------

    def _exports(self) -> Iterator[Line]:
        folder = self._hub.settings.exports_dir
        title = "EXPORT_DIR" if folder else "EXPORT_DIR chưa đặt: người xuất tự hủy tệp của mình"
        yield self._files("exports", None, title, folders.exports(folder, self._before("exports")))

    def _given_back(self, source: Source) -> Iterator[Line]:
        before, inbox = self._before("returned"), self._hub.settings.inbox_of(source.name)
        yield self._files(
            "returned", source.name, source.label, folders.given_back(self._hub.settings.returned_of(source.name), before)
        )
        waiting = looking.forgotten(inbox, before.timestamp() + looking.DAY) if before else []
        if waiting:  # in the inbox, or in hand: nothing of it is in the hub yet
            title = f"{source.label}, tệp còn chờ nhận"
            yield replace(self._line("returned", None, title, held=len(waiting)), of=source.name)

    def _logs(self) -> Iterator[Line]:
        yield self._files("logs", None, "thư mục logs", folders.logs(self._hub.settings.home / "logs", self._before("logs")))

    def _files(self, store: Store, of: str | None, title: str, found: list[Old]) -> Line:
        line = folders.line(store, of, title, term(store, self._today), self._before(store), found)
        if self._removes:
            folders.remove(found)
        return line

    def _events(self) -> Iterator[Line]:
        line = self._line("events", None, "bước của lượt chạy, lượt chạy không nêu ô nào")
        if line.before is not None:
            url = self._hub.settings.dagster_url()
            past = events.find(url, line.before)
            if self._delete_run is not None:
                events.remove(url, line.before, past, self._delete_run)
            facts: dict[str, Any] = {"count": past.events, "bytes": past.bytes, "first": past.first, "last": past.last}
            line = replace(line, **facts, loses=LOSES_EVENTS if past.events else "")
        yield line


def _before(found: Term | None, today: dt.date) -> dt.datetime | None:
    return None if found is None else instant_of(found.before(today))


def answers_whole(lines: list[Line]) -> bool:
    """Whether no history lost anything, now or before."""
    return not any(line.loses for line in lines if line.store == "history")


def in_words(lines: list[Line]) -> str:
    """All of it in a line, for metadata and the terminal."""
    rows = sum(line.count for line in lines if line.store in ("history", "quarantine"))
    files = sum(line.count for line in lines if line.store in ("raw", "exports", "returned", "logs"))
    told = sum(line.count for line in lines if line.store == "events")
    size = sum(line.bytes or 0 for line in lines)
    return f"{grouped(rows)} dòng, {grouped(files)} tệp, {grouped(told)} sự kiện điều phối, {grouped(size // 1_000_000)} MB"
