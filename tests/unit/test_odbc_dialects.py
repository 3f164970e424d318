"""The SQL of each dialect, fragment by fragment, beside what is written down in tests/golden; and that each is SQL of its kind.

Of the kinds of databases that cannot be started here this is all that is proved.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlglot

from resources.connectors.connector import Places
from resources.connectors.odbc.dialects import order
from resources.connectors.odbc.dialects.dialect import Dialect, Held
from resources.connectors.odbc.dialects.mariadb import MariaDb
from resources.connectors.odbc.dialects.oracle import Oracle
from resources.connectors.odbc.dialects.sqlserver import SqlServer
from resources.connectors.odbc.queries import Queries
from resources.connectors.odbc.structure import Found
from schemas import calendar
from schemas.column import SourceType
from schemas.dataset import Limits
from schemas.registry import DATASETS

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
# Right SQL that sqlglot cannot parse. MariaDB's is run on a real server (tests/integration/test_mariadb.py).
UNKNOWN_TO_SQLGLOT = {
    "start transaction with consistent snapshot, read only",
    "set ansi_nulls, ansi_padding, ansi_warnings, arithabort, concat_null_yields_null, quoted_identifier on",
    "set transaction isolation level snapshot",
}
Row = Sequence[str | int | None]


@dataclass(frozen=True)
class Kind:
    """One kind of database. `columns`: rows of its catalogue, of all that a table may hold, the first two of texts.

    `functions` are those that we call of it, each looked up in its manual: sqlglot takes any word for one. `strange` are words of
    other kinds of SQL that sqlglot takes in this one, and this one does not know.
    """

    dialect: Dialect
    sqlglot: str
    columns: Sequence[Row]
    of_type: dict[SourceType, Row]  # how a declared column may be held, without its name
    paged: Sequence[str]  # columns of an index
    marks: Sequence[str]  # of a row in it, as `nth` gives them
    functions: str = ""
    strange: str = r"(?!)"

    def held(self, name: str) -> Held:
        return next(held for held in map(self.dialect.as_held, self.columns) if held.name == name)


KINDS = {
    "mariadb": Kind(
        MariaDb(),
        "mysql",
        (
            ("ho_ten", "varchar", "varchar(200)", "utf8mb4", "200", "select"),
            ("ghi_chu", "longtext", "longtext", "utf8mb4", "4294967295", "select"),
            ('ten "cũ" `]', "varchar", "varchar(200)", "latin1", "200", "select"),
            ("so", "int", "int(11)", None, None, "select"),
            ("so_lon", "bigint", "bigint(20) unsigned", None, None, "select"),
            ("co", "bit", "bit(1)", None, None, "select"),
            ("tien", "decimal", "decimal(15,2)", None, None, "select"),
            ("ngay", "date", "date", None, None, "select"),
            ("luc", "datetime", "datetime", None, None, "select"),
            ("anh", "blob", "blob", None, "65535", "select"),
            ("loai", "enum", "enum('a')", "utf8mb4", "9", "select"),
        ),
        {
            "text": ("varchar", "varchar(200)", "utf8mb4", "200", "select"),
            "date": ("date", "date", None, None, "select"),
            "timestamptz": ("datetime", "datetime", None, None, "select"),
            **dict.fromkeys(("smallint", "integer", "bigint", "boolean"), ("int", "int(11)", None, None, "select")),
        },
        ("so", "ho_ten"),
        ("-5", "Trần 'x' \\"),
    ),
    "sqlserver": Kind(
        SqlServer(),
        "tsql",
        (
            ("ho_ten", "nvarchar", 400, 0),
            ("ghi_chu", "nvarchar", -1, 0),
            ('ten "cũ" `]', "varchar", 200, 0),
            ("ma", "char", 5, 0),
            ("ma_rong", "nchar", 10, 0),
            ("ghi_chu_cu", "ntext", 16, 0),
            ("dai", "varchar", 8000, 0),
            ("so", "int", 4, 0),
            ("so_lon", "bigint", 8, 0),
            ("so_nho", "tinyint", 1, 0),
            ("co", "bit", 1, 0),
            ("tien", "decimal", 9, 0),
            ("tien_cu", "money", 8, 0),
            ("ngay", "date", 3, 0),
            ("ngay_cu", "datetime", 8, 0),
            ("luc", "datetime2", 8, 0),
            ("luc_mui_gio", "datetimeoffset", 10, 0),
            ("gio", "time", 5, 0),
            ("anh", "varbinary", 8000, 0),
            ("anh_lon", "varbinary", -1, 0),
            ("phien_ban", "timestamp", 8, 0),
            ("ma_chung", "uniqueidentifier", 16, 0),
            ("ho_so", "xml", -1, 0),
        ),
        {
            "text": ("nvarchar", 400, 0),
            "date": ("date", 3, 0),
            "timestamptz": ("datetime", 8, 0),
            **dict.fromkeys(("smallint", "integer", "bigint", "boolean"), ("int", 4, 0)),
        },
        ("so", "ho_ten", "ma", "ngay"),
        ("-5", "5400720027", "41422020", "2024-02-01"),
        functions="cast convert count datalength datediff datepart db_id db_name fn_my_permissions has_perms_by_name hashbytes isnull left "
        "max month object_id object_schema_name objectproperty parsename quotename replace rtrim schema_name serverproperty substring "
        "sum suser_sid sysutcdatetime try_cast type_name year databasepropertyex dm_sql_referenced_entities top "
        "varchar nvarchar varbinary decimal",  # types with a length are written like functions
        strange=r"\b(?:limit|dual|ifnull|nvl|sysdate|interval|using|true|false|trunc|mod)\b|\|\||`|\bdate '",
    ),
    "oracle": Kind(
        Oracle(),
        "oracle",
        (
            ("HO_TEN", "VARCHAR2", "200", "800", None),
            ("GHI_CHU", "VARCHAR2", "32767", "32767", None),
            ("ten `]", "CHAR", "10", "10", None),
            ("MA_RONG", "NCHAR", "10", "20", None),
            ("TEN_RONG", "NVARCHAR2", "200", "400", None),
            ("SO", "NUMBER", "0", "22", "0"),
            ("SO_BAT_KY", "NUMBER", "0", "22", None),
            ("TIEN", "NUMBER", "0", "22", "2"),
            ("HE_SO", "FLOAT", "0", "22", None),
            ("NGAY", "DATE", "0", "7", None),
            ("LUC", "TIMESTAMP(6)", "0", "11", "6"),
            ("LUC_MUI_GIO", "TIMESTAMP(6) WITH TIME ZONE", "0", "13", "6"),
            ("LUC_TAI_CHO", "TIMESTAMP(6) WITH LOCAL TIME ZONE", "0", "11", "6"),
            ("CO", "BOOLEAN", "0", "1", None),
            ("ANH", "RAW", "0", "2000", None),
        ),
        {
            "text": ("VARCHAR2", "200", "800", None),
            "date": ("DATE", "0", "7", None),
            "timestamptz": ("DATE", "0", "7", None),
            **dict.fromkeys(("smallint", "integer", "bigint", "boolean"), ("NUMBER", "0", "22", None)),
        },
        ("SO", "HO_TEN"),
        ("-5", "Trần 'x'"),
        functions="convert count extract lengthb ltrim max min mod nvl nvl2 rawtohex regexp_replace rtrim standard_hash substr sum "
        "sys_context sys_extract_utc to_char to_number trunc unistr keep",
        strange=r"\b(?:limit|ifnull|isnull|top|len|concat_ws|getdate|true|false|interval)\b|\[|`|\b0x|\bfrom \S+ as |\) as [a-z]+ (?:where|group|order|join)\b",
    ),
}
LIMITS = Limits(statement_timeout=dt.timedelta(minutes=30), lock_timeout=dt.timedelta(seconds=10))


def fragments(kind: Kind) -> dict[str, list[str]]:
    """What a dialect gives, by the name of the method, as statements that can stand alone."""
    dialect, columns = kind.dialect, [kind.dialect.as_held(row) for row in kind.columns]
    relation = dialect.relation
    texts, paged = [dialect.as_text(column) for column in columns], [kind.held(name) for name in kind.paged]
    table, number, day = dialect.quote("bang"), dialect.quote("so"), dialect.quote("ngay")
    bytes_of = next(text for text, column in zip(texts, columns, strict=True) if column.family == "bytes")

    def selected(*expressions: str, where: str = "") -> str:
        return f"select {', '.join(expressions)} from {table}" + (f" where {where}" if where else "")

    found = {
        "as_text": [selected(text) for text in texts],
        "hashed": [selected(dialect.hashed(texts[:2])), selected(dialect.digits(dialect.total(dialect.hashed(texts[:2]))))],
        "size": [
            selected(dialect.size(texts[:2])),
            selected(dialect.beginning(texts[0], 16)),
            selected(dialect.as_hex(bytes_of)),
        ],
        "literal": [selected("1", where=f"{texts[0]} in ({dialect.literal('16681')}, {dialect.literal(LITERAL)})")],
        "month": [selected(dialect.month(day))],
        "days": [selected("1", where=dialect.days(day, "2024-02-01", "2024-02-29"))],
        "whole": [selected(dialect.whole(number))],
        "bucket": [selected("1", where=f"{dialect.bucket(texts[:2], 17)} = 3")],
        "pages": [
            dialect.nth(paged, table, " where 1 = 1", 60_000),
            *(
                selected("1", where=side(dialect, paged[:n], kind.marks[:n]))
                for side in (order.after, order.up_to)
                for n in range(1, len(paged) + 1)
            ),
        ],
        "session": [*dialect.session(LIMITS), *dialect.snapshot(), dialect.end()],
        "own_session": [dialect.sessions(), dialect.session_id(), dialect.stop(7), dialect.clock(), dialect.encrypted()],
        "catalogue": [
            *(relation(schema, "bang") for schema in (None, "khac")),
            *(ask("khac", "bang") for ask in (dialect.unique, dialect.columns, dialect.view, dialect.routine, dialect.reads)),
            dialect.policies("khac", "bang"),
        ],
        "rights": [dialect.rights()],
        "stamp": [dialect.stamp("khac", "bang", 1_732_050_000)],
    }
    given = {fragment: [*filter(None, statements)] for fragment, statements in found.items()}
    return {fragment: statements for fragment, statements in given.items() if statements}


LITERAL = "Trần 'x' \\"
RELATIONS: dict[str, Row] = {
    "mariadb": ("nguon", "bang", "BASE TABLE", "InnoDB"),
    "sqlserver": ("dbo", "bang", "U", 1, "nguon", 15, 3),
    "oracle": ("NGUON", "BANG", "TABLE", "N", "N", "19.0.0.0.0"),
}
CASES = [(name, fragment) for name, kind in KINDS.items() for fragment in fragments(kind)]


@pytest.mark.parametrize(("name", "fragment"), CASES)
def test_a_fragment_is_as_it_is_written_down(name: str, fragment: str) -> None:
    """Written anew by `write_golden`; what differs is looked at by whoever reads the commit."""
    assert _written(fragments(KINDS[name])[fragment]) == _file(name, fragment).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "fragment"), CASES)
def test_a_fragment_is_one_statement_of_its_kind_of_sql(name: str, fragment: str) -> None:
    for statement in fragments(KINDS[name])[fragment]:
        _lint(KINDS[name], statement)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_put_together_of_fragments_is_sql_of_its_kind(name: str) -> None:
    """Every query that a dataset is read by, of every declared dataset."""
    kind, today = KINDS[name], dt.date(2024, 12, 1)
    for dataset in DATASETS:
        held = (kind.dialect.as_held((c.source_column, *kind.of_type[c.source_type])) for c in dataset.columns)
        relation = kind.dialect.as_relation(RELATIONS[name], ())
        found = Found(dataset, relation, {column.name.lower(): column for column in held})
        assert not found.faults, dataset.id
        queries, started = Queries(kind.dialect, found), calendar.started(dataset, today)
        selected = queries.selected(started[-1], today, Places(("16681",), ("16681", "16682")))
        for query in (queries.by_place(started), queries.rows(selected), queries.proof(selected), queries.count(selected)):
            _lint(kind, query)


def test_every_file_that_is_written_down_is_of_a_fragment() -> None:
    for name in KINDS:
        files = {path.stem for path in (GOLDEN / f"sql_{name}").iterdir()}
        assert files == {fragment for of, fragment in CASES if of == name}


def _lint(kind: Kind, statement: str) -> None:
    assert ";" not in statement
    if statement not in UNKNOWN_TO_SQLGLOT:
        (parsed,) = sqlglot.parse(statement, read=kind.sqlglot)
        assert parsed is not None
    bare = re.sub(r"N?'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|\"[^\"]*\"", "x", statement)
    if kind.functions:  # drivers take what is no ASCII for whatever the locale says; a name stays what the owner called it
        called = set(re.findall(r"\b([a-z_0-9]+)\(", bare)) - set(kind.functions.split())
        assert bare.isascii() and not called, called
    assert not (found := re.search(kind.strange, bare)), found


def write_golden(name: str) -> None:
    for fragment, statements in fragments(KINDS[name]).items():
        _file(name, fragment).parent.mkdir(exist_ok=True)
        _file(name, fragment).write_text(_written(statements), encoding="utf-8")


def _file(name: str, fragment: str) -> Path:
    return GOLDEN / f"sql_{name}" / f"{fragment}.sql"


def _written(statements: list[str]) -> str:
    return "".join(f"{statement};\n" for statement in statements)
