"""The words in which a source system is declared: Source, Limits, Dataset, rule(), SetRule; its fields are schemas/column.py.

Nothing about a particular system belongs here, and nothing that connects, schedules or stores. A pandera
`DataFrameModel` is the declaration of a dataset; everything else (table, dictionary, checks, asset) is projected
from it through `Dataset.columns`.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as _attribute
from functools import cached_property
from typing import Any, Literal, get_args

import pandas as pd
import pyarrow as pa

from schemas.column import Column, Table, Weight, columns_of
from schemas.roads import Drop, Road, Sql

Kind = Literal["monthly", "quarterly", "yearly", "school_year", "register"]
Severity = Literal["error", "warning"]

PROVINCE = "40"
UNKNOWN_UNIT = "unknown"
NO_ROW = ""  # stands where the key of a row would, of what is said of a cell; no row has it


@dataclass(frozen=True)
class Moment:
    """When a batch is judged.

    `judged_on` is the earlier of the period's last day and the day of arrival: codes, names and standards are those
    in force on it. `last_day` decides the submitting unit. A register has the period `now`: all days are the clock's.
    """

    period: str
    first_day: dt.date
    last_day: dt.date
    judged_on: dt.date


RowCheck = Callable[[pd.DataFrame, Moment], "pd.Series"]


@dataclass(frozen=True)
class Rule:
    """A claim about one row. `check` returns true where the row is fine; a missing value is fine unless the claim is about it."""

    name: str
    message: str
    severity: Severity
    columns: tuple[str, ...]
    legal: str
    ref: str
    check: RowCheck = _attribute(repr=False)
    weight: Weight = "record"


def rule(severity: Severity, *columns: str, legal: str, ref: str, weight: Weight = "record") -> Callable[[Any], Rule]:
    """Make a rule of a function: its name is the rule's name, its docstring the Vietnamese message an officer reads.

    `columns` are the fields it reads, `legal` the text it follows from, `ref` the rule's number in the field notes (P-01),
    `weight` what a warning of it is about.
    """

    def make(check: Any) -> Rule:
        message = " ".join((check.__doc__ or "").split())
        if not message:
            raise ValueError(f"rule {check.__name__} has no docstring: write the Vietnamese message there")
        return Rule(check.__name__, message, severity, columns, legal, ref, check, weight)

    return make


@dataclass(frozen=True)
class SetRule:
    """A claim over several rows, datasets, sums or periods. It never rejects: each row it finds is a warning.

    `sql` runs on the hub's warehouse with the parameters `:period`, `:first_day`, `:last_day` and selects
    `unit_code, row_key` of the rows of this dataset that break the claim; `needs` names the core relations it reads
    beside the dataset's own: where one of them does not exist yet, the rule waits. `across_periods`: it compares periods
    of the dataset itself, so when one moves, the findings of the others may change too. `of_cell`: it is about the rows of a cell
    together and about none of them, and its `row_key` is NO_ROW.
    """

    name: str
    message: str
    column: str
    legal: str
    ref: str
    sql: str
    needs: tuple[str, ...] = ()
    across_periods: bool = False
    of_cell: bool = False
    weight: Weight = "record"


@dataclass(frozen=True)
class Limits:
    """What reading may cost a source at most, and how long it may keep the hub waiting.

    A pull is one statement: its time-out has to leave room for the rows at that rate. A server that has stopped keeps none of its own
    time-outs: `answer_timeout` is how long any one answer is waited for here, `reading_timeout` all answers of one turn together.
    """

    connections: int = 2  # a run reads through one; the doctor and the sensor of late rows come beside it
    rows_per_second: int | None = 200_000
    statement_timeout: dt.timedelta = dt.timedelta(minutes=30)
    lock_timeout: dt.timedelta = dt.timedelta(seconds=10)
    answer_timeout: dt.timedelta = dt.timedelta(minutes=5)
    reading_timeout: dt.timedelta = dt.timedelta(minutes=60)
    memory_mb: int = 64  # of each process of the server, for what it sums and sorts: with less it writes files


@dataclass(frozen=True)
class Source:
    """One source system."""

    name: str
    label: str  # the sector's short name, for tables and headings
    title: str
    description: str
    legal: str
    hour: str  # cron of its nightly schedule, Asia/Ho_Chi_Minh
    rule_letter: str  # of its rules in the sector's rule book, which numbers them from 01 to `last_rule`
    last_rule: int
    limits: Limits = Limits()
    english: str = ""  # what the title says
    restricted: bool = (
        False  # a leak of it harms for life: what is kept of it has a folder, a schema and a database role of its own
    )

    @property
    def custodian(self) -> str:
        """The one role of the warehouse, beside the hub's own, that reads it where it is restricted. Nobody is in it by itself."""
        return f"{self.name}_custodian"

    @property
    def rule_numbers(self) -> frozenset[str]:
        """Every rule that the rule book has for it: `P-01` to `P-09`."""
        return frozenset(f"{self.rule_letter}-{number:02d}" for number in range(1, self.last_rule + 1))

    @property
    def environment(self) -> str:
        return f"SOURCE_{self.name.upper()}_URL"


