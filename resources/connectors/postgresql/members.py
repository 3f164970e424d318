"""The tables that a relation of a PostgreSQL source consists of: itself, its partitions, and what inherits from it.

Read from the catalogue as SQL; nothing connects here.
"""

from collections.abc import Sequence

from resources.connectors.postgresql.queries import Rows, array
from resources.servers.names import shown


def members(relation: str) -> str:
    """The relation and all below it, at any depth. `is_leaving`: it is being detached while its rows are still read."""
    return (
        f"(with recursive found as (select {relation}::oid as oid, false as is_leaving "
        "union select inhrelid, inhdetachpending from found join pg_inherits on inhparent = found.oid) select * from found)"
    )


def named(relation: str, columns: Sequence[str]) -> str:
    """One text that names the relation and all below it, and what stands under these names of columns there.

    Rows that come with a table, when it is attached or put in another's place, keep the versions that they had there; and so do all rows
    where columns exchange their names, or one is dropped and made anew with a default, or reckoned otherwise. Rewriting a table
    (TRUNCATE, CLUSTER, VACUUM FULL, another tablespace) brings no such rows: it is not told. A table that is attached while we look is
    read and is not here, since the catalogue is read as it was at the snapshot: the next time it is.
    """
    below = f"(select md5(string_agg(concat(oid, is_leaving), ',' order by oid)) from {members(relation)} m where oid <> {relation}::oid)"
    held = (
        "(select md5(string_agg(concat_ws(' ', attrelid, attnum, atttypid, attname, adbin), ',' order by attrelid, attnum)) "
        f"from {members(relation)} m join pg_attribute on attrelid = m.oid and attname = any({array(columns)}) "
        "left join pg_attrdef on attgenerated <> '' and adrelid = attrelid and adnum = attnum)"
    )
    return f"concat_ws('/', {relation}::oid, {below}, {held})"


def is_remade() -> str:
    """The condition that of the tables that this session has read one is not as its snapshot knows it: written anew, or another by its name.

    Such a table shows the snapshot none of its rows: the former ones are gone, and the new ones are not there yet. From the first
    reading on it is locked against that, to the end. What a materialised view is filled with anew is seen by all.
    """
    return (
        "exists (select from pg_locks l left join pg_class c on c.oid = l.relation where l.pid = pg_backend_pid() "
        "and l.locktype = 'relation' and l.database = (select oid from pg_database where datname = current_database()) and (c.oid is null "
        "or c.relkind = 'r' and c.relfilenode <> 0 and pg_relation_filenode(c.oid) is distinct from c.relfilenode))"
    )


def size(relation: str) -> str:
    """The bytes of all of them."""
    return f"(select sum(pg_relation_size(oid)) from {members(relation)} m)"


def has_long_values(rows: Rows, relation: str) -> bool:
    """Whether a row may be longer than a page: then one at least of the tables keeps values beside its rows.

    What a page holds, compressed, are two million letters at most. Of a view, or a table that lies elsewhere, it cannot be told.
    """
    ((found,),) = rows(
        "select coalesce(bool_or(relkind not in ('r', 'm', 'p') "
        "or (reltoastrelid <> 0 and coalesce(pg_relation_size(reltoastrelid), 1) > 0)), true) "
        f"from {members(relation)} m join pg_class using (oid)"
    )
    return found


def without_versions(rows: Rows, relation: str) -> list[str]:
    """The tables of a relation whose rows have no versions, by name: those that lie elsewhere, or are kept in another way."""
    found = rows(
        f"select relname::text, oid::bigint from {members(relation)} m join pg_class using (oid) where relkind not in ('r', 'm', 'p') "
        "or (relkind <> 'p' and relam <> (select oid from pg_am where amname = 'heap')) order by 1"
    )
    return [shown(name, f"bảng số {oid}") for name, oid in found]
