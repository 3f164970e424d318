"""Readers of days and instants. A day that was not written is never invented: a year alone stays a year."""

import contextlib
import datetime as dt
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.reading.cells import EMPTY, Reader, ReadValue, Situation, nulls, unreadable
from schemas.reading.characters import plain

# pyright: reportAttributeAccessIssue=false

VIETNAM = dt.timezone(dt.timedelta(hours=7))
FIRST_YEAR = 1945  # no paper of the State is older
YEARS_AHEAD = 20  # no term ends further away
FIRST_BIRTH_YEAR = 1900
_EXCEL = dt.date(1899, 12, 30)
_LONGEST = 60

_MIDNIGHT = r"(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?"
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})" + _MIDNIGHT, re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4}) ?[/.] ?(\d{1,2}) ?[/.] ?(\d{1,2})" + _MIDNIGHT, re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2}) ?[/. -] ?(\d{1,2}) ?[/. -] ?(\d{4}|\d{2})" + _MIDNIGHT, re.ASCII)
# Words in capitals too, with their marks: re.ASCII would take À for another letter than à, so that the digits are told one by one.
_IN_WORDS = re.compile(r"(?:ngày )?([0-9]{1,2}) tháng ([0-9]{1,2}) năm ([0-9]{4})", re.IGNORECASE)
_MONTH_YEAR = re.compile(r"(?:0{1,2} ?[/.-] ?)?(?:tháng )?([0-9]{1,2}) ?[/.-] ?([0-9]{4})", re.IGNORECASE)
_YEAR_MONTH = re.compile(r"(\d{4})-(\d{1,2})(?:-00)?", re.ASCII)
_YEAR = re.compile(r"(?:0{1,2} ?[/.-] ?0{1,2} ?[/.-] ?)?(?:năm )?([0-9]{4})(?:-00-00)?", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}", re.ASCII)

# Every day but 29 February, which the slow half reads.
_ISO_DAY = r"^[0-9]{4}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)$"


def begins(day: dt.date) -> dt.datetime:
    """The instant at which a day begins in Vietnam."""
    return dt.datetime.combine(day, dt.time(), VIETNAM)


