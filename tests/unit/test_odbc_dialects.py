"""The SQL of each dialect, fragment by fragment, beside what is written down in tests/golden; and that each is SQL of its kind.

Of the kinds of databases that cannot be started here this is all that is proved.
"""

import datetime as dt
from pathlib import Path

import pytest
import sqlglot

from resources.connectors.odbc.dialects.dialect import Dialect, Held
from resources.connectors.odbc.dialects.mariadb import MariaDb
from schemas.dataset import Limits

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
DIALECTS: dict[str, tuple[Dialect, str]] = {"mariadb": (MariaDb(), "mysql")}  # the folder's name, sqlglot's name
# Right SQL that sqlglot cannot parse; it is run on a real server (tests/integration/test_mariadb.py).
UNKNOWN_TO_SQLGLOT = {"start transaction with consistent snapshot, read only"}

LIMITS = Limits(statement_timeout=dt.timedelta(minutes=30), lock_timeout=dt.timedelta(seconds=10))
TEXT, LONG = Held("ho_ten", "text", "varchar", 200), Held("ghi_chu", "text", "longtext", 4294967295)
LEGACY = Held('ten "cũ" `]', "text", "varchar", 200, is_utf8=False)
COLUMNS = (
    TEXT,
    LONG,
    LEGACY,
    Held("so", "integer", "int"),
    Held("so_lon", "whole", "bigint unsigned"),
    Held("co", "whole", "bit"),
    Held("tien", "decimal", "decimal"),
    Held("ngay", "day", "date"),
    Held("luc", "instant", "datetime"),
    Held("anh", "bytes", "blob", 65535),
    Held("loai", "other", "enum", 9),
)
PAGED = (Held("so", "integer", "int"), TEXT)
ROW = ("-5", "Trần 'x' \\")


def fragments(dialect: Dialect) -> dict[str, list[str]]:
    """What a dialect gives, by the name of the method, as statements that can stand alone."""
    relation = dialect.relation
    texts = [dialect.as_text(column) for column in COLUMNS]
    table = dialect.quote("bang")

    def selected(*expressions: str, where: str = "") -> str:
        return f"select {', '.join(expressions)} from {table}" + (f" where {where}" if where else "")

    return {
        "as_text": [selected(text) for text in texts],
        "hashed": [selected(dialect.hashed(texts[:2])), selected(dialect.digits(dialect.total(dialect.hashed(texts[:2]))))],
        "size": [
            selected(dialect.size(texts[:2])),
            selected(dialect.beginning(texts[0], 16)),
            selected(dialect.as_hex(dialect.as_text(COLUMNS[-2]))),
        ],
        "literal": [selected("1", where=f"{texts[0]} in ({dialect.literal('16681')}, {dialect.literal(ROW[1])})")],
        "month": [selected(dialect.month(dialect.quote("ngay")))],
        "days": [selected("1", where=dialect.days(dialect.quote("ngay"), "2024-02-01", "2024-02-29"))],
        "bucket": [selected(dialect.bucket(texts[:2], 17))],
        "pages": [
            dialect.nth(PAGED, table, " where 1 = 1", 60_000),
            *(selected("1", where=side(PAGED[:n], ROW[:n])) for side in (dialect.after, dialect.up_to) for n in (1, 2)),
        ],
        "session": [*dialect.session(LIMITS), *dialect.snapshot(), dialect.end()],
        "own_session": [dialect.sessions(), dialect.session_id(), dialect.stop(7), dialect.clock(), dialect.encrypted()],
        "catalogue": [
            *(ask(schema, "bang") for ask in (relation, dialect.unique, dialect.columns) for schema in (None, "khac")),
            *(ask("khac", "bang") for ask in (dialect.view, dialect.routine)),
            *filter(None, [dialect.policies("khac", "bang")]),
        ],
        "rights": [dialect.rights()],
        "stamp": [stamp for stamp in [dialect.stamp("khac", "bang", 1_732_050_000)] if stamp],
    }


CASES = [(name, fragment) for name in DIALECTS for fragment in fragments(DIALECTS[name][0])]


@pytest.mark.parametrize(("name", "fragment"), CASES)
def test_a_fragment_is_as_it_is_written_down(name: str, fragment: str) -> None:
    """Written anew by `write_golden`; what differs is looked at by whoever reads the commit."""
    dialect, _ = DIALECTS[name]
    assert _written(fragments(dialect)[fragment]) == _file(name, fragment).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "fragment"), CASES)
def test_a_fragment_is_one_statement_of_its_kind_of_sql(name: str, fragment: str) -> None:
    dialect, reads = DIALECTS[name]
    for statement in {*fragments(dialect)[fragment]} - UNKNOWN_TO_SQLGLOT:
        (parsed,) = sqlglot.parse(statement, read=reads)
        assert parsed is not None and ";" not in statement


def test_every_file_that_is_written_down_is_of_a_fragment() -> None:
    for name in DIALECTS:
        files = {path.stem for path in (GOLDEN / f"sql_{name}").iterdir()}
        assert files == {fragment for of, fragment in CASES if of == name}


def write_golden(name: str) -> None:
    for fragment, statements in fragments(DIALECTS[name][0]).items():
        _file(name, fragment).parent.mkdir(exist_ok=True)
        _file(name, fragment).write_text(_written(statements), encoding="utf-8")


def _file(name: str, fragment: str) -> Path:
    return GOLDEN / f"sql_{name}" / f"{fragment}.sql"


def _written(statements: list[str]) -> str:
    return "".join(f"{statement};\n" for statement in statements)
