"""What the ODBC road needs to know of a kind of database: fragments of its SQL, and what its errors mean. Nothing connects here.

A value comes over in one of only two forms: a signed whole number of up to 64 bits, or the bytes of its text in UTF-8. Drivers turn a day
that there is not, an unsigned number or a bit into another value, or abort; bytes they leave alone. Our own readers look at them
(schemas/reading).

The same bytes are hashed at the source and again here, from what came: a driver that loses, doubles or changes anything is found.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from resources.servers.sqlstates import Trouble
from schemas.dataset import Limits

# `altered`: the table became another while it was read; the next look sees it as it is. `unversioned`: the database lets nobody read
# it as it stood at one moment.
Told = Trouble | Literal["altered", "unversioned"]

# What a column holds, whatever the database calls it.
Family = Literal[
    "integer",  # signed whole numbers of up to 64 bits: they alone come over as what they are
    "whole",  # other whole numbers: unsigned, bits, years
    "decimal",
    "number",  # of whole numbers and others alike: nothing says which
    "text",
    "bytes",
    "day",
    "instant",
    "timed",  # a day with a time of day, which serves for days and for instants alike
    "other",  # what has an exact text all the same: an enumeration, JSON, a time of day
    "inexact",  # floating-point numbers: what they show is not what they hold
    "unknown",
]


@dataclass(frozen=True)
class Held:
    """A column as the source's catalogue has it."""

    name: str
    family: Family
    told: str  # its type, as the database calls it
    longest: int | None = None  # characters of a text, where the catalogue says so
    is_utf8: bool = True  # of a text: it is kept in UTF-8


@dataclass(frozen=True)
class Relation:
    """A table or view as the source's catalogue has it, under the names that it has there."""

    schema: str
    table: str
    is_view: bool
    faults: Sequence[str]  # why it cannot be read in one snapshot, in the officer's words
    pages: Sequence[str] = ()  # the columns of an index in which no two rows are equal and none is null, in order; or none


