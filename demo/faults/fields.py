"""Faults that follow from how a field is declared: its reader, its code list, whether it may be empty.

A dataset with such a field carries them, whatever it is about. Ids F-01 to F-27 are those of the catalogue of faults; the
further ones are ours: U-01 unknown code, U-03 a number where a date was, U-04 a name of ten kilobytes, U-05 control and
zero-width characters, U-08 nothing where something must or should stand, U-09 words where a number belongs, U-10 less than nothing,
U-11 a number as a spreadsheet writes it, U-12 a personal number of no province, U-13 and U-14 a number of a telephone or of
a paper in another form, U-15 more than is believable. F-12 leaves no remark.

What is spoiled here is a cell: where it cannot be read, the rules of the row hold their peace. A value that can be read but
is wrong could break an error rule that reads it as well; a field that has one is left to the faults of that rule (rules.py).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from demo.failures import NothingToSpoil
from demo.faults import spoiling
from demo.faults.planting import LOOSE, REJECTED, REPAIRED, SILENT, UNICODE, WARNING, Fault, Row, Spoilt
from demo.people.places import EPOCH_DAY, places
from schemas import codes, reading, units
from schemas.column import Column
from schemas.dataset import Dataset
from schemas.roads import Drop

Change = Callable[[str, int], str | None]  # of one value; the number tells one instance from the next


@dataclass(frozen=True)
class Spoiler:
    """One way in which values of a reader are spoiled; the rule that says so is the field's name with the ending."""

    id: str
    outcome: str
    rate: float
    change: Change
    ending: str


def always(value: str) -> Change:
    return lambda text, n: value


def tcvn3(text: str, n: int) -> str | None:
    return spoiling.in_legacy_font(text, "TCVN3")


def vni(text: str, n: int) -> str | None:
    return spoiling.in_legacy_font(text, "VNI")


NOT_CLEAR = "không rõ"
WORDS, OF_WORDS = ("person_name", "text"), (LOOSE, UNICODE)  # spoiled letter by letter, which other letters would hide
DAYS = (
    Spoiler("F-14", REPAIRED, 150, spoiling.day_otherwise, "date_rewritten"),
    Spoiler("F-14", REJECTED, 4, spoiling.impossible_day, "readable"),
    Spoiler("U-03", REJECTED, 4, spoiling.number_for_day, "readable"),
)
AS_TYPED = {"identity_or_old_card": "identity_number"}  # spoiled by whoever types it as another is
BY_READER: dict[str, tuple[Spoiler, ...]] = {
    "identity_number": (
        Spoiler("F-01", REPAIRED, 150, spoiling.without_leading_zero, "leading_zero_restored"),
        Spoiler("F-02", REJECTED, 15, spoiling.as_float, "readable"),
        Spoiler("U-12", REJECTED, 2, spoiling.of_no_province, "prefix_listed"),
    ),
    "old_identity_number": (
        Spoiler("U-14", REPAIRED, 20, spoiling.in_groups_of_three, "punctuation_removed"),
        Spoiler("U-14", WARNING, 4, spoiling.last_lost, "well_formed"),
    ),
    "person_name": (
        Spoiler("F-07", REPAIRED, 150, spoiling.decomposed, "unicode_composed"),
        Spoiler("F-08", REJECTED, 6, tcvn3, "readable"),
        Spoiler("F-09", REJECTED, 5, vni, "readable"),
        Spoiler("F-10", REPAIRED, 12, spoiling.misread_utf8, "encoding_restored"),
        Spoiler("F-11", REJECTED, 18, spoiling.marks_lost, "readable"),
        Spoiler("F-12", SILENT, 400, spoiling.written_otherwise, "written_otherwise"),
        Spoiler("F-13", REPAIRED, 40, spoiling.with_hidden_characters, "characters_cleaned"),
        Spoiler("U-04", REJECTED, 2, spoiling.ten_kilobytes, "readable"),
    ),
    "birth_date": (
        *DAYS,
        Spoiler("F-14", REPAIRED, 40, spoiling.birth_by_year_beside, "date_rewritten"),
        Spoiler("F-14", REPAIRED, 40, spoiling.year_only, "precision_kept"),
    ),
    "day": DAYS,
    "compact_day": (
        Spoiler("F-14", REPAIRED, 150, spoiling.compact_day_otherwise, "date_rewritten"),
        Spoiler("F-14", REJECTED, 4, spoiling.impossible_compact, "readable"),
        Spoiler("U-03", REJECTED, 4, spoiling.number_for_day, "readable"),
    ),
    "compact_instant": (
        Spoiler("F-33", REPAIRED, 20, spoiling.instant_otherwise, "instant_rewritten"),
        Spoiler("F-14", REJECTED, 4, spoiling.impossible_compact, "readable"),
        Spoiler("U-03", REJECTED, 4, spoiling.number_for_day, "readable"),
    ),
    "sex": (
        Spoiler("F-16", REPAIRED, 250, spoiling.sex_in_words, "words_read"),
        Spoiler("F-16", REJECTED, 5, always("x"), "readable"),
        Spoiler("F-16", REJECTED, 4, always("0"), "listed"),
    ),
    "amount_vnd": (
        Spoiler("F-20", REPAIRED, 80, spoiling.amount_as_text, "amount_rewritten"),
        Spoiler("U-09", REJECTED, 2, always(NOT_CLEAR), "readable"),
    ),
    "decimal_number": (
        Spoiler("F-21", REPAIRED, 150, spoiling.with_comma, "decimal_comma_read"),
        Spoiler("U-09", REJECTED, 2, always(NOT_CLEAR), "readable"),
    ),
    "whole_number": (
        Spoiler("U-11", REPAIRED, 20, spoiling.whole_as_decimal, "number_rewritten"),
        Spoiler("U-09", REJECTED, 2, always(NOT_CLEAR), "readable"),
    ),
    "yes_no": (
        Spoiler("F-16", REPAIRED, 20, spoiling.answer_in_words, "words_read"),
        Spoiler("U-09", REJECTED, 2, always(NOT_CLEAR), "readable"),
    ),
    "digits": (
        Spoiler("U-14", REPAIRED, 20, spoiling.in_groups_of_three, "punctuation_removed"),
        Spoiler("U-09", REJECTED, 2, always(NOT_CLEAR), "readable"),
    ),
    "compact_upper": (Spoiler("U-14", REPAIRED, 20, spoiling.in_groups_of_three, "punctuation_removed"),),
    "account_number": (
        Spoiler("F-27", REPAIRED, 40, spoiling.account_in_groups, "punctuation_removed"),
        Spoiler("F-27", WARNING, 4, spoiling.whole_as_decimal, "well_formed"),
    ),
    "phone_number": (
        Spoiler("U-13", REPAIRED, 20, spoiling.phone_from_abroad, "number_rewritten"),
        Spoiler("U-13", WARNING, 4, spoiling.one_digit_more, "well_formed"),
    ),
    "text": (Spoiler("U-05", REPAIRED, 25, spoiling.with_control_character, "characters_cleaned"),),
}