def _clean_day(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    """Days written YYYY-MM-DD."""
    with contextlib.suppress(pa.ArrowInvalid):  # the error's text holds a value: it goes no further
        days = array.cast(pa.date32())
        if not pc.any(pc.less(days, dt.date.min)).as_py():  # Arrow has a year 0
            return days, np.ones(len(array), bool)
    clean = pc.fill_null(pc.match_substring_regex(array, _ISO_DAY), False)
    clean = pc.and_not(clean, pc.fill_null(pc.starts_with(array, "0000"), False)).to_numpy(zero_copy_only=False)
    days = pc.if_else(pa.array(clean), array, pa.scalar(None, pa.string())).cast(pa.date32())
    return days, clean | nulls(array)


def _day_first(array: pa.Array) -> tuple[pa.Array, dict[str, np.ndarray]]:
    """Days written dd/mm/yyyy or d/m/yyyy, as whole systems do."""
    # In a replacement only \0 to \9 are groups: \10 is the first group and a zero.
    padded = pc.replace_substring_regex(array, r"^([0-9])([/.-])", r"0\1\2")
    padded = pc.replace_substring_regex(padded, r"^([0-9]{2}[/.-])([0-9][/.-])", r"\10\2")
    rewritten = pc.replace_substring_regex(padded, r"^([0-9]{2})[/.-]([0-9]{2})[/.-]([0-9]{4})$", r"\3-\2-\1")
    return rewritten, {"date_rewritten": np.ones(len(array), bool)}


def _made(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except (ValueError, OverflowError):  # the latter of a year beside it that is none
        return None


def _day_and_month(first: int, second: int, year: int) -> dt.date | None:
    """Day before month, as it is written here; the other way round only where the second cannot be a month."""
    return _made(year, first, second) if second > 12 else _made(year, second, first)


def _whole_day(value: str, years: list[int]) -> tuple[dt.date | None, str | None, bool]:
    """A text with a whole day in it: the day, why there is none, and whether it was written YYYY-MM-DD.

    `years` are the full years that two digits may stand for.
    """
    if found := _ISO.fullmatch(value):
        day = _made(int(found[1]), int(found[2]), int(found[3]))
        return day, None if day else "not_a_day", len(value) == 10
    if found := _YEAR_FIRST.fullmatch(value):
        day = _made(int(found[1]), int(found[2]), int(found[3]))
        return day, None if day else "not_a_day", False
    if found := _IN_WORDS.fullmatch(value):
        day = _made(int(found[3]), int(found[2]), int(found[1]))
        return day, None if day else "not_a_day", False
    if found := _YEAR_LAST.fullmatch(value):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if len(found[3]) == 4:
            day = _day_and_month(first, second, year)
            return day, None if day else "not_a_day", False
        days = [_day_and_month(first, second, y) for y in years if y % 100 == year]
        if not days or None in days:
            return None, "not_a_day", False
        return (days[0], None, False) if len(days) == 1 else (None, "two_readings", False)
    return None, None, False


def _day(text: str, situation: Situation, beside: Any) -> ReadValue:
    if len(text) > _LONGEST:
        return unreadable("not_a_day")
    value, repairs = plain(text)
    if not value:
        return EMPTY
    last = situation.judged_on.year + YEARS_AHEAD
    day, reason, as_asked = _whole_day(value, list(range(FIRST_YEAR, last + 1)))
    if day:
        return ReadValue(day, repairs=repairs if as_asked else (*repairs, "date_rewritten"))
    if reason:
        return unreadable(reason)
    if _SERIAL.fullmatch(value):
        day = _EXCEL + dt.timedelta(days=int(value))
        if FIRST_YEAR <= day.year <= last:
            return ReadValue(day, repairs=(*repairs, "date_rewritten"))
    return unreadable("number_for_day" if re.fullmatch(r"[\d.,]+", value, re.ASCII) else "not_a_day")


def _birth(text: str, situation: Situation, beside: Any) -> ReadValue:
    """A birth date; the year of birth beside it decides what two digits, or a spreadsheet's number, can only mean."""
    if len(text) > _LONGEST:
        return unreadable("not_a_day")
    value, repairs = plain(text)
    if not value:
        return EMPTY
    this_year = situation.judged_on.year
    years = [beside] if beside else list(range(FIRST_BIRTH_YEAR, this_year + 1))
    day, reason, as_asked = _whole_day(value, years)
    if day:
        return ReadValue(day, repairs=repairs if as_asked else (*repairs, "date_rewritten"))
    for form, precision, year_at, month_at in ((_YEAR, "nam", 1, 0), (_YEAR_MONTH, "thang", 1, 2), (_MONTH_YEAR, "thang", 2, 1)):
        found = form.fullmatch(value)
        if found and FIRST_BIRTH_YEAR <= int(found[year_at]) <= this_year and (not month_at or 1 <= int(found[month_at]) <= 12):
            year = int(found[year_at])
            # The day stays unknown; what is known goes where it belongs.
            return ReadValue(
                None, repairs=(*repairs, "precision_kept"), moves=(("birth_precision", precision), ("birth_year", year))
            )
    if reason:
        return unreadable(reason)
    if _SERIAL.fullmatch(value) and beside:
        day = _EXCEL + dt.timedelta(days=int(value))
        if day.year == beside:
            return ReadValue(day, repairs=(*repairs, "date_rewritten"))
    return unreadable("number_for_day" if re.fullmatch(r"[\d.,]+", value, re.ASCII) else "not_a_day")


def _birth_year(days: pa.Array) -> pa.Array:
    """The year that stands in a birth date."""
    return pc.year(days)


def _clean_instant(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    return pa.nulls(len(array), situation.dtype), nulls(array)


_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})", re.ASCII)
_VIETNAMESE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)


def _instant(text: str, situation: Situation, beside: Any) -> ReadValue:
    """An instant; one without a zone is Vietnamese time, and 24:00 is the beginning of the next day."""
    if len(text) > _LONGEST:
        return unreadable("not_an_instant")
    value, repairs = plain(text)
    if not value:
        return EMPTY
    parts = None
    if found := _COMPACT.fullmatch(value):
        parts = [int(p) for p in found.groups()]
    elif found := _VIETNAMESE.fullmatch(value):
        day, month, year, hour, minute, second = (int(p or 0) for p in found.groups())
        parts = [year, month, day, hour, minute, second]
    try:
        if parts is not None:
            year, month, day, hour, minute, second = parts
            next_day = (hour, minute, second) == (24, 0, 0)
            moment = dt.datetime(year, month, day, 0 if next_day else hour, minute, second) + dt.timedelta(days=next_day)
            repairs = (*repairs, "instant_rewritten")
        elif found := re.fullmatch(r"(\d{4}-\d{2}-\d{2})[T ]24:00(?::00)?(.*)", value, re.ASCII):
            moment = dt.datetime.fromisoformat(f"{found[1]}T00:00:00{found[2]}") + dt.timedelta(days=1)
            repairs = (*repairs, "instant_rewritten")
        else:
            moment = dt.datetime.fromisoformat(value)
        return ReadValue((moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)).astimezone(dt.UTC), repairs=repairs)
    except (ValueError, OverflowError):
        return unreadable("not_an_instant")


