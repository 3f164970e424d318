"""What belongs to the place: which shipped tables it differs in, and what of it should be looked at again."""

import datetime as dt
from collections.abc import Iterator

from pipelines.doctor.checking import Told
from resources.failing import Failure
from resources.hub import Hub
from resources.inbox.headings import refuse_wrong_table
from resources.local.failures import LocalRowHidesNewer, LocalRowRepeats
from resources.local.laying import Found, failure, look
from schemas import local
from schemas.dated import shipped
from schemas.local import FROM, LocalTable, Row


def look_at(hub: Hub) -> Told:
    """The folder is read anew: what a process has laid may be older."""
    found = look(hub.settings)
    if found.faults:
        raise failure(found.faults)
    if found.folder is None:
        return Told("ANSINH_CONFIG chưa đặt; mọi bảng là bảng đi kèm", is_absent=True)
    for name in found.headings:
        refuse_wrong_table(found.folder, name)
    return Told(_told(found), tuple(_warnings(found)))


def _told(found: Found) -> str:
    parts = [f"{_name(at)} {len(rows)} dòng{_replaced(at, rows)}" for at, rows in found.rows.items()]
    if found.headings:
        parts.append(f"{len(found.headings)} bảng đổi tên cột")
    return f"{found.folder}: {'; '.join(parts) or 'không có bảng nào'}"


def _replaced(at: str, rows: list[Row]) -> str:
    table = _table(at)
    standing = {table.key(row) for row in shipped(*at.split("/"))}
    count = sum(table.key(row) in standing for row in rows)
    return f" (thay {count})" if count else ""


def _warnings(found: Found) -> Iterator[Failure]:
    for at, rows in found.rows.items():
        table, standing = _table(at), shipped(*at.split("/"))
        if days := _hidden(table, standing, rows):
            yield LocalRowHidesNewer(file=_name(at), count=len(days), day=max(days))
        if count := sum(row in standing for row in rows):
            yield LocalRowRepeats(file=_name(at), count=count)


def _hidden(table: LocalTable, standing: list[Row], rows: list[Row]) -> list[dt.date]:
    """The first days of shipped rows that a row of the place hides: they begin later than it, while it still holds."""
    if not table.is_dated:
        return []
    about = [(own, row) for own in rows for row in standing if table.about(own) == table.about(row)]
    return [dt.date.fromisoformat(row[FROM]) for own, row in about if own[FROM] < row[FROM] <= local.last_of(own).isoformat()]


def _table(at: str) -> LocalTable:
    table = local.table_of(at)
    assert table is not None, f"{at} was laid and is no local table"
    return table


def _name(at: str) -> str:
    return at.removeprefix("sources/")