def field_faults(dataset: Dataset) -> Iterator[Fault]:
    """The faults of every field of a dataset. Fields of one reader share its faults: each has them in its turn."""
    typed = [c for c in dataset.columns if c.source_type == "text" and not c.is_key and c.name != dataset.placed_by]
    for reader, spoilers in BY_READER.items():
        columns = [c for c in typed if AS_TYPED.get(reading.reader_of(c), reading.reader_of(c)) == reader]
        if columns:
            yield from (_cell_fault(dataset, reader, s, columns) for s in spoilers if not _is_of_file(dataset, s))
    yield from _commune_faults(dataset)
    open_to_wrong = [c for c in typed if c.name not in _read_by_errors(dataset)]
    coded = [c for c in open_to_wrong if c.codes and reading.reader_of(c) in ("coded_text", "whole_number")]
    for rate, outcome, incomplete in ((6, REJECTED, False), (8, WARNING, True)):
        columns = [c for c in coded if c.codes and codes.facts_of(c.codes).is_incomplete == incomplete]
        if columns:
            yield Fault("U-01", f"unlisted {outcome}", outcome, rate, _in_turn(columns, _unlisted, "listed"))
    bounded = [c for c in open_to_wrong if any(check.name == "greater_than_or_equal_to" for check in c.checks)]
    if bounded:
        yield _cell_fault(dataset, "bounded", Spoiler("U-10", REJECTED, 2, always("-7"), "in_range"), bounded)
    needed = [c for c in open_to_wrong if not c.nullable and c.name != dataset.commune]
    if needed:
        yield Fault("U-08", "nothing", REJECTED, 3, _in_turn(needed, lambda c, text, n: None, "present"))
    expected = [c for c in typed if c.expected]
    if expected:
        yield Fault("U-08", "nothing expected", WARNING, 3, _in_turn(expected, lambda c, text, n: None, "present"))
    vast = [c for c in typed if c.plausible_le is not None and c.name not in _read_by_rules(dataset)]
    if vast:
        yield Fault("U-15", "more than plausible", WARNING, 2, _in_turn(vast, _beyond, "plausible"))


def _is_of_file(dataset: Dataset, spoiler: Spoiler) -> bool:
    """UTF-8 that was read as another encoding is told of a file's column, and mended before anybody looks at its rows."""
    return isinstance(dataset.road, Drop) and spoiler.change is spoiling.misread_utf8


