"""Projection of the list of roles to statements that give the rights. SQL text only; nothing connects.

Each may run again, as the owner of what it is about: a role that is not there is passed over, what is no longer listed is taken away.
"""

from schemas import roles
from schemas.projections.postgres import literal
from schemas.roles import ALL, RESTRICTED, Database, Right

_RELATIONS = """pg_class c join pg_namespace n on n.oid = c.relnamespace
                    where c.relkind in ('r', 'p', 'v', 'm') and pg_has_role(c.relowner, 'usage')"""


def schema_rights(database: Database) -> list[str]:
    """A statement for each role that owns nothing: what it held in our schemas goes, what is listed is given.

    All of a role at once: who reads meanwhile never finds the right gone.
    """
    return [_given(role, database) for role in roles.groups(database) if role != roles.owner(database)]


def _given(role: str, database: Database) -> str:
    schemas = "array[" + ", ".join(literal(schema) for schema in roles.own_schemas(database)) + "]::name[]"
    given = "".join(_grants(right) for right in roles.of_role(role, database) if right.schema)
    return f"""do $$ declare it text; begin
        if exists (select from pg_roles where rolname = {literal(role)}) then
            for it in select distinct format('%I.%I', n.nspname, c.relname) from {_RELATIONS}
                    and n.nspname = any ({schemas})
                    and exists (select from aclexplode(c.relacl) a where a.grantee = {literal(role)}::regrole) loop
                execute 'revoke all on ' || it || ' from {role}';
            end loop;
            for it in select quote_ident(n.nspname) from pg_namespace n where n.nspname = any ({schemas})
                    and pg_has_role(n.nspowner, 'usage')
                    and exists (select from aclexplode(n.nspacl) a where a.grantee = {literal(role)}::regrole) loop
                execute 'revoke all on schema ' || it || ' from {role}';
            end loop;{given}
        end if; end $$"""


def _grants(right: Right) -> str:
    return f"""
            if to_regnamespace({literal(right.schema)}) is not null then
                grant usage on schema {right.schema} to {right.role};
                for it in select format('%I.%I', n.nspname, c.relname) from {_RELATIONS}
                        and n.nspname = {literal(right.schema)}{_which(right)} loop
                    execute 'grant {", ".join(right.rights)} on ' || it || ' to {right.role}';
                end loop;
            end if;"""


def _which(right: Right) -> str:
    """Which relations of the schema; the same as schemas.roles.relations_of."""
    if right.relations == ALL and right.schema not in roles.WITH_RESTRICTED:
        return ""
    chosen = roles.restricted_views() if right.relations in (ALL, RESTRICTED) else right.named
    listed = ", ".join(literal(name) for name in chosen)
    return f" and c.relname {'not ' if right.relations == ALL else ''}in ({listed})"
