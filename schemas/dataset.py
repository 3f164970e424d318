"""The words in which a source system is declared: Source, Limits, Dataset, field(), rule(), SetRule.

Nothing about a particular system belongs here, and nothing that connects, schedules or stores. A pandera
`DataFrameModel` is the declaration of a dataset; everything else (table, dictionary, checks, asset) is projected
from it through `Dataset.columns`.
"""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from dataclasses import field as _attribute
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd
import pandera.pandas as pa_pandas
import pyarrow as pa

from schemas.roads import Drop, Road, Sql

# A frame never holds object strings: they cost 6 to 8 times the validation time of Arrow-backed ones.
if TYPE_CHECKING:
    Text = Whole = Decimal1 = Day = Flag = Instant = pd.ArrowDtype
else:
    Text = pd.ArrowDtype(pa.string())
    Whole = pd.ArrowDtype(pa.int64())
    Decimal1 = pd.ArrowDtype(pa.decimal128(6, 1))
    Day = pd.ArrowDtype(pa.date32())
    Flag = pd.ArrowDtype(pa.bool_())
    Instant = pd.ArrowDtype(pa.timestamp("us", tz="UTC"))

Kind = Literal["monthly", "quarterly", "yearly", "school_year", "register"]
Privacy = Literal["public", "internal", "personal", "sensitive"]
Severity = Literal["error", "warning"]
# What a column holds at the source, in words of SQL. Which of its own types may hold it, each road says for its databases.
SourceType = Literal["text", "date", "smallint", "integer", "bigint", "boolean", "timestamptz"]
# What a warning is about, the most urgent first: money paid or owed, who a person is, what a record says, a fact of life that
# nobody has to do anything about.
Weight = Literal["money", "identity", "record", "note"]

PROVINCE = "40"
UNKNOWN_UNIT = "unknown"
NO_ROW = ""  # stands where the key of a row would, of what is said of a cell; no row has it


class Table(pa_pandas.DataFrameModel):
    """The base of every declared dataset. Columns the declaration does not name never reach the warehouse."""

    class Config:  # ty: ignore[incompatible-attribute-override]
        strict = True
        ordered = False
        coerce = False  # readers make the types; a coercion here would hide what was received


@dataclass(frozen=True)
class TextForm:
    """How the text of a field is written: a regular expression for the check, words for the officer who mends it."""

    pattern: str
    words: str


def field(
    source_column: str,
    title: str,
    english: str,
    *,
    reader: str | None = None,
    privacy: Privacy = "personal",
    never_released: bool = False,
    codes: str | None = None,
    source_type: SourceType = "text",
    nullable: bool = True,
    expected: Weight | None = None,
    plausible_le: int | None = None,
    unit: str | None = None,
    form: TextForm | None = None,
    legal: str | None = None,
    listed_in: str | None = None,
    holds_identity_number: bool = False,
    term: str | None = None,
    **checks: Any,
) -> Any:
    """Declare one field.

    `source_column` is the name in the source system; `title` the Vietnamese label; `english` what the field means, for who reads no
    Vietnamese. `reader` names how the received value is read (schemas/reading; by default it follows from the type). `codes` names a
    code list of the system's folder or of schemas/codes. `source_type` is what the column holds at the source: whatever people type
    there is text. Without a value that is not `nullable` the row is set aside; without one that is `expected` it stays, with a warning
    of that weight. So with what is more than `plausible_le`: a guess at what is believable is no limit of the law or the type, for which
    there are the `checks`. `form` is how its text is written. `legal`: the law by which this one field is kept, where it is not its
    dataset's. `listed_in`: the list that its codes are of where they are not looked up of themselves, as where a text holds several.
    `holds_identity_number`: it may be the identity number of whom the row is, by whatever name and among other numbers.
    `term`: the kind of field that systems share, given by schemas/terms.py alone. `checks` are pandera's own (`ge`, `le`, `isin`,
    ...). Privacy defaults to personal: opening a field is a visible act.
    """
    if form:
        checks["str_matches"] = form.pattern
    if expected and not nullable:
        raise TypeError(f"the field {source_column} is expected, or without it there is no row: not both")
    return pa_pandas.Field(
        title=title,
        description=english,
        nullable=nullable,
        metadata={
            "source_column": source_column,
            "reader": reader,
            "privacy": privacy,
            "never_released": never_released,
            "codes": codes,
            "source_type": source_type,
            "expected": expected,
            "plausible_le": plausible_le,
            "unit": unit,
            "form": form,
            "legal": legal,
            "listed_in": listed_in,
            "holds_identity_number": holds_identity_number,
            "term": term,
        },
        **checks,
    )


@dataclass(frozen=True)
class Column:
    """One declared field, neutral: what every projection reads."""

    name: str
    title: str
    description: str  # in English
    dtype: pa.DataType
    nullable: bool
    source_column: str
    source_type: SourceType
    reader: str
    privacy: Privacy
    never_released: bool
    codes: str | None
    unit: str | None
    form: TextForm | None
    is_key: bool  # a part of the rows' key
    expected: Weight | None = None  # of the warning where it is empty
    plausible_le: int | None = None  # more is a warning
    checks: tuple[Any, ...] = ()


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
    before and never all of them alike, so a cell of it is held against its unit's month before. A form of stocks and flows is none:
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


def columns_of(model: type[Table], key: Collection[str] = ()) -> tuple[Column, ...]:
    """The fields that a model declares; `key`: those that tell its rows apart."""
    columns = []
    for name, c in model.to_schema().columns.items():
        facts = c.metadata or {}
        arrow: pa.DataType = c.dtype.type.pyarrow_dtype
        columns.append(
            Column(
                name=name,
                title=c.title,
                description=c.description,
                dtype=arrow,
                nullable=c.nullable,
                source_column=facts["source_column"],
                source_type=facts["source_type"],
                reader=facts["reader"] or default_reader(arrow),
                privacy=facts["privacy"],
                never_released=facts["never_released"],
                codes=facts["codes"],
                unit=facts["unit"],
                form=facts["form"],
                is_key=name in key,
                expected=facts["expected"],
                plausible_le=facts["plausible_le"],
                checks=tuple(c.checks),
            )
        )
    return tuple(columns)


def default_reader(dtype: pa.DataType) -> str:
    """The reader that follows from a type; a field whose text has a form of its own names its reader."""
    if pa.types.is_string(dtype):
        return "text"
    if pa.types.is_integer(dtype):
        return "whole_number"
    if pa.types.is_decimal(dtype):
        return "decimal_number"
    if pa.types.is_date(dtype):
        return "day"
    if pa.types.is_boolean(dtype):
        return "yes_no"
    if pa.types.is_timestamp(dtype):
        return "instant"
    raise ValueError(f"no reader for the type {dtype}")
