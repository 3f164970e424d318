"""The database roles of the hub: groups without a login, and what each may do in which schema of which database.

Who logs in is the place's matter: the logins that its addresses name are put into these groups (resources/roles/). Nobody owns, reads
or writes by another way than this list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from schemas.dated import read_rows
from schemas.registry import DATASETS, SOURCES

Database = Literal["warehouse", "dagster", "shared"]
DATABASES: tuple[Database, ...] = ("warehouse", "dagster", "shared")
LOAD, READ, REPORT, DAGSTER, PUBLISH, READER = (
    "ansinh_load",
    "ansinh_read",
    "ansinh_report",
    "ansinh_dagster",
    "ansinh_publish",
    "open_reader",
)
OWNER = "owner"
ALL, RESTRICTED = "*", "restricted"  # every relation of a schema but those of restricted systems; those alone
WITH_RESTRICTED = ("core", "history")  # the schemas in which every system has its relations
ON_RELATIONS = ("select", "insert", "update", "delete", "truncate")


@dataclass(frozen=True)
class Right:
    """What a role may do. Without a schema it is of the database itself; `rights` is `owner`, or what is granted."""

    role: str
    database: Database
    schema: str
    relations: str
    rights: tuple[str, ...]
    why: str

    @property
    def is_owner(self) -> bool:
        return self.rights == (OWNER,)

    @property
    def named(self) -> tuple[str, ...]:
        """The relations, where they are named one by one."""
        return () if self.relations in (ALL, RESTRICTED) else tuple(self.relations.split())


@cache
def rights() -> tuple[Right, ...]:
    """The list; a restricted system's custodian follows from the system."""
    listed = tuple(
        Right(r["role"], _database(r["database"]), r["schema"], r["relations"], tuple(r["rights"].split()), r["why"])
        for r in read_rows("roles.csv")
    )
    return listed + tuple(
        right
        for source in SOURCES
        if source.restricted
        for right in (
            Right(LOAD, "warehouse", custody(source.name), ALL, (OWNER,), f"khung nhìn của người giữ: {source.title}"),
            Right(source.custodian, "warehouse", "", "", ("connect",), f"người giữ: {source.title}"),
            Right(source.custodian, "warehouse", custody(source.name), ALL, ("select",), f"người giữ: {source.title}"),
        )
    )


def _database(name: str) -> Database:
    return next(d for d in DATABASES if d == name)


def custody(source: str) -> str:
    return f"custody_{source}"


def groups(database: Database) -> tuple[str, ...]:
    """The roles of a database, in the order of the list."""
    return tuple(dict.fromkeys(r.role for r in rights() if r.database == database))


def of_role(role: str, database: Database) -> tuple[Right, ...]:
    return tuple(r for r in rights() if (r.role, r.database) == (role, database))


def owner(database: Database) -> str:
    """The role whose everything is that we keep in a database."""
    return next(r.role for r in rights() if r.database == database and r.is_owner)


def own_schemas(database: Database) -> tuple[str, ...]:
    return tuple(r.schema for r in rights() if r.database == database and r.is_owner)


@cache
def restricted_views() -> tuple[str, ...]:
    """The relations of restricted systems in `core` and `history`: who may read all of a schema reads all but these."""
    return tuple(d.table for d in DATASETS if d.source.restricted)


def relations_of(right: Right, standing: Sequence[str]) -> list[str]:
    """Which relations a right is of, of those that stand in its schema."""
    if right.relations == ALL:
        closed = set(restricted_views()) if right.schema in WITH_RESTRICTED else set()
        return [name for name in standing if name not in closed]
    chosen = restricted_views() if right.relations == RESTRICTED else right.named
    return [name for name in standing if name in chosen]
