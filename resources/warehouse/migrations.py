"""Brings the hub's warehouse to what this version needs: its foundation, one history table for each dataset, `ref`, and the rights.

The version is checked at each start: an older warehouse is brought up, a newer one refused.
"""

import hashlib

from sqlalchemy import Connection, text

from resources.warehouse import reference
from resources.warehouse.failures import NewerWarehouse
from resources.warehouse.foundation import FOUNDATION
from schemas.projections.postgres import custody_ddl, history_ddl
from schemas.projections.reference import digest as digest_of_reference
from schemas.projections.rights import schema_rights
from schemas.registry import DATASETS, SOURCES, datasets_of

VERSION = 12


def migrate(connection: Connection) -> None:
    """Bring the warehouse to this version inside the caller's transaction."""
    # Two processes that start together would else both create the same objects.
    connection.execute(text("select pg_advisory_xact_lock(hashtext('ansinh.migrate'))"))
    exists = connection.execute(text("select to_regclass('ops.schema_version')")).scalar()
    found = connection.execute(text("select max(version) from ops.schema_version")).scalar() if exists else None
    if found is not None and found > VERSION:
        raise NewerWarehouse(found_version=found, known_version=VERSION)
    for statement in _statements():
        connection.exec_driver_sql(statement.replace("%", "%%") if "%" in statement else statement)
    reference.write(connection)
    for statement in schema_rights("warehouse"):  # last: of all that stands now
        connection.exec_driver_sql(statement.replace("%", "%%"))
    if found != VERSION:
        connection.execute(text("insert into ops.schema_version (version) values (:v)"), {"v": VERSION})


def _statements() -> list[str]:
    restricted = [source for source in SOURCES if source.restricted]
    return [
        *FOUNDATION,
        *(statement for dataset in DATASETS for statement in history_ddl(dataset)),
        *(statement for source in restricted for statement in custody_ddl(source, datasets_of(source))),
    ]


def fingerprint() -> str:
    """A hash of everything that migrate() would run: equal to the kept one, nothing has to be done."""
    digest = hashlib.sha256(str(VERSION).encode())
    for statement in (*_statements(), *schema_rights("warehouse")):
        digest.update(statement.encode())
    digest.update(digest_of_reference().encode())
    return digest.hexdigest()
