"""What a login holds, against the list of its role: what it has beside it, and what it lacks. Only asks."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import psycopg2

from resources.roles.plan import Login
from resources.servers.connecting import BY_OWN_NAMES, CONNECTION
from resources.servers.names import listed, shown
from schemas import roles
from schemas.roles import ON_RELATIONS, Right

ATTRIBUTES = {
    "rolcreaterole": "quyền tạo vai trò (createrole)",
    "rolcreatedb": "quyền tạo cơ sở dữ liệu (createdb)",
    "rolreplication": "quyền sao chép (replication)",
    "rolbypassrls": "quyền vượt bảo mật theo dòng (bypassrls)",
}
# The roles that a login is a member of, without those of its group.
_MEMBER = """select rolname from pg_roles r where pg_has_role(session_user, oid, 'member') and rolname <> session_user
    and rolname <> %s and not exists (select from pg_roles g where g.rolname = %s and pg_has_role(g.oid, r.oid, 'member'))
    order by 1"""
_RELATIONS = """select n.nspname, c.relname, array(select p from unnest(%s::text[]) p where has_table_privilege(c.oid, p))
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
        and (n.nspname = any (%s) or has_schema_privilege(n.oid, 'usage'))
    order by 1, 2"""


@dataclass(frozen=True)
class Held:
    """`is_set_up`: whether the role stands on the server at all. `more`, `less`: in words, against the list."""

    login: str
    is_set_up: bool
    is_superuser: bool = False
    more: str = ""
    less: str = ""


def held(login: Login) -> Held:
    """Raises psycopg2.Error where it cannot be asked."""
    with closing(psycopg2.connect(login.address.libpq(CONNECTION))) as connection, connection.cursor() as cursor:
        cursor.execute(BY_OWN_NAMES)
        columns = ", ".join(("session_user", "rolsuper", *ATTRIBUTES))
        cursor.execute(f"select {columns} from pg_roles where rolname = session_user")
        name, is_superuser, *attributes = cursor.fetchone() or ("?", False)
        cursor.execute("select 1 from pg_roles where rolname = %s", (login.group,))
        is_set_up = cursor.fetchone() is not None
        if is_superuser or not is_set_up:
            return Held(shown(name, "tài khoản"), is_set_up, is_superuser)
        more = [words for words, has in zip(ATTRIBUTES.values(), attributes, strict=True) if has]
        cursor.execute(_MEMBER, (login.group, login.group))
        more += [f"vai trò {shown(role, 'vai trò')}" for (role,) in cursor.fetchall()]
        more += _other_databases(cursor, login)
        cursor.execute("select pg_has_role(session_user, %s, 'usage')", (login.group,))
        if cursor.fetchone() != (True,):
            return Held(shown(name, "tài khoản"), True, False, listed(more), f"chưa là thành viên của {login.group}")
        further, less = [], []
        if not login.owns:
            further, less = _against_the_list(cursor, login)
        return Held(shown(name, "tài khoản"), True, False, listed([*more, *further]), listed(less))


def reader_logs_in(login: Login) -> bool:
    """Whether the group of those who read open data could log in itself."""
    with closing(psycopg2.connect(login.address.libpq(CONNECTION))) as connection, connection.cursor() as cursor:
        cursor.execute(BY_OWN_NAMES)
        cursor.execute("select 1 from pg_roles where rolname = %s and rolcanlogin", (roles.READER,))
        return cursor.fetchone() is not None


def _other_databases(cursor: "psycopg2.extensions.cursor", login: Login) -> list[str]:
    """A warehouse on the same server that the login enters without a word of the list."""
    if login.database == "warehouse":
        return []
    cursor.execute(
        """select datname, oid from pg_database d where datname <> current_database() and datallowconn
            and has_database_privilege(oid, 'connect') and exists (select from aclexplode(coalesce(datacl, acldefault('d', datdba))) a
                join pg_roles r on r.oid = a.grantee where r.rolname = %s) order by 1""",
        (roles.LOAD,),
    )
    return [f"vào được kho {shown(database, f'cơ sở dữ liệu số {oid}')}" for database, oid in cursor.fetchall()]


def _against_the_list(cursor: "psycopg2.extensions.cursor", login: Login) -> tuple[list[str], list[str]]:
    cursor.execute(_RELATIONS, (list(ON_RELATIONS), list(roles.own_schemas(login.database))))
    found = cursor.fetchall()
    standing: dict[str, list[str]] = {}
    for schema, relation, _ in found:
        standing.setdefault(schema, []).append(relation)
    allowed: dict[tuple[str, str], set[str]] = {}
    for right in roles.of_role(login.group, login.database):
        for relation in _of(right, standing):
            allowed.setdefault((right.schema, relation), set()).update(right.rights)
    more, less = [], []
    for schema, relation, has in found:
        listed_here = allowed.get((schema, relation), set())
        where = f"{shown(schema, 'lược đồ')}.{shown(relation, 'bảng')}"
        more += [f"{privilege} trên {where}" for privilege in has if privilege not in listed_here]
        less += [f"{privilege} trên {where}" for privilege in sorted(listed_here - set(has))]
    return more, less


def _of(right: Right, standing: dict[str, list[str]]) -> Iterator[str]:
    yield from roles.relations_of(right, standing.get(right.schema, ()))
