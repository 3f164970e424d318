"""Making what a plan tells of, as the administrator of its server, and trying each address afterwards.

A password never stands in a statement: what is sent is a verifier that libpq reckons here, and of that too nothing is logged.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import encrypt_password

from resources.failing import Failure
from resources.roles import steps
from resources.roles.failures import (
    AdminTooWeak,
    AdminUnreachable,
    DatabaseOtherwiseEncoded,
    LoginIsSuperuser,
    LoginRefused,
    SetupRefused,
)
from resources.roles.plan import ADMINS, Login, Place, Plan, admin
from resources.roles.steps import Step
from resources.servers.addresses import Address
from resources.servers.connecting import BY_OWN_NAMES, CONNECTION
from resources.servers.names import shown
from resources.servers.sqlstates import told_state, why_no_tls

Cursor = psycopg2.extensions.cursor
# For this session alone: nothing that it says belongs into the server's log, and it calls no function that somebody made there.
SILENT = (
    *(f"set {setting} = '{value}'" for setting, value in steps.SILENT.items()),
    "set client_min_messages = 'error'",
    "set lock_timeout = '60s'",
    BY_OWN_NAMES,
)


def perform(plan: Plan, say: Callable[[str], object]) -> None:
    """Make all of it; done again, nothing changes. Raises the failures of this package."""
    address = admin(plan)
    with _session(address, plan) as cursor:
        for login in plan.logins:
            _refuse_superuser(cursor, login)
        with _told("vai trò nhóm"):
            _take(cursor, steps.groups(plan))
        for login in plan.logins:
            with _told(f"tài khoản của {login.setting}"):
                is_new = _ensure(cursor, login)
                _take(cursor, steps.membership(login))
            say(
                f"{login.setting}: tài khoản {shown(login.name, 'tên')} {'mới tạo' if is_new else 'đã có'}, vai trò {login.group}"
            )
        for place in plan.places:
            with _told("cơ sở dữ liệu"):
                is_new = _take(cursor, steps.database(place))
            say(f"Cơ sở dữ liệu {shown(place.name, 'tên')}: {'mới tạo' if is_new else 'đã có'}")
    for place in plan.places:
        with _session(replace(address, database=place.name), plan) as cursor, _told("quyền trong cơ sở dữ liệu"):
            _refuse_other_than_utf8(cursor, place)
            cursor.execute("begin")
            _take(cursor, steps.entering(place))
            _take(cursor, steps.inside(place))
            cursor.execute("commit")
    for login in plan.logins:
        _try(login)
    say(f"Đã thử {len(plan.logins)} địa chỉ: đăng nhập được, đúng vai trò.")


@contextmanager
def _session(address: Address, plan: Plan) -> Iterator[Cursor]:
    setting = ADMINS[plan.part]
    try:
        connection = psycopg2.connect(address.libpq(CONNECTION))
    except psycopg2.OperationalError as error:
        raise AdminUnreachable(setting=setting, why=_why(error)) from None
    with closing(connection):
        connection.autocommit = True
        with connection.cursor() as cursor, _told("mở phiên quản trị"):
            cursor.execute("select rolsuper from pg_roles where rolname = current_user")
            if cursor.fetchone() != (True,):
                raise AdminTooWeak(setting=setting, part=plan.part)
            for statement in SILENT:
                cursor.execute(statement)
            yield cursor


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Let only the state leave of what the server says: its text can hold what stands there."""
    try:
        yield
    except Failure:
        raise
    except psycopg2.Error as error:
        raise SetupRefused(what=what, state=told_state(error.pgcode or "-----")) from None


def _take(cursor: Cursor, of: Iterable[Step]) -> bool:
    """Take the steps; whether one of those that are taken once was."""
    was_taken = False
    for step in of:
        if step.unless is not None:
            cursor.execute(step.unless)
            if cursor.fetchone():
                continue
            was_taken = True
        cursor.execute(step.statement)
        if step.then:
            cursor.execute(step.then)
    return was_taken


def _refuse_superuser(cursor: Cursor, login: Login) -> None:
    cursor.execute("select rolsuper from pg_roles where rolname = %s", (login.name,))
    if cursor.fetchone() == (True,):
        raise LoginIsSuperuser(setting=login.setting, role=shown(login.name, "tên"))


def _ensure(cursor: Cursor, login: Login) -> bool:
    """Make the login where it is missing; one that stands keeps its password."""
    cursor.execute(steps.standing(login.name))
    if cursor.fetchone():
        return False
    cursor.execute(f"create role {steps.name(login.name)} login")
    if login.address.password:
        verifier = encrypt_password(login.address.password, login.name, cursor, "scram-sha-256")
        cursor.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(login.name), sql.Literal(verifier)))
    return True


def _refuse_other_than_utf8(cursor: Cursor, place: Place) -> None:
    cursor.execute("show server_encoding")
    found = cursor.fetchone()
    if found and found[0] != "UTF8":
        raise DatabaseOtherwiseEncoded(database=shown(place.name, place.kind), encoding=shown(found[0], "máy chủ tự đặt"))


def _try(login: Login) -> None:
    try:
        with closing(psycopg2.connect(login.address.libpq(CONNECTION))) as connection, connection.cursor() as cursor:
            cursor.execute(BY_OWN_NAMES)
            cursor.execute("select pg_has_role(session_user, %s, 'usage')", (login.group,))
    except psycopg2.OperationalError as error:
        raise LoginRefused(setting=login.setting, why=_why(error)) from None
    except psycopg2.Error as error:
        raise SetupRefused(what=f"thử {login.setting}", state=told_state(error.pgcode or "-----")) from None


def _why(error: psycopg2.OperationalError) -> str:
    why = why_no_tls(str(error))
    return f" ({why})" if why else ""
