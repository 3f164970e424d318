"""Who read: each line before the values, none changed or removed, and what was done to them all the same is found."""

import argparse
import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2.errors
import pytest
import sqlalchemy as sa

from pipelines import cli
from pipelines.failures import ReadTellsWho, ReadWordEmpty
from pipelines.reads import WITNESS, Asking, asking, fault, keep
from resources.settings import Settings
from resources.warehouse.persons import reads
from resources.warehouse.persons.reads import Read
from resources.warehouse.quarantine import open_rows
from resources.warehouse.quarantine.open_rows import Chosen
from tests.integration.report_hub import DISTRICTS, SmallHub, at

NOW = at("2024-11-20 02:00")
BY = Asking("cán bộ thử", "kiểm thử", None)


@pytest.fixture
def state(home: Path, hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("ANSINH_HOME", str(home))
    monkeypatch.setenv("ANSINH_PROFILE", "demo")
    monkeypatch.setenv("ANSINH_TODAY", "2024-11-20")
    as_administrator(hub, "delete from ops.reads")
    (home / WITNESS).unlink(missing_ok=True)
    yield Settings.load()


def as_administrator(hub: SmallHub, statement: str) -> None:
    """As who takes the guard away."""
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("alter table ops.reads disable trigger only_added")
        connection.exec_driver_sql(statement)
        connection.exec_driver_sql("alter table ops.reads enable trigger only_added")


def told(hub: SmallHub, state: Settings) -> str | None:
    with hub.engine.connect() as connection:
        return fault(state, connection)


def lines(hub: SmallHub) -> list[str]:
    return [row.command for row in hub.rows("select command from ops.reads order by line")]


def test_lines_of_many_writers_follow_from_each_other(hub: SmallHub, state: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda n: keep(state, BY, "thử", f"lần {n}", rows=n).line, range(40)))
    assert sorted(kept) == list(range(1, 41)) and told(hub, state) is None
    assert (state.home / WITNESS).read_text().split()[0] == "40"


@pytest.mark.parametrize(
    ("done", "found"),
    [
        ("update ops.reads set officer = 'người khác' where line = 2", "dòng 2 đã bị sửa"),
        ("update ops.reads set reason = null where line = 3", "dòng 3 đã bị sửa"),
        ("update ops.reads set read_at = read_at + interval '1 second' where line = 1", "dòng 1 đã bị sửa"),
        ("delete from ops.reads where line = 2", "dòng 2 không còn"),
        ("delete from ops.reads where line = 1", "dòng 1 không còn"),
        ("delete from ops.reads where line > 2", "các dòng cuối không còn: đã ghi đến dòng 4, nay hết ở dòng 2"),
        ("delete from ops.reads", "các dòng cuối không còn: đã ghi đến dòng 4, nay hết ở dòng 0"),
    ],
)
def test_what_an_administrator_changed_is_found(hub: SmallHub, state: Settings, done: str, found: str) -> None:
    for n in range(4):
        keep(state, BY, "thử", f"lần {n}")
    assert told(hub, state) is None
    as_administrator(hub, done)
    assert told(hub, state) == found


def test_lines_that_were_all_written_anew_are_found_by_the_witness(hub: SmallHub, state: Settings) -> None:
    for n in range(3):
        keep(state, BY, "thử", f"lần {n}")
    as_administrator(hub, "delete from ops.reads")
    with hub.engine.begin() as connection:
        for n in range(3):
            reads.keep(connection, Read("thử", f"lần {n}", "người khác"), NOW)
        assert reads.broken(connection) is None, "they follow from each other"
    assert told(hub, state) == "dòng 3 trở về trước đã được viết lại"


@pytest.mark.parametrize("statement", ["update ops.reads set what = ''", "delete from ops.reads", "truncate ops.reads"])
def test_the_owner_itself_changes_no_line(hub: SmallHub, state: Settings, statement: str) -> None:
    keep(state, BY, "thử", "một lần")
    with pytest.raises(sa.exc.ProgrammingError) as refused, hub.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert isinstance(refused.value.orig, psycopg2.errors.InsufficientPrivilege)
    assert lines(hub) == ["thử"]


@pytest.fixture
def set_aside(hub: SmallHub) -> Iterator[str]:
    unit = DISTRICTS[0]
    with hub.engine.begin() as connection:
        connection.execute(
            sa.text("""insert into quarantine.rows (source, dataset, period, unit_code, row_key, received, failures, first_seen, last_seen)
                values ('poverty', 'members', '2023', :unit, 'x', '{"ho_ten": "NGƯỜI THỬ"}', '[]', now(), now())"""),
            {"unit": unit},
        )
    yield unit
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("delete from quarantine.rows")


