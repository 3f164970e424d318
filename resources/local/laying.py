"""The place's tables laid over the shipped ones: once a process, before any of them is read, by whatever starts one.

A file that is wrong is not laid, and what it is about is not done: nothing is loaded, published or filed under half of what the
place says. Who only reads goes on with what is right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as package
from pathlib import Path

from resources.failing import Failure
from resources.local import folder, tables
from resources.local.failures import LocalTableWrong
from resources.local.folder import HEADINGS, Fault, Unfit
from resources.settings import PROJECT, Settings
from schemas import local
from schemas.dated import systems
from schemas.local import ALL, Row

MOST_TOLD = 5


@dataclass(frozen=True)
class Found:
    """What the folder holds: rows by the path under schemas/, tables of headings, and what is wrong."""

    folder: Path | None = None
    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    headings: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


_generated_alone = False


def lay() -> Found:
    """Lay what the place says over what is shipped. Never raises: `refuse_wrong` does, where something would follow from it."""
    return _laid()


def lay_nothing() -> None:
    """Lay nothing in this process: what it writes is generated, and has to be the same wherever it is made."""
    global _generated_alone
    _generated_alone = True


@cache
def _laid() -> Found:
    if _generated_alone:
        return Found()
    found = look(Settings.load())
    local.lay(found.rows)
    return found


def refuse_wrong(*what: str) -> None:
    """Raises LocalTableWrong where a table is wrong that stops one of these, or all: a system, or as in schemas/local.py."""
    wrong = [fault for fault in lay().faults if fault.stops & {ALL, *what}]
    if wrong:
        raise failure(wrong)


def failure(faults: list[Fault] | tuple[Fault, ...]) -> LocalTableWrong:
    more = f"; và {len(faults) - MOST_TOLD} chỗ nữa" if len(faults) > MOST_TOLD else ""
    return LocalTableWrong(faults="; ".join(map(str, faults[:MOST_TOLD])) + more)


def look(settings: Settings) -> Found:
    """What stands in the folder now."""
    try:
        where = settings.config_dir
    except Failure as error:
        return Found(faults=(Fault("ANSINH_CONFIG", error.said),))
    if where is None:
        return Found()
    if why := _why_not_there(where, settings):
        return Found(where, faults=(Fault(str(where), why),))
    rows: dict[str, list[Row]] = {}
    headings: list[str] = []
    faults: list[Fault] = []
    for name, path in folder.files(where):
        try:
            if isinstance(path, Unfit):
                raise path
            if name.startswith(f"{HEADINGS}/"):
                _refuse_other_heading(name)
                headings.append(name)
                continue
            at, table = _table(name)
            read, wrong = tables.rows(path, table, at)
            faults += [Fault(f"{name}, {place}", why, _stopped_by(name)) for place, why in wrong]
            if not wrong:
                rows["/".join(at)] = read
        except Unfit as unfit:
            faults.append(Fault(name, unfit.why, _stopped_by(name)))
    return Found(where, rows, tuple(headings), tuple(faults))


def _why_not_there(where: Path, settings: Settings) -> str | None:
    if not where.is_dir():
        return "không có thư mục này"
    inside = where.resolve()
    if inside.is_relative_to(settings.home.resolve()):
        return "nằm trong ANSINH_HOME, nơi ansinh giữ trạng thái; cần một thư mục ở ngoài"
    if inside.is_relative_to(PROJECT):
        return "nằm trong thư mục cài đặt, nơi bản cập nhật ghi đè; cần một thư mục ở ngoài"
    return None


def _parts(name: str) -> tuple[str, ...]:
    """A file of the folder -> the path under schemas/ of the table that it is laid over."""
    parts = tuple(name.split("/"))
    return ("sources", *parts) if parts[0] in systems() else parts


def _table(name: str) -> tuple[tuple[str, ...], local.LocalTable]:
    at = _parts(name)
    path = "/".join(at)
    if not name.endswith(".csv") or not package("schemas").joinpath(*at).is_file():
        raise Unfit("không có bảng đi kèm nào tên như vậy; xem tên tệp và tên thư mục")
    if why := local.why_fixed(path):
        raise Unfit(f"địa phương không đặt được bảng này: {why}")
    table = local.table_of(path)
    if table is None:
        raise Unfit("địa phương không đặt được bảng này")
    return at, table


def _stopped_by(name: str) -> frozenset[str]:
    at = _parts(name)
    table = local.table_of("/".join(at))
    if table and table.stops:
        return frozenset(table.stops)
    if at[0] == "sources":
        return frozenset({at[1]})
    if at[0] == HEADINGS and len(at) > 1 and (system := at[1].removesuffix(".csv")) in systems():
        return frozenset({system})
    return frozenset({ALL})


def _refuse_other_heading(name: str) -> None:
    _, system, *unit = name.removesuffix(".csv").split("/")
    if not name.endswith(".csv") or system not in systems() or (unit and not unit[0].isdecimal()):
        raise Unfit("cần headings/<hệ thống>.csv hoặc headings/<hệ thống>/<mã đơn vị>.csv")
