"""What a source has to bear, held: connections at once, rows a second, memory, how long a statement and a wait for a lock."""

import time
from collections.abc import Callable, Iterator

import pyarrow as pa
from adbc_driver_manager.dbapi import Cursor

from resources.connecting import end_when_left
from resources.failures import Transient
from schemas.dataset import Bounds, Source


class SourceBusy(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "tài khoản đã có {others} phiên của trung tâm đang mở ở nguồn, khai báo cho phép tối đa {most}"
    remedy = "Chờ phiên kia xong rồi chạy lại; hệ thống khác vẫn chạy"
    means = (
        "Trung tâm tự giới hạn số phiên mở cùng lúc để không đè nặng lên nguồn. Thường là một lượt chạy khác, hoặc phiên của một "
        "lượt vừa bị kết thúc mà máy chủ nguồn chưa đóng. Đã tự thử lại vài lần."
    )
    steps = (
        "Xem lượt nào đang chạy trên giao diện, chờ nó xong.",
        "Không có lượt nào: nhờ đơn vị quản lý nguồn xem pg_stat_activity và kết thúc phiên ansinh còn sót.",
        "Nếu nguồn chịu được nhiều hơn: người phát triển sửa bounds của hệ thống ở schemas/sources.",
    )
    stops_system = True


def hold_session(cursor: Cursor, bounds: Bounds) -> None:
    """Of this transaction only: a pooler may give the session to others after it."""
    for name, limit in (("statement_timeout", bounds.statement_timeout), ("lock_timeout", bounds.lock_timeout)):
        cursor.execute(f"set local {name} = {int(limit.total_seconds() * 1000)}")
    cursor.execute(f"set local work_mem = '{bounds.memory_mb}MB'")
    cursor.execute(end_when_left(transaction_alone=True))
    cursor.fetchall()
    cursor.execute("set local jit = off")  # compiling takes longer than it saves in queries that run once


def refuse_one_more(cursor: Cursor, source: Source) -> None:
    """Of its own sessions every login sees all; of two that come at once both may be refused, and try again."""
    cursor.execute(
        "select count(*) from pg_stat_activity where datname = current_database() and usename = current_user "
        "and application_name = current_setting('application_name')"
    )
    ((sessions,),) = cursor.fetchall()
    if sessions > source.bounds.connections:
        raise SourceBusy(source=source.name, title=source.title, others=sessions - 1, most=source.bounds.connections)


class Pace:
    """Lets batches through so that in any stretch of time there are no more rows than allowed, and one batch."""

    def __init__(
        self,
        rows_per_second: int | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._rows_per_second = rows_per_second
        self._clock, self._sleep = clock, sleep
        self._free_at = clock()

    def held(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if self._rows_per_second is not None:
                now = self._clock()
                if now < self._free_at:
                    self._sleep(self._free_at - now)
                self._free_at = max(now, self._free_at) + batch.num_rows / self._rows_per_second
            yield batch
