"""The list of roles, and what `ansinh setup` would do by the settings: told without any server."""

import re

import pytest

from pipelines import cli
from resources.failing import Failure
from resources.roles import steps
from resources.roles.failures import AdminUnconfigured, DagsterElsewhere, LoginIsGroup, LoginUnnamed, PlacesMixed, SetupInDemo
from resources.roles.plan import GROUPS, admin, plans
from resources.roles.script import script
from resources.settings import Settings
from schemas import roles
from schemas.projections.rights import schema_rights
from schemas.registry import DATASETS, SOURCES

SECRET = "bi-mat-rieng"  # pragma: allowlist secret
HUB = {
    "WAREHOUSE_URL": f"postgresql://nap:{SECRET}@kho.tinh/kho?sslmode=require",
    "WAREHOUSE_READ_URL": f"postgresql://xem:{SECRET}@kho.tinh/kho?sslmode=require",
    "WAREHOUSE_REPORT_URL": f"postgresql://bao_cao:{SECRET}@kho.tinh/kho?sslmode=require",
    "ANSINH_DAGSTER_URL": f"postgresql://dieu_phoi:{SECRET}@kho.tinh:5432/dagster?sslmode=require",
}
SHARED = f"postgresql://cong_bo:{SECRET}@kho.tinh/chung?sslmode=require"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*GROUPS, "ANSINH_ADMIN_URL", "ANSINH_SHARED_ADMIN_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    monkeypatch.setenv("ANSINH_PROFILE", "production")


def told(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in {**HUB, **settings}.items():
        monkeypatch.setenv(name, value)


def test_every_schema_has_one_owner_and_no_other_role_has_more_than_to_use_it() -> None:
    for database in roles.DATABASES:
        owners = {r.role for r in roles.rights() if r.database == database and r.is_owner}
        assert owners == {roles.owner(database)}
        for right in roles.rights():
            if right.database == database and right.schema:
                assert right.schema in roles.own_schemas(database), right
                assert right.is_owner or set(right.rights) <= set(roles.ON_RELATIONS), right
                assert right.why


def test_each_login_of_the_settings_has_a_role_of_the_list() -> None:
    assert {role for role, _ in GROUPS.values()} | {roles.READER} | {s.custodian for s in SOURCES if s.restricted} == {
        r.role for r in roles.rights()
    }


def test_who_may_read_a_schema_reads_no_restricted_system_and_who_counts_forms_reads_its_view_alone() -> None:
    names = [d.table for d in DATASETS]
    closed = {d.table for d in DATASETS if d.source.restricted}
    assert closed
    reads = {
        role: {(r.schema, name) for r in roles.of_role(role, "warehouse") if r.schema for name in roles.relations_of(r, names)}
        for role in (roles.READ, roles.REPORT)
    }
    assert not {(schema, name) for schema, name in reads[roles.READ] if schema in ("core", "history") and name in closed}
    assert {(schema, name) for schema, name in reads[roles.REPORT] if name in closed and schema in ("core", "history")} == {
        ("core", name) for name in closed
    }


def test_only_the_loader_writes_but_for_the_outbox_of_reports() -> None:
    writing = [
        r for r in roles.rights() if r.database == "warehouse" and set(r.rights) & {"insert", "update", "delete", "truncate"}
    ]
    assert [(r.role, r.schema, set(r.named)) for r in writing] == [(roles.REPORT, "ops", {"report_submissions", "report_looks"})]


def test_one_server_has_one_plan_and_the_provinces_own_another(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch)
    assert [(p.part, [place.name for place in p.places]) for p in plans(Settings.load())] == [("hub", ["kho", "dagster"])]
    told(monkeypatch, SHARED_WAREHOUSE_URL=SHARED)
    (plan,) = plans(Settings.load())
    assert [place.name for place in plan.places] == ["kho", "dagster", "chung"]
    told(monkeypatch, SHARED_WAREHOUSE_URL=SHARED.replace("kho.tinh", "chung.tinh"))
    assert [(p.part, [place.name for place in p.places]) for p in plans(Settings.load())] == [
        ("hub", ["kho", "dagster"]),
        ("shared", ["chung"]),
    ]
    assert [p.part for p in plans(Settings.load(), "shared")] == ["shared"]


@pytest.mark.parametrize(
    ("settings", "failure"),
    [
        ({"WAREHOUSE_READ_URL": "postgresql://kho.tinh/kho?sslmode=require"}, LoginUnnamed),
        ({"WAREHOUSE_READ_URL": f"postgresql://ansinh_read:{SECRET}@kho.tinh/kho?sslmode=require"}, LoginIsGroup),
        ({"SHARED_WAREHOUSE_URL": f"postgresql://open_reader:{SECRET}@kho.tinh/chung?sslmode=require"}, LoginIsGroup),
        ({"ANSINH_DAGSTER_URL": f"postgresql://x:{SECRET}@khac.tinh/dagster?sslmode=require"}, DagsterElsewhere),
        ({"ANSINH_DAGSTER_URL": f"postgresql://x:{SECRET}@kho.tinh/kho?sslmode=require"}, PlacesMixed),
        ({"SHARED_WAREHOUSE_URL": f"postgresql://x:{SECRET}@kho.tinh/kho?sslmode=require"}, PlacesMixed),
        ({"WAREHOUSE_REPORT_URL": f"postgresql://x:{SECRET}@kho.tinh/kho_khac?sslmode=require"}, PlacesMixed),
    ],
)
def test_settings_that_cannot_be_set_up_are_refused_by_name_without_a_secret(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], failure: type[Failure]
) -> None:
    told(monkeypatch, **settings)
    with pytest.raises(failure) as refused:
        plans(Settings.load())
    assert SECRET not in str(refused.value)


