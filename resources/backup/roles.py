"""The roles of the embedded server and their rights, from our own list: a backup says at most who of them may log in.

A dump is restored by a role that may do nothing but fill the one database that it owns. So what a dump makes the server do, it
does without any right over the machine, the server or another database.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from psycopg2 import sql

from resources.backup.failures import RestoredRuns
from resources.embedded import EmbeddedServer
from resources.publication import reader
from resources.publication.publisher import READER
from resources.servers import connecting
from resources.warehouse.persons.reads import GUARD, REFUSES, TABLE
from schemas.registry import SOURCES

RESTORER = "ansinh_restore"  # while a restore is under way
OWNERS = {f"source_{s.name}": f"{s.name}_owner" for s in SOURCES}  # of the demo's sources
READERS = {f"source_{s.name}": f"{s.name}_reader" for s in SOURCES}
CUSTODIANS = tuple(s.custodian for s in SOURCES if s.restricted)
GROUPS = (READER, *CUSTODIANS)  # whoever is in them has a login of his own
OWN = (*GROUPS, *OWNERS.values(), *READERS.values())
ENTERED_BY_ALL = ("warehouse", "shared", "dagster")  # until reader.close_the_rest, as when they were first made

# What would run with our rights when we next write or read: a function, and whatever can call one by itself. Our two functions,
# the trigger of ops.reads and the views are made anew when the warehouse is opened.
RUNS = f"""
    select 'hàm ' || oid::regprocedure from pg_proc where pronamespace not in (select oid from pg_namespace
            where nspname in ('pg_catalog', 'information_schema')) and oid::regprocedure::text not in ('ops.folded(text)', '{REFUSES}')
    union all select 'trigger ' || tgname from pg_trigger where not tgisinternal and (tgname, tgrelid, tgfoid) is distinct from
        (name '{GUARD}', to_regclass('{TABLE}')::oid, to_regprocedure('{REFUSES}')::oid)
    union all select 'quy tắc ' || rulename from pg_rewrite where rulename <> '_RETURN' and oid >= 16384
    union all select 'chính sách dòng ' || polname from pg_policy
    union all select 'trigger sự kiện ' || evtname from pg_event_trigger
    union all select 'phần mở rộng ' || extname from pg_extension where extname <> 'plpgsql'
    union all select 'máy chủ ngoài ' || srvname from pg_foreign_server
    union all select 'phép chuyển kiểu ' || oid from pg_cast where oid >= 16384
    union all select 'toán tử ' || oprname from pg_operator where oid >= 16384
    order by 1"""


def told(server: EmbeddedServer) -> tuple[dict[str, Any], ...]:
    """The roles that stand, for the manifest."""
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("select rolname, rolcanlogin from pg_roles where rolname !~ '^pg_' and not rolsuper order by 1")
        return tuple({"name": name, "can_login": can_login} for name, can_login in cursor.fetchall())


@contextmanager
def made(server: EmbeddedServer, may_log_in: Mapping[str, bool]) -> Iterator[None]:
    """Our own roles, of which each that the backup knows may log in as it could; and for the time of the restore its restorer."""
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        for name in OWN:
            if name in may_log_in:
                _create(cursor, name)
        _create(cursor, RESTORER)
    yield
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        for name in OWN:
            if name in may_log_in and (
                name in GROUPS or not may_log_in[name]
            ):  # only now: a source's owner has to log in to restore
                cursor.execute(sql.SQL("alter role {} nologin").format(sql.Identifier(name)))
        cursor.execute(f"drop role {RESTORER}")


def not_ours(names: Iterable[str]) -> list[str]:
    return sorted(set(names) - set(OWN))


def begin(server: EmbeddedServer, database: str, comment: str | None) -> str:
    """Make an empty database; the role that is to fill it."""
    owner = OWNERS.get(database, RESTORER)
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        named = {"d": sql.Identifier(database), "o": sql.Identifier(owner), "c": sql.Literal(comment)}
        cursor.execute(sql.SQL("create database {d} encoding 'UTF8' template template0 owner {o}").format(**named))
        if comment:
            cursor.execute(sql.SQL("comment on database {d} is {c}").format(**named))
        if database in OWNERS:
            cursor.execute(sql.SQL("revoke all on database {d} from public").format(**named))
        elif database not in ENTERED_BY_ALL:
            cursor.execute(sql.SQL("revoke connect on database {d} from public").format(**named))
    if database in OWNERS:
        with closing(server.connect(database)) as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("alter schema public owner to {}").format(sql.Identifier(owner)))
    return owner


def finish(server: EmbeddedServer, database: str) -> None:
    """Give the rights: a source stays its owner's and is read by its reader, all else is the server's own again."""
    if database in OWNERS:
        _give_source(server, database)
        return
    with closing(server.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(RUNS)
        found = [what for (what,) in cursor.fetchall()]
        if found:
            raise RestoredRuns(database=database, what=", ".join(found[:5]))
        cursor.execute(f"reassign owned by {RESTORER} to current_user")


def close(server: EmbeddedServer) -> None:
    """The reader of open data reads it and enters nothing else, and custodians enter the warehouse, as it stood.

    What a custodian reads in there is granted when the warehouse is opened.
    """
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("select rolname from pg_roles where rolname = any(%s) order by 1", (list(CUSTODIANS),))
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("grant connect on database warehouse to {}").format(sql.Identifier(name)))
    shared = connecting.engine(server.url("shared"), is_pooled=False)
    reader.give_rights(shared)
    reader.close_the_rest(shared)


def _give_source(server: EmbeddedServer, database: str) -> None:
    named = {
        "d": sql.Identifier(database),
        "o": sql.Identifier(OWNERS[database]),
        "r": sql.Identifier(READERS[database]),
    }
    with closing(server.connect(database, OWNERS[database])) as connection, connection.cursor() as cursor:
        for statement in (
            "grant connect on database {d} to {o}, {r}",
            "revoke create on schema public from public",
            "grant usage on schema public to {r}",
            "grant select on all tables in schema public to {r}",
        ):
            cursor.execute(sql.SQL(statement).format(**named))


def _create(cursor: Any, name: str) -> None:
    cursor.execute("select 1 from pg_roles where rolname = %s", (name,))
    if not cursor.fetchone():
        cursor.execute(sql.SQL("create role {} login").format(sql.Identifier(name)))
