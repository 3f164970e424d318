"""What is sent as one file: the rows of which cells, by whose office, when. A system's module declares its ways as `FILES`."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from demo.offices.styles import COMMUNES, DISTRICTS, FORMS, LOWLAND, Style, style_in_turn
from demo.people.places import places
from schemas import calendar
from schemas.dataset import PROVINCE, Dataset

START_OF_LISTS = dt.datetime(2024, 11, 4, 8, 30)  # when the first of the registers came; the others in the days after
WEEK = 7


@dataclass(frozen=True)
class Files:
    """How the offices send a dataset as files, where it is not one file for each cell.

    `by_commune`: districts whose communes send each its own. `gathered`: up to this period all came in one workbook of the
    department. `habits`: what an office does to every cell of some columns, by who sends;
    `mistakes`: of whom a file more came in which something is wrong. `cells`: of a system that has a
    database, those that come as a file instead, with the style of it.
    """

    by_commune: frozenset[str] = frozenset()
    gathered: str | None = None
    habits: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[tuple[str, str], Style] = field(default_factory=dict)


@dataclass(frozen=True)
class Parcel:
    """`cells`: of these the file holds the rows. `communes`: of these alone; None: of all."""

    dataset: Dataset
    sender: str
    cells: tuple[tuple[str, str], ...]
    at: dt.datetime
    communes: tuple[str, ...] | None = None
    style: Style | None = None  # None: as the office always does

    @property
    def periods(self) -> tuple[str, ...]:
        return tuple(sorted({period for period, _ in self.cells}))

    @property
    def name(self) -> str:
        """The name by which the truth knows the file, whichever version of it."""
        return f"{self.sender}|{self.periods[0]}|{self.periods[-1]}"


def style_of(parcel: Parcel, files: Files, seed: int) -> Style:
    """The style of a parcel: its own, or that of its office."""
    if parcel.style:
        return parcel.style
    if parcel.sender == PROVINCE:
        return Style(by_sheet=len(parcel.periods) > 1, merged=True, numbers=True, hidden=True)
    senders, styles = _alike(parcel, files)
    style = style_in_turn(seed, parcel.dataset.id, senders.index(parcel.sender), styles)
    return replace(style, habit=files.habits.get(parcel.sender, ""))


def _alike(parcel: Parcel, files: Files) -> tuple[list[str], Sequence[Style]]:
    """The offices that have these styles in turn, the parcel's own among them."""
    if parcel.communes is not None:
        return communes_that_send(files), COMMUNES
    districts = districts_that_send(files)
    if parcel.dataset.kind != "register":
        return districts, FORMS
    lowland = {d.code for d in places().districts if not d.is_mountainous}
    is_low = parcel.sender in lowland
    return [code for code in districts if (code in lowland) == is_low], LOWLAND if is_low else DISTRICTS


def lettered_units(dataset: Dataset, files: Files, seed: int) -> list[str]:
    """The districts whose letters are not those of Unicode: a name in which one is spoiled would be another there."""
    parcels = [list_of(dataset, unit, unit, START_OF_LISTS) for unit in districts_that_send(files)]
    return [parcel.sender for parcel in parcels if style_of(parcel, files, seed).letters]


def districts_that_send(files: Files) -> list[str]:
    return sorted(set(places().unit_2023.tolist()) - files.by_commune)


def communes_that_send(files: Files) -> list[str]:
    where = places()
    return [code for code, unit in zip(where.codes.tolist(), where.unit_2023.tolist(), strict=True) if unit in files.by_commune]


def lists_of(dataset: Dataset, files: Files) -> Iterator[Parcel]:
    """The parcels of a register as first sent: each office its list."""
    where = places()
    unit_of = dict(zip(where.codes.tolist(), where.unit_2023.tolist(), strict=True))
    senders = [*districts_that_send(files), *communes_that_send(files)]
    for place, sender in enumerate(senders):
        at = START_OF_LISTS + dt.timedelta(days=place % 12, minutes=7 * place)
        yield list_of(dataset, sender, unit_of.get(sender, sender), at)


def list_of(dataset: Dataset, sender: str, unit: str, at: dt.datetime) -> Parcel:
    return Parcel(dataset, sender, ((calendar.REGISTER, unit),), at, (sender,) if sender != unit else None)


def lists_of_day(dataset: Dataset, files: Files, day: dt.date) -> Iterator[tuple[Parcel, bool]]:
    """The parcels of a register as they would be sent on a day, and whether it is their turn: once a week, on a working day."""
    for place, parcel in enumerate(lists_of(dataset, files)):
        at = dt.datetime.combine(day, dt.time(8, 30)) + dt.timedelta(minutes=7 * place)
        yield replace(parcel, at=at), calendar.is_working_day(day) and day.toordinal() % WEEK == place % WEEK


def communes_of(parcel: Parcel) -> set[str]:
    """The communes whose rows a parcel of a register holds."""
    where = places()
    return set(parcel.communes or where.codes[np.isin(where.unit_2023, [unit for _, unit in parcel.cells])].tolist())


def forms_of(dataset: Dataset, files: Files, sent: Sequence[tuple[str, str, dt.datetime]]) -> Iterator[Parcel]:
    """The parcels of a periodic dataset of which these cells (period, unit, instant) were sent by the first day.

    What the department gathered is one workbook; of the months after it a unit sends one workbook, a sheet a month: with
    each month it grows by one, and the last says all.
    """
    gathered = [line for line in sent if files.gathered and line[0] <= files.gathered]
    if gathered:
        yield _together(dataset, PROVINCE, gathered)
    rest = [line for line in sent if line not in gathered]
    for unit in sorted({unit for _, unit, _ in rest}):
        yield _together(dataset, unit, [line for line in rest if line[1] == unit])


def _together(dataset: Dataset, sender: str, lines: Sequence[tuple[str, str, dt.datetime]]) -> Parcel:
    return Parcel(dataset, sender, tuple((period, unit) for period, unit, _ in sorted(lines)), max(at for *_, at in lines))
