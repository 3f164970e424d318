"""The statements that make what a plan tells of. SQL text only, each of which may run again; nothing connects.

An administrator runs them, whether by `ansinh setup` or from the script that it prints. No password stands in any of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from resources.roles.plan import Login, Place, Plan
from schemas import roles
from schemas.projections.postgres import literal
from schemas.projections.rights import schema_rights

# What no member may gain by its group. The loader rehearses a restore: in databases that it makes and drops.
BARE = "nologin nosuperuser nocreaterole noreplication nobypassrls"
MAKES_DATABASES = (roles.LOAD,)
# An error or a statement in the server's log would tell values of persons; only an administrator may set these for another.
SILENT = {
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(frozen=True)
class Step:
    """`unless`: a query; where it gives a row, the step was taken before, and `then` with it."""

    statement: str
    unless: str | None = None
    then: str | None = None


def name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def standing(role: str) -> str:
    """A query that gives a row where the role stands."""
    return f"select 1 from pg_roles where rolname = {literal(role)}"


def groups(plan: Plan) -> Iterator[Step]:
    """The groups of a server; one that could log in loses that, and whoever used it needs a login of his own."""
    for role in dict.fromkeys(role for place in plan.places for role in roles.groups(place.kind)):
        yield Step(f"create role {name(role)} nologin", standing(role))
        makes = "createdb" if role in MAKES_DATABASES else "nocreatedb"
        yield Step(f"alter role {name(role)} {BARE} {makes} password null")


def refusals(login: Login) -> str:
    """A statement that fails where the login is one that the hub may not work under."""
    return f"""do $$ begin
        if exists ({standing(login.name)} and rolsuper) then
            raise exception '%', {literal(f"{login.setting}: {login.name} là superuser; đặt một tài khoản khác")};
        end if; end $$"""


def membership(login: Login) -> Iterator[Step]:
    """What a login is, once it stands: a member of its group, who leaves no values in the server's log."""
    yield Step(f"grant {name(login.group)} to {name(login.name)}")
    for setting, value in SILENT.items():
        yield Step(f"alter role {name(login.name)} set {setting} = {literal(value)}")


def database(place: Place) -> Iterator[Step]:
    """The database, closed to all. Of one that the province has already, who else enters it is the province's matter."""
    there = f"select 1 from pg_database where datname = {literal(place.name)}"
    closed = f"revoke all on database {name(place.name)} from public"
    yield Step(f"create database {name(place.name)} encoding 'UTF8' template template0", there, closed)


def entering(place: Place) -> Iterator[Step]:
    """Run in the database itself: who comes in, and as whom.

    Who holds something there keeps the way in; everybody else had it from PUBLIC, which loses it.
    """
    here = name(place.name)
    if place.kind != "shared":
        yield Step("""do $$ declare role text; begin
        if exists (select from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) a
                where datname = current_database() and a.grantee = 0 and a.privilege_type = 'CONNECT') then
            for role in select distinct quote_ident(rolname) from pg_shdepend s join pg_roles r on r.oid = s.refobjid
                    where s.dbid = (select oid from pg_database where datname = current_database())
                    and s.refclassid = 'pg_authid'::regclass and not rolsuper and rolname !~ '^pg_' loop
                execute format('grant connect on database %I to %s', current_database(), role);
            end loop;
        end if; end $$""")
        yield Step(f"revoke all on database {here} from public")
        yield Step("revoke all on schema public from public")
    for right in roles.rights():
        if right.database == place.kind and not right.schema:
            yield Step(f"grant {', '.join(right.rights)} on database {here} to {name(right.role)}")
    for login in place.logins:
        if login.owns:
            # What it makes is its group's, whoever logs in; it holds behind a pooler too, which a SET would not.
            yield Step(f"alter role {name(login.name)} in database {here} set role = {literal(login.group)}")
        if login.group == roles.READ:
            yield Step(f"alter role {name(login.name)} in database {here} set default_transaction_read_only = 'on'")


def inside(place: Place) -> Iterator[Step]:
    """Run in the database itself: what is in there belongs to its group, and the others get what is listed."""
    owner = roles.owner(place.kind)
    if place.kind == "shared":
        yield Step(f"create schema if not exists open_data authorization {owner}")
    if place.kind == "dagster":
        yield Step(f"grant usage, create on schema public to {owner}")
    yield Step(_handed_over(place, owner))
    yield from (Step(statement) for statement in schema_rights(place.kind))
    if place.kind == "shared":
        # Tables made later are readable without another word, by whichever version makes them.
        yield Step(f"alter default privileges for role {owner} in schema open_data grant select on tables to {roles.READER}")


def _handed_over(place: Place, owner: str) -> str:
    """What an installation without groups left its login as owner."""
    # What an extension brought stays its own.
    own = "not exists (select from pg_depend e where e.objid = {oid} and e.deptype = 'e')"
    schemas = "array[" + ", ".join(literal(schema) for schema in roles.own_schemas(place.kind)) + "]::name[]"
    ours = f"n.nspname = any ({schemas})"
    of_schemas = (
        ""
        if place.kind == "dagster"
        else f"""
            select format('schema %I', n.nspname) from pg_namespace n where {ours} and n.nspowner <> {literal(owner)}::regrole
            union all"""
    )
    return f"""do $$ declare it text; begin
        for it in {of_schemas}
            select format('%s %I.%I', case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
                else 'table' end, n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where {ours} and {own.format(oid="c.oid")} and c.relowner <> {literal(owner)}::regrole and (c.relkind in ('r', 'p', 'v', 'm') or c.relkind = 'S'
                    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i')))
            union all
            select format('routine %s', p.oid::regprocedure) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                where {ours} and {own.format(oid="p.oid")} and p.proowner <> {literal(owner)}::regrole
            union all
            select format('collation %I.%I', n.nspname, c.collname) from pg_collation c join pg_namespace n on n.oid = c.collnamespace
                where {ours} and {own.format(oid="c.oid")} and c.collowner <> {literal(owner)}::regrole
        loop
            execute format('alter %s owner to {owner}', it);
        end loop; end $$"""