@dataclass(frozen=True)
class Dataset:
    """One dataset of a source: what a row is, when it is due, how much may be bad, and by which road it comes.

    `placed_by` is the field that places a row in a period (None for a register): a day or an instant, any of the period, or a year.
    `commune` is the field holding the commune code; `by_province` puts
    all rows in one cell of the unit 40, the commune then only gives the breakdown by unit. `last_period`: where the source was
    closed; no period begins after it, and nobody owes one. `is_payment_list`: it names who is paid in a month, mostly those of the month
    before and never all of them alike, so a cell of it is held against its unit's month before, or the newest that is held. A form of stocks and flows is none:
    a month in which nothing moved repeats the one before.
    """

    source: Source
    name: str
    title: str
    model: type[Table]
    road: Road
    each_row_is: str
    key: tuple[str, ...]
    kind: Kind
    legal: str
    first_period: str = "now"
    last_period: str | None = None
    placed_by: str | None = None
    commune: str | None = "commune_code"
    commune_name: str | None = None
    by_province: bool = False
    person_key: str | None = None  # the field that tells one person from another, where a person can be told
    is_payment_list: bool = False
    rules: tuple[Rule, ...] = ()
    set_rules: tuple[SetRule, ...] = ()
    open_tables: tuple[Any, ...] = ()
    english: str = ""  # what each row is
    tolerated_share: float = 0.05  # of rejected rows, above which the cell is refused, if it is
    tolerated_rows: int = 20  # more than so many
    shrink_share: float = 0.30  # of the last good version that may go without a confirmation

    def __post_init__(self) -> None:
        names = {c.name for c in self.columns}
        for what, wanted in (
            ("key", self.key),
            ("commune", (self.commune,) if self.commune else ()),
            ("placed_by", (self.placed_by,) if self.placed_by else ()),
        ):
            for name in wanted:
                if name not in names:
                    raise ValueError(f"{self.id}: {what} names the field {name!r}, which the model does not declare")
        for r in self.rules:
            for name in r.columns:
                if name not in names:
                    raise ValueError(f"{self.id}: rule {r.name} reads the field {name!r}, which the model does not declare")
        for table in self.open_tables:
            table.check(self)
        if (self.kind == "register") != (self.placed_by is None):
            raise ValueError(f"{self.id}: no field places a row of a register in a period, every other kind needs one")
        if (self.kind == "register") != (self.first_period == "now"):
            raise ValueError(f"{self.id}: a register has no first period, every other kind names the first that there is")
        weights = {r.name: r.weight for r in (*self.rules, *self.set_rules)} | {
            c.name: c.expected for c in self.columns if c.expected
        }
        for name, weight in weights.items():
            if weight not in get_args(Weight):
                raise ValueError(f"{self.id}: {name} has the weight {weight!r}; there are {', '.join(get_args(Weight))}")
        if self.is_payment_list and self.kind != "monthly":
            raise ValueError(f"{self.id}: a payment list is of a month, and held against the month before")
        if self.kind != "yearly" and self.placed_by_year:
            raise ValueError(f"{self.id}: {self.placed_by!r} holds a year, and a year tells no {self.kind} period")

    @property
    def id(self) -> str:
        return f"{self.source.name}.{self.name}"

    @property
    def table(self) -> str:
        """The table's name inside the schemas core, history and staging."""
        return f"{self.source.name}_{self.name}"

    @property
    def comes_in_files(self) -> bool:
        """Whether units send it as files, and no system holds it."""
        return isinstance(self.road, Drop)

    @property
    def placed_by_year(self) -> bool:
        """Whether the field that places a row holds a year, not a day."""
        return self.placed_by is not None and pa.types.is_integer(self.column(self.placed_by).dtype)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return columns_of(self.model, self.key)

    def column(self, name: str) -> Column:
        for c in self.columns:
            if c.name == name:
                return c
        raise KeyError(f"{self.id} has no field {name!r}")

    def legal_of(self, name: str) -> str | None:
        """The law by which one field is kept, where it is not that of the dataset."""
        return self._told(name)["legal"]

    def listed_in(self, name: str) -> str | None:
        """The code list of a field whose codes are not looked up of themselves."""
        return self._told(name)["listed_in"]

    def holds_identity_number(self, name: str) -> bool:
        """Whether a field that is called and read otherwise may hold the identity number of whom the row is."""
        return self._told(name)["holds_identity_number"]

    def term_of(self, name: str) -> str | None:
        """The word of the shared vocabulary that a field is declared by, where it is."""
        return self._told(name)["term"]

    def _told(self, name: str) -> dict[str, Any]:
        # Apart from `columns`: no row is judged by these, and a column that held them would have every row judged again.
        return self.model.to_schema().columns[name].metadata or {}


@dataclass(frozen=True)
class SubmissionLog:
    """The table of a source in which units write that they have submitted: a line names the table, the period and the unit."""

    model: type[Table]
    road: Sql

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return columns_of(self.model)
