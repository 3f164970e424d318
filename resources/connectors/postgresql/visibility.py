"""By what a PostgreSQL source may show this login a part of its rows: from its catalogue, through all that a view reads.

The session has row_security off, by which the server itself refuses what a policy would filter; what stands here says so
beforehand and in words, and finds what that does not stop: views and functions that ask who is reading.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from resources.connectors.comments import without_comments
from resources.connectors.postgresql.queries import Rows, array
from resources.connectors.postgresql.structure import named
from resources.servers.names import listed, shown
from schemas.roads import Sql

# Who reads, from where, with what settings and rights.
ASKS = re.compile(
    r"\b(current_user|session_user|current_role|system_user|current_setting|getpgusername|row_security_active|pg_has_role|"
    r"has_(?:any_column|column|database|foreign_data_wrapper|function|language|largeobject|parameter|schema|sequence|server|table|"
    r"tablespace|type)_privilege|inet_client_addr|inet_client_port|pg_stat_activity|application_name)\b",
    re.IGNORECASE,
)
ASKS_BARE = re.compile(r"\buser\b", re.IGNORECASE)  # a keyword where it stands in no quotes
QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
LONGEST_BODY = 200_000
DEEPEST = 20  # functions that call functions


@dataclass(frozen=True)
class Sight:
    """`hidden`: by what rows may be hidden, in words. `is_let_through`: a policy stands, and lets this login see every row."""

    hidden: list[str]
    is_let_through: bool = False


def look(rows: Rows, road: Sql) -> Sight:
    if rows(f"select 1 from pg_class c where {named(road)} and relkind in ('r', 'p', 'm') and not relrowsecurity"):
        return Sight([])  # as nearly always, in a fifteenth of the time
    hidden, is_let_through = [], False
    views = []
    for oid, schema, relation, kind, is_filtered, is_open, reader, is_of_login in rows(_read_by(road)):
        name = f"{shown(schema, 'lược đồ')}.{shown(relation, f'bảng số {oid}')}"
        if is_filtered and is_open:
            is_let_through = True
        elif is_filtered:
            policies = listed([shown(policy, f"chính sách số {number}") for policy, number in rows(_policies(oid, reader))])
            told = f" ({policies})" if policies else ""
            hidden.append(f"{name} có bảo mật theo dòng (row-level security), chính sách{told} chỉ cho tài khoản thấy một phần")
        if is_of_login:
            hidden.append(f"{name} là bảng ngoài, đọc ở máy chủ kia bằng tài khoản riêng (user mapping) của tài khoản này")
        if kind == "v":
            views.append(oid)
    hidden += [f"{what} hỏi ai đang đọc ({word})" for what, word in _asking(rows, views)]
    return Sight(hidden, is_let_through)


def _policies(relation: int, reader: int) -> str:
    return f"select polname, p.oid::bigint {_holding(str(relation), f'{reader}::oid')} order by 1"


def _holding(relation: str, reader: str) -> str:
    """The policies `p` of a relation that hold for a reader."""
    return f"""from pg_policy p where p.polrelid = {relation} and p.polcmd in ('r', '*')
        and (0 = any(p.polroles) or exists (select from unnest(p.polroles) of where pg_has_role({reader}, of, 'usage')))"""


def _read_by(road: Sql) -> str:
    """What a relation reads, itself first. A view reads with its owner's rights, unless it is one that asks with the reader's."""
    policies = _holding("c.oid", "u.oid")
    is_true = "pg_get_expr(p.polqual, p.polrelid) = 'true'"
    return f"""
        with recursive me as (select oid from pg_roles where rolname = current_user), reads as (
            select c.oid, me.oid as reader, 0 as depth from pg_class c, me where {named(road)}
            union
            select d.refobjid, case when v.reloptions && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1']
                then r.reader else v.relowner end, r.depth + 1
            from reads r join pg_class v on v.oid = r.oid and v.relkind = 'v' join pg_rewrite w on w.ev_class = v.oid
            join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
            where d.refobjid <> v.oid and r.depth < {DEEPEST}
        )
        select distinct c.oid::bigint, n.nspname, c.relname, c.relkind::text, c.relrowsecurity and c.relkind in ('r', 'p')
                and not (u.rolsuper or u.rolbypassrls)
                and (c.relforcerowsecurity or not pg_has_role(u.oid, c.relowner, 'usage')) as is_filtered,
            exists (select {policies} and p.polpermissive and {is_true})
                and not exists (select {policies} and not p.polpermissive and not {is_true}),
            u.oid::bigint,
            c.relkind = 'f' and exists (select from pg_foreign_table f join pg_user_mappings m on m.srvid = f.ftserver
                where f.ftrelid = c.oid and m.umuser = u.oid and u.oid = (select oid from me))
        from reads r join pg_class c on c.oid = r.oid join pg_namespace n on n.oid = c.relnamespace
            join pg_roles u on u.oid = r.reader
        where c.{"relkind in ('r', 'p', 'v', 'm', 'f')"} order by 2, 3"""


def _asking(rows: Rows, views: list[int]) -> Iterator[tuple[str, str]]:
    """Views that ask who is reading, and functions that do, as far as they can be followed by the names in their bodies."""
    texts = _views(rows, views)
    called = (
        [
            oid
            for (oid,) in rows(
                "select distinct refobjid::bigint from pg_depend d join pg_rewrite w on w.oid = d.objid "
                f"where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_proc'::regclass and w.ev_class = any({_numbers(views)})"
            )
        ]
        if views
        else []
    )
    bodies = _functions(rows, f"p.oid = any({_numbers(called)})") if called else {}
    for _ in range(DEEPEST):
        new = {of: body for of, body in bodies.items() if of not in texts}
        texts |= new
        words = sorted({word for body in new.values() for word in re.findall(r"\w+", body.lower())})
        if not words:
            break
        bodies = _functions(rows, f"p.proname = any({array(words)})")
        named_views = rows(
            f"select oid::bigint from pg_class where relkind = 'v' and relnamespace >= 16384 and relname = any({array(words)})"
        )
        bodies |= _views(rows, [oid for (oid,) in named_views])
    for (what, _), body in sorted(texts.items()):
        code = without_comments(body)
        if found := ASKS.search(code) or ASKS_BARE.search(QUOTED.sub(" ", code)):
            yield what, found[0].lower()


Bodies = dict[tuple[str, int], str]  # what it is, as it may be told, and its number -> its text


def _views(rows: Rows, oids: list[int]) -> Bodies:
    if not oids:
        return {}
    return _told(
        "khung nhìn",
        rows(
            f"select n.nspname, c.relname, c.oid::bigint, left(pg_get_viewdef(c.oid), {LONGEST_BODY}) from pg_class c "
            f"join pg_namespace n on n.oid = c.relnamespace where c.oid = any({_numbers(oids)})"
        ),
    )


def _functions(rows: Rows, which: str) -> Bodies:
    """The bodies of functions of the source's own, in words of a language: not of an extension's in C."""
    return _told(
        "hàm",
        rows(
            "select n.nspname, p.proname, p.oid::bigint, "
            f"left(concat_ws(' ', p.prosrc, pg_get_function_sqlbody(p.oid)), {LONGEST_BODY}) "
            "from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang "
            f"where p.oid >= 16384 and l.lanname not in ('c', 'internal') and {which}"
        ),
    )


def _told(kind: str, found: list[tuple]) -> Bodies:
    return {
        (f"{kind} {shown(schema, 'lược đồ')}.{shown(name, f'{kind} số {oid}')}", oid): body for schema, name, oid, body in found
    }


def _numbers(oids: list[int]) -> str:
    return f"array[{', '.join(map(str, oids))}]::oid[]"
