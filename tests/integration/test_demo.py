"""The synthetic province against the product's own declarations: every planted fault has its outcome, nothing else has any.

Each source is read through its reader's login, judged by schemas/validation, laid into a warehouse of its own made by
resources/warehouse/migrations.py, and held against every set rule. What is found must equal the truth, row by row.
"""

import collections
import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import psycopg2
import pyarrow as pa
import pymysql
import pytest
import sqlalchemy as sa

from demo import build, days
from demo.acts import acts
from demo.databases import cells
from demo.databases.database import LOG, Database, database_of, reader_of
from demo.databases.mariadb import MariaDb
from demo.databases.places import database
from demo.databases.postgresql import Postgresql
from demo.failures import ComesByFile, NoGoodRow, NothingLate
from demo.faults import truth
from demo.people.dates import LAST_DAY
from pipelines.runtime.processes import stop_all
from resources.connectors.connect import connect
from resources.connectors.connector import Connector
from resources.embedded import EmbeddedServer, server
from resources.servers.connecting import libpq_uri
from resources.settings import Settings
from resources.warehouse import migrations
from schemas import calendar, rates
from schemas.dataset import Dataset
from schemas.projections.postgres import set_rule_query
from schemas.registry import DATASETS, SOURCES, comes_by_file, datasets_of, source_named
from schemas.validation import validate
from tests.integration.inboxes import holding, sent_to
from tests.integration.kept import new_home

# That all that is planted has its outcome test_night.py asks each time, through the hub itself.
pytestmark = pytest.mark.long

SCALE, SEED = 0.004, 7
START = dt.date(2024, 11, 20)
Finding = tuple[str, str, str, str, str, str, str]  # source, dataset, period, unit, row key, rule, kind


@dataclass
class Home:
    settings: Settings
    found: EmbeddedServer


