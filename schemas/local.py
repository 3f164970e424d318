"""Which shipped tables a place may differ in, by which columns a row is known, what its cells may hold; and its rows laid over the shipped.

The rows themselves are handed in by resources/local, before any of these tables is read: nothing here reads the environment. What is
generated (docs, graph.txt) is generated without them. A table that is no local one stands in FIXED with the reason why.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

Row = dict[str, str]
FROM, TO = "valid_from", "valid_to"
_FOREVER = dt.date.max
_DAY = dt.timedelta(days=1)
_YEARS = range(1900, 2101)
LONGEST_CELL = 1000


@dataclass(frozen=True)
class Value:
    """What a cell may hold, in words and as a test."""

    expected: str
    fits: Callable[[str], bool]


def _is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII)) and dt.date.fromisoformat(text).year in _YEARS
    except ValueError:
        return False


def matching(expected: str, pattern: str) -> Value:
    return Value(expected, lambda text: re.fullmatch(pattern, text, re.ASCII) is not None)


def whole(least: int, most: int) -> Value:
    expected = f"một số nguyên từ {least} đến {most}"
    return Value(expected, lambda text: bool(re.fullmatch(r"\d{1,12}", text, re.ASCII)) and least <= int(text) <= most)


def one_of(*known: str) -> Value:
    return Value(f"một trong: {', '.join(known)}", lambda text: text in known)


WORDS = Value(f"chữ trên một dòng, tối đa {LONGEST_CELL} ký tự", lambda text: len(text) <= LONGEST_CELL and text.isprintable())
TEXT = Value(f"{WORDS.expected}, không để trống", lambda text: bool(text) and WORDS.fits(text))
DAY = Value("một ngày dạng 2025-03-01", _is_day)
LAST_DAY = Value(f"{DAY.expected}, hoặc để trống nếu chưa hết", lambda text: not text or _is_day(text))
CODE = matching("một mã gồm chữ, số, dấu chấm, gạch", r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
NAME = matching("một tên trường, hoặc để trống", r"([A-Za-z_][\w.-]{0,79})?")
# No host of its own, no parameter, no way up: it is written behind the address that the settings give.
PATH = matching("một đường dẫn bắt đầu bằng /", r"/([A-Za-z0-9_~-][\w~.-]*)?(/[A-Za-z0-9_~-][\w~.-]*)*")
CODES = matching("một hay nhiều mã, cách nhau bằng |", r"[\w.-]{1,20}(\|[\w.-]{1,20})*")
CONFIDENCE = one_of("sure", "likely", "unsure")
_DATED: Mapping[str, Value] = {FROM: DAY, TO: LAST_DAY}

# What a wrong file of a table stops; of one that names nothing, the system in whose folder it stands.
OPEN, REPORTS, POPULATION, RETENTION, ALL = "open", "reports", "population", "retention", "all"


@dataclass(frozen=True)
class LocalTable:
    """A shipped table whose rows a place may replace or add to.

    `subject`: the columns that say what a row is about; with the day from which on it holds they are its key. `must`: never taken over
    from the shipped row. Unless it is `of_any`, a row is about what some shipped row is about; a column in `among` holds what
    stands in a column of another table, or of the shipped one itself: ().
    """

    subject: tuple[str, ...]
    values: Mapping[str, Value]
    stops: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    of_any: bool = False
    among: Mapping[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    is_dated: bool = True

    @property
    def columns(self) -> Mapping[str, Value]:
        return {**self.values, **(_DATED if self.is_dated else {})}

    def about(self, row: Row) -> tuple[str, ...]:
        return tuple(row[name] for name in self.subject)

    def key(self, row: Row) -> tuple[str, ...]:
        return (*self.about(row), *([row[FROM]] if self.is_dated else []))


_STANDARD = LocalTable(
    ("name",),
    {"name": CODE, "amount_vnd": whole(1, 10**10), "legal_basis": TEXT, "confidence": one_of("sure", "likely")},
    stops=(ALL,),
    must=("amount_vnd", "legal_basis", "confidence"),
)
_KEPT = {
    "term": matching("P90D, P24M, P10Y hoặc permanent", r"P\d{1,4}[DMY]|permanent"),
    "legal_basis": TEXT,
    "confidence": CONFIDENCE,
}
# By the path under schemas/, `*` for a system. Of a system that has no such file there is none to differ in.
LOCAL: Mapping[str, LocalTable] = {
    "release_decisions.csv": LocalTable(
        ("number",),
        {"number": TEXT, "title": TEXT, "issued_by": TEXT, "is_synthetic": one_of("false", "true")},
        stops=(OPEN,),
        must=("title", "issued_by"),
        of_any=True,
    ),
    "reports/organisations.csv": LocalTable(
        ("role",),
        {
            "role": one_of("sender", "receiver"),
            "code": CODE,
            "name": TEXT,
            "legal_basis": TEXT,
            "confidence": CONFIDENCE,
            "note": WORDS,
        },
        stops=(REPORTS,),
        must=("code", "name", "legal_basis", "confidence", "note"),
    ),
    "revision_days.csv": LocalTable(
        (),
        {"day": whole(1, 31), "reason": TEXT, "confidence": one_of("sure", "likely", "unsure", "proposal")},
        stops=(OPEN, REPORTS),
        must=("day", "reason"),
    ),
    "swaps.csv": LocalTable(
        ("off_day",), {"off_day": DAY, "work_day": DAY, "legal_basis": TEXT}, stops=(ALL,), of_any=True, is_dated=False
    ),
    "population.csv": LocalTable(
        (),
        {"path": PATH, "token_path": PATH, "auth": one_of("bearer", "token_header", "authorization"), "code_at": NAME}
        | dict.fromkeys(("success_codes", "matching", "differing", "unknown"), CODES)
        | {"persons_a_call": whole(1, 10_000), "calls_a_day": whole(1, 10**6), "calls_a_minute": whole(1, 10**5)}
        | {"kept_days": whole(1, 3660), "source": TEXT, "confidence": CONFIDENCE},
        stops=(POPULATION,),
        must=("source",),
    ),
    "retention.csv": LocalTable(("store",), {"store": CODE, **_KEPT}, stops=(RETENTION,), must=tuple(_KEPT)),
    "sources/*/retention.csv": LocalTable(
        ("dataset", "store"),
        {"dataset": CODE, "store": CODE, **_KEPT},
        stops=(RETENTION,),
        must=tuple(_KEPT),
        of_any=True,
        among={"dataset": ((), "dataset")},
    ),
    "rates/standards.csv": _STANDARD,
    "sources/*/rates/standards.csv": _STANDARD,
    "sources/*/due_days.csv": LocalTable(
        ("dataset",),
        {"dataset": CODE, "day": whole(1, 31), "months_after": whole(0, 24), "lock_months": whole(0, 60), "legal_basis": TEXT},
        must=("day", "legal_basis"),
    ),
    "sources/*/owners.csv": LocalTable(
        (),
        {"ministry": TEXT, "department": TEXT, "first_filer": TEXT, "legal_basis": TEXT, "confidence": CONFIDENCE},
        must=("department", "legal_basis"),
    ),
    "sources/*/services.csv": LocalTable(
        ("resource",),
        {"resource": CODE, "path": PATH, "token_path": PATH, "auth": one_of("bearer", "token_header", "authorization")}
        | dict.fromkeys(("code_at", "rows_at", "total_at", "page_parameter", "size_parameter", "next_at"), NAME)
        | dict.fromkeys(("from_parameter", "to_parameter", "since_parameter"), NAME)
        | {"success_codes": CODES, "paging": one_of("cursor", "number"), "page_size": whole(1, 100_000)}
        | {"etag_of": Value("page, whole, hoặc để trống", lambda text: text in ("", "page", "whole"))}
        | {"calls_per_minute": whole(1, 10**5), "source": TEXT, "confidence": CONFIDENCE},
        must=("source",),
    ),
    "sources/administrative_procedures/rates/offices.csv": LocalTable(
        ("code",),
        {
            "code": CODE,
            "level": whole(1, 3),
            "district_code": matching("mã huyện, từ ngày 01/07/2025 mã xã, hoặc để trống", r"(\d{3}|\d{5})?"),
        }
        | {"name": TEXT, "legal_basis": TEXT, "confidence": CONFIDENCE},
        must=("legal_basis", "confidence"),
        of_any=True,
    ),
    "sources/job_service/rates/wage_regions.csv": LocalTable(
        ("district_code",),
        {"district_code": TEXT, "region": whole(1, 4), "legal_basis": TEXT, "confidence": CONFIDENCE},
        must=("region", "legal_basis", "confidence"),
        of_any=True,
        among={"district_code": (("units", "districts.csv"), "code")},
    ),
    "sources/social_protection/rates/assistance_standard_overrides.csv": LocalTable(
        ("group_code",),
        {"group_code": TEXT, "amount_vnd": whole(1, 10**10), "legal_basis": TEXT, "confidence": CONFIDENCE},
        must=("amount_vnd", "legal_basis", "confidence"),
        of_any=True,
        among={"group_code": (("sources", "social_protection", "rates", "assistance_groups.csv"), "group_code")},
    ),
}

_LISTS = "danh mục dùng chung: đổi một mã là đổi nghĩa của số liệu đã nhận và đã công bố; đổi bằng bản cập nhật"
_JUDGES = "quy tắc kiểm tra xét theo bảng này: nới ra là tắt quy tắc; đổi bằng bản cập nhật"
_GUARDS = "bảng này che người trong số liệu mở: nới ra thì có thể chỉ được một người"
# First match; the others of rates/ stand in LOCAL.
FIXED: Mapping[str, str] = {
    "units/*.csv": _LISTS,
    "codes/*.csv": _LISTS,
    "sources/*/codes/*.csv": _LISTS,
    "rates/*.csv": _JUDGES,
    "sources/*/rates/*.csv": _JUDGES,
    "list_facts.csv": _GUARDS,
    "sources/*/list_facts.csv": _GUARDS,
    "release_rules.csv": _GUARDS,
    "reports/regimes.csv": "chế độ báo cáo do nghị định, thông tư đặt: đổi là đổi số của biểu; đổi bằng bản cập nhật",
    "reading/headings.csv": "tên cột của từng đơn vị đặt ở headings/<hệ thống>/<mã đơn vị>.csv hoặc headings/<hệ thống>.csv",
    "reading/legacy_fonts.csv": "bảng mã của phông chữ cũ không khác nhau giữa các nơi",
    "kept_by_law.csv": "luật buộc giữ hồ sơ nào: bớt một dòng là xóa được thứ không được xóa; đổi bằng bản cập nhật",
    "roles.csv": "quyền của từng vai trò đi cùng mã dùng quyền đó: nới ra là mở số liệu cá nhân; đổi bằng bản cập nhật",
    "sources/*/rules_without_input.csv": "bảng này nêu quy tắc nào chưa dựng, không đặt gì",
}


def table_of(path: str) -> LocalTable | None:
    """The local table that a path under schemas/ is, where it is one."""
    return next((table for pattern, table in LOCAL.items() if _fits(path, pattern)), None)


def why_fixed(path: str) -> str | None:
    """Why a shipped table is the same everywhere, where it is."""
    return None if table_of(path) else next((why for pattern, why in FIXED.items() if _fits(path, pattern)), None)


def _fits(path: str, pattern: str) -> bool:
    parts, patterns = path.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


# --- a place's rows over the shipped ones ----------------------------------------------------------------------------


def last_of(row: Row) -> dt.date:
    return dt.date.fromisoformat(row[TO]) if row[TO] else _FOREVER


def merged(table: LocalTable, shipped: Sequence[Row], own: Sequence[Row]) -> list[Row]:
    """A place's row replaces the shipped one of its key; on its days no other shipped row about the same holds."""
    keys = {table.key(row) for row in own}
    stays = [row for row in shipped if table.key(row) not in keys]
    if not table.is_dated:
        return [*stays, *own]
    places: dict[tuple[str, ...], int] = {}
    for row in (*shipped, *own):
        places.setdefault(table.about(row), len(places))
    laid = [piece for row in stays for piece in _beside(row, [o for o in own if table.about(o) == table.about(row)])]
    return sorted([*laid, *own], key=lambda row: (places[table.about(row)], row[FROM]))


