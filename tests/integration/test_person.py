"""One person, planted in every store: everything is told, then all of it goes, and nothing that comes later brings it back.

Searched are every file of the state, Parquet and workbooks as what they hold, and every table of every database of the hub.
"""

import csv
import datetime as dt
import io
import json
import os
import shutil
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
import xlsxwriter

from pipelines import cli, reads
from pipelines.doctor import person as doctor
from pipelines.person import acting
from pipelines.person.failures import ErasureUnfinished
from pipelines.reads import Asking
from resources.backup import postgres_tools
from resources.connectors.connector import KEY
from resources.hub import Hub
from resources.inbox.intake import take_in
from resources.person import correcting, erasing
from resources.person.digests import secret
from resources.person.failures import PersonSecretMissing, PersonSecretOther
from resources.person.suppression import known_of
from resources.population.persons import secret as population_secret
from resources.settings import Settings
from resources.warehouse.arrivals import pulls
from resources.warehouse.persons import person_rows, population
from resources.warehouse.persons.person_acts import Act
from schemas.persons import EITHER, NUMBER, OLD_NUMBER, Place, places
from schemas.registry import DATASETS, SOURCES, source_named
from schemas.sources.social_protection.datasets import BENEFICIARIES, MONTHLY_PAYMENTS
from tests.integration.by_drop import deliver, texts
from tests.integration.report_hub import DEFAULTS
from tests.integration.two_hubs import LIST, REGISTER, Two, _of_all, change, drop, reset, rows

# pyright: reportAttributeAccessIssue=false

NUMBERS = (NUMBER, OLD_NUMBER)
NUMBER_OF, OLD, NAME = "040177654321", "187654329", "Đỗ Thị Chẳng Trùng"
PHONE, ACCOUNT, FILE = "0911234567", "98765432101234", "BT-CHANG-TRUNG-01"
VALUES = (NUMBER_OF, OLD, NAME, NAME.upper(), PHONE, ACCOUNT, FILE)
ASKED = ["--reason", "theo đơn của công dân", "--by", "cán bộ thử", "--document", "15/ĐN"]
CELLS = """select source, dataset, period, unit_code, rows_received, rows_accepted, rows_rejected from ops.cells
    where rows_received > 0 order by 1, 2, 3, 4"""
AS_WRITTEN = "thang = date '2024-10-01'"


@dataclass
class Planted:
    two: Two
    hub: Hub
    before: list[tuple[Any, ...]]  # how the cells stood


@pytest.fixture
def planted(two: Two, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Planted]:
    raw = two.made.home / "raw"
    shutil.copytree(raw, kept := tmp_path / "raw-of-all")  # the other hubs' too
    reset(two)
    hub = two.hub(has_read=True)
    monkeypatch.setenv("ANSINH_HOME", str(two.made.home))
    monkeypatch.setenv("WAREHOUSE_URL", hub.warehouse.url)
    monkeypatch.setenv("BACKUP_DIR", str(tmp_path))
    plant_in_source(two)
    two.night(hub)
    change(two, f"update {REGISTER} set thon_xom = 'Xóm Mới', ngay_cap_nhat_nguon = now() where so_dinh_danh = '{NUMBER_OF}'")
    two.night(hub)
    plant(two, hub)
    yield Planted(two, hub, rows(hub, CELLS))
    drop(two, hub)
    for left in ("raw", "returned", "inbox", "person-acts.json", "reads.end"):
        path = two.made.home / left
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    shutil.copytree(kept, raw)


