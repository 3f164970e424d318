"""What may be published: OpenTable with its measures, and the decisions that allow it. A dataset without one is closed.

An open table is an aggregate: the total, each unit, and each unit by one other field, never two (with two, nearly every
cell of a district is a handful of people). What is refused here is refused at import, before anything can run.
Nothing here computes, rounds or publishes: assets/open/figures.py, assets/open/rounding.py,
resources/publication/shared_warehouse.py.

Law: Luật 91/2025/QH15 and NĐ 356/2025/NĐ-CP, Điều 4 (ethnicity, health, bank data are sensitive); the principles of open
data kept from NĐ 47/2020/NĐ-CP: free, machine-readable, no person identifiable alone or in combination.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from schemas import codes
from schemas.dated import Dated, dates, read_rows

if TYPE_CHECKING:
    from schemas.column import Column
    from schemas.dataset import Dataset

TOTAL = "total"  # in a dimension's column: all its values together
UNSTATED = "unstated"  # in a dimension's column: the field is empty
ROWS = "rows"  # what a plain count counts
MONEY = "đồng"  # the unit of every field that holds an amount


class NotReleasable(ValueError):
    """An open table that must not exist. Raised at import."""


@dataclass(frozen=True)
class Persons:
    """How the people behind a row are told apart, where one may stand behind several rows.

    `field` is of the dataset itself; with `register` it leads to that dataset of the same system, whose `person_key`
    names the person. A cell of many rows and fewer than five people is as small as a cell of few rows.
    """

    field: str
    register: str | None = None


@dataclass(frozen=True)
class Count:
    """The number of rows, or the sum of a field that holds a number of things (`of`), each of them a person (`of_persons`)."""

    unit: str
    of: str | None = None
    persons: Persons | None = None
    of_persons: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.of,) if self.of else ()


@dataclass(frozen=True)
class Sum:
    """Money: the sum of amount fields, shown only over ten persons or more."""

    amounts: tuple[str, ...]
    unit: str = "đồng"
    persons: Persons | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        return self.amounts


@dataclass(frozen=True)
class Share:
    """A rate: each part over the whole, in per cent, one decimal. `parts` gives the field of each value of the dimension."""

    parts: tuple[tuple[str, str], ...]
    whole: str
    unit: str = "%"

    @property
    def fields(self) -> tuple[str, ...]:
        return (*(f for _, f in self.parts), self.whole)


Measure = Count | Sum | Share


@dataclass(frozen=True)
class Condition:
    """Which rows a table counts: a comparison in SQL over the dataset's own fields, under a name that outlives its wording.

    Two tables that count the same rows name the same condition: their common figures are then one figure, rounded once.
    `younger_than`: and of whom was born by `:first_day` and has not so many whole years on it. No more may be asked of a birth: a
    comparison of days could select one person by the birthday.
    """

    name: str
    sql: str
    younger_than: int | None = None


@dataclass(frozen=True)
class OpenTable:
    """One released table of a dataset. `decision` cites what allows it: `demo` data or the configured decision.

    `by` is the one dimension, a public field; for a Share the name and labels of its parts (`codes`). `labels` names the
    values of a dimension without a code list. `where`: of which rows; a register is asked for what held on `:first_day`,
    the first of the clock's month.
    """

    name: str
    title: str
    measure: Measure
    by: str | None = None
    where: Condition | None = None
    labels: tuple[tuple[str, str], ...] = ()
    codes: str | None = None
    decision: str = ""
    note: str = ""

    def check(self, dataset: "Dataset") -> None:
        """Refuse what would open a closed field; called when the dataset is declared."""
        where = f"open table {dataset.source.name}_{self.name}"
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name) or len(f"{dataset.source.name}_{self.name}") > 63:
            raise NotReleasable(f"{where}: the name must be a short ASCII identifier")
        if self.decision not in CITATIONS:
            raise NotReleasable(
                f"{where}: {dataset.id} is closed until a release decision is cited (one of {', '.join(CITATIONS)})"
            )
        known = {c.name: c for c in dataset.columns}
        if self.by is not None and not isinstance(self.measure, Share):
            _must_be_open(where, known, self.by)
        if isinstance(self.measure, Share) and self.by is None:
            raise NotReleasable(f"{where}: a rate names its dimension")
        self._check_dimension(where, dataset)
        if codes.facts_of(self.codes).is_closed:
            raise NotReleasable(f"{where}: the list {self.codes} is never a dimension of open data")
        for name in self.measure.fields:
            _must_be_countable(where, known, name)
        persons = None if isinstance(self.measure, Share) else self.measure.persons
        if persons is not None and (persons.field not in known or known[persons.field].never_released):
            raise NotReleasable(
                f"{where}: persons are told apart by {persons.field!r}, which is not a usable field of {dataset.id}"
            )
        self._check_condition(where, known)
        if self.where and self.where.younger_than and not {"birth_date", "birth_year", "birth_precision"} <= known.keys():
            raise NotReleasable(f"{where}: asks for an age, and {dataset.id} has no births")

    def _check_dimension(self, where: str, dataset: "Dataset") -> None:
        """A table's rows follow from lists alone: which values were met tells that somebody has one of them."""
        if self.by is None:
            return
        if isinstance(self.measure, Share):
            if self.codes is None:
                raise NotReleasable(f"{where}: a rate names the code list of its parts")
            return
        if not self.labels and not (self.codes or dataset.column(self.by).codes):
            raise NotReleasable(f"{where}: the values of {self.by!r} are neither listed nor labelled")

    def _check_condition(self, where: str, known: "dict[str, Column]") -> None:
        if self.where is None:
            return
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.where.name):
            raise NotReleasable(f"{where}: the name of the condition must be a short ASCII identifier")
        # Only the dataset's own fields may be asked: a subquery could select people by what is closed here.
        if re.search(r"[;\"]|--|/\*|\b(select|from|join|exists|current_\w+)\b", self.where.sql, re.IGNORECASE):
            raise NotReleasable(f"{where}: the condition must be a plain comparison of the dataset's own fields")
        words = set(re.findall(r"[A-Za-z_]\w*", re.sub(r"'[^']*'|:\w+", " ", self.where.sql)))
        for name in sorted(words - {"and", "or", "not", "is", "null", "in", "between", "true", "false"}):
            _must_be_countable(where, known, name)
            # By the tables of the law an amount tells the rate of an injury, or the group: it is summed over many alone.
            if known[name].unit == MONEY:
                raise NotReleasable(f"{where}: compares an amount, {name!r}")