class Dialect(Protocol):
    """One kind of database. Every method is a function of its arguments; names that it is given are unquoted.

    A query is one statement without a semicolon. Its values are of the two forms above: numbers that may be larger than 64 bits,
    instants and all else are cast to text.
    """

    road: ClassVar[str]  # what the ledger records, and readings are kept by; never changed again
    name: ClassVar[str]  # as officers know it
    form: ClassVar[str]  # how an address is written
    port: ClassVar[str]
    database: ClassVar[re.Pattern[str]]  # how a database may be called in an address
    options: ClassVar[
        Mapping[str, Collection[str]]
    ]  # what may follow the ? of an address, and its values where only some are any
    asks: ClassVar[re.Pattern[str]]  # what in the text of a view or function asks who is reading
    drivers: ClassVar[Sequence[str]]  # as odbcinst.ini names them, or the driver's file, the one to take first first
    package: ClassVar[str]  # what to install where there is none, in words
    shows: ClassVar[str]  # by what an owner lets a login see what a view is made of, in words
    revokes: ClassVar[str]  # by what an owner takes a right away, in words
    is_bounded_by_driver: ClassVar[bool]  # a statement's time is held by the driver (SQL_ATTR_QUERY_TIMEOUT), not by `session`
    is_wide: ClassVar[bool]  # texts that are no bytes come over in UTF-16: in any other form the driver's locale has a say
    hashes_parts: ClassVar[bool]  # a row's hash is of the hashes of its parts: no expression holds a whole row
    autocommit: ClassVar[bool]  # of the connection; without it a transaction is always open, of the kind that `snapshot` says

    # The way to the server ------------------------------------------------------------------------------------------

    def connection(self, driver: str, place: Mapping[str, str], limits: Limits) -> dict[str, str] | None:
        """A driver's own attributes for an address: of host, port, socket, database and options, without login and password.

        None: this driver cannot do what the address asks for.
        """
        ...

    def trouble(self, state: str, native: int, words: str) -> Told:
        """What an error means, by its SQLSTATE and the server's own number; by its words only where these do not tell."""
        ...

    # A session ------------------------------------------------------------------------------------------------------

    def session(self, limits: Limits) -> Sequence[str]:
        """Statements by which a session has the same forms and bounds whatever the login or the server has set.

        Bounds: a statement's time, a wait for a lock, memory where it can be said, and how long an idle session may stay. Forms:
        days and numbers as text, the zone (Vietnam's, for instants that are kept as such), no limit of rows.
        """
        ...

    def snapshot(self) -> Sequence[str]:
        """Statements that open one read-only view of all tables as they stand now. The first statement of a look comes after them."""
        ...

    def end(self) -> str:
        """The statement that ends it."""
        ...

    def sessions(self) -> str | None:
        """A query of one number: the sessions of this login, as far as it sees them. None: it sees none."""
        ...

    def session_id(self) -> str:
        """A query of one number: this session, as `stop` names it."""
        ...

    def stop(self, session_id: int) -> str | None:
        """The statement by which another session of the same login ends what this one does. None: it may not."""
        ...

    def clock(self) -> str:
        """A query of one text: the microseconds since 1970 in UTC, by the server's clock."""
        ...

    def encrypted(self) -> str | None:
        """A query of one text: the protocol by which this session is encrypted; null or empty in clear.

        None: no login may ask, but the driver goes no way in clear when it is told not to.
        """
        ...

    # What is there --------------------------------------------------------------------------------------------------

    def relation(self, schema: str | None, table: str) -> str:
        """A query of the row that `as_relation` reads, its schema and table first; of none, where this login sees no such table. No schema: the session's own."""
        ...

    def as_relation(self, row: Sequence[str | int | None], pages: Sequence[str]) -> Relation:
        """`pages`: what `unique` gave."""
        ...

    # From here on names are those that the catalogue has.

    def unique(self, schema: str, table: str) -> str:
        """A query of the columns, in order, of the best index for reading by pages: unique, none null, of plain types."""
        ...

    def columns(self, schema: str, table: str) -> str:
        """A query of the rows that `as_held` reads: the columns that this login may read, in order."""
        ...

    def as_held(self, row: Sequence[str | int | None]) -> Held: ...

    def view(self, schema: str, view: str) -> str:
        """A query of the text that a view is made of, in as many rows as it comes in; null or none where this login may not know."""
        ...

    def routine(self, schema: str, name: str) -> str:
        """A query of the text that a function is made of, likewise."""
        ...

    def reads(self, schema: str, name: str) -> str | None:
        """A query of what a view or function reads: schema, name, 1 of a function or 0. None: the server has no book of it."""
        ...

    def named(self, text: str) -> Iterator[tuple[str | None, str, bool]]:
        """What the text of a view reads: schema (None: the view's own), name, and whether it is called as a function.

        Nothing where `reads` tells it.
        """
        ...

    def policies(self, schema: str, table: str) -> str | None:
        """A query of the names of what hides rows of a table from some who read it. None: there is nothing of the kind.

        A null among them: there may be more, that this login may not know of.
        """
        ...

    def rights(self) -> str:
        """A query of what this login may do, which `as_rights` reads."""
        ...

    def as_rights(self, rows: Sequence[Sequence[str | int | None]]) -> Iterator[tuple[str, str, str | None]]:
        """What of it goes beyond reading: the right, of what kind of thing, in words, and the thing's name."""
        ...

    def stamp(self, schema: str, table: str, opened_at: int) -> str | None:
        """A query of one text that differs whenever a row has changed, or is null where that is not certain. None: there is no such query.

        `opened_at`: when the snapshot was opened, in seconds since 1970 by the server's clock. What changed since is not in it.
        """
        ...

    # Its SQL --------------------------------------------------------------------------------------------------------

    def quote(self, name: str) -> str:
        """A name as SQL writes it, whatever it holds."""
        ...

    def literal(self, text: str) -> str:
        """A text as an expression that equals the `as_text` of a column that holds it: byte by byte, by no collation."""
        ...

    def as_text(self, column: Held) -> str:
        """The expression of a value's text, as bytes in UTF-8 (with `is_wide` also as text); null where the value is null.

        It gives exactly what stands there, in one form whatever the session: also a day that there is not, or a number of any length. A text longer
        than LONGEST_TEXT (schemas/reading/cells.py) is cut one character beyond that; bytes are cut at four times as many.
        """
        ...

    def hashed(self, parts: Sequence[str]) -> str:
        """The expression of a number, never null: the first 60 bits of the SHA-1 of these texts, BETWEEN each two, NULL for null.

        With `hashes_parts` of the SHA-1 of each text, in hexadecimal capitals, NO_PART for null, nothing between two. What `hashes` of
        resources/connectors/odbc/proof.py makes of the same bytes.
        """
        ...

    def total(self, number: str) -> str:
        """The expression of the exact sum of numbers of up to 2^60 over any number of rows, as a number that can be summed again."""
        ...

    def digits(self, number: str) -> str:
        """The expression of a whole number, however large, as text."""
        ...

    def whole(self, number: str) -> str:
        """The expression of a number without what comes after its point."""
        ...

    def as_hex(self, text: str) -> str:
        """The expression of what `as_text` gives in hexadecimal capitals, as bytes: for what may hold any byte and is hashed."""
        ...

    def beginning(self, text: str, length: int) -> str:
        """The expression of the first bytes of an `as_text`, of a type that is no longer: for what rows are grouped by."""
        ...

    def size(self, texts: Sequence[str]) -> str:
        """The expression of how many bytes these texts of a row have together, never null."""
        ...

    def month(self, column: str) -> str:
        """The expression of a day's month as a number, 202411; null where there is no day, or none with a month."""
        ...

    def days(self, column: str, first: str, last: str) -> str:
        """A condition that every day from the first to the last (ISO) fulfils, and few others: one that an index helps with. `month` decides."""
        ...

    def bucket(self, parts: Sequence[str], count: int) -> str:
        """The expression of one of `count` numbers from 0, by a row's texts: each about as often."""
        ...

    def nth(self, columns: Sequence[Held], relation: str, where: str, number: int) -> str:
        """A query of the row that is the number-th (from 1) in the order of these columns, as texts; of none where there are fewer."""
        ...

    def value(self, column: Held, told: str) -> str:
        """What `nth` gave of a column, as a value that is compared with it."""
        ...