def test_an_export_leaves_its_line_first_and_nothing_without_one(
    hub: SmallHub, state: Settings, set_aside: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = ["quarantine", "export", "--unit", set_aside, "--period", "2023", "--into", str(tmp_path / "a.xlsx")]
    assert cli.main([*export, "--reason", "gửi xã sửa", "--by", "cán bộ", "--document", "12/CV"]) == 0
    assert hub.rows("select officer, command, about, reason, document, rows from ops.reads") == [
        ("cán bộ", "quarantine export", "poverty", "gửi xã sửa", "12/CV", 1)
    ]
    (tmp_path / "a.xlsx").unlink()
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("alter table ops.reads rename to moved")
    try:
        assert cli.main(export) != 0
        assert list(tmp_path.iterdir()) == [], "what cannot be written down is not shown"
    finally:
        with hub.engine.begin() as connection:
            connection.exec_driver_sql("alter table ops.moved rename to reads")
    assert cli.main([*export, "--reason", "của 040216999901"]) == 2 and list(tmp_path.iterdir()) == []
    assert "040216999901" not in capsys.readouterr().err
    assert cli.main(export) == 0, "a script that gives no reason goes on"
    assert cli.main(["quarantine", "list", "--json"]) == 0 and lines(hub) == ["quarantine export"] * 2, "counts are no values"


@pytest.fixture
def set_aside_of_children(hub: SmallHub, set_aside: str) -> str:
    """A row of a restricted system and a warning of one, in the cell's unit; another unit has one too."""
    with hub.engine.begin() as connection:
        for unit in (set_aside, DISTRICTS[1]):
            connection.execute(
                sa.text("""insert into quarantine.rows (source, dataset, period, unit_code, row_key, received, failures, first_seen, last_seen)
                    values ('children', 'profiles', 'now', :unit, 'y', '{"ho_ten": "TRẺ THỬ"}', '[]', now(), now()),
                        ('meritorious_persons', 'profiles', 'now', :unit, 'z', '{"ho_ten": "NGƯỜI THỬ"}', '[]', now(), now())"""),
                {"unit": unit},
            )
        connection.execute(
            sa.text("""insert into quarantine.remarks (source, dataset, period, unit_code, row_key, kind, rule, "column", message,
                    first_seen, last_seen)
                values ('children', 'profiles', 'now', :unit, 'w', 'warning', 'x', 'special_groups', 'x', now(), now())"""),
            {"unit": set_aside},
        )
    return set_aside


@pytest.fixture(autouse=True)
def no_remarks(hub: SmallHub) -> Iterator[None]:
    yield
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("delete from quarantine.remarks")


def texts_of(book: Path) -> str:
    with zipfile.ZipFile(book) as parts:
        return parts.read("xl/sharedStrings.xml").decode()


def test_nothing_of_a_restricted_system_leaves_unless_it_is_said_why_and_on_which_paper(
    hub: SmallHub, state: Settings, set_aside_of_children: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--unit", set_aside_of_children, "--period", "now", "--into", str(tmp_path)]
    export = ["quarantine", "export", *where]
    assert cli.main(export) == 0
    book = tmp_path / f"quarantine-{set_aside_of_children}-now.xlsx"
    assert "NGƯỜI THỬ" in texts_of(book) and "TRẺ THỬ" not in texts_of(book)
    told = capsys.readouterr().err
    assert "Không xuất 2 dòng" in told and "--source children --restricted" in told, "it is told what was left out"

    said = ["--source", "children", "--restricted"]
    why = ["--reason", "gửi huyện sửa", "--document", "12/CV"]
    for asked in (said[:2], [*said[:2], *why], said, [*said, *why[:2]], [*said, *why[2:]], [*said[2:], *why[:2]]):
        assert cli.main([*export, *asked]) == 2, asked
    assert {path.name for path in tmp_path.iterdir()} == {book.name}
    assert hub.rows("select about, rows from ops.reads") == [("meritorious_persons", 1)]
    assert "TRẺ THỬ" not in "".join(capsys.readouterr())

    assert cli.main([*export, *said, *why]) == 0, "the custodian's own, beside the general one"
    theirs = tmp_path / f"quarantine-children-{set_aside_of_children}-now.xlsx"
    assert "TRẺ THỬ" in texts_of(theirs) and "NGƯỜI THỬ" not in texts_of(theirs) and "NGƯỜI THỬ" in texts_of(book)
    assert cli.main([*export, *said[2:], *why]) == 0
    assert "TRẺ THỬ" in texts_of(book) and "NGƯỜI THỬ" in texts_of(book)
    assert "Không xuất" not in capsys.readouterr().err
    assert hub.rows("select about, document, rows from ops.reads order by line") == [
        ("meritorious_persons", None, 1),
        ("children", "12/CV", 2),
        ("children, meritorious_persons", "12/CV", 3),
    ]
    assert cli.main(["reads"]) == 0
    assert "(children," in capsys.readouterr().out, "the list names them too"


def test_where_only_restricted_rows_stand_it_is_not_said_that_there_are_none(
    hub: SmallHub, state: Settings, set_aside_of_children: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("delete from quarantine.rows where source <> 'children'")
    export = ["quarantine", "export", "--unit", set_aside_of_children, "--period", "now", "--into", str(tmp_path)]
    assert cli.main(export) == 0 and list(tmp_path.iterdir()) == [] and lines(hub) == []
    told = capsys.readouterr().err
    assert "ngoài hệ thống hạn chế" in told and "Không xuất 2 dòng" in told
    assert cli.main([*export, "--source", "poverty"]) == 2, "it has no register"
    assert cli.main([*export, "--source", "meritorious_persons"]) == 0
    assert "hạn chế" not in capsys.readouterr().err, "of another system nothing was left out"


def test_an_address_is_told_with_a_line_and_without_a_warehouse_with_a_word(
    hub: SmallHub, state: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(["url", "warehouse"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("postgresql://") and err == "" and lines(hub) == ["url warehouse"]
    monkeypatch.setenv("WAREHOUSE_URL", "postgresql://a@127.0.0.1:1/x")
    assert cli.main(["url", "warehouse"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("postgresql://a@127.0.0.1:1/x") and "Không ghi được lần xem này" in err
    assert "Mở kho dữ liệu của trung tâm" in err and "chưa lường trước" not in err


def test_the_lines_are_listed_and_a_broken_one_is_told(
    hub: SmallHub, state: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for n in range(3):
        keep(state, BY, "thử", f"lần {n}", rows=1_234)
    assert cli.main(["reads", "--json", "--last", "2"]) == 0
    assert [line["line"] for line in json.loads(capsys.readouterr().out)] == [3, 2]
    as_administrator(hub, "delete from ops.reads where line = 2")
    assert cli.main(["reads"]) == 1
    out, err = capsys.readouterr()
    assert "1.234 dòng" in out and "dòng 2 không còn" in err


@pytest.mark.parametrize(
    ("words", "failure"),
    [({"reason": " "}, ReadWordEmpty), ({"by": ""}, ReadWordEmpty), ({"document": "0123456789"}, ReadTellsWho)],
)
def test_words_that_tell_nothing_or_somebody_are_refused(words: dict[str, str], failure: type[Exception]) -> None:
    with pytest.raises(failure):
        asking(argparse.Namespace(**words))


def test_what_would_move_the_cursor_of_who_reads_the_list_is_not_kept() -> None:
    by = asking(argparse.Namespace(by="A", reason="đối chiếu\x1b[1A\x1b[2K\u202e", document=None))
    assert by.reason is not None and by.reason.isprintable() and by.reason.startswith("đối chiếu")


def test_a_clock_that_is_set_right_leaves_the_lines(hub: SmallHub, state: Settings) -> None:
    """They are sealed with the instant that was told."""
    from resources.warehouse import instants

    keep(state, BY, "thử", "một lần")
    with hub.engine.begin() as connection:
        hub_now = at("2020-01-01 00:00")
        connection.exec_driver_sql("insert into ops.nights (night, started_at) values ('2024-11-20', '2024-11-20')")
        assert instants.accept(connection, hub_now, hub_now.date(), "a", "b") is not None
    assert told(hub, state) is None


def test_a_warning_is_exported_once_and_of_its_own_system(
    hub: SmallHub, state: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two systems have a dataset of the same name."""
    unit = DISTRICTS[0]
    with hub.engine.begin() as connection:
        for source, key in (("meritorious_persons", "NA/1"), ("social_protection", "BT/1")):
            connection.execute(
                sa.text("""insert into quarantine.remarks (source, dataset, period, unit_code, row_key, kind, rule, "column", message,
                    first_seen, last_seen) values (:source, 'monthly_payments', '2024-10', :unit, :key, 'warning', 'paid_after_death',
                    'amount_vnd', 'Sai', now(), now())"""),
                {"source": source, "key": key, "unit": unit},
            )
    assert cli.main(["quarantine", "export", "--unit", unit, "--period", "2024-10", "--into", str(tmp_path / "a.xlsx")]) == 0
    assert "0 dòng bị loại và 2 cảnh báo" in capsys.readouterr().out
    with hub.engine.connect() as connection:
        told = open_rows.warned(connection, Chosen(None, unit, "2024-10"))
    assert [(w.dataset.source.name, w.row_key) for w in told] == [("meritorious_persons", "NA/1"), ("social_protection", "BT/1")]
