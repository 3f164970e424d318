"""A database that plays a source system: made from the declarations, and changed as its users would change it.

It has two logins: the owner, and a reader who may only read the declared tables and the submission log. Where a system's units send
files, the database is their own books: then the reader cannot log in, and may read nothing. What has not happened yet
lies in tables of the same names beside them (`later`), which the reader cannot see.

The SQL of the demo is what PostgreSQL and MariaDB, in its ANSI mode, both say. What each says in its own way stands in
postgresql.py and mariadb.py.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

import pyarrow as pa

from schemas.column import SourceType
from schemas.dataset import Dataset, Source
from schemas.registry import comes_by_file, datasets_of
from schemas.submissions import SUBMISSION_LOG

LOG = SUBMISSION_LOG.road.at_source
NOTE = (
    "DỮ LIỆU MÔ PHỎNG: mọi người, hộ, số giấy tờ, tài khoản trong cơ sở dữ liệu này đều do máy sinh ra, không phải người có thật."
)


def database_of(source: Source) -> str:
    return f"source_{source.name}"


def owner_of(source: Source) -> str:
    return f"{source.name}_owner"


def reader_of(source: Source) -> str:
    return f"{source.name}_reader"


def quoted(*names: str) -> str:
    """Names of columns or of a table, as both kinds of server take them."""
    return ", ".join('"{}"'.format(name.replace('"', '""')) for name in names)


class Made(NamedTuple):
    """A column of a table that is made."""

    name: str
    type: str
    title: str = ""


class Addressed(Protocol):
    """A server of any kind."""

    def url(self, database: str, user: str) -> str: ...


S = TypeVar("S", bound=Addressed)


class Sender(Protocol):
    """Sends rows into tables, many at a time. They stand once it is closed."""

    def send(self, place: str, rows: pa.Table) -> None: ...

    def close(self) -> None: ...


class Database(ABC, Generic[S]):
    """The database of one source, on a server of one kind."""

    types: ClassVar[Mapping[SourceType, str]]
    keyed: ClassVar[str]  # the type of a text by which rows are found
    same: ClassVar[str]  # the operator by which nothing equals nothing

    def __init__(self, source: Source, server: S) -> None:
        self.source, self.server = source, server
        self._name, self._owner, self._reader = database_of(source), owner_of(source), reader_of(source)

    @property
    def is_books(self) -> bool:
        """Whether it is what the offices keep and nobody else sees."""
        return comes_by_file(self.source)

    def url(self) -> str:
        """The owner's."""
        return self.server.url(self._name, self._owner)

    # What a server of the kind does its own way -----------------------------------------------------------------------

    @abstractmethod
    def connect(self) -> Any:
        """Connect as the owner, in a transaction."""

    @abstractmethod
    def sender(self) -> Sender:
        """As the owner."""

    @abstractmethod
    def let_in(self, is_let_in: bool) -> None:
        """Let the reader's login in, or keep it out and cut what it has open."""

    @abstractmethod
    def later(self, table: str) -> str:
        """The table of what has not happened yet to a table, as SQL names it."""

    @abstractmethod
    def taken_in(self, table: str, columns: Sequence[str], rows: str) -> str:
        """A statement that inserts what a query gives, but for what is there already."""

    @abstractmethod
    def change_one(self, table: str, values: str, where: str) -> str:
        """A statement that changes one of the rows that a condition selects."""

    @abstractmethod
    def delete_others(self, cursor: Any, table: str, where: str, values: Sequence[object]) -> int:
        """Delete all rows that a condition selects but the first; how many."""

    @abstractmethod
    def move(
        self,
        cursor: Any,
        table: str,
        columns: Sequence[str],
        where: str,
        values: Sequence[object],
        held: Mapping[str, object],
        order: str,
        most: int,
    ) -> int:
        """Take rows out of a table, so many at most and in this order, and hold them for later with these values more; how many."""

    @abstractmethod
    def _make(self) -> None:
        """The empty database and its logins; what was there is gone."""

    @abstractmethod
    def _table(self, cursor: Any, place: str, columns: Sequence[Made], title: str = "") -> None: ...

    @abstractmethod
    def _open_to_reader(self) -> None: ...

    # What is alike ----------------------------------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[Any]:
        """A cursor of the owner: all that it did stands at the end, or nothing of it."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            yield cursor
            connection.commit()

    def create(self, today: int) -> None:
        """Make it anew, without rows. `today`: the day up to which the source has lived."""
        self._make()
        with self.changing() as cursor:
            for dataset in datasets_of(self.source):
                keys = self._found_by(dataset)
                columns = [
                    Made(c.source_column, self.keyed if c.name in keys else self.types[c.source_type], c.title)
                    for c in dataset.columns
                ]
                self._table(cursor, quoted(dataset.road.at_source), columns, f"{dataset.title} (dữ liệu mô phỏng)")
                cell = (Made("_ngay", "integer not null"), Made("_ky", self.keyed), Made("_don_vi", self.keyed))
                self._table(cursor, self.later(dataset.road.at_source), (*columns, *cell))
            lines = [
                Made(c.source_column, f"{self.keyed if c.source_type == 'text' else self.types[c.source_type]} not null", c.title)
                for c in SUBMISSION_LOG.columns
            ]
            day = Made("_ngay", "integer not null")
            self._table(cursor, LOG, lines)
            self._table(cursor, self.later(LOG), (*lines, day))
            told = [Made(name, f"{self.types['text']} not null") for name in ("bang", "khoa", "gia_tri")]
            self._table(cursor, self.later("sua"), (day, *told))
            # The day up to which the source has lived: a step that was cut off is taken up again, never done twice.
            self._table(cursor, self.later("da_song"), (Made("ngay", "integer not null"),))
            cursor.execute(f"insert into {self.later('da_song')} values (%s)", (today,))
            self._table(cursor, "ghi_chu", (Made("noi_dung", f"{self.types['text']} not null"),))
            cursor.execute("insert into ghi_chu values (%s)", (NOTE,))
        if not self.is_books:
            self._open_to_reader()

    def finish(self) -> None:
        """Keys and indexes, built after the rows: before them the load takes half as long again."""
        with self.changing() as cursor:
            for dataset in datasets_of(self.source):
                table = quoted(dataset.road.at_source)
                keys = [dataset.column(k).source_column for k in self._keys(dataset)]
                if keys:
                    cursor.execute(f"alter table {table} add primary key ({quoted(*keys)})")
                if dataset.placed_by:
                    column = dataset.column(dataset.placed_by).source_column
                    cursor.execute(f"create index {quoted(f'{dataset.road.at_source}_{column}')} on {table} ({quoted(column)})")
            cursor.execute(f"create index {LOG}_o on {LOG} (bang, ky, ma_don_vi)")

    def _keys(self, dataset: Dataset) -> Sequence[str]:
        """The fields by which the source tells its rows apart.

        A line of a payment list has no number of its own: nothing at the source stops one that is typed twice.
        """
        return () if dataset.is_payment_list else dataset.key

    def _found_by(self, dataset: Dataset) -> set[str]:
        """The texts that an index holds."""
        by = {*self._keys(dataset), *([dataset.placed_by] if dataset.placed_by else [])}
        return {c.name for c in dataset.columns if c.name in by and c.source_type == "text"}