def test_without_an_administrator_it_says_which_setting_and_that_there_is_a_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told(monkeypatch)
    with pytest.raises(AdminUnconfigured, match=r"ANSINH_ADMIN_URL chưa đặt.*ansinh setup --sql --only hub"):
        admin(plans(Settings.load())[0])
    assert cli.main(["setup"]) == 2
    assert "ANSINH_ADMIN_URL" in capsys.readouterr().err


def test_the_demo_has_nothing_to_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSINH_PROFILE", "demo")
    with pytest.raises(SetupInDemo):
        plans(Settings.load())


def test_the_script_is_of_one_server_and_holds_no_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told(monkeypatch, SHARED_WAREHOUSE_URL=SHARED.replace("kho.tinh", "chung.tinh"))
    assert cli.main(["setup", "--sql"]) == 0
    hub = capsys.readouterr()
    assert "--only shared" in hub.err and SECRET not in hub.out + hub.err
    assert '"kho"' in hub.out and "open_data" not in hub.out and hub.out.count("\\password") == len(HUB)
    assert cli.main(["setup", "--sql", "--only", "shared"]) == 0
    shared = capsys.readouterr()
    assert "open_data" in shared.out and '"kho"' not in shared.out and not shared.err and SECRET not in shared.out


def test_names_are_quoted_and_nothing_is_taken_for_a_variable_of_psql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_URL", f"postgresql://n%22%27%5Cap:{SECRET}@kho.tinh/k%22ho?sslmode=require")
    (plan,) = plans(Settings.load())
    written = script(plan)
    assert 'create role "n""\'\\ap" login;' in written and "\\password 'n\"''\\\\ap'" in written
    assert 'create database "k""ho"' in written
    in_statements = [line for line in written.splitlines() if not line.startswith("\\")]
    assert not [line for line in in_statements if re.search(r"(?<!:):[A-Za-z_\"']", line)]


def test_rights_are_given_to_every_role_that_owns_nothing() -> None:
    for database in roles.DATABASES:
        others = [role for role in roles.groups(database) if role != roles.owner(database)]
        assert len(schema_rights(database)) == len(others)
        assert all(f"'{role}'" in statement for role, statement in zip(others, schema_rights(database), strict=True))


def test_no_step_makes_anybody_mighty(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, SHARED_WAREHOUSE_URL=SHARED)
    (plan,) = plans(Settings.load())
    altered = [s.statement for s in steps.groups(plan) if s.statement.startswith("alter")]
    assert altered and all("nosuperuser nocreaterole noreplication nobypassrls" in s and " nologin " in s for s in altered)
