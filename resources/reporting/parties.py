"""Who files and who receives: the codes of the place, and never in production the placeholders that are shipped."""

import datetime as dt

from resources.reporting.failures import OrganisationUnknown, OrganisationUnverified
from resources.settings import Settings
from schemas.reports.organisations import ROLE_TITLES, Organisation, Role, organisation


def party(settings: Settings, role: Role, on: dt.date) -> Organisation:
    """Raises OrganisationUnknown where none is declared on a day, OrganisationUnverified where nobody is sure of it."""
    try:
        found = organisation(role, on)
    except LookupError:
        raise OrganisationUnknown(role=ROLE_TITLES[role], day=on) from None
    if not settings.is_demo and found.confidence == "unsure":
        raise OrganisationUnverified(role=ROLE_TITLES[role], day=on, code=found.code)
    return found


def refuse_unknown(settings: Settings, on: dt.date) -> None:
    """Before a report is composed: its codes are part of what is hashed and signed for."""
    party(settings, "sender", on)
    party(settings, "receiver", on)
