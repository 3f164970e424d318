"""What stands between a run and Dagster's database: long tags lie in the warehouse, and no statement of the library is shown."""

import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unicodedata import category

import dagster as dg
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from assets import long_tags
from assets.dagster_internals import BulkActionStatus, DagsterUserCodeProcessError, PartitionBackfill
from assets.failures import TagTellsWho, TagTooLong, TagUnreadable, TextLost
from assets.long_tags import BEGINNING, INDEXED, LONGEST, tags_of
from assets.tags import CELLS, DOCUMENT, OFFICER, REASON
from pipelines.following import load_of
from pipelines.runtime.dagster_instance import refusal, stored
from pipelines.runtime.instance import instance
from resources.embedded import server
from resources.failing import Failure
from resources.servers.dagster_database import failure_in
from resources.servers.failures import DagsterDiskFull, DagsterLost, DagsterRefused
from resources.settings import Settings
from resources.warehouse.engine import typed

UNITS = [str(code) for code in range(412, 433)]
SIXTY_MONTHS = ";".join(f"{year}-{month:02d}|{unit}" for year in range(2020, 2025) for month in range(1, 13) for unit in UNITS)
TURNS = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
REASON_TEXT = "Huyện nộp muộn, lý do viết dài: " + "".join(chr(0x1EA0 + i * 7919 % 90) for i in range(6000))


@dg.op
def nothing() -> None: ...


@dg.job
def empty() -> None:
    nothing()


@pytest.fixture(scope="module")
def found(home: Path) -> Iterator[dg.DagsterInstance]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANSINH_HOME", str(home))
        patch.delenv("ANSINH_DAGSTER_URL", raising=False)
        with instance(Settings.load()) as made:
            yield made


def run_with(found: dg.DagsterInstance, tags: dict[str, str]) -> dg.DagsterRun:
    run = found.get_run_by_id(empty.execute_in_process(instance=found, tags=tags).run_id)
    assert run is not None
    return run


def test_a_reason_of_6_kb_and_sixty_months_of_cells_start_and_come_back_whole(found: dg.DagsterInstance, home: Path) -> None:
    said = {REASON: REASON_TEXT, OFFICER: "Cán bộ thử", DOCUMENT: "15/CV", CELLS: SIXTY_MONTHS}
    run = run_with(found, said)
    assert said.items() <= tags_of(run).items()
    assert run.tags[REASON].startswith(REASON_TEXT[:BEGINNING]) and run.tags[OFFICER] == "Cán bộ thử"
    assert all(len(f"{name}{text}".encode()) <= INDEXED for name, text in run.tags.items())
    again = run_with(found, dict(run.tags))  # what a run is started again with
    assert again.tags[REASON] == run.tags[REASON] and tags_of(again)[CELLS] == SIXTY_MONTHS
    found.add_run_tags(again.run_id, {DOCUMENT: REASON_TEXT})
    launch = PartitionBackfill("a", BulkActionStatus.REQUESTED, from_failure=False, tags=said, backfill_timestamp=0.0)
    found.add_backfill(launch)
    assert (kept := found.get_backfill("a")) and kept.tags[CELLS] == run.tags[CELLS]
    with closing(server(home).connect("warehouse")) as connection, connection.cursor() as cursor:
        cursor.execute("delete from ops.long_texts where body = %s returning id", (REASON_TEXT,))
        assert len(cursor.fetchall()) == 1, "each text is kept once"
    long_tags._body.cache_clear()
    with pytest.raises(TextLost, match="kho không có toàn văn"):
        tags_of(run)
    assert "toàn văn" in str(refusal(run))
    load = load_of(run, dg.AssetKey(["core", "poverty", "households"]), "2024|412")
    assert load is not None and load.said[REASON] == run.tags[REASON], "what was loaded is followed all the same"


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({REASON: "x" * 10_001}, TagTooLong),
        ({CELLS: ";" * 1_000_001}, TagTooLong),
        ({"dagster/partition": "ệ" * 2000}, TagTooLong),
        ({"k" * 5000: "x"}, TagTooLong),
        ({"note": "a\x00b"}, TagUnreadable),
        *(({name: "bổ sung cho ông A, 040123456789"}, TagTellsWho) for name in (REASON, OFFICER, DOCUMENT)),
        ({"note": "a\ud800b"}, TagUnreadable),
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(tags: dict[str, str], kind: type[Failure]) -> None:
    with pytest.raises(kind) as refused:
        long_tags.kept(tags)
    assert len(str(refused.value)) < 400 and str(refused.value).isprintable()
    with pytest.raises(DagsterUserCodeProcessError, match="chưa có gì được chạy"):
        stored(tags)


def test_a_setting_that_no_list_could_show_is_refused() -> None:
    with pytest.raises(DagsterUserCodeProcessError, match="run_config"):
        stored({}, {"loggers": "\udfff"})


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*LONGEST, "note"]), st.text(max_size=200) | st.sampled_from(["\x00", "a\x1b[31m", "\u202eb", "\ud800"])
    )
)
def test_any_short_text_is_stored_or_refused_and_cleaned_once(tags: dict[str, str]) -> None:
    try:
        kept = long_tags.kept(tags)
    except Failure:
        return
    assert long_tags.kept(kept) == kept
    unsafe = {c for name, text in kept.items() if name in LONGEST for c in text if category(c) == "Cc" or c in TURNS}
    assert not unsafe, "no control character, and none that turns the direction of writing"
    assert "\x00" not in "".join(kept.values()).encode().decode()


def test_errors_of_dagsters_database_are_words_on_every_road(found: dg.DagsterInstance, home: Path) -> None:
    secret = "NGƯỜI THỬ"
    roads = (dg.DagsterInstance.get(), found)  # a connection each time, and a pool of them
    with closing(server(home).connect("dagster")) as connection, connection.cursor() as cursor:
        cursor.execute("alter table kvs rename to kvs_away")
        for road in roads:
            error = raised(road, secret)
            assert isinstance(error, sa.exc.ProgrammingError) and isinstance(failure_in(error), DagsterRefused)
            assert "42P01" in str(error) and isinstance(typed("thử", error), DagsterRefused)
        cursor.execute("alter table kvs_away rename to kvs")
        cursor.execute(
            "create function full_disk() returns trigger language plpgsql as $$ begin raise 'x' using errcode = '53100'; end $$"
        )
        cursor.execute("create trigger full_disk before insert on kvs execute function full_disk()")
        assert isinstance(typed("thử", raised(found, secret)), DagsterDiskFull)
        cursor.execute("drop trigger full_disk on kvs; drop function full_disk")
        cursor.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = 'dagster' and pid <> pg_backend_pid()"
        )
        assert isinstance(typed("thử", raised(found, secret)), DagsterLost)
    found.run_storage.set_cursor_values({"a": secret})


def raised(road: dg.DagsterInstance, secret: str) -> BaseException:
    """What writing a value raises; nothing that is shown of it holds the value, or a word of the statement."""
    with pytest.raises(sa.exc.DBAPIError) as failed:
        road.run_storage.set_cursor_values({"a": secret})
    shown = "".join(traceback.format_exception(failed.value))
    assert not [word for word in (secret, "INSERT", "[SQL", "[parameters", "sqlalche.me", "DETAIL", "LINE 1") if word in shown]
    return failed.value