def plant_in_source(two: Two) -> None:
    """A person of the register who is paid, under values that nobody else has."""
    key, of_list = (d.column("beneficiary_id").source_column for d in (BENEFICIARIES, MONTHLY_PAYMENTS))
    told = {
        "so_dinh_danh": NUMBER_OF,
        "so_cmnd_cu": OLD,
        "ho_ten": NAME,
        "so_dien_thoai": PHONE,
        "so_tai_khoan": ACCOUNT,
        key: FILE,
    }
    with two.source() as connection, connection.begin():
        whose = connection.exec_driver_sql(
            f"""select {key} from {REGISTER} r where exists (select from {LIST} where {of_list} = r.{key} and {AS_WRITTEN})
                and r.ngay_thoi_huong is null group by 1 having count(*) = 1 order by 1 limit 1"""
        ).scalar_one()
        values = ", ".join(f"{name} = :{name}" for name in told)
        connection.execute(sa.text(f"update {REGISTER} set {values} where {key} = :whose"), told | {"whose": whose})
        connection.execute(
            sa.text(f"update {LIST} set {of_list} = :file where {of_list} = :whose"), {"file": FILE, "whose": whose}
        )


def plant(two: Two, hub: Hub) -> None:
    """In every other system, and in every other store."""
    now = hub.now()
    with hub.warehouse.engine.begin() as connection:
        for place in places():
            if place.dataset.source.name != "social_protection":
                _in_history(connection, place, now)
        secret_of_answers = population_secret(hub.settings)
        assert population.is_secret_known(connection, secret_of_answers.check)
        digest = secret_of_answers.digest((NUMBER_OF, NAME, "1955"))
        connection.execute(
            sa.text("""insert into ops.population_checks (digest, outcome, asked_at, request_id, kept_days)
                values (:d, 'match', :now, 'r', 90)"""),
            {"d": digest, "now": now},
        )
        for resolved in (None, now):
            received = {"so_dinh_danh": f" {NUMBER_OF[1:]}", "ho_ten": NAME, "thon_xom": "Xóm Cũ"}  # as a spreadsheet leaves it
            connection.execute(
                sa.text("""insert into quarantine.rows (source, dataset, period, unit_code, row_key, received, failures, first_seen,
                    last_seen, resolved_at) values ('labour_employment', 'workers', '2023', '412', :key, cast(:r as jsonb),
                    '[{"rule": "x", "column": "full_name", "message": "x"}]', :now, :now, :resolved)"""),
                {"key": f"P-{resolved}", "r": json.dumps(received), "now": now, "resolved": resolved},
            )
        connection.execute(
            sa.text("""insert into quarantine.remarks (source, dataset, period, unit_code, row_key, kind, rule, "column", message,
                first_seen, last_seen) select 'social_protection', 'beneficiaries', period, unit_code, row_key, 'warning', 'x', 'x', 'x',
                :now, :now from core.social_protection_beneficiaries where identity_number = :n"""),
            {"now": now, "n": NUMBER_OF},
        )
    for place in places():
        if place.dataset.source.name in ("poverty", "children"):
            _in_raw(hub, place)
    sent = texts(two.owned, MONTHLY_PAYMENTS, LIST, f"{MONTHLY_PAYMENTS.column('beneficiary_id').source_column} = '{FILE}'")
    assert sent.num_rows
    assert deliver(hub, MONTHLY_PAYMENTS, "412", ["2024-10"], sent)
    with hub.warehouse.engine.begin() as connection:  # the file itself, as a unit made it
        workbook = io.BytesIO()
        with xlsxwriter.Workbook(workbook) as book:
            book.add_worksheet().write_row(0, 0, [FILE, NAME, NUMBER_OF])
        with hub.raw.arriving("social_protection", io.BytesIO(workbook.getvalue())) as arriving:
            kept = arriving.keep("xlsx")
        old = connection.execute(sa.text("select path from ops.deliveries")).scalar_one()
        person_rows.rename_file(connection, old, kept.path, kept.sha256)
    (hub.raw.root / old).unlink()
    for folder in ("social_protection", "poverty"):
        returned = hub.settings.returned_of(folder) / "412"
        returned.mkdir(parents=True)
        (returned / "danh-sach.csv").write_text(f"a;{NUMBER_OF}\n", encoding="utf-16")
        (returned / "khac.csv").write_text("a;040100000001\n")


