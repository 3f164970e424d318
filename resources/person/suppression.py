"""Whoever was erased does not come back: by the digests that are kept, every load takes the person out of what the source still sends."""

import sqlalchemy as sa

from resources.person.digests import Secret, secret
from resources.person.failures import PersonSecretOther
from resources.person.masking import Known
from resources.settings import Settings
from resources.warehouse.persons import person_acts


def known_of(settings: Settings, engine: sa.Engine, source: str) -> Known | None:
    """Whether a value is that of somebody who was erased from a source; None: nobody was.

    Raises PersonSecretMissing and PersonSecretOther: without the secret they would come back.
    """
    with engine.connect() as connection:
        digests = person_acts.digests(connection, source)
        check = person_acts.kept_check(connection) if digests else None
    if not digests:
        return None
    by = secret(settings)
    if check != by.check:
        raise PersonSecretOther
    return by_digests(by, digests)


def by_digests(by: Secret, digests: frozenset[tuple[str, bytes]]) -> Known:
    kinds = {tells for tells, _ in digests}
    return lambda tells, value: tells in kinds and (tells, by.digest(tells, value)) in digests
