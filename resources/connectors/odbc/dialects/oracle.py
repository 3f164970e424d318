"""Oracle, 12c and later, which alone hash in SQL. Never run on a real server: docs/huong-dan.md.

A statement is of ASCII alone, whatever a text in it holds: what the driver makes of other letters of one depends on NLS_LANG. No
expression holds a whole row, bytes above all, where texts have 4,000 bytes and raw ones 2,000: texts come over as texts, and the
hash of a row is one of its parts' hashes. An empty text is null here.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import ClassVar

from resources.connectors.hashes import NO_PART
from resources.connectors.odbc.dialects.dialect import Family, Held, Relation, Told
from resources.connectors.odbc.dialects.numbers import ORACLE, by_number
from schemas.dataset import Limits
from schemas.reading.cells import LONGEST_TEXT

# By what the catalogue calls a type, without what it has in brackets. NUMBER is told apart by its scale.
FAMILIES: dict[str, Family] = {
    **dict.fromkeys(("char", "nchar", "varchar2", "nvarchar2"), "text"),
    **dict.fromkeys(("timestamp", "timestamp with time zone", "timestamp with local time zone"), "instant"),
    **dict.fromkeys(("binary_float", "binary_double"), "inexact"),
    "raw": "bytes",
    "date": "timed",
    "float": "decimal",
    "boolean": "whole",
}
PADDED, NATIONAL = ("char", "nchar"), ("nchar", "nvarchar2")
PLAIN = ("NUMBER", "VARCHAR2", "CHAR")  # of an index that is paged by
# Rights by which nothing is written: of the server, and of things in it.
ON_SERVER = (
    *("CREATE SESSION", "ALTER SESSION", "SELECT ANY TABLE", "READ ANY TABLE", "SELECT ANY DICTIONARY", "SELECT ANY SEQUENCE"),
    *("EXEMPT ACCESS POLICY", "EXEMPT REDACTION POLICY", "INHERIT ANY PRIVILEGES", "SET CONTAINER"),
)
ON_OBJECTS = (
    "SELECT",
    "READ",
    "EXECUTE",
    "FLASHBACK",
    "QUERY REWRITE",
    "ON COMMIT REFRESH",
    "DEBUG",
    "INHERIT PRIVILEGES",
    "USE",
)

TROUBLES = by_number(ORACLE)
STATES: dict[str, Told] = {"08": "lost", "28": "login", "HYT": "lost", "HY008": "canceled", "40": "canceled", "22": "value"}
OLDEST = 12
ASKS = re.compile(
    r"\b(sys_context|userenv|user|uid|ora_invoking_userid?|session_user|current_user|session_privs|session_roles|dbms_session|"
    r"user_tab_privs|user_role_privs|user_sys_privs|v\$session|v_\$session|xs_sys_context|ora_is_sys_privilege)\b",
    re.IGNORECASE,
)
POINT = "'nls_numeric_characters=''.,'''"
NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
DAY, TIME = "SYYYY-MM-DD", '"T"HH24:MI:SS'


class Oracle:
    """See Dialect for what each method gives."""

    road: ClassVar = "oracle"
    name: ClassVar = "Oracle"
    form: ClassVar = "oracle://tài_khoản:mật_khẩu@máy:cổng/tên_dịch_vụ"
    port: ClassVar = "1521"
    database: ClassVar[re.Pattern[str]] = re.compile(r"[\w.$#-]+", re.ASCII)
    options: ClassVar[Mapping[str, Collection[str]]] = {
        "ssl-mode": ("DISABLED", "REQUIRED", "VERIFY_IDENTITY"),
        "ssl-wallet": (),
    }
    asks: ClassVar[re.Pattern[str]] = ASKS
    drivers: ClassVar[Sequence[str]] = (
        *("Oracle 23 ODBC driver", "Oracle 21 ODBC driver", "Oracle 19 ODBC driver", "Oracle 18 ODBC driver"),
        *("libsqora.so.23.1", "libsqora.so.21.1", "libsqora.so.19.1", "libsqora.so.18.1"),
    )
    package: ClassVar = (
        "unixodbc và Oracle Instant Client của Oracle, hai gói Basic và ODBC bản 19 trở lên (chạy odbc_update_ini.sh)"
    )
    shows: ClassVar = "chủ nguồn chạy: grant select on <khung nhìn>, grant execute on <hàm> to <tài khoản>"
    revokes: ClassVar = "chủ nguồn chạy: revoke <quyền> on <nơi> from <tài khoản hoặc vai trò>; tài khoản chỉ giữ grant select"

    is_bounded_by_driver: ClassVar = True
    is_wide: ClassVar = True
    hashes_parts: ClassVar = True
    autocommit: ClassVar = False  # a statement that commits would end the snapshot

    def connection(self, driver: str, place: Mapping[str, str], limits: Limits) -> dict[str, str] | None:
        host = f"[{place['host']}]" if ":" in place["host"] else place["host"]
        leads = f"//{host}:{place['port']}/{place['database']}"
        if place["ssl-mode"] != "DISABLED":
            more = {"ssl_server_dn_match": "on" if place["ssl-mode"] == "VERIFY_IDENTITY" else "off"}
            if place.get("ssl-wallet"):
                more["wallet_location"] = place["ssl-wallet"]
            leads = f"tcps:{leads}?{'&'.join(f'{name}={told}' for name, told in more.items())}"
        # With time-outs of statements, and never on another server in the midst of a snapshot.
        return {"DBQ": leads, "QTO": "T", "FEN": "F"}

    def trouble(self, state: str, native: int, words: str) -> Told:
        if native in TROUBLES:
            return TROUBLES[native]
        return next((told for begins, told in STATES.items() if state.startswith(begins)), "refused")

    def session(self, limits: Limits) -> Sequence[str]:
        # A reader waits for no lock. The owner's profile bounds memory and idleness, the driver a statement's time.
        return (
            "alter session set nls_language = 'AMERICAN'",
            "alter session set nls_territory = 'AMERICA'",
            "alter session set nls_numeric_characters = '.,'",
            "alter session set nls_calendar = 'GREGORIAN'",
            "alter session set nls_sort = binary",
            "alter session set nls_comp = binary",
            "alter session set cursor_sharing = exact",
            "alter session set time_zone = '+07:00'",
        )

    def snapshot(self) -> Sequence[str]:
        return ("rollback", "set transaction read only")

    def end(self) -> str:
        return "rollback"

    def sessions(self) -> str | None:
        return None  # V$SESSION is for administrators; the owner's profile bounds them (SESSIONS_PER_USER)

    def session_id(self) -> str:
        return "select sys_context('userenv', 'sid') from dual"

    def stop(self, session_id: int) -> str | None:
        return None  # `alter system` is for administrators

    def clock(self) -> str:
        return (
            "select to_char(extract(day from d) * 86400000000 + extract(hour from d) * 3600000000 "
            "+ extract(minute from d) * 60000000 + trunc(extract(second from d) * 1000000), 'TM9') "
            "from (select sys_extract_utc(systimestamp) - timestamp '1970-01-01 00:00:00' as d from dual) n"
        )

    def encrypted(self) -> str | None:
        # What Oracle's own encryption does to a line that is no TLS, only administrators may see.
        return "select case sys_context('userenv', 'network_protocol') when 'tcps' then 'TLS' end from dual"

    def relation(self, schema: str | None, table: str) -> str:
        """Under its own name, or one that the login has for it (a synonym); as SQL takes a name without quotes, or letter by letter."""
        place = "sys_context('userenv', 'current_schema')" if schema is None else _any_case(schema)
        return (
            "select o.owner, o.object_name, o.object_type, o.temporary, case when exists (select 1 from all_external_tables e "
            "where e.owner = o.owner and e.table_name = o.object_name) then 'Y' else 'N' end, "
            "(select max(v.version) from product_component_version v where v.product like 'Oracle%') "
            "from all_objects o where o.object_type in ('TABLE', 'VIEW') and ("
            f"(o.owner in ({place}) and o.object_name in ({_any_case(table)})) or (o.owner, o.object_name) in ("
            "select s.table_owner, s.table_name from all_synonyms s "
            f"where s.owner in ({place}, 'PUBLIC') and s.synonym_name in ({_any_case(table)}))) "
            f"order by case when o.owner in ({place}) then 0 else 1 end"
        )

    def as_relation(self, row: Sequence[str | int | None], pages: Sequence[str]) -> Relation:
        owner, name, kind, is_temporary, is_external, version = row
        faults = []
        major = re.match(r"[0-9]+", str(version))
        if major and int(major[0]) < OLDEST:
            faults.append(f"máy chủ là Oracle bản {major[0]}, cần bản 12 trở lên")
        if is_temporary == "Y" or is_external == "Y":
            faults.append(
                "bảng tạm hoặc bảng ngoài (external table), không đọc được tại một thời điểm duy nhất; chủ nguồn giao một bảng thường"
            )
        return Relation(str(owner), str(name), kind == "VIEW", faults, pages)

    def unique(self, schema: str, table: str) -> str:
        plain = ", ".join(f"'{name}'" for name in PLAIN)
        return (
            "select k.column_name from all_ind_columns k where (k.index_owner, k.index_name) in ("
            "select min(i.owner) keep (dense_rank first order by i.distinct_keys, i.index_name), "
            "min(i.index_name) keep (dense_rank first order by i.distinct_keys, i.index_name) from all_indexes i "
            f"where i.table_owner = {_literal(schema)} and i.table_name = {_literal(table)} and i.uniqueness = 'UNIQUE' "
            "and i.index_type = 'NORMAL' and i.status in ('VALID', 'N/A') and not exists ("
            "select 1 from all_ind_columns m left join all_tab_columns c on c.owner = m.table_owner "
            "and c.table_name = m.table_name and c.column_name = m.column_name "
            "where m.index_owner = i.owner and m.index_name = i.index_name "
            f"and (c.nullable is null or c.nullable = 'Y' or c.data_type not in ({plain}) or m.descend <> 'ASC'))) "
            "order by k.column_position"
        )

    def columns(self, schema: str, table: str) -> str:
        return (
            "select c.column_name, c.data_type, to_char(c.char_length), to_char(c.data_length), to_char(c.data_scale) "
            f"from all_tab_columns c where c.owner = {_literal(schema)} and c.table_name = {_literal(table)} order by c.column_id"
        )

    def as_held(self, row: Sequence[str | int | None]) -> Held:
        name, told, letters, size, scale = (None if part is None else str(part) for part in row)
        kind = re.sub(r"\([0-9]+\)", "", told or "").lower()
        family = FAMILIES.get(kind, "unknown")
        if kind == "number":
            family = "number" if scale is None else "decimal" if int(scale) > 0 else "whole"
        longest = {"text": letters, "bytes": size}.get(family)
        return Held(str(name), family, kind, int(longest) if longest else None, is_utf8=False)

    def view(self, schema: str, view: str) -> str:
        return f"select v.text from all_views v where v.owner = {_literal(schema)} and v.view_name = {_literal(view)}"

    def routine(self, schema: str, name: str) -> str:
        return (
            f"select s.text from all_source s where s.owner = {_literal(schema)} and s.name = {_literal(name)} "
            "order by s.type, s.line"
        )

    def named(self, text: str) -> Iterator[tuple[str | None, str, bool]]:
        yield from ()

    def reads(self, schema: str, name: str) -> str | None:
        """What lies behind a link to another server is taken for a function, of which this login knows nothing."""
        return (
            "select distinct d.referenced_owner, d.referenced_name, case when d.referenced_link_name is null "
            "and d.referenced_type in ('TABLE', 'VIEW', 'MATERIALIZED VIEW') then '0' else '1' end "
            f"from all_dependencies d where d.owner = {_literal(schema)} and d.name = {_literal(name)} "
            "and d.referenced_owner not in ('SYS', 'PUBLIC') and d.referenced_type not in ('SYNONYM', 'SEQUENCE', 'TYPE') "
            "and not (d.referenced_owner = d.owner and d.referenced_name = d.name)"
        )

    def policies(self, schema: str, table: str) -> str | None:
        return (
            f"select p.policy_name from all_policies p where p.object_owner = {_literal(schema)} "
            f"and p.object_name = {_literal(table)} and p.sel = 'YES' and p.enable = 'YES' "
            "and not exists (select 1 from session_privs s where s.privilege = 'EXEMPT ACCESS POLICY')"
        )

    def rights(self) -> str:
        """Its own and those of the roles that it has; what everybody may do with the server's own tables is no right of it."""
        return (
            "select p.privilege, '1', null from session_privs p "
            "union select g.privilege, '2', g.table_name from all_tab_privs_recd g "
            "where g.owner not in (select u.username from all_users u where u.oracle_maintained = 'Y') "
            "union select g.privilege, '2', g.table_name from all_col_privs_recd g "
            "union select 'OWNER', '2', t.table_name from user_tables t order by 2, 3, 1"
        )

    def as_rights(self, rows: Sequence[Sequence[str | int | None]]) -> Iterator[tuple[str, str, str | None]]:
        for right, level, name in rows:
            if right not in (ON_SERVER if level == "1" else ON_OBJECTS):
                yield str(right), "máy chủ" if level == "1" else "bảng hoặc khung nhìn", None if name is None else str(name)

    def stamp(self, schema: str, table: str, opened_at: int) -> str | None:
        return None  # ORA_ROWSCN may move without a change, and is no fact of a table

    def quote(self, name: str) -> str:
        return '"{}"'.format(name.replace('"', ""))  # no name here can hold one

    def literal(self, text: str) -> str:
        return _literal(text)

    def as_text(self, column: Held) -> str:
        name = self.quote(column.name)
        match column.family:
            case "bytes":
                return name
            case "text":
                text = f"to_char({name})" if column.told in NATIONAL else name
                text = f"rtrim({text})" if column.told in PADDED else text
                return text if column.longest is not None and column.longest <= LONGEST_TEXT else _cut(text)
            case "timed":
                # BC is told by its sign, after which there would be a blank otherwise.
                day, whole = (f"ltrim(to_char({name}, '{mask}'))" for mask in (DAY, DAY + TIME))
                return f"case when {name} = trunc({name}) then {day} else {whole} end"
            case "instant":
                zone = "TZH:TZM" if "time zone" in column.told else ""
                return f"ltrim(to_char({name}, '{DAY}{TIME}.FF9{zone}'))"
            case "whole" if column.told == "boolean":
                return f"case when {name} then '1' when not {name} then '0' end"
        # 0.5 would be written .5
        return rf"regexp_replace({self.digits(name)}, '^(-?)[.]', '\10.')" if column.family != "whole" else self.digits(name)

    def hashed(self, parts: Sequence[str]) -> str:
        if not parts:
            return str(int(hashlib.sha1(b"").hexdigest()[:15], 16))
        hashes = (f"nvl2({part}, rawtohex(standard_hash(convert({part}, 'AL32UTF8'), 'SHA1')), '{NO_PART}')" for part in parts)
        return f"to_number(substr(rawtohex(standard_hash({' || '.join(hashes)}, 'SHA1')), 1, 15), 'XXXXXXXXXXXXXXX')"

    def total(self, number: str) -> str:
        return f"sum({number})"

    def digits(self, number: str) -> str:
        return f"to_char({number}, 'TM9', {POINT})"

    def whole(self, number: str) -> str:
        return f"trunc({number})"

    def as_hex(self, text: str) -> str:
        return f"rawtohex({text})"

    def beginning(self, text: str, length: int) -> str:
        return f"substr({text}, 1, {length})"  # of a raw one digits in hexadecimal, which do not pass the proof: it is read again

    def size(self, texts: Sequence[str]) -> str:
        return " + ".join(["0", *(f"nvl(lengthb({text}), 0)" for text in texts)])

    def month(self, column: str) -> str:
        return f"to_number(to_char({column}, 'SYYYYMM'))"

    def days(self, column: str, first: str, last: str) -> str:
        since, until = (dt.date.fromisoformat(day) + dt.timedelta(days=more) for day, more in ((first, -1), (last, 2)))
        return f"{column} >= date '{since}' and {column} < date '{until}'"

    def bucket(self, parts: Sequence[str], count: int) -> str:
        return f"mod({self.hashed(parts)}, {count})"

    def nth(self, columns: Sequence[Held], relation: str, where: str, number: int) -> str:
        texts = ", ".join(self.quote(c.name) if c.family == "text" else self.digits(self.quote(c.name)) for c in columns)
        order = ", ".join(self.quote(column.name) for column in columns)
        return f"select {texts} from {relation}{where} order by {order} offset {number - 1} rows fetch next 1 rows only"

    def value(self, column: Held, told: str) -> str:
        if column.family == "text":
            return _literal(told)
        assert NUMBER.fullmatch(told)
        return told


def _cut(text: str) -> str:
    return f"substr({text}, 1, {LONGEST_TEXT + 1})"


def _literal(text: str) -> str:
    """A text in ASCII; what is no letter of it by its numbers."""
    if text.isascii() and text.isprintable():
        return "'{}'".format(text.replace("'", "''"))
    units = text.encode("utf-16-be")
    numbers = "".join(f"\\{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
    return f"to_char(unistr('{numbers}'))"


def _any_case(name: str) -> str:
    return ", ".join(dict.fromkeys((_literal(name), _literal(name.upper()))))
