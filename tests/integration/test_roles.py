"""Roles on a server of the system's packages, made from nothing: a night under separate logins, and what each may do, by trying."""

import datetime as dt
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
import sqlalchemy as sa

from assets.reports.forms import FORMS
from pipelines.doctor import roles as doctors
from pipelines.doctor.checking import Told
from resources.backup import rehearsal
from resources.backup.failures import RehearsalNoPlace
from resources.hub import Hub
from resources.roles.failures import LoginIsSuperuser, LoginLacks, ReaderLogsIn
from resources.servers.connecting import libpq_uri
from resources.servers.failures import ServerKeepsOut
from resources.settings import Settings
from resources.warehouse import contents
from resources.warehouse.engine import Warehouse
from schemas import roles
from tests.fixtures.forms import compute
from tests.integration.province import SMALL, Province, built, standing
from tests.integration.report_hub import at
from tests.integration.tls_server import TlsServer, _bin

pytestmark = pytest.mark.landing

PASSWORD = "mật khẩu riêng: p@s&s/%{}"
LOGINS = {  # setting -> its login and its database
    "WAREHOUSE_URL": ("nap_01", "kho"),
    "WAREHOUSE_READ_URL": ("xem_01", "kho"),
    "WAREHOUSE_REPORT_URL": ("bao_cao_01", "kho"),
    "ANSINH_DAGSTER_URL": ("dieu_phoi_01", "dieu_phoi"),
    "SHARED_WAREHOUSE_URL": ("cong_bo_01", "dung_chung"),
}
LOAD, READ, REPORT, DAGSTER, PUBLISH = (name for name, _ in LOGINS.values())
CUSTODIAN, OPEN_READER = "nguoi_giu_01", "nguoi_doc_01"
OTHERS = "mật khẩu của người"  # which the province sets itself, in the clear
GROUPS = {r.role for r in roles.rights()}
DENIED = "42501"


@dataclass(frozen=True)
class Served:
    """A server with our roles, and a province whose hub works there."""

    server: TlsServer
    hub: Province

    def url(self, login: str, database: str) -> str:
        password = OTHERS if login in (CUSTODIAN, OPEN_READER) else PASSWORD.format(login)
        return self.server.url(database, user=login, password=password, sslmode="verify-full")

    def tried(self, login: str, database: str, statement: str) -> str:
        """`done`, or the state with which the server refuses. Nothing stays of it."""
        engine = sa.create_engine(self.url(login, database), poolclass=sa.NullPool)
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(statement)
                connection.rollback()
        except sa.exc.DBAPIError as error:
            return getattr(error.orig, "pgcode", None) or ("no entry" if "permission denied for database" in str(error) else "?")
        return "done"

    def one(self, login: str, database: str, query: str) -> object:
        return self.row(login, database, query)[0]

    def row(self, login: str, database: str, query: str) -> tuple:
        with sa.create_engine(self.url(login, database), poolclass=sa.NullPool).connect() as connection:
            return tuple(connection.exec_driver_sql(query).one())

    @property
    def log(self) -> str:
        return (self.server.folder / "log").read_text(encoding="utf-8", errors="replace")


def settings_for(server: TlsServer, suffix: str = "") -> dict[str, str]:
    """The addresses of the hub's logins. `suffix`: of other logins and other databases."""
    return {
        setting: server.url(
            database + suffix, user=login + suffix, password=PASSWORD.format(login + suffix), sslmode="verify-full"
        )
        for setting, (login, database) in LOGINS.items()
    }


@pytest.fixture(scope="module")
def served(tls: TlsServer) -> Iterator[Served]:
    tls.execute("alter system set log_statement = 'all'")
    tls.execute("select pg_reload_conf()")
    with standing(built(SMALL)) as made:
        hub = made.having(**settings_for(tls), ANSINH_ADMIN_URL=tls.url(sslmode="verify-full"))
        first, second = (hub.ansinh("setup").stdout for _ in range(2))
        assert first.count("mới tạo") == len(LOGINS) + 3 and "mới tạo" not in second
        made.ansinh("demo", "up")
        yield Served(tls, made.having(**settings_for(tls)))


