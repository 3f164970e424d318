"""How every PostgreSQL server is reached, and how each side finds out that the other is gone without a word."""

from collections.abc import Mapping

import sqlalchemy as sa

from resources.servers import addresses
from resources.servers.failures import ServerTooOld

OLDEST = 15  # the oldest that a whole night is tested on: Debian's own
# A host that is gone is found within a minute: the drivers by themselves would wait for hours. A server that keeps texts in another
# encoding, or an environment that names one (PGCLIENTENCODING), would have them read and written as what they are not.
CONNECTION = {
    "client_encoding": "UTF8",
    "connect_timeout": "10",
    "keepalives_idle": "20",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}

# The search path of a session on a server where others make things of their own. A name without a schema is PostgreSQL's: else a function
# of somebody's, whose arguments fit a call better than its own, would run with our rights.
OWN_NAMES = "pg_catalog, pg_temp"
BY_OWN_NAMES = f"set search_path = {OWN_NAMES}"


def end_when_left(*, transaction_alone: bool) -> str:
    """A statement after which the server ends its work soon after we are gone, as by a kill.

    By itself it finds out when it has rows to give: what only sums or changes goes on to its end, with all its locks. Not every
    system that a server runs on can tell, nor could PostgreSQL before 14: there it does nothing.
    """
    return (
        f"select set_config('client_connection_check_interval', '10s', {transaction_alone}) "
        "where version() like '%linux%' and current_setting('server_version_num')::int >= 140000"
    )


def engine(url: str, *, is_pooled: bool = True) -> sa.Engine:
    """An engine whose errors hold no row that it was given."""
    place = addresses.of(url)
    pool = {"pool_pre_ping": True} if is_pooled else {"poolclass": sa.NullPool}
    unless_said = {name: value for name, value in CONNECTION.items() if name not in place.options}
    return sa.create_engine(place.url, hide_parameters=True, connect_args=unless_said, **pool)


def libpq_uri(url: str, more_options: Mapping[str, str] | None = None) -> str:
    """The address as a libpq URI, for ADBC and the server's own commands. `more_options`: used where the URL has none."""
    return addresses.of(url).libpq(more_options)


def refuse_too_old(version: int, setting: str, oldest: int = OLDEST) -> None:
    """Raises ServerTooOld. `version`: as the server numbers itself, 150018; `setting`: leads to it."""
    if version // 10_000 < oldest:
        raise ServerTooOld(version=version // 10_000, oldest=oldest, setting=setting)