def _in_history(connection: sa.Connection, place: Place, now: dt.datetime) -> None:
    """A version that is current, and one before, as of a cell of one row; of a list without a number, under a file's number."""
    dataset = place.dataset
    told: dict[str, Any] = {"full_name": NAME, "birth_year": 1955, "phone_number": PHONE, "account_number": ACCOUNT}
    told |= {name: NUMBER_OF for name in place.numbers} | {name: FILE for name, _ in place.keys}
    told |= {"old_identity_number": OLD} | {one.field: NUMBER_OF if one.tells in NUMBERS else FILE for one in place.beside}
    told |= {"head_name": NAME, "father_name": NAME}
    if place.beside and not place.own:
        told["household_id"] = "HO-1"
    names = {c.name for c in dataset.columns}
    values = {k: v for k, v in (DEFAULTS.get(dataset.id, {}) | told).items() if k in names and k != "district"}
    period = "now" if dataset.kind == "register" else dataset.first_period
    values |= {
        "period": period,
        "unit_code": "412",
        "row_key": f"{FILE if place.own else 'HO-1'}|{dataset.name}",
        "recorded_from": now,
        "source_key": 7,
    }
    by_card = {c.name: OLD for c in dataset.columns if c.reader == EITHER}
    for until, told in ((now, by_card), (None, {})):
        row = json.dumps(values | told | {"recorded_to": until}, default=str)
        listed = ", ".join([*values, "recorded_to"])
        connection.execute(
            sa.text(f"""insert into history.{dataset.table} ({listed})
                select {listed} from jsonb_populate_record(null::history.{dataset.table}, cast(:row as jsonb))"""),
            {"row": row},
        )
    connection.execute(
        sa.text("""insert into ops.cells (source, dataset, period, unit_code, status, rows_received, rows_accepted, content_sum, key_sum)
            values (:s, :d, :p, '412', 'on_time', 1, 1, 0, 7) on conflict do nothing"""),
        {"s": dataset.source.name, "d": dataset.name, "p": period},
    )


def _in_raw(hub: Hub, place: Place) -> None:
    names = {c.name: c.source_column for c in place.dataset.columns}
    told = {names[name]: NUMBER_OF for name in place.numbers} | {names[name]: FILE for name, _ in place.keys}
    told |= {names[one.field]: NUMBER_OF for one in place.beside if one.tells == NUMBER}
    told |= {names[name]: NAME for name in ("full_name", "head_name", "father_name") if name in names}
    by_card = {names[name]: OLD for name in place.numbers} | {
        names[one.field]: OLD for one in place.beside if one.tells == NUMBER
    }
    values = {name: pa.array([told.get(name), None, (told | by_card).get(name)], pa.string()) for name in names.values()}
    batch = pa.record_batch({**values, KEY: pa.array([1, 2, 3], pa.int64())})
    writer = hub.raw.writer(place.dataset.source.name, place.dataset.name, "now", batch.schema)
    writer.write(batch)
    file = writer.close()
    with hub.warehouse.engine.begin() as connection:
        pulls.keep(connection, place.dataset, "r", "now", file, "whole", None, hub.now())


# The search ------------------------------------------------------------------------------------------------------------------


def found_in(planted: Planted, hub: Hub | None = None) -> set[str]:
    """Where one of the values stands: stores by name."""
    home, server, hub = planted.two.made.home, planted.two.made.server, hub or planted.hub
    found = set()
    for path in sorted(home.rglob("*")):
        parts = path.relative_to(home).parts
        # The synthetic sources and their servers' own files are the sources': what the hub's tables hold is dumped below.
        is_ours = path.is_file() and not path.is_symlink() and parts[0] not in ("pg", "mariadb")
        if is_ours and any(value in text for text in (path.name, *read(path)) for value in VALUES):
            source = parts[-4 if path.suffix == ".parquet" else -3] if parts[0] == "raw" else ""
            found.add(f"raw/{source}/{path.suffix}" if source else parts[0])
    found |= tables_holding(hub.warehouse.url)
    for name in ("dagster", "shared"):
        if server.has_database(name):
            found |= tables_holding(server.url(name))
    return found


