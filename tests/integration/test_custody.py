"""A restricted system is read by the hub and its custodian, and by no other role, whatever was granted to it."""

import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg2.errors
import pyarrow as pa
import pytest
import sqlalchemy as sa

from resources.embedded import server
from resources.raw_store import RawStore
from schemas.dataset import Source
from schemas.registry import DATASETS, SOURCES
from tests.integration.report_hub import DISTRICTS, SmallHub, at

NOW = at("2024-11-20 02:00")
RESTRICTED = [source for source in SOURCES if source.restricted]
CLOSED = [d for d in DATASETS if d.source.restricted]
OF_ALL = "poverty.review_results"
ANALYST = "nguoi_phan_tich"
SCHEMAS = ("core", "history", "quarantine", "ops")


@pytest.fixture
def filled(hub: SmallHub) -> SmallHub:
    """A row of each restricted dataset, accepted and set aside; and one of a system that is none."""
    for dataset in (*CLOSED, next(d for d in DATASETS if d.id == OF_ALL)):
        period = "now" if dataset.kind == "register" else dataset.first_period
        hub.load(dataset.id, period, "40" if dataset.by_province else DISTRICTS[0], [{}], NOW)
    with hub.engine.begin() as connection:
        connection.execute(sa.text("delete from quarantine.rows"))
        for source in ("poverty", *(s.name for s in RESTRICTED)):
            connection.execute(
                sa.text("""insert into quarantine.rows
                    (source, dataset, period, unit_code, row_key, received, failures, first_seen, last_seen)
                    values (:source, 'x', 'now', '412', 'x', '{}', '[]', now(), now())"""),
                {"source": source},
            )
    return hub


@pytest.fixture
def analyst(home: Path, filled: SmallHub) -> Iterator[sa.Engine]:
    """A role to which an administrator granted everything that there is, of these schemas and of all custodians'."""
    schemas = (*SCHEMAS, *(f"custody_{source.name}" for source in RESTRICTED))
    with filled.engine.begin() as connection:
        connection.exec_driver_sql(f"do $$ begin create role {ANALYST} login; exception when duplicate_object then null; end $$")
        for schema in SCHEMAS:
            connection.exec_driver_sql(f"grant usage on schema {schema} to {ANALYST}")
            connection.exec_driver_sql(f"grant select on all tables in schema {schema} to {ANALYST}")
    engine = sa.create_engine(server(home).url("warehouse", ANALYST), poolclass=sa.NullPool)
    yield engine
    with filled.engine.begin() as connection:
        for source in RESTRICTED:
            connection.exec_driver_sql(f"revoke {source.custodian} from {ANALYST}")
        for schema in schemas:
            connection.exec_driver_sql(f"revoke all on all tables in schema {schema} from {ANALYST}")
            connection.exec_driver_sql(f"revoke all on schema {schema} from {ANALYST}")


def count(engine: sa.Engine, relation: str) -> int:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"select count(*) from {relation}").scalar_one()


def test_there_is_something_to_keep() -> None:
    assert {source.name for source in RESTRICTED} == {"children", "social_evils_prevention"}
    assert all(not d.open_tables or d.id == "children.profiles" for d in CLOSED)


def test_whoever_was_granted_all_tables_sees_no_row_of_a_restricted_system(analyst: sa.Engine, filled: SmallHub) -> None:
    relations = [f"{schema}.{d.table}" for d in CLOSED for schema in ("core", "history")]
    assert [count(filled.engine, r) for r in relations] == [1] * len(relations), "the hub itself reads all"
    assert [count(analyst, r) for r in relations] == [0] * len(relations)
    assert count(filled.engine, "quarantine.rows") == 1 + len(RESTRICTED) and count(analyst, "quarantine.rows") == 0
    # Who may read everything else reads it: it is not the grant that fails.
    assert count(analyst, "core.poverty_review_results") == 1


@pytest.mark.parametrize("source", RESTRICTED, ids=lambda s: s.name)
def test_a_custodian_reads_the_own_system_and_no_other(analyst: sa.Engine, filled: SmallHub, source: Source) -> None:
    views = {s.name: [f"custody_{s.name}.{d.name}" for d in CLOSED if d.source is s] for s in RESTRICTED}
    for relation in (*views[source.name], f"custody_{source.name}.set_aside"):
        with pytest.raises(sa.exc.ProgrammingError) as told:
            count(analyst, relation)
        assert isinstance(told.value.orig, psycopg2.errors.InsufficientPrivilege)
    with filled.engine.begin() as connection:
        connection.exec_driver_sql(f"grant {source.custodian} to {ANALYST}")
    assert [count(analyst, view) for view in (*views[source.name], f"custody_{source.name}.set_aside")] == [1] * (
        len(views[source.name]) + 1
    )
    for other in RESTRICTED:
        if other is not source:
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied for schema"):
                count(analyst, views[other.name][0])


def test_the_custodians_cannot_log_in_and_nobody_is_one_by_himself(filled: SmallHub) -> None:
    with filled.engine.connect() as connection:
        roles = connection.exec_driver_sql(
            """select r.rolname, r.rolcanlogin or r.rolsuper or r.rolbypassrls, count(m.member) from pg_roles r
            left join pg_auth_members m on m.roleid = r.oid and m.inherit_option where r.rolname like '%%\\_custodian' group by 1, 2"""
        ).all()
    assert {(name, can) for name, can, _ in roles} == {(source.custodian, False) for source in RESTRICTED}


def test_raw_files_of_a_restricted_system_lie_in_a_folder_of_their_own_that_its_owner_alone_enters(tmp_path: Path) -> None:
    schema = pa.schema([("x", pa.int64())])
    store = RawStore(tmp_path / "raw")
    for source in ("poverty", "children"):
        writer = store.writer(source, "t", "now", schema)
        writer.write(pa.record_batch({"x": [1]}, schema=schema))
        kept = writer.close()
        assert kept.path.startswith("restricted/children/t/now/" if source == "children" else "poverty/t/now/")
        assert sum(batch.num_rows for batch in store.read(kept, 10)) == 1
        path = store.root / kept.path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        of_folders = {stat.S_IMODE(p.stat().st_mode) for p in path.parents if store.root in (p, *p.parents)}
        assert of_folders == {0o700}
    (left := store.root / "restricted/children/t/now/.1-ab.part").touch()
    store.drop_left_over("children", "t")
    assert not left.exists()
