"""Which periods a text names: the name of a file, or a line above a table. A day that it names, as of sending, is no period.

Periods of other kinds than the dataset's are passed over. What names several, and no range, names none.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from schemas import calendar
from schemas.calendar import PeriodKind

_YEAR = r"(?:19|20)\d{2}"
_GAP = r"(?:[\s._/-]|nam(?!\s*hoc))*"
_DAYS = re.compile(
    rf"ngay\s*\d{{1,2}}\s*(?:thang|[./-])\s*\d{{1,2}}\s*(?:nam|[./-])\s*{_YEAR}"
    rf"|(?<!\d)\d{{1,2}}([./_-])\d{{1,2}}\1{_YEAR}(?!\d)"
    rf"|(?<!\d){_YEAR}([./_-])\d{{1,2}}\2\d{{1,2}}(?!\d)"
    r"|\d{7,}"
    # Of a paper, a number and a year; but «cơ sở» and «hồ sơ» end as «số» does.
    r"|(?<![a-z])(?:(?<!co[\s._-])(?<!ho[\s._-])so|qd|quyet dinh|nd|nghi dinh|thong tu|nghi quyet|cong van)"
    r"[\s._:]*\d+\s*[/-]\s*\d+\S*"
    rf"|\d+/{_YEAR}/\S+"
)
# Years between which a standard holds, a school year, and some months of a year.
_NO_YEARS = re.compile(
    rf"(?:giai doan|nhiem ky|chuan ngheo|nam hoc)[a-z\s._]*{_YEAR}\s*[-–_/]\s*{_YEAR}"
    rf"|(?<!\d)(?:[1-9]|1[01])[\s._]*t(?:hang)?[\s._]*(?:(?:dau|cuoi)[\s._]*)?(?:nam[\s._]*)?{_YEAR}"
)
_OF_MONTH = r"(?:thang\s*|(?<![a-z0-9])t\s?)"
_SPAN_OF_MONTHS = re.compile(
    rf"{_OF_MONTH}(\d{{1,2}})\s*(?:den|toi|-|–)\s*(?:het\s*)?(?:thang\s*|t\s?)?(\d{{1,2}}){_GAP}({_YEAR})(?!\d)"
)
# In `T2 2024-10` one year stands for two months.
_YEAR_OF_TWO = re.compile(rf"{_OF_MONTH}(\d{{1,2}}){_GAP}{_YEAR}[./-](0[1-9]|1[0-2])(?!\d)")
# A month or a quarter without its year, beside another that has one: `thang 9 va thang 10 nam 2024`, `T9, T10.2024`, `quy 2 + quy 3/2024`.
_ALONE = {
    "monthly": re.compile(
        r"thang\s*(\d{1,2})(?!\d)|(?<![a-z0-9])t\s?(\d{1,2})(?=\s*(?:[-–—~,;&+_/]|va|den|toi)\s*(?:thang|t)?\s?\d)"
    ),
    "quarterly": re.compile(
        r"quy\s*(iv|i{1,3}|[1-4])(?![a-z0-9])|(?<![a-z0-9])q\s?([1-4])(?=\s*(?:[-–—~,;&+_/]|va|den|toi)\s*(?:quy|q)?\s?[1-4i])"
    ),
}
_NAMED = re.compile(
    rf"(?:quy\s*|(?<![a-z0-9])q\s?)(?P<quarter>iv|i{{1,3}}|[1-4]){_GAP}(?P<year_q>{_YEAR})(?!\d)"
    rf"|(?<!\d)(?P<year_r>{_YEAR})[\s._/-]*(?:quy\s*|q)(?P<quarter_r>iv|i{{1,3}}|[1-4])(?![a-z0-9])"
    rf"|(?:thang\s*|(?<![a-z0-9])t\s?)(?P<month>\d{{1,2}}){_GAP}(?P<year_m>{_YEAR})(?!\d)"
    rf"|(?<!\d)(?P<year_i>{_YEAR})[._/-](?P<month_i>0?[1-9]|1[0-2])(?!\d)"
    rf"|(?<!\d)(?P<month_d>0?[1-9]|1[0-2])[._/-](?P<year_d>{_YEAR})(?!\d)"
    rf"|(?<!\d)(?P<year_c>{_YEAR})(?P<month_c>0[1-9]|1[0-2])(?!\d)"
    rf"|(?<!\d)(?P<begun>{_YEAR})\s*[-–_/]\s*(?P<ended>{_YEAR})(?!\d)"
    rf"|(?<!\d)(?P<year>{_YEAR})(?!\d)"
)
_TO = re.compile(r"\s*(?:_|-|–|—|~|den|toi)+\s*(?:het\s*)?(?:thang|quy|nam)?\s*")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
EXAMPLES: dict[PeriodKind, tuple[str, str]] = {
    "monthly": ("2024-10", "2024-01_2024-09"),
    "quarterly": ("2024-Q3", "2024-Q1_2024-Q3"),
    "yearly": ("2024", "2023_2024"),
    "school_year": ("2023-2024", "2022-2023_2023-2024"),
    "register": (calendar.REGISTER, calendar.REGISTER),
}


def named(texts: Sequence[str], kind: PeriodKind) -> tuple[str, ...]:
    """The periods of a kind that these texts name, in order: one, or all of a range. None where they differ among themselves."""
    told = {found for text in texts if (found := _of(text, kind))}
    return next(iter(told)) if len(told) == 1 else ()


def _of(text: str, kind: PeriodKind) -> tuple[str, ...]:
    plain = _DAYS.sub(" # ", _plain(text))
    if kind == "yearly":
        plain = _NO_YEARS.sub(" # ", plain)
    if kind == "monthly" and (span := _SPAN_OF_MONTHS.search(plain)):
        return _between(*(_month(int(span[3]), int(span[at])) for at in (1, 2)))
    found = [(period, begins, ends) for period, begins, ends in _places(plain, kind) if period]
    periods = list(dict.fromkeys(period for period, _, _ in found))
    if len(periods) == 2 and len(found) == 2 and _TO.fullmatch(plain[found[0][2] : found[1][1]]):
        return _between(*periods)
    return tuple(periods) if len(periods) == 1 and not _names_another(plain, kind, periods[0], found) else ()


def _names_another(plain: str, kind: PeriodKind, period: str, places: Sequence[tuple[str, int, int]]) -> bool:
    """Whether a text names another month or quarter beside the one that it names with its year."""
    if kind == "monthly" and any(int(found[1]) != int(found[2]) for found in _YEAR_OF_TWO.finditer(plain)):
        return True
    of_it = int(period.rpartition("-")[2].removeprefix("Q")) if kind in _ALONE else 0
    for found in _ALONE[kind].finditer(plain) if kind in _ALONE else ():
        told = found[1] or found[2]
        if not any(begins <= found.start() < ends for _, begins, ends in places) and (_ROMAN.get(told) or int(told)) != of_it:
            return True
    return False


def _plain(text: str) -> str:
    """Small letters without marks."""
    bare = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(c for c in bare if not unicodedata.combining(c))


def _places(plain: str, kind: PeriodKind) -> Iterator[tuple[str | None, int, int]]:
    """Each period of the kind, and where it stands."""
    for found in _NAMED.finditer(plain):
        if kind == "yearly" and found["begun"]:
            for group in ("begun", "ended"):
                yield found[group], *found.span(group)
        else:
            yield _period(found, kind), *found.span()


def _period(found: re.Match[str], kind: PeriodKind) -> str | None:
    told = {name: text for name, text in found.groupdict().items() if text}
    year = next((int(text) for name, text in told.items() if name.startswith("year")), 0)
    for name, text in told.items():
        if name.startswith("quarter"):
            return f"{year:04d}-Q{_ROMAN.get(text) or int(text)}" if kind == "quarterly" else None
        if name.startswith("month"):
            return _month(year, int(text)) if kind == "monthly" else None
    if "begun" in told:
        is_school_year = int(told["ended"]) == int(told["begun"]) + 1
        return f"{told['begun']}-{told['ended']}" if kind == "school_year" and is_school_year else None
    return told["year"] if kind == "yearly" else None


def _month(year: int, month: int) -> str | None:
    return f"{year:04d}-{month:02d}" if 1 <= month <= 12 else None


def _between(first: str | None, last: str | None) -> tuple[str, ...]:
    """All periods of a range; nothing where it runs backwards."""
    if not first or not last or first > last:
        return ()
    return tuple(calendar.periods(calendar.kind_of(first), first, calendar.span(last)[0]))


def listed(periods: Sequence[str], most: int) -> str:
    """Periods in words: so many by name, more of them by the first and the last."""
    return ", ".join(periods) if len(periods) <= most else f"{periods[0]} … {periods[-1]}"