def read(path: Path) -> Iterator[str]:
    content = path.read_bytes()
    yield content.decode(errors="replace")
    yield content.decode("utf-16", errors="replace")
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pylist())
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name).decode(errors="replace") for name in packed.namelist())


def tables_holding(url: str) -> set[str]:
    read_end, write_end = os.pipe()
    text: list[bytes] = []
    with os.fdopen(read_end, "rb") as pipe:
        reader = threading.Thread(target=lambda: text.append(pipe.read()))
        reader.start()
        with os.fdopen(write_end, "wb") as out:
            postgres_tools.run("pg_dump", ("--data-only",), url, stdout=out)
        reader.join()
    found, table = set(), ""
    for line in text[0].decode().splitlines():
        if line.startswith("COPY "):
            table = line.split()[1]
        elif any(value in line for value in VALUES):
            found.add(table)
    return found


def given(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("".join(f"{line}\n" for line in lines).encode())))


def ansinh(monkeypatch: pytest.MonkeyPatch, *arguments: str, lines: tuple[str, ...] = (NUMBER_OF,)) -> int:
    given(monkeypatch, *lines)
    return cli.main(arguments)


def erase(monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    return ansinh(monkeypatch, "person", "erase", *ASKED, "--restricted", "--kept-by-law-too", *more)


def check_counts(hub: Hub) -> None:
    """What is relied on: of each cell the rows that came are those that were accepted and rejected, and the current ones the accepted."""
    assert rows(hub, "select count(*) from ops.cells where rows_received <> rows_accepted + rows_rejected") == [(0,)]
    for dataset in DATASETS:
        assert (
            rows(
                hub,
                f"""select c.period, c.unit_code, c.rows_accepted, n.rows from ops.cells c full join
                (select period, unit_code, count(*) as rows from core.{dataset.table} group by 1, 2) n using (period, unit_code)
                where (c.source is null or (c.source = :s and c.dataset = :d)) and coalesce(c.rows_accepted, 0) <> coalesce(n.rows, 0)""",
                s=dataset.source.name,
                d=dataset.name,
            )
            == []
        ), dataset.id


# The tests -------------------------------------------------------------------------------------------------------------------


def test_everything_is_told_then_all_of_it_goes_and_does_not_come_back(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    hub, two = planted.hub, planted.two
    histories = {f"history.{p.dataset.table}" for p in places()}
    stores = found_in(planted)
    assert stores >= {
        "raw/social_protection/.parquet",
        "raw/social_protection/.xlsx",
        "raw/children/.parquet",
        "returned",
        "quarantine.rows",
        "quarantine.remarks",
        *histories,
    }, "it was planted"

    into = tmp_path / "a.txt"
    assert ansinh(monkeypatch, "person", "show", *ASKED, "--restricted", "--into", str(into)) == 0
    told = into.read_text()
    assert into.stat().st_mode & 0o777 == 0o600
    assert all(value in told for value in (NUMBER_OF, OLD, NAME, PHONE, ACCOUNT, FILE))
    assert all(p.dataset.title in told for p in places()), "each dataset in which a person can stand"
    assert "Xóm Mới" in told and "Khu cách ly" in told and "khớp" in told and "Bản sao lưu: đã mã hóa" in told
    into.unlink()
    assert "Chưa tìm ở" not in told
    out = capsys.readouterr()
    assert ansinh(monkeypatch, "person", "show", *ASKED) == 0, "without the restricted systems"
    out = capsys.readouterr()
    assert "Chưa tìm ở" in out.out and "của người khác" in out.out
    assert rows(hub, "select distinct command, reason, document from ops.reads") == [("person show", ASKED[1], ASKED[5])]

    assert erase(monkeypatch) == 0
    said = capsys.readouterr()
    assert not any(value in said.out + said.err for value in VALUES)
    assert found_in(planted) == set()
    check_counts(hub)
    after = rows(hub, CELLS)
    assert [c[:5] for c in after] == [c[:5] for c in planted.before], "as many rows as ever came"
    moved = sum(b[5] - a[5] for b, a in zip(planted.before, after, strict=True))
    aside = rows(
        hub, 'select count(*) from quarantine.rows where failures @> \'[{"rule": "erased_on_request"}]\' and resolved_at is null'
    )
    assert moved > 15 and aside[0][0] == moved + 1, "set aside, counted and visible; one had been set aside before"
    ((kind, is_done, counts),) = rows(hub, "select kind, done_at is not null, counts from ops.person_acts")
    assert (kind, is_done) == ("erasure", True)
    assert counts.items() >= {"raw": 9, "files": 1, "returned": 2, "asked": 1}.items()
    assert rows(hub, "select count(*) from ops.population_checks") == [(0,)], "nor what the population database said"
    swept = "select count(*) from pg_stat_user_tables where vacuum_count > 0 and schemaname || '.' || relname = any(:tables)"
    tables = [*histories, "quarantine.rows", "quarantine.remarks", "ops.population_checks"]
    assert rows(hub, swept, tables=tables) == [(len(tables),)]
    assert rows(hub, "select count(*) from core.poverty_households where head_name = 'ĐÃ XÓA'") == [(1,)], "the family stays"
    assert (hub.settings.returned_of("poverty") / "412" / "khac.csv").exists(), "what is of others stays"
    assert capsys.readouterr().err == ""

    # Again it changes nothing.
    assert erase(monkeypatch) == 0 and "không còn gì để xóa" in capsys.readouterr().out
    assert rows(hub, CELLS) == after

    # The source still holds the person: nothing moved, then the row moved, then all is read whole, and from raw.
    open_rows = "select unit_code, row_key, source_key, received from quarantine.rows where source = 'social_protection' and resolved_at is null order by 1, 2, 3"
    stood = rows(hub, open_rows)
    two.night(hub)
    assert rows(hub, open_rows) == stood
    change(two, f"update {REGISTER} set thon_xom = 'Xóm Khác' where so_dinh_danh = '{NUMBER_OF}'")
    two.night(hub)
    check_counts(hub)
    assert found_in(planted) == set() and rows(hub, open_rows) == stood
    changed = "select dataset, period, unit_code, changed_at from ops.cells where source = 'social_protection' order by 1, 2, 3"
    loaded = rows(hub, changed)
    two.night(hub, whole=True)
    check_counts(hub)
    assert found_in(planted) == set() and rows(hub, open_rows) == stood
    assert rows(hub, changed) == loaded, "the cells stand as the erasure left them: nothing came"
    assert [c[:7] for c in rows(hub, CELLS) if c[0] == "social_protection"] == [
        c[:7] for c in after if c[0] == "social_protection"
    ]


CUT_AT: list[tuple[str, Callable[[pytest.MonkeyPatch], None]]] = [
    ("before a raw file is named anew", lambda m: m.setattr(person_rows, "rename_rows", stopped)),
    ("before a file of a unit is named anew", lambda m: m.setattr(person_rows, "rename_file", stopped)),
    ("before a file of before is removed", lambda m: m.setattr(erasing, "_remove", stopped)),
    ("while rows are taken out", lambda m: m.setattr(person_rows, "count_again", stopped)),
    ("before what was given back goes", lambda m: m.setattr(erasing, "_returned", stopped)),
]


ERASED_FROM = [s for s in SOURCES if s.name in ("poverty", "social_protection", "labour_employment")]


class Stopped(BaseException):
    """As a kill: nobody catches it."""


def stopped(*_: object) -> None:
    raise Stopped


@pytest.mark.landing
def test_cut_off_anywhere_it_is_gone_on_with(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = planted.hub
    for what, cut in CUT_AT:
        with monkeypatch.context() as patched:
            cut(patched)
            given(patched, NUMBER_OF)
            with pytest.raises(Stopped):
                acting.erase(hub, NUMBER_OF, ERASED_FROM, Asking("cán bộ thử", "theo đơn", "15/ĐN"))
        assert rows(hub, "select count(*), count(done_at) from ops.person_acts") == [(1, 0)], what
        planted.two.night(hub)  # no load brings the person back, nor is stopped
        check_counts(hub)
    with pytest.raises(ErasureUnfinished, match=r"1 lần chưa xong.*ansinh person redo"):
        doctor.look(hub)
    assert ansinh(monkeypatch, "person", "redo") == 0
    assert rows(hub, "select count(*), count(done_at) from ops.person_acts") == [(1, 1)]
    left = found_in(planted)
    assert not {where for where in left if any(source.name in where for source in ERASED_FROM)}
    assert "history.meritorious_persons_profiles" in left, "what was not asked for stays"
    check_counts(hub)


@pytest.mark.landing
def test_a_warehouse_of_before_is_erased_again(planted: Planted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What an older backup brings back: the tables and raw files of before, in a state that knows the acts by their copy alone."""
    hub, two, name = planted.hub, planted.two, planted.hub.warehouse.engine.url.database
    shutil.copytree(hub.settings.raw_dir, tmp_path / "raw")
    hub.warehouse.engine.dispose()
    with _of_all(two.made) as connection:
        connection.exec_driver_sql(f"create database of_before template {name}")
    try:
        assert erase(monkeypatch) == 0
        copy = (tmp_path / acting.COPY).read_text()
        assert len(json.loads(copy)) == 1 and not any(value in copy for value in VALUES)
        shutil.rmtree(hub.settings.raw_dir)
        shutil.copytree(tmp_path / "raw", hub.settings.raw_dir)
        monkeypatch.setenv("WAREHOUSE_URL", two.made.server.url("of_before"))
        before = Hub.open()
        assert "history.poverty_members" in found_in(planted, before)
        assert acting.take_in(before, [tmp_path]) == 1 and acting.take_in(before, [tmp_path]) == 0
        assert [act.document for act, _ in acting.redo(before)] == [ASKED[5]]
        assert found_in(planted, before) == set()
        check_counts(before)
        before.warehouse.engine.dispose()
    finally:
        shutil.rmtree(tmp_path / "raw")
        with _of_all(two.made) as connection:
            connection.exec_driver_sql("drop database if exists of_before with (force)")


def test_what_the_law_keeps_stays_and_what_cannot_be_proved_is_refused(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = planted.hub
    assert ansinh(monkeypatch, "person", "erase", *ASKED) == 2
    assert "vĩnh viễn" in capsys.readouterr().err
    assert ansinh(monkeypatch, "person", "erase", *ASKED[:4], "--source", "poverty") == 2, "without a document"
    assert ansinh(monkeypatch, "person", "show", *ASKED[:4], "--restricted") == 2, "of a restricted system too"
    for asked in (("show", *ASKED), ("erase", *ASKED, "--kept-by-law-too")):
        assert ansinh(monkeypatch, "person", *asked, "--source", "children") == 2, "nor is one meant by its name alone"
    correct = ("person", "correct", "--dataset", "children.profiles", "--field", "full_name")
    assert ansinh(monkeypatch, *correct, *ASKED, lines=(NUMBER_OF, "TÊN KHÁC")) == 2
    assert ansinh(monkeypatch, *correct, *ASKED[:4], "--restricted", lines=(NUMBER_OF, "TÊN KHÁC")) == 2
    assert ansinh(monkeypatch, "person", "show", *ASKED, lines=("không phải số",)) == 2
    assert rows(hub, "select count(*) from ops.person_acts") == [(0,)] and rows(hub, "select count(*) from ops.reads") == [(0,)]
    assert ansinh(monkeypatch, "person", "erase", *ASKED, "--source", "poverty") == 0
    left = found_in(planted)
    assert not {where for where in left if "poverty" in where} and "history.social_protection_beneficiaries" in left
    # Whom a digest is of is told by the secret alone: with another one loads of these systems stop.
    monkeypatch.setenv("PERSON_DIGEST_SECRET", bytes(range(32, 64)).hex())
    with pytest.raises(PersonSecretOther):
        known_of(hub.settings, hub.warehouse.engine, "poverty")
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    monkeypatch.delenv("PERSON_DIGEST_SECRET")
    with pytest.raises(PersonSecretMissing):
        known_of(Settings.load(), hub.warehouse.engine, "poverty")
    assert known_of(Settings.load(), hub.warehouse.engine, "job_service") is None, "nobody was erased there"


def test_by_another_secret_than_that_of_the_answers_nothing_is_told_or_erased(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the population database said of somebody is found by its own secret alone: an erasure without it would end as done."""
    before, answers = found_in(planted), partial(rows, planted.hub, "select count(*) from ops.population_checks")
    monkeypatch.setenv("POPULATION_DIGEST_SECRET", bytes(range(32, 64)).hex())
    for asked in (("show", *ASKED), ("erase", *ASKED, "--source", "poverty")):
        assert ansinh(monkeypatch, "person", *asked) == 2
        assert "POPULATION_DIGEST_SECRET" in capsys.readouterr().err
    assert found_in(planted) == before and answers() == [(1,)]
    monkeypatch.delenv("POPULATION_DIGEST_SECRET")
    assert ansinh(monkeypatch, "person", "erase", *ASKED, "--kept-by-law-too") == 0 and answers() == [(0,)]


def test_an_export_is_told_to_whom_its_systems_may_hold(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    by = reads.Asking("cán bộ thử", None, None)
    what = "dòng bị loại và cảnh báo của đơn vị 412 kỳ 2023"
    for about in ("children", "labour_employment, poverty", None):
        reads.keep(planted.hub.settings, by, "quarantine export", what, about=about)
    assert ansinh(monkeypatch, "person", "show", *ASKED) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if "đã được xuất" in line]
    assert ["dòng 3" in told[0], "dòng 2" in told[1], len(told)] == [True, True, 2], "of before they were named it may be any"


def test_a_correction_is_told_to_the_owner_and_flagged_until_the_source_changes(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    hub, two = planted.hub, planted.two
    right = "0987654321"
    asked = ["person", "correct", "--dataset", BENEFICIARIES.id, "--field", "phone_number", "--into", str(tmp_path / "a.xlsx")]
    assert ansinh(monkeypatch, *asked, *ASKED, lines=(NUMBER_OF, right)) == 0
    said = capsys.readouterr().out
    assert "22/11/2024" in said and right not in said and PHONE not in said, "two working days after a Wednesday"
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        texts_of = book.read("xl/sharedStrings.xml").decode()
    assert PHONE in texts_of and right in texts_of
    flagged = """select count(*) filter (where resolved_at is null), count(*) from quarantine.remarks where rule = 'correction_requested'"""
    assert rows(hub, flagged) == [(1, 1)]
    warned = "select sum(rows_warned) > 0 from ops.cells where source = 'social_protection' and dataset = 'beneficiaries'"
    assert rows(hub, warned) == [(True,)]
    settle = lambda: [a.id for a in settled(hub)]  # noqa: E731
    assert settle() == []
    change(two, f"update {REGISTER} set thon_xom = 'Xóm Khác' where so_dinh_danh = '{NUMBER_OF}'")
    two.night(hub)
    assert settle() == [] and rows(hub, flagged) == [(1, 1)], "another field changed"
    change(two, f"update {REGISTER} set so_dien_thoai = '{right}' where so_dinh_danh = '{NUMBER_OF}'")
    two.night(hub)
    with hub.warehouse.engine.begin() as connection:
        connection.exec_driver_sql("delete from quarantine.remarks where rule <> 'correction_requested'")
    assert len(settle()) == 1 and rows(hub, flagged) == [(0, 1)]
    assert rows(hub, warned) == [(False,)]
    assert ansinh(monkeypatch, "person", "acts", "--json") == 0
    (act,) = json.loads(capsys.readouterr().out)
    assert act["kind"] == "correction" and act["done_at"] and act["due_on"] == "2024-11-22"
    assert ansinh(monkeypatch, *asked, *ASKED, lines=("040100000000", right)) == 1, "of nobody there"
    # Of two in one row that which changed is over; the other, once the row is gone, and so one of what was empty. Another's stays.
    assert ansinh(monkeypatch, *asked, *ASKED, lines=(NUMBER_OF, PHONE)) == 0
    ((other,),) = rows(
        hub,
        f"""select min(identity_number) from core.social_protection_beneficiaries
        where phone_number is not null and identity_number <> '{NUMBER_OF}'""",
    )
    assert ansinh(monkeypatch, *asked, *ASKED, lines=(other, PHONE)) == 0
    hamlet = [*asked[:4], "--field", "hamlet", *asked[6:]]
    assert ansinh(monkeypatch, *hamlet, *ASKED, lines=(NUMBER_OF, "Xóm Đúng")) == 0
    assert settle() == [] and rows(hub, flagged) == [(3, 4)]
    change(two, f"update {REGISTER} set thon_xom = null where so_dinh_danh = '{NUMBER_OF}'")
    two.night(hub)
    assert len(settle()) == 1 and rows(hub, flagged) == [(2, 4)]
    assert ansinh(monkeypatch, *hamlet, *ASKED, lines=(NUMBER_OF, "Xóm Đúng")) == 0
    change(two, f"delete from {REGISTER} where so_dinh_danh = '{NUMBER_OF}'")
    two.night(hub)
    with hub.warehouse.engine.begin() as connection:  # as a load does
        correcting.settle_where_known(hub.settings, connection, hub.now())
    assert rows(hub, flagged) == [(1, 5)] and settle() == []
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    change(two, f"delete from {REGISTER} where so_dinh_danh = '{other}'")
    two.night(hub)
    with hub.warehouse.engine.begin() as connection:  # without the secret it is not known whose it is
        correcting.settle_where_known(Settings.load(), connection, hub.now())
    assert rows(hub, flagged) == [(1, 5)] and len(settle()) == 1


def settled(hub: Hub) -> list[Act]:
    with hub.warehouse.engine.begin() as connection:
        return correcting.settle(connection, secret(hub.settings), hub.now())


def test_a_file_that_comes_later_is_kept_without_the_person(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, two = planted.hub, planted.two
    assert erase(monkeypatch) == 0
    headings = [c.title for c in MONTHLY_PAYMENTS.columns]
    sent = texts(
        two.owned, MONTHLY_PAYMENTS, LIST, f"{AS_WRITTEN} order by {MONTHLY_PAYMENTS.column('beneficiary_id').source_column}"
    )
    inbox = hub.settings.inbox_of("social_protection") / "40"
    inbox.mkdir(parents=True)
    with (inbox / "thang-10.csv").open("w", newline="") as file:
        csv.writer(file).writerows([headings, *zip(*(column.to_pylist() for column in sent.columns), strict=True)])
    monkeypatch.setenv("INBOX_REST_SECONDS", "0")
    take_in(hub, source_named("social_protection"))
    assert rows(hub, "select count(*) from ops.deliveries") == [(2,)], "it was taken in"
    assert found_in(planted) == set()