# What services write, yyyyMMdd and yyyyMMddHHmmss, without a zone: Vietnamese time.
_COMPACT_DAY = r"^([0-9]{4})([0-9]{2})([0-9]{2})$"
_COMPACT_INSTANT = r"^([0-9]{4})([0-9]{2})([0-9]{2})([01][0-9]|2[0-3])([0-5][0-9])([0-5][0-9])$"
_SECONDS = (3_600, 60, 1)


def _clean_compact_day(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    """Days written yyyyMMdd."""
    shaped = pc.fill_null(pc.match_substring_regex(array, _COMPACT_DAY), False)
    iso = pc.replace_substring_regex(array, _COMPACT_DAY, r"\1-\2-\3")
    days, clean = _clean_day(pc.if_else(shaped, iso, pa.scalar(None, pa.string())), situation)
    return days, (clean & shaped.to_numpy(zero_copy_only=False)) | nulls(array)


def _compact_day(text: str, situation: Situation, beside: Any) -> ReadValue:
    """A day; with a time behind it the day that is written, and 24:00 is still of it."""
    if len(text) == 8 and text.isascii() and text.isdigit():
        day = _made(int(text[:4]), int(text[4:6]), int(text[6:]))
        return ReadValue(day) if day else unreadable("not_a_day")
    found = _COMPACT.fullmatch(text)
    if found is None:
        return _day(text, situation, beside)
    hour, minute, second = (int(part) for part in found.groups()[3:])
    day = _made(*(int(part) for part in found.groups()[:3]))
    if day is None or not ((hour < 24 and minute < 60 and second < 60) or (hour, minute, second) == (24, 0, 0)):
        return unreadable("not_a_day")
    return ReadValue(day, repairs=("date_rewritten",))


def _clean_compact_instant(array: pa.Array, situation: Situation) -> tuple[pa.Array, np.ndarray]:
    """Instants written yyyyMMddHHmmss, but for 24:00, which the slow half reads."""
    shaped = pc.fill_null(pc.match_substring_regex(array, _COMPACT_INSTANT), False)
    told = pc.if_else(shaped, array, pa.scalar(None, pa.string()))
    days, clean = _clean_compact_day(pc.utf8_slice_codeunits(told, 0, 8), situation)
    seconds = pc.multiply(pc.cast(days.cast(pa.int32()), pa.int64()), 86_400)
    for start, factor in zip((8, 10, 12), _SECONDS, strict=True):
        seconds = pc.add(seconds, pc.multiply(pc.utf8_slice_codeunits(told, start, start + 2).cast(pa.int64()), factor))
    ahead = int(VIETNAM.utcoffset(None).total_seconds())
    values = pc.multiply(pc.subtract(seconds, ahead), 1_000_000).cast(situation.dtype)
    return values, (clean & shaped.to_numpy(zero_copy_only=False)) | nulls(array)


def _compact_instant(text: str, situation: Situation, beside: Any) -> ReadValue:
    """Read an instant for which the compact form is asked, yyyyMMddHHmmss.

    A day alone is none: its time would have to be made up.
    """
    read = _instant(text, situation, beside)
    if read.value and len(text.strip()) <= len("yyyy-MM-dd"):
        return unreadable("not_an_instant")
    is_asked_for = _COMPACT.fullmatch(text) is not None and text[8:10] != "24"
    return ReadValue(read.value, read.reason) if is_asked_for else read


READERS = {
    "day": Reader(_clean_day, _day, bulk=_day_first),
    "compact_day": Reader(_clean_compact_day, _compact_day),
    "compact_instant": Reader(_clean_compact_instant, _compact_instant),
    "birth_date": Reader(_clean_day, _birth, beside="birth_year", bulk=_day_first, told=_birth_year),
    "instant": Reader(_clean_instant, _instant),
}