def _beyond(column: Column, text: str, n: int) -> str:
    return str((column.plausible_le or 0) + 1 + n % 9)


def _read_by_rules(dataset: Dataset) -> set[str]:
    """Fields whose change other findings could follow."""
    return {name for r in dataset.rules for name in r.columns} | {r.column for r in dataset.set_rules}


def _read_by_errors(dataset: Dataset) -> set[str]:
    return {name for r in dataset.rules if r.severity == "error" for name in r.columns}


def _cell_fault(dataset: Dataset, reader: str, spoiler: Spoiler, columns: list[Column]) -> Fault:
    def change(column: Column, text: str, n: int) -> str | None:
        return spoiler.change(text, n) or text

    name, spoil = f"{reader} {spoiler.ending}", _in_turn(columns, change, spoiler.ending)
    return Fault(spoiler.id, name, spoiler.outcome, spoiler.rate, spoil, OF_WORDS if reader in WORDS else (LOOSE,))


def _in_turn(
    columns: list[Column], change: Callable[[Column, str, int], str | None], ending: str
) -> Callable[[Row, int], Spoilt | None]:
    """The first instance in the first column, the second in the second; where a cell will not do, in the next one."""

    def spoil(row: Row, n: int) -> Spoilt | None:
        for i in range(len(columns)):
            column = columns[(n + i) % len(columns)]
            text = row[column.name]
            if text is not None and (new := change(column, text, n // len(columns))) != text:
                return Spoilt({column.name: new}, (f"{column.name}_{ending}",))
        return None

    return spoil


def _unlisted(column: Column, text: str, n: int) -> str:
    return next(code for code in ("99", "77", "55") if code not in codes.ever(column.codes or ""))


# --- the commune -----------------------------------------------------------------------------------------------------------


def _commune_faults(dataset: Dataset) -> Iterator[Fault]:
    code, name = dataset.commune, dataset.commune_name
    if code is None or dataset.column(code).is_key:
        return

    def unknown(row: Row, n: int) -> Spoilt | None:
        # In a list of the whole province, and in a file of who sent it, the row stays in its cell.
        changes = {code: ("99999", "16000", "40001")[n % 3]}
        stays = dataset.by_province or isinstance(dataset.road, Drop)
        return Spoilt(changes, (f"{code}_listed",), not stays) if row[code] else None

    yield Fault("U-01", code, REJECTED, 5, unknown)
    if name is None:
        return

    def of_another(row: Row, n: int) -> Spoilt | None:
        if not row[code]:
            return None
        new = _neighbour(row[code], n)
        return Spoilt({name: new}, (f"{name}_matches",)) if new else None

    def spelled(row: Row, n: int) -> Spoilt | None:
        if not row[code] or not row[name]:
            return None
        new = _alias(row[code]) or spoiling.name_without_tone(row[name], n)
        if new is None or units.resolve(row[code], new, EPOCH_DAY).outcome != "spelled_otherwise":
            return None
        return Spoilt({name: new}, (f"{name}_spelled_otherwise",))

    yield Fault("F-18", name, REJECTED, 22, of_another, OF_WORDS)
    yield Fault("F-19", name, REPAIRED, 60, spelled, OF_WORDS)


def _neighbour(code: str, n: int) -> str | None:
    """The name of another commune of the same district: code and name no longer agree."""
    at = places()
    here = int(np.flatnonzero(at.codes == code)[0])
    others = np.flatnonzero((at.district == at.district[here]) & (at.codes != code))
    for i in range(len(others)):
        name = str(at.names[others[(n * 7 + i) % len(others)]])
        if units.resolve(code, name, EPOCH_DAY).outcome == "name_differs":
            return name
    return None


def _alias(code: str) -> str | None:
    return {"16774": "Xã Cắm Muộn", "16906": "Xã Lượng Minh"}.get(code)


# --- by hand ---------------------------------------------------------------------------------------------------------------

# By reader, of which the first that a dataset has is taken: what a hand writes over a cell, and the ending of the rule that finds it.
BY_HAND = {
    "person_name": ("Ngu?n V?n ?", "readable"),
    "amount_vnd": (NOT_CLEAR, "readable"),
    "sex": ("x", "readable"),
    "whole_number": (NOT_CLEAR, "readable"),
    "commune_name": ("Xã không có thật", "matches"),
}


def by_hand(dataset: Dataset) -> tuple[Column, str, str]:
    """The field that a hand spoils, what it then holds, and the rule that says so."""
    for reader, (value, ending) in BY_HAND.items():
        for column in dataset.columns:
            if column.reader == reader and column.source_type == "text" and not column.is_key:
                return column, value, f"{column.name}_{ending}"
    raise NothingToSpoil