def _must_be_open(where: str, known: "dict[str, Column]", name: str) -> None:
    if name not in known:
        raise NotReleasable(f"{where}: groups by {name!r}, which the dataset does not declare")
    column = known[name]
    if column.never_released or column.privacy != "public" or codes.facts_of(column.codes).is_closed:
        raise NotReleasable(f"{where}: groups by {name!r}, which is not open ({column.privacy})")


def _must_be_countable(where: str, known: "dict[str, Column]", name: str) -> None:
    if name not in known:
        raise NotReleasable(f"{where}: uses {name!r}, which the dataset does not declare")
    column = known[name]
    if column.never_released or column.privacy not in ("public", "internal") or codes.facts_of(column.codes).is_closed:
        raise NotReleasable(f"{where}: uses {name!r}, which is closed ({column.privacy})")


# What a table may cite. There is one catalogue of open data of the sector; its decision's number differs by where ansinh
# runs: the demo's is synthetic, a real one is configured.
OPEN_DATA_CATALOGUE = "danh_muc_du_lieu_mo"
CITATIONS = (OPEN_DATA_CATALOGUE,)


@dataclass(frozen=True)
class Decision(Dated):
    """A release decision: dated data."""

    number: str
    title: str
    issued_by: str
    valid_from: dt.date
    valid_to: dt.date | None
    is_synthetic: bool


@cache
def decisions() -> tuple[Decision, ...]:
    return tuple(
        Decision(r["number"], r["title"], r["issued_by"], *dates(r), r["is_synthetic"] == "true")
        for r in read_rows("release_decisions.csv")
    )


Refusal = Literal["unconfigured", "synthetic", "expired"]


def decision_in_force(configured: str | None, on: dt.date, is_demo: bool) -> Decision | Refusal:
    """The decision under which to publish on a day, or why nothing may be published.

    A number that the list does not hold is taken as configured: who set it answers for it. Where none is configured, the list's newest
    is meant, as the place has laid it over the synthetic one.
    """
    number = (configured or "").strip()
    if not number:
        real = [d for d in decisions() if not d.is_synthetic]
        if not real:
            return "unconfigured"
        number = max([d for d in real if d.holds(on)] or real, key=lambda d: d.valid_from).number
    listed = [d for d in decisions() if d.number == number]
    if not is_demo and "mô phỏng" in number.lower():
        return "synthetic"
    if not listed:
        return Decision(number, "Quyết định do đơn vị cấu hình", "", dt.date.min, None, False)
    if not is_demo and any(d.is_synthetic for d in listed):
        return "synthetic"
    for d in listed:
        if d.holds(on):
            return d
    return "expired"
