"""Facts of the transport of a dataset, apart from those of the data: what would have to be written anew when the road changes."""

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True)
class Changes:
    """How it is found what changed at the source since it was last read, and why that way."""

    way: Literal["row_versions", "row_hashes", "content"]
    why: str


# A change column of the source is trusted nowhere: it misses what is committed late, deleted, or written by hand.
BY_ROW_VERSION = Changes(
    "row_versions",
    "Nguồn là bảng PostgreSQL: số phiên bản của dòng cho biết mọi thay đổi, kể cả xóa và giao dịch ghi muộn, không dựa vào ngày "
    "cập nhật do người nhập.",
)
BY_ROW_HASH = Changes(
    "row_hashes",
    "Nguồn không có số phiên bản của dòng (khung nhìn, hoặc cơ sở dữ liệu khác PostgreSQL): so mã băm nội dung mọi dòng; ô nào khác "
    "thì lấy lại cả ô.",
)
BY_CONTENT = Changes(
    "content",
    "Nguồn là dịch vụ: dịch vụ có ETag hoặc cho biết phần đã đổi thì hỏi trước, không thì lấy lại cả kỳ; so mã băm những gì nhận được, "
    "không tin ngày cập nhật.",
)

BY_FILE = Changes(
    "content",
    "Nguồn là tệp do đơn vị gửi: tệp gửi sau thay tệp gửi trước; so mã băm những gì nhận được, không tin tên tệp, ngày của tệp.",
)


# The roads that the ledger records, as officers know what they lead to.
TITLES = {
    "sql": "PostgreSQL",
    "mariadb": "MariaDB hoặc MySQL",
    "sqlserver": "SQL Server",
    "oracle": "Oracle",
    "rest": "dịch vụ qua nền tảng tích hợp",
    "drop": "tệp do đơn vị gửi",
}


@dataclass(frozen=True)
class Sql:
    """A table or view of a database. The schema is always said: what a login finds first under a name may be another table."""

    table: str
    changes: Changes
    schema: str = "public"

    name: ClassVar = "sql"  # what the ledger records

    @property
    def at_source(self) -> str:
        """What the source calls the dataset."""
        return self.table

    @property
    def own_schema(self) -> str | None:
        """The schema, where it is not the one that a database has by itself: in PostgreSQL `public`, elsewhere the address's own."""
        return None if self.schema == "public" else self.schema

    @property
    def place(self) -> str:
        """Where the rows lie, in the officer's words."""
        return f"bảng {self.table}" if self.schema == "public" else f"bảng {self.schema}.{self.table}"

    @property
    def relation(self) -> str:
        """The table's whole name, as SQL writes it."""
        return ".".join('"{}"'.format(part.replace('"', '""')) for part in (self.schema, self.table))


@dataclass(frozen=True)
class Rest:
    """A resource of a service behind the provincial platform. How that service is spoken to is dated: schemas/services.py."""

    resource: str

    name: ClassVar = "rest"  # what the ledger records
    changes: ClassVar = BY_CONTENT

    @property
    def at_source(self) -> str:
        """What the source calls the dataset."""
        return self.resource

    @property
    def place(self) -> str:
        """Where the rows lie, in the officer's words."""
        return f"dịch vụ {self.resource}"


@dataclass(frozen=True)
class Drop:
    """A sheet of the workbooks, or a text file, that units send."""

    sheet: str

    name: ClassVar = "drop"  # what the ledger records
    changes: ClassVar = BY_FILE

    @property
    def at_source(self) -> str:
        """What the source calls the dataset."""
        return self.sheet

    @property
    def place(self) -> str:
        """Where the rows lie, in the officer's words."""
        return f"trang {self.sheet}"


Road = Sql | Rest | Drop


def as_sql(road: Road) -> Sql:
    """The table in which a database holds what is declared: of a resource or a sheet one of that name, or a view."""
    return road if isinstance(road, Sql) else Sql(road.at_source, BY_ROW_HASH)
