"""The names of all settings, by which one that is misspelt is found: nobody reads it, and what it should have set is as if it were unset."""

import os
import re
from difflib import get_close_matches

from resources.environment import OURS, told
from schemas.registry import SOURCES

OF_A_SOURCE = ("URL", "CLIENT_ID", "CLIENT_SECRET")  # after `SOURCE_<NAME>_`

# `*`: what it holds may stand in a file, which `<NAME>_FILE` names.
NAMES = """
    ANSINH_PROFILE ANSINH_HOME ANSINH_CONFIG ANSINH_RETRY_SECONDS ANSINH_ANSWER_SECONDS PERSON_DIGEST_SECRET*

    WAREHOUSE_URL* WAREHOUSE_READ_URL* WAREHOUSE_REPORT_URL* ANSINH_DAGSTER_URL* SHARED_WAREHOUSE_URL* ANSINH_CLEAR_LINES*
    ANSINH_ADMIN_URL* ANSINH_SHARED_ADMIN_URL*

    LGSP_CLIENT_ID* LGSP_CLIENT_SECRET* LGSP_PARTNER_CODE* LGSP_CA_FILE
    INBOX_DIR RETURNED_DIR INBOX_REST_SECONDS HEADINGS_DIR EXPORT_DIR

    POPULATION_URL* POPULATION_CLIENT_ID* POPULATION_CLIENT_SECRET* POPULATION_SERVICE_CODE* POPULATION_INTEGRATION_CODE*
    POPULATION_UNIT_CODE* POPULATION_OFFICER_CODE* POPULATION_PURPOSE* POPULATION_LEGAL_BASIS* POPULATION_DAILY_CALLS
    POPULATION_DIGEST_SECRET*

    ANSINH_RELEASE_DECISION* ANSINH_ROUNDING_SECRET* ANSINH_FILING NATIONAL_REPORTING_URL* NATIONAL_REPORTING_CLIENT_ID*
    NATIONAL_REPORTING_CLIENT_SECRET* NATIONAL_REPORTING_PARTNER_CODE* NATIONAL_REPORTING_SUCCESS_CODE*

    BACKUP_DIR* BACKUP_RECIPIENT* BACKUP_SIGNING_KEY_FILE BACKUP_VERIFY_KEY* BACKUP_IDENTITY_FILE BACKUP_KEEP*
    BACKUP_REHEARSAL_IDENTITY_FILE BACKUP_REHEARSAL_URL* BACKUP_TOOLS_DIR*

    ALERT_SMTP_URL* ALERT_TO* ALERT_FROM* ALERT_WEBHOOK_URL* ALERT_CA_FILE ALERT_NIGHT_BY

    ANSINH_UI_ORIGIN* ANSINH_UI_LISTEN* ANSINH_CODE_SERVER ANSINH_RUN_DIR

    ANSINH_TODAY ANSINH_MARIADB_PATH* XDG_CONFIG_HOME

    ANSINH_DAGSTER_DIR ANSINH_CODE_SOCKET ANSINH_CODE_HOST ANSINH_CODE_PORT ANSINH_PLACE
"""

# The share of letters in which a name agrees with a setting that was meant: where it begins as ours do, and where it does not.
LIKE, MUCH_LIKE = 0.75, 0.85

# What a cluster tells every container of the services beside it, by their names: ANSINH_DOOR_SERVICE_HOST, ANSINH_DOOR_PORT_3000_TCP_ADDR.
OF_A_CLUSTER = re.compile(r"\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)")
OF_OTHERS = {"SOURCE_DATE_EPOCH"}


def known() -> frozenset[str]:
    """Every variable that is read, those that name a file among them."""
    names = NAMES.split() + [f"SOURCE_{source.name.upper()}_{ending}*" for source in SOURCES for ending in OF_A_SOURCE]
    return frozenset(n for name in names for n in ([name[:-1], f"{name[:-1]}_FILE"] if name.endswith("*") else [name]))


def misspelt() -> dict[str, str | None]:
    """Name of a variable that looks like a setting and is none -> the setting that was meant, where one is like it."""
    settings = sorted(known())
    found = {}
    for name in sorted({name for name in os.environ if told(name)} - {*settings, *OF_OTHERS}):
        if OF_A_CLUSTER.fullmatch(name):
            continue
        is_ours = name.startswith(OURS)
        meant = get_close_matches(name, settings, 1, LIKE if is_ours else MUCH_LIKE)
        if meant or is_ours:
            found[name] = meant[0] if meant else None
    return found
