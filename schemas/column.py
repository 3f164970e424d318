"""A column of a declared dataset: how a field is written down, and what every projection reads of it.

The field arguments of pandera carry type, title and checks; what pandera has no word for lies in the field's metadata.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pandera.pandas as pa_pandas
import pyarrow as pa

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

Privacy = Literal["public", "internal", "personal", "sensitive"]
# What a column holds at the source, in words of SQL. Which of its own types may hold it, each road says for its databases.
SourceType = Literal["text", "date", "smallint", "integer", "bigint", "boolean", "timestamptz"]
# What a warning is about, the most urgent first: money paid or owed, who a person is, what a record says, a fact of life that
# nobody has to do anything about.
Weight = Literal["money", "identity", "record", "note"]


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