@pytest.fixture(scope="module")
def night(served: Served) -> Served:
    """The first night of a system, a row of a restricted one, and two logins that the province gave to persons."""
    card = served.hub.nightly("--source", "social_protection")
    assert card["failures"] == [] and card["systems"][0]["rows_accepted"] and card["systems"][0]["rows_rejected"]
    with sa.create_engine(served.url(LOAD, "kho"), poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql(
            "insert into history.children_profiles (recorded_from, period, unit_code, row_key) values (now(), 'now', '412', 'X')"
        )
        connection.exec_driver_sql(
            """insert into quarantine.rows (source, dataset, period, unit_code, row_key, received, failures, first_seen, last_seen)
                values ('children', 'profiles', 'now', '412', 'X', '{}', '[]', now(), now())"""
        )
    for login, group in ((CUSTODIAN, "children_custodian"), (OPEN_READER, "open_reader")):
        served.server.execute(f"create role {login} login password '{OTHERS}' in role {group}")
    return served


def test_no_password_and_no_verifier_is_in_the_servers_log(night: Served) -> None:
    assert "statement: set log_error_verbosity" in night.log, "the server logs statements"
    assert not [part for part in ("mật khẩu riêng", "p@s&s", "SCRAM-SHA-256") if part in night.log]
    assert "NGUYỄN" not in night.log.upper(), "nor is a row of the night"


def test_no_group_logs_in_and_none_is_mighty(night: Served) -> None:
    with sa.create_engine(night.server.url(), poolclass=sa.NullPool).connect() as connection:
        found = connection.exec_driver_sql(
            "select rolname, rolcanlogin or rolsuper or rolcreaterole or rolreplication or rolbypassrls from pg_roles"
        ).all()
    assert {name for name, mighty in found if not mighty} >= GROUPS


MATRIX = [  # login, database, statement, what becomes of it
    (LOAD, "kho", "select count(*) from history.children_profiles", "done"),
    (LOAD, "kho", "create table ops.thu (x int)", "done"),
    (LOAD, "kho", "create role ai_do", DENIED),
    (LOAD, "kho", "alter role current_user superuser", DENIED),
    (LOAD, "kho", "set log_statement = 'all'", DENIED),
    (LOAD, "dieu_phoi", "select 1", "no entry"),
    (LOAD, "dung_chung", "select 1", "no entry"),
    (READ, "kho", "select * from ops.cells", "done"),
    (READ, "kho", "select * from core.social_protection_beneficiaries", "done"),
    (READ, "kho", "select * from core.children_profiles", DENIED),
    (READ, "kho", "select * from history.children_profiles", DENIED),
    (READ, "kho", "select * from custody_children.profiles", DENIED),
    (READ, "kho", "select * from quarantine.rows", DENIED),
    (READ, "kho", "delete from ops.cells", "25006"),
    (READ, "kho", "set default_transaction_read_only = off; commit; begin; delete from ops.cells", DENIED),
    (READ, "kho", "set default_transaction_read_only = off; commit; begin; create table public.x (x int)", DENIED),
    (READ, "dieu_phoi", "select 1", "no entry"),
    (READ, "dung_chung", "select 1", "no entry"),
    (REPORT, "kho", "select * from core.children_profiles", "done"),
    (REPORT, "kho", "update ops.report_submissions set attempts = attempts", "done"),
    (REPORT, "kho", "delete from ops.report_submissions", DENIED),
    (REPORT, "kho", "update ops.cells set rows_accepted = 0", DENIED),
    (REPORT, "kho", "insert into ops.nights (night, started_at) values ('x', now())", DENIED),
    (REPORT, "kho", "select * from history.children_profiles", DENIED),
    (REPORT, "kho", "select * from custody_children.set_aside", DENIED),
    (REPORT, "kho", "select * from quarantine.rows", DENIED),
    (REPORT, "kho", "create temporary table x (x int)", DENIED),
    (REPORT, "dieu_phoi", "select 1", "no entry"),
    (REPORT, "dung_chung", "select 1", "no entry"),
    (DAGSTER, "dieu_phoi", "create table x (x int)", "done"),
    (DAGSTER, "dieu_phoi", "select * from event_logs", "done"),
    (DAGSTER, "kho", "select 1", "no entry"),
    (DAGSTER, "dung_chung", "select 1", "no entry"),
    (PUBLISH, "dung_chung", "delete from open_data.releases", "done"),
    (PUBLISH, "dung_chung", "create table open_data.x (x int)", "done"),
    (PUBLISH, "dung_chung", "create schema khac", DENIED),
    (PUBLISH, "kho", "select 1", "no entry"),
    (PUBLISH, "dieu_phoi", "select 1", "no entry"),
    (CUSTODIAN, "kho", "select * from custody_children.profiles", "done"),
    (CUSTODIAN, "kho", "select * from custody_children.set_aside", "done"),
    (CUSTODIAN, "kho", "delete from custody_children.profiles", DENIED),
    (CUSTODIAN, "kho", "select * from custody_social_evils_prevention.commune_forms", DENIED),
    (CUSTODIAN, "kho", "select * from core.children_profiles", DENIED),
    (CUSTODIAN, "kho", "select * from core.social_protection_beneficiaries", DENIED),
    (CUSTODIAN, "dung_chung", "select 1", "no entry"),
    (OPEN_READER, "dung_chung", "select * from open_data.releases", "done"),
    (OPEN_READER, "dung_chung", "delete from open_data.releases", DENIED),
    (OPEN_READER, "dung_chung", "create table open_data.x (x int)", DENIED),
    (OPEN_READER, "dung_chung", "create temporary table x (x int)", DENIED),
    (OPEN_READER, "kho", "select 1", "no entry"),
    (OPEN_READER, "dieu_phoi", "select 1", "no entry"),
]


def test_each_role_may_what_it_must_and_nothing_else(night: Served) -> None:
    wrong = [
        (login, database, statement, became)
        for login, database, statement, expected in MATRIX
        if (became := night.tried(login, database, statement)) != expected
    ]
    assert wrong == []


def test_who_counts_the_forms_sees_every_row_of_a_restricted_system_and_who_was_granted_it_sees_none(night: Served) -> None:
    held = "select count(*) from {}"
    rows = night.one(LOAD, "kho", held.format("history.children_profiles where recorded_to is null"))
    assert rows and night.one(REPORT, "kho", held.format("core.children_profiles")) == rows
    night.server.execute("grant select on all tables in schema core to ansinh_read", "kho")
    assert night.one(READ, "kho", held.format("core.children_profiles")) == 0
    assert night.one(READ, "kho", held.format("core.social_protection_beneficiaries"))


def test_all_that_a_night_makes_is_the_groups(night: Served) -> None:
    owned = """select count(*) from pg_class c join pg_roles r on r.oid = c.relowner
        join pg_namespace n on n.oid = c.relnamespace where r.rolname = '{}' and n.nspname !~ '^pg_toast'"""
    for database, login in (("kho", LOAD), ("dieu_phoi", DAGSTER), ("dung_chung", PUBLISH)):
        assert night.one(login, database, owned.format(login)) == 0, database


def test_the_commands_of_a_day_work_under_their_logins(night: Served) -> None:
    assert "Bảo trợ" in night.hub.ansinh("status").stdout
    assert night.one(REPORT, "kho", "select count(*) from ops.report_submissions where receipt is not null")
    assert "đã" in night.hub.ansinh("report", "list").stdout
    form, period = night.row(REPORT, "kho", "select form, period from ops.report_submissions order by 1, 2 limit 1")
    exchanged = night.hub.having(WAREHOUSE_REPORT_URL=night.url(READ, "kho"))
    refused = exchanged.ansinh("report", "submit", form, period, "--by", "Nguyễn Thử", "--reason", "thử", status=1)
    assert "máy chủ kho chỉ cho đọc (SQLSTATE 25006)" in refused.stderr


def test_every_form_is_counted_by_who_may_count_alone(night: Served) -> None:
    later = dt.date(2025, 6, 30)  # when every form has been due
    with sa.create_engine(night.url(REPORT, "kho"), poolclass=sa.NullPool).connect() as connection:
        counted = [form.code for form in FORMS if compute(connection, form, form.periods_due(later)[0], at("2025-06-30 02:00"))]
    assert counted == [form.code for form in FORMS]


def looked(served: Served, **settings: str) -> Told:
    """What the doctor says of the logins that the settings name."""
    with mock.patch.dict(os.environ, settings_for(served.server) | settings):
        return doctors.look(Hub(Settings("production", served.hub.home)))


def test_the_doctor_says_who_holds_too_much_or_too_little(night: Served) -> None:
    fine = "WAREHOUSE_URL ansinh_load; WAREHOUSE_READ_URL ansinh_read; WAREHOUSE_REPORT_URL ansinh_report; "
    fine += "ANSINH_DAGSTER_URL ansinh_dagster; SHARED_WAREHOUSE_URL ansinh_publish"
    administrator = night.hub.having(ANSINH_ADMIN_URL=night.server.url(sslmode="verify-full"))
    administrator.ansinh("setup")
    assert looked(night) == Told(fine)
    night.server.execute(f"grant select on quarantine.rows to {READ}; grant usage on schema quarantine to {READ}", "kho")
    night.server.execute(f"grant children_custodian to {REPORT}; alter role {DAGSTER} createdb", "kho")
    more = [str(warning) for warning in looked(night).warnings]
    assert [told.partition(". ")[0].partition(": ")[2] for told in more] == [
        f"{READ} giữ nhiều hơn vai trò ansinh_read: select trên quarantine.rows",
        f"{REPORT} giữ nhiều hơn vai trò ansinh_report: vai trò children_custodian, "
        + ", ".join(f"select trên custody_children.{view}" for view in ("profiles", "set_aside")),
        f"{DAGSTER} giữ nhiều hơn vai trò ansinh_dagster: quyền tạo cơ sở dữ liệu (createdb)",
    ]
    night.server.execute(f"revoke all on quarantine.rows from {READ}; revoke usage on schema quarantine from {READ}", "kho")
    night.server.execute(f"revoke children_custodian from {REPORT}; alter role {DAGSTER} nocreatedb", "kho")
    night.server.execute("revoke select on ops.cells from ansinh_read; alter role open_reader login", "kho")
    with pytest.raises(LoginLacks, match=r"thiếu quyền của vai trò ansinh_read: select trên ops\.cells\. Chạy ansinh setup"):
        looked(night)
    assert [type(w) for w in looked(night, WAREHOUSE_READ_URL="").warnings] == [ReaderLogsIn]
    administrator.ansinh("setup")
    assert looked(night) == Told(fine)
    told = looked(night, WAREHOUSE_URL=night.server.url("kho", sslmode="verify-full"), WAREHOUSE_READ_URL="")
    assert [type(w) for w in told.warnings] == [LoginIsSuperuser] and "postgres là superuser" in str(told.warnings[0])
    assert "WAREHOUSE_READ_URL chưa cấu hình, dùng WAREHOUSE_URL" in told.text


def test_the_loader_makes_the_place_of_a_rehearsal_and_takes_it_away(served: Served) -> None:
    with (
        mock.patch.dict(os.environ, settings_for(served.server)),
        rehearsal._scratch_databases(Settings("production", served.hub.home), ["warehouse"], print) as urls,
        sa.create_engine(urls["warehouse"], poolclass=sa.NullPool).begin() as connection,
    ):
        connection.exec_driver_sql("create schema core")
    assert served.one(LOAD, "kho", "select count(*) from pg_database where starts_with(datname, 'ansinh_rehearsal')") == 0


def test_the_doctor_knows_who_makes_no_place_for_a_rehearsal(served: Served) -> None:
    settings = Settings("production", served.hub.home)
    reader = served.url(READ, "kho")
    with mock.patch.dict(os.environ, settings_for(served.server)):
        rehearsal.refuse_no_place(settings)
        for url, failure in (
            (reader, RehearsalNoPlace),
            (served.server.url("postgres", user=READ, password="mat-khau-khac", sslmode="verify-full"), ServerKeepsOut),
        ):
            with mock.patch.dict(os.environ, BACKUP_REHEARSAL_URL=url), pytest.raises(failure, match="BACKUP_REHEARSAL_URL"):
                rehearsal.refuse_no_place(settings)


def test_an_older_installation_hands_its_warehouse_over_and_keeps_its_password(served: Served) -> None:
    server = served.server
    server.execute(f"create role cu_01 login password '{OTHERS}'")
    server.execute("create role nguoi_phan_tich login")
    server.execute("create database cu owner cu_01 template template0")
    url = server.url("cu", user="cu_01", password=OTHERS, sslmode="verify-full")
    Warehouse(url).migrate()
    server.execute("grant usage on schema ops to nguoi_phan_tich; grant select on ops.cells to nguoi_phan_tich", "cu")
    older = served.hub.having(**(dict.fromkeys(LOGINS, "") | {"WAREHOUSE_URL": url}), ANSINH_PROFILE="production")
    told = older.having(ANSINH_ADMIN_URL=server.url(sslmode="verify-full")).ansinh("setup").stdout
    assert "tài khoản cu_01 đã có" in told and "cu: đã có" in told
    owners = """select distinct r.rolname from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
        where n.nspname = any (array['core', 'history', 'quarantine', 'ops', 'ref', 'papers', 'custody_children'])
        union select r.rolname from pg_namespace n join pg_roles r on r.oid = n.nspowner where n.nspname in ('ops', 'ref', 'custody_children')
        union select r.rolname from pg_proc p join pg_roles r on r.oid = p.proowner where p.pronamespace = 'ops'::regnamespace"""
    entering = (
        "select has_database_privilege('nguoi_phan_tich', 'cu', 'connect'), has_database_privilege('xem_01', 'cu', 'connect')"
    )
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        assert connection.exec_driver_sql(owners).scalars().all() == ["ansinh_load"]
        assert tuple(connection.exec_driver_sql(entering).one()) == (True, True), (
            "as a member of ansinh_read, whose warehouse it is"
        )
        contents.bring_up_again(connection)
    Warehouse(url).migrate()


def test_the_administrator_calls_no_function_that_somebody_made_in_the_provinces_database(served: Served) -> None:
    """By a better match of its arguments it would be called for the server's own, and make its owner whatever he likes."""
    for statement in (
        "create role hang_xom; grant usage on schema public to public; grant create on schema public to hang_xom",
        "create table open_data.cua_nguoi_khac (x int)",
        """set role hang_xom; create function public.format(text, text, name, name) returns text language plpgsql as $$ begin
            if (select rolsuper from pg_roles where rolname = current_user) then alter role hang_xom superuser; end if;
            return pg_catalog.format($1, $2, $3, $4); end $$""",
    ):
        served.server.execute(statement, "dung_chung")
    served.hub.having(ANSINH_ADMIN_URL=served.server.url(sslmode="verify-full")).ansinh("setup")
    assert served.one(PUBLISH, "dung_chung", "select rolsuper from pg_roles where rolname = 'hang_xom'") is False
    owner = "select tableowner from pg_tables where tablename = 'cua_nguoi_khac'"
    assert served.one(PUBLISH, "dung_chung", owner) == roles.PUBLISH


def test_a_superuser_is_no_login_of_the_hub(served: Served) -> None:
    mighty = served.server.url("kho", sslmode="verify-full")
    refused = served.hub.having(WAREHOUSE_URL=mighty, ANSINH_ADMIN_URL=mighty).ansinh("setup", status=1)
    assert "WAREHOUSE_URL: postgres là superuser" in refused.stderr
    weak = served.hub.having(ANSINH_ADMIN_URL=served.url(LOAD, "kho")).ansinh("setup", status=1)
    assert "không phải superuser" in weak.stderr


def test_the_script_makes_the_same_with_the_passwords_that_psql_asks_for(served: Served, tmp_path: Path) -> None:
    server, settings = served.server, settings_for(served.server, "_b")
    written = served.hub.having(**settings, ANSINH_PROFILE="production").ansinh("setup", "--sql").stdout
    (tmp_path / "setup.sql").write_text(written, encoding="utf-8")
    typed = "".join(f"{PASSWORD.format(login + '_b')}\n" * 2 for login, _ in LOGINS.values())
    psql = [str(_bin() / "psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-d", libpq_uri(server.url(sslmode="verify-full"))]
    for answers in (typed, ""):  # once more it asks nothing
        done = subprocess.run(
            [*psql, "-f", str(tmp_path / "setup.sql")], input=answers, capture_output=True, text=True, start_new_session=True
        )
        assert done.returncode == 0, done.stderr
    for setting, (login, database) in LOGINS.items():
        role, _, _ = settings[setting].partition("@")
        assert login in role
        with sa.create_engine(settings[setting], poolclass=sa.NullPool).connect() as connection:
            group = connection.exec_driver_sql("select current_user").scalar_one()
            assert group in (login + "_b", "ansinh_load", "ansinh_dagster", "ansinh_publish")
            assert connection.exec_driver_sql("select current_database()").scalar_one() == database + "_b"
    assert looked(served, **settings).text.startswith("WAREHOUSE_URL ansinh_load; WAREHOUSE_READ_URL ansinh_read; ")
    assert not [part for part in ("mật khẩu riêng", "p@s&s", "SCRAM-SHA-256") if part in served.log]