@pytest.fixture(scope="module")
def built() -> Iterator[Home]:
    folder = new_home()
    settings = Settings("demo", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANSINH_HOME", str(folder))  # by which a service is asked
        try:
            build.build(settings, SCALE, SEED)
            yield Home(settings, server(folder))
        finally:
            stop_all(settings)
            shutil.rmtree(folder, ignore_errors=True)


def read(connector: Connector, dataset: Dataset, period: str) -> pa.Table:
    """One period of a dataset, as the product's login sees it."""
    batches = list(connector.rows(dataset, period, START))
    return pa.Table.from_batches(batches) if batches else pa.table({})


@dataclass
class Judged:
    """All that is found about a province on a day."""

    findings: set[Finding] = field(default_factory=set)
    unkeyed: collections.Counter = field(default_factory=collections.Counter)  # source, dataset, period, unit, rule
    rows: int = 0
    counts: dict[tuple[str, str, str], int] = field(default_factory=dict)  # dataset, period, unit -> rows placed there


def judge(found: EmbeddedServer, today: dt.date, name: str = "judged") -> Judged:
    judged = Judged()
    found.ensure_database(name)
    engine = sa.create_engine(found.url(name))
    with engine.begin() as connection:
        migrations.migrate(connection)
    for source in SOURCES:
        for (dataset, period), table in holding(sent_to(found.home / "inbox", source, today), today).items():
            _judge_period(found, name, table, dataset, period, today, judged)
        if comes_by_file(source):
            continue
        with connect(source, Settings("demo", found.home)) as connector:
            for dataset in datasets_of(source):
                for period in calendar.started(dataset, today):
                    _judge_period(found, name, read(connector, dataset, period), dataset, period, today, judged)
    with engine.begin() as connection:
        connection.exec_driver_sql("analyze")
        for dataset in DATASETS:
            for period in calendar.started(dataset, today):
                _judge_sets(connection, dataset, period, today, judged)
    engine.dispose()
    return judged


def _judge_period(
    found: EmbeddedServer, name: str, table: pa.Table, dataset: Dataset, period: str, today: dt.date, judged: Judged
) -> None:
    judged.rows += table.num_rows
    if not table.num_rows:
        return
    verdict = validate(dataset, table, calendar.moment(dataset, period, today))
    head = (dataset.source.name, dataset.name, period)
    for units in (verdict.accepted["unit_code"], verdict.rejected["unit_code"]):
        for unit, rows in collections.Counter(units.to_pylist()).items():
            at = (dataset.id, period, unit)
            judged.counts[at] = judged.counts.get(at, 0) + rows
    aside = []
    for row in verdict.rejected.to_pylist():
        aside.append((*head, row["unit_code"], row["row_key"], row["received"], row["failures"]))
        for failure in json.loads(row["failures"]):
            if row["row_key"].startswith("#"):
                judged.unkeyed[(*head, row["unit_code"], failure["rule"])] += 1
            else:
                judged.findings.add((*head, row["unit_code"], row["row_key"], failure["rule"], "rejected"))
    for row in verdict.remarks.to_pylist():
        judged.findings.add((*head, row["unit_code"], row["row_key"], row["rule"], row["kind"]))
    accepted = _without_doubles(verdict.accepted, head, judged)
    _lay_down(found, name, dataset, period, accepted, aside)


def _without_doubles(accepted: pa.Table, head: tuple[str, str, str], judged: Judged) -> pa.Table:
    """Of exact copies the first stays; rows of one key with different content all go."""
    keys = list(zip(accepted["unit_code"].to_pylist(), accepted["row_key"].to_pylist(), strict=True))
    doubled = {k for k, n in collections.Counter(keys).items() if n > 1}
    if not doubled:
        return accepted
    content = [json.dumps(r, default=str) for r in accepted.drop_columns(["ordinal"]).to_pylist()]
    keep = np.ones(len(keys), dtype=bool)
    for key in doubled:
        rows = [i for i, k in enumerate(keys) if k == key]
        same = len({content[i] for i in rows}) == 1
        gone = rows[1:] if same else rows
        keep[gone] = False
        judged.unkeyed[(*head, key[0], "no_duplicate_row" if same else "unique_key")] += len(gone)
    return accepted.filter(pa.array(keep))


def _lay_down(found: EmbeddedServer, name: str, dataset: Dataset, period: str, accepted: pa.Table, aside: list[tuple]) -> None:
    count = accepted.num_rows
    now = pa.array([dt.datetime(2024, 11, 20, 1, tzinfo=dt.UTC)] * count, pa.timestamp("us", tz="UTC"))
    table = accepted.drop_columns(["ordinal"]).append_column("period", pa.array([period] * count, pa.string()))
    table = table.append_column("recorded_from", now)
    for i, column in enumerate(table.schema):
        if pa.types.is_decimal(column.type):  # text: the driver's own numeric would need the same scale
            table = table.set_column(i, column.name, table.column(i).cast(pa.string()))
    with adbc.connect(libpq_uri(found.url(name))) as connection, connection.cursor() as cursor:
        staged = f"in_{dataset.table}_{period.replace('-', '_').lower()}"[:60]
        cursor.adbc_ingest(staged, table, mode="create", temporary=True)
        types = {c.name: c.dtype for c in dataset.columns}
        picked = ", ".join(f"{c}::numeric" if pa.types.is_decimal(types.get(c, pa.string())) else c for c in table.column_names)
        cursor.execute(f"insert into history.{dataset.table} ({', '.join(table.column_names)}) select {picked} from {staged}")
        connection.commit()
    with closing(found.connect(name)) as connection, connection.cursor() as cursor:
        for row in aside:
            cursor.execute(
                "insert into quarantine.rows"
                " (source, dataset, period, unit_code, row_key, received, failures, first_seen, last_seen)"
                " values (%s, %s, %s, %s, %s, %s, %s, now(), now())",
                row,
            )


def _judge_sets(connection: sa.Connection, dataset: Dataset, period: str, today: dt.date, judged: Judged) -> None:
    moment = calendar.moment(dataset, period, today)
    facts = {"period": period, "first_day": moment.first_day, "last_day": moment.last_day}
    for rule in dataset.set_rules:
        for unit, key in connection.execute(sa.text(set_rule_query(rule)), facts):
            judged.findings.add((dataset.source.name, dataset.name, period, unit, key, rule.name, "warning"))


def expected(lines: list[dict[str, Any]]) -> tuple[set[Finding], collections.Counter]:
    keyed: set[Finding] = set()
    unkeyed: collections.Counter = collections.Counter()
    for line in lines:
        if line["outcome"].startswith("file_"):
            continue
        head = (line["source"], line["dataset"], line["period"], line["unit_code"])
        for rule in line["rules"]:
            if line["keyed"]:
                keyed.add((*head, line["source_key"], rule, line["outcome"]))
            else:
                unkeyed[(*head, rule)] += 1
    return keyed, unkeyed


@pytest.fixture(scope="module")
def judged(built: Home) -> Judged:
    return judge(built.found, START)


def test_every_planted_fault_has_its_outcome_and_nothing_else_has_any(built: Home, judged: Judged) -> None:
    keyed, unkeyed = expected(truth.known(built.found))
    assert judged.rows > 15_000
    assert sorted(keyed - judged.findings) == []
    assert sorted(judged.findings - keyed) == []
    assert judged.unkeyed == unkeyed


# What a file carries, and the words by which its sender is told; of what is silent nothing is different from any other file.
TOLD = {
    "column_numbers": "dòng đánh số cột",
    "sums_between": "dòng cộng, tổng",
    "sums_typed": "dòng cộng, tổng",
    "signatures_below": "phần ký tên",
    "hidden_sheet": "trang đang ẩn",
    "semicolons": "cách nhau bằng dấu ;",
    "byte_order_mark": "UTF-8 có dấu thứ tự byte",
    "TCVN3": "gõ bằng TCVN3",
    "VNI": "gõ bằng VNI",
    "garbled": "đọc nhầm thành cp1252",
    "cp1258": "gõ bằng cp1258",
}
SILENT = (
    "titles_above", "heading_of_two_lines", "ordinals", "blank_lines", "several_sheets", "other_words", "other_order",
)  # fmt: skip
GOES_BACK = {
    "password": "FileLocked",  # pragma: allowlist secret
    "empty": "FileEmpty",
    "last_month": "PeriodContradicted",
    "of_another": "OtherUnitsRows",
}


def test_every_file_that_is_wrong_as_a_whole_goes_back_and_no_other(built: Home, judged: Judged) -> None:
    lines = truth.known(built.found, outcome="file_returned")
    foretold = {(line["source"], line["locator"]["tep"]): GOES_BACK[line["rules"][0]] for line in lines}
    sent = {(s.name, file.name): file.goes_back for s in SOURCES for file in sent_to(built.found.home / "inbox", s, START)}
    assert {name: why for name, why in sent.items() if why} == foretold
    assert set(foretold.values()) == set(GOES_BACK.values())


def test_what_is_odd_about_a_file_is_told_to_its_sender(built: Home, judged: Judged) -> None:
    """Of each oddity some file that carries it: the note beside it says so."""
    read = {line["rules"][0] for line in truth.known(built.found, outcome="file_read")}
    told = " ".join(file.told for source in SOURCES for file in sent_to(built.found.home / "inbox", source, START))
    assert read == {*TOLD, *SILENT}
    assert [mark for mark, words in TOLD.items() if words not in told] == []


def test_every_fault_of_the_catalogue_that_can_stand_in_a_database_or_a_file_is_planted(built: Home) -> None:
    planted = collections.Counter(line["fault"] for line in truth.known(built.found))
    # F-12 and F-15 leave no remark; F-17 cannot be before 1/12/2024; F-32 and F-36 are of services and of databases that move.
    wanted = [f"F-{n:02d}" for n in range(1, 36) if n not in (12, 15, 17, 32)] + ["F-37"] + [f"U-{n:02d}" for n in range(1, 8)]
    assert [f for f in wanted if not planted[f]] == []


def test_every_rule_of_a_row_is_broken_by_a_planted_row(built: Home) -> None:
    broken = {(f"{line['source']}.{line['dataset']}", rule) for line in truth.known(built.found) for rule in line["rules"]}
    assert rates.day("old_identity_card_last_day") > LAST_DAY  # until then has_current_identity lets everything pass
    wanted = {(d.id, r.name) for d in DATASETS for r in d.rules if r.name != "has_current_identity"}
    assert sorted(wanted - broken) == []


def test_no_cell_carries_more_than_its_tolerance(judged: Judged) -> None:
    rejected: dict[tuple[str, str, str], set[str]] = {}
    for source, dataset, period, unit, key, _, kind in judged.findings:
        if kind == "rejected":
            rejected.setdefault((f"{source}.{dataset}", period, unit), set()).add(key)
    assert rejected
    assert [at for at, keys in rejected.items() if len(keys) > 20 and len(keys) > 0.05 * judged.counts[at]] == []


def test_the_submission_log_tells_how_many_rows_each_cell_holds(built: Home, judged: Judged) -> None:
    states = collections.Counter()
    for dataset in DATASETS:
        if dataset.kind == "register":
            continue
        with database(built.found, dataset.source).changing() as cursor:
            cursor.execute(
                f"select ky, ma_don_vi, thoi_diem_nop, so_dong, khai_rong from {LOG} where bang = %s order by thoi_diem_nop",
                (dataset.road.at_source,),
            )
            last = {(period, unit): told for period, unit, *told in cursor.fetchall()}
            for (period, unit), (at, rows, is_empty) in last.items():
                assert rows == judged.counts.get((dataset.id, period, unit), 0), (dataset.id, period, unit)
                assert is_empty == (rows == 0)
                due, locked = calendar.due_day(dataset, period), calendar.locked_day(dataset, period)
                day = at.astimezone(dt.timezone(dt.timedelta(hours=7))).date()
                states["on time" if day <= due else "watched" if day <= locked else "after the lock"] += 1
                states["empty"] += is_empty
    assert states["on time"] > 10 * states["watched"] > 0
    assert states["after the lock"] > 0 and states["empty"] > 0


def test_some_cells_are_missing(judged: Judged) -> None:
    dataset = next(d for d in DATASETS if d.id == "social_protection.monthly_payments")
    assert (dataset.id, "2024-11", "424") not in judged.counts
    assert (dataset.id, "2024-10", "424") in judged.counts


def as_reader(played: Database) -> Any:
    """A connection of the product's login, by a driver that lets it try everything."""
    if isinstance(played, Postgresql):
        return played.server.connect(database_of(played.source), reader_of(played.source))
    assert isinstance(played, MariaDb)
    return pymysql.connect(
        unix_socket=str(played.server.socket),
        user=reader_of(played.source),
        password=played.server.password,
        database=database_of(played.source),
        sql_mode="ANSI",
    )


NO_RIGHT = (psycopg2.errors.InsufficientPrivilege, pymysql.err.OperationalError)


def test_the_reader_may_only_read_and_sees_nothing_of_the_future(built: Home) -> None:
    kinds = set()
    for source in SOURCES:
        played = database(built.found, source)
        if played.is_books:
            with pytest.raises(psycopg2.OperationalError):
                as_reader(played)
            continue
        kinds.add(type(played))
        with closing(as_reader(played)) as c, c.cursor() as cursor:
            cursor.execute(f"select count(*) from {LOG}")
            assert cursor.fetchone()[0] > 0
            for statement in (f"delete from {LOG}", "create table x (a int)", f"select * from {played.later(LOG)}"):
                with pytest.raises(NO_RIGHT):
                    cursor.execute(statement)
    assert kinds == {Postgresql, MariaDb}
    poverty, other = source_named("poverty"), source_named("social_protection")
    for name in (database_of(other), truth.DATABASE):
        with pytest.raises(psycopg2.OperationalError):
            built.found.connect(name, reader_of(poverty))


# --- faults on demand, then days; they change the province, in this order --------------------------------------------------


def named(identifier: str) -> Dataset:
    return next(d for d in DATASETS if d.id == identifier)


def read_alone(built: Home, dataset: Dataset, period: str) -> pa.Table:
    with connect(dataset.source, built.settings) as connector:
        return read(connector, dataset, period)


def cell_rows(found: EmbeddedServer, dataset: Dataset, period: str, unit: str) -> int:
    with database(found, dataset.source).changing() as cursor:
        return cells.counts(cursor, dataset, period).get(unit, 0)


def last_mark(found: EmbeddedServer, dataset: Dataset, period: str, unit: str) -> tuple[dt.datetime, int, bool]:
    with database(found, dataset.source).changing() as cursor:
        cursor.execute(
            "select thoi_diem_nop, so_dong, khai_rong from nhat_ky_nop where bang = %s and ky = %s and ma_don_vi = %s"
            " order by thoi_diem_nop desc limit 1",
            (dataset.road.at_source, period, unit),
        )
        return cursor.fetchone()


def test_a_missing_cell_arrives_late(built: Home, judged: Judged) -> None:
    payments = named("social_protection.monthly_payments")
    assert cell_rows(built.found, payments, "2024-11", "424") == 0
    acts.do(built.found, payments, "late", "2024-11", "424")
    rows = cell_rows(built.found, payments, "2024-11", "424")
    at, marked, is_empty = last_mark(built.found, payments, "2024-11", "424")
    assert rows > 5 and marked == rows and not is_empty and at.date() >= START - dt.timedelta(days=1)
    with pytest.raises(NothingLate):
        acts.do(built.found, payments, "late", "2024-11", "424")


def spoilt(found: EmbeddedServer, dataset: Dataset, period: str, unit: str) -> bool:
    """Whether two rows of a cell became wrong; not where another's right rests on each that is left."""
    try:
        acts.do(found, dataset, "spoil", period, unit, 2)
    except NoGoodRow:
        return False
    return True


def test_rejected_rows_are_mended_and_good_ones_spoiled(built: Home, judged: Judged) -> None:
    """The truth follows. That findings and truth are the same then too is asked once, on the last day, with what ten days bring."""
    for identifier in ("labour_employment.workers", "meritorious_persons.monthly_payments", "social_protection.monthly_payments"):
        dataset = named(identifier)
        before = truth.known(built.found, source=dataset.source.name, dataset=dataset.name, outcome="rejected")
        assert before
        acts.do(built.found, dataset, "correct", None, None)
        assert truth.known(built.found, source=dataset.source.name, dataset=dataset.name, outcome="rejected") == []
    for dataset in DATASETS:
        whole = {"register": "now", "monthly": "2024-08", "quarterly": "2024-Q3", "yearly": "2023", "school_year": "2023-2024"}
        period = whole[dataset.kind]
        units = {u: n for (name, p, u), n in judged.counts.items() if name == dataset.id and p == period and u != "unknown"}
        assert any(spoilt(built.found, dataset, period, unit) for unit in sorted(units, key=lambda u: (-units[u], u))), dataset.id
    assert {line["fault"] for line in truth.known(built.found, outcome="rejected")} >= {"spoil"}


def test_people_go_on_living_to_the_last_day(built: Home, judged: Judged) -> None:
    """Ten days later the new rows are clean, and the truth still holds for the old ones, mended and spoilt as they are."""
    brought = days.live(built.settings, LAST_DAY)
    assert (built.settings.home / "clock").read_text().strip() == "2024-11-30"
    # The forms of November are due in December, and until then nothing of them is sent.
    assert [name for name, lived in brought.items() if not lived.new + lived.changed] == ["social_evils_prevention"]
    assert {name for name, lived in brought.items() if lived.files} == {"children"}
    later = judge(built.found, LAST_DAY, "later")
    assert later.rows > judged.rows
    keyed, unkeyed = expected(truth.known(built.found))
    assert sorted(keyed - later.findings) == []
    assert sorted(later.findings - keyed) == []
    assert later.unkeyed == unkeyed
    for unit in ("417", "425"):
        for identifier in ("poverty.households", "poverty.members", "labour_employment.workers"):
            dataset = named(identifier)
            assert last_mark(built.found, dataset, "2024", unit)[1] == later.counts[dataset.id, "2024", unit]


def test_faults_that_refuse_a_cell(built: Home, judged: Judged) -> None:
    payments, workers = named("meritorious_persons.monthly_payments"), named("labour_employment.workers")
    whole = cell_rows(built.found, payments, "2024-10", "425")
    acts.do(built.found, payments, "shrink", "2024-10", "425")
    assert cell_rows(built.found, payments, "2024-10", "425") == whole // 2
    acts.do(built.found, payments, "late", "2024-10", "425")
    assert cell_rows(built.found, payments, "2024-10", "425") == whole

    acts.do(built.found, payments, "empty", "2024-09", "426")
    assert cell_rows(built.found, payments, "2024-09", "426") == 0
    assert last_mark(built.found, payments, "2024-09", "426")[1:] == (0, True)

    acts.do(built.found, payments, "resend", "2024-10", "421")
    now, before = (_lines(built.found, payments, period) for period in ("2024-10", "2024-09"))
    assert now and now == before

    acts.do(built.found, workers, "tolerance", "2023", "421")
    verdict = validate(workers, read_alone(built, workers, "2023"), calendar.moment(workers, "2023", LAST_DAY))
    bad = collections.Counter(verdict.rejected["unit_code"].to_pylist())["421"]
    assert bad > 20 and bad > 0.05 * cell_rows(built.found, workers, "2023", "421")

    acts.do(built.found, payments, "all-bad", "2024-07", "428")
    verdict = validate(payments, read_alone(built, payments, "2024-07"), calendar.moment(payments, "2024-07", LAST_DAY))
    assert "428" not in verdict.accepted["unit_code"].to_pylist()
    refused = {(line["fault"], line["source_key"]) for line in truth.known(built.found, outcome="cell_refused")}
    assert refused == {
        ("shrink", "2024-10|425"),
        ("empty", "2024-09|426"),
        ("resend", "2024-10|421"),
        ("tolerance", "2023|421"),
        ("all-bad", "2024-07|428"),
    }


def test_files_that_an_officer_has_a_district_send(built: Home, judged: Judged) -> None:
    assisted, merit = named("social_protection.monthly_payments"), named("meritorious_persons.monthly_payments")
    for mark, why in GOES_BACK.items():
        acts.do(built.found, assisted, f"{mark.replace('_', '-').replace('of-another', 'others')}-file", "2024-10", "421")
        back = [file for file in sent_to(built.found.home / "inbox", assisted.source, LAST_DAY) if file.goes_back]
        assert why in {file.goes_back for file in back}
    assert cell_rows(built.found, merit, "2024-05", "418") == 0
    told = acts.do(built.found, merit, "late-file", "2024-05", "418")
    [file] = sent_to(built.found.home / "inbox", merit.source, LAST_DAY)
    assert file.dataset and file.dataset.id == merit.id and file.periods == ("2024-05",) and file.rows
    assert told.startswith(f"{len(file.rows)} dòng") and cell_rows(built.found, merit, "2024-05", "418") == 0
    with pytest.raises(ComesByFile):
        acts.switch(built.found, source_named("children"), alive=False)


def _lines(found: EmbeddedServer, dataset: Dataset, period: str) -> list[str]:
    """The lines of one district's list, but for the month."""
    with database(found, dataset.source).changing() as cursor:
        names = ", ".join(column.source_column for column in dataset.columns if column.name != dataset.placed_by)
        where, values = cells.condition(dataset, period, "421")
        cursor.execute(f"select {names} from {dataset.road.at_source} where {where}", values)
        return sorted(map(str, cursor.fetchall()))


@pytest.mark.parametrize("name", ["job_service", "labour_employment"])
def test_a_dead_source_refuses_its_reader_until_it_lives_again(built: Home, name: str) -> None:
    source = source_named(name)
    played = database(built.found, source)
    acts.switch(built.found, source, alive=False)
    with pytest.raises((psycopg2.OperationalError, pymysql.err.OperationalError)):
        as_reader(played)
    played.connect().close()
    acts.switch(built.found, source, alive=True)
    as_reader(played).close()


# --- the same seed, the same province --------------------------------------------------------------------------------------


def content(found: EmbeddedServer) -> dict[str, str]:
    """A digest of every table that a reader sees, and of the truth; the log without its times of today."""
    digests = {}
    for source in SOURCES:
        with database(found, source).changing() as cursor:
            for table in (d.road.at_source for d in datasets_of(source)):
                cursor.execute(f"select * from {table}")
                digests[table] = hashlib.sha256("\n".join(sorted(map(str, cursor.fetchall()))).encode()).hexdigest()
            cursor.execute(f"select ma_don_vi, bang, ky, so_dong from {LOG}")
            digests[f"{source.name} log"] = "\n".join(sorted(map(str, cursor.fetchall())))
    for path in sorted((found.home / "inbox").rglob("*.*")):
        digests[str(path.relative_to(found.home))] = f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_mtime}"
    digests["truth"] = json.dumps([{k: v for k, v in line.items() if k != "id"} for line in truth.known(found)])
    return digests


def test_a_day_is_the_same_in_one_step_or_many_and_the_seed_decides() -> None:
    folders = [new_home() for _ in range(2)]
    try:
        made = [Settings("demo", folder) for folder in folders]
        for settings in made:
            build.build(settings, 0.001, 3)
        first = content(server(folders[0]))
        assert first == content(server(folders[1]))
        days.live(made[0], LAST_DAY)
        for step in (21, 22, 25, 28, 30):
            days.live(made[1], dt.date(2024, 11, step))
            days.live(made[1], dt.date(2024, 11, step))  # a step taken twice brings nothing
        last = content(server(folders[0]))
        assert last == content(server(folders[1]))
        assert last != first
        build.build(made[1], 0.001, 4)
        assert content(server(folders[1]))["ld_nguoi_lao_dong"] != last["ld_nguoi_lao_dong"]
    finally:
        for folder in folders:
            stop_all(Settings("demo", folder))
            shutil.rmtree(folder, ignore_errors=True)