def _beside(row: Row, own: Collection[Row]) -> list[Row]:
    """What is left of a row's days where others of the same subject hold."""
    pieces = [(dt.date.fromisoformat(row[FROM]), last_of(row))]
    for other in own:
        begins, ends = dt.date.fromisoformat(other[FROM]), last_of(other)
        left = []
        for first, last in pieces:
            if begins > first:
                left.append((first, min(last, begins - _DAY)))
            if ends < last:
                left.append((max(first, ends + _DAY), last))
        pieces = left
    return [row | {FROM: first.isoformat(), TO: "" if last == _FOREVER else last.isoformat()} for first, last in pieces]


def overlap(one: Row, other: Row) -> bool:
    """Whether both hold on some day."""
    return max(one[FROM], other[FROM]) <= min(last_of(one), last_of(other)).isoformat()


# --- what is laid in this process --------------------------------------------------------------------------------------

_laid: dict[str, Sequence[Row]] = {}
_read: set[str] = set()


def lay(rows: Mapping[str, Sequence[Row]]) -> None:
    """Lay a place's rows over the shipped ones, by the path under schemas/: once, before one of the tables is read."""
    late = sorted(_read & rows.keys())
    if late or (_laid and rows != _laid):
        raise RuntimeError(f"a place's rows have to be laid before the tables are read: {', '.join(late) or 'others are laid'}")
    _laid.update(rows)


def over(path: str, shipped: list[Row]) -> list[Row]:
    """The rows of a table in this process."""
    _read.add(path)
    own, table = _laid.get(path), table_of(path) if path in _laid else None
    return merged(table, shipped, own) if table and own else shipped
