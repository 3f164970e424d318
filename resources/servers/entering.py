"""What keeps a login out of a PostgreSQL server that answers, with the statement that lets it in.

At the opening of a connection libpq gives no SQLSTATE, only the server's words: where they are in another language, or are none of
these, the caller says that the server refused. Of the words themselves nothing is told.
"""

import re

from resources.servers import addresses
from resources.servers.failures import ServerKeepsOut
from resources.servers.sqlstates import why_no_tls

# What the server says -> what that means, and what its administrator runs. The first that is said holds: a login that is refused
# over TLS is tried once more without, and then the last is said as well.
REFUSALS = (
    (
        r"authentication failed|no password supplied|role .* does not exist",
        "sai mật khẩu, hoặc chưa có vai trò {role}",
        "create role {role} login password '<mật khẩu trong {setting}>' (đã có vai trò thì alter role)",
    ),
    (r"not permitted to log in", "vai trò {role} không được đăng nhập", "alter role {role} login"),
    (
        r"database .* does not exist",
        "chưa có cơ sở dữ liệu {database}",
        "create database {database} owner {role} encoding 'UTF8' template template0",
    ),
    (
        r"permission denied for database",
        "vai trò {role} không được vào cơ sở dữ liệu {database}",
        "grant connect on database {database} to {role}",
    ),
    (
        r"no pg_hba\.conf entry",
        "pg_hba.conf không có dòng nào cho {role} vào {database} từ máy này",
        "thêm dòng «hostssl {database} {role} <địa chỉ máy này>/32 scram-sha-256» vào pg_hba.conf, rồi select pg_reload_conf()",
    ),
)


def refused(url: str, setting: str, error: BaseException, kind: type[ServerKeepsOut] = ServerKeepsOut) -> ServerKeepsOut | None:
    """The failure that an error at the opening of a connection is; None where no word of ours fits. `setting`: leads to the place."""
    words = str(error)
    if why_no_tls(words):
        return None
    place = addresses.of(url)
    facts = {"role": quoted(place.user), "database": quoted(place.database), "setting": setting}
    for said, why, statement in REFUSALS:
        if re.search(said, words):
            return kind(why=why.format(**facts), statement=statement.format(**facts), setting=setting)
    return None


def quoted(name: str | None) -> str:
    """A name of ours as a statement writes it."""
    return '"' + (name or "?").replace('"', '""') + '"'
